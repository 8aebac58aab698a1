//! Streams: a chat told to an outside HTTP endpoint as it happens, in the envelope of Amazon SNS.
//!
//! The one rule: the log is what is delivered, in its order, from where the stream stands ([`cursor`]). An alarm is set
//! from when there is something to deliver until nothing is left. Whoever takes the alarm sets it anew as a lease and
//! keeps renewing it; so one node delivers at a time, and a delivery that dies is found again. Nothing else is ever
//! queued, and each item arrives at least once.
//!
//! AWS delivers to a topic and SNS to its subscribers; here the endpoint that the settings name for the topic stands
//! for both. Facts: *Enable real-time chat message streaming* in the Amazon Connect Administrator Guide, *HTTP/HTTPS
//! message formats* and *Message delivery retries* in the SNS Developer Guide.

mod cursor;
mod delivery;
mod envelope;
mod sink;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use parking_lot::Mutex;
use switchboard_domain::{ChatId, StreamingId, Time, chat::Chat};
use switchboard_state::{DueTimer, StoreError, Tx};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::{alarm::Alarm, app::App, chat::lookup};
use cursor::Cursor;
use delivery::Delivery;
use envelope::Sender;
use sink::Client;

/// For how long a delivery may go without a sign of life before another takes over.
const LEASE_SECONDS: i64 = 30;
/// When a server that goes on is to look at what this one leaves.
const HANDOVER_SECONDS: i64 = 1;
/// Deliveries to one endpoint at a time, so that a slow one holds up nobody but those who wait for it.
const PLACES_PER_SINK: usize = 32;

/// There is something new for the streams of this chat.
pub(crate) fn wake(tx: &mut Tx, chat: &Chat) -> Result<(), StoreError> {
    for stream in chat.streams() {
        // One that is set stays: it is the lease of a delivery, which looks for more before it ends, or a retry's time.
        alarm(chat.id(), stream.id).set_if_none(tx, chat.last_at())?;
    }
    Ok(())
}

/// The stream has been stopped: what it has not delivered it does not deliver.
pub(crate) fn forget(tx: &mut Tx, chat: ChatId, stream: StreamingId) -> Result<(), StoreError> {
    tx.delete::<Cursor>(&chat.to_string(), &stream.to_string())?;
    alarm(chat, stream).cancel(tx)
}

/// The place up to which every stream of the chat is done; none where it has no streams.
pub(crate) fn read_up_to(tx: &mut Tx, chat: &Chat) -> Result<Option<u64>, StoreError> {
    let mut up_to = None;
    for stream in chat.streams() {
        let cursor: Option<Cursor> = tx.get(&chat.id().to_string(), &stream.id.to_string())?;
        let done = cursor.unwrap_or_else(|| Cursor::at_start_of(stream)).done;
        up_to = Some(up_to.map_or(done, |least: u64| least.min(done)));
    }
    Ok(up_to)
}

/// Takes a stream's alarm and begins to deliver what is new, outside the transaction.
pub(crate) async fn lease(
    app: &Arc<App>,
    timer: DueTimer,
    chat: ChatId,
    stream: StreamingId,
    now: Time,
) -> Result<(), StoreError> {
    let world = app.clone();
    match app.state.write(move |tx| take(&world, tx, &timer, chat, stream, now)).await? {
        Taken::Begin(delivery) => delivery.begin(app),
        Taken::NoSink(topic) => app.deliveries.tell_once(topic),
        Taken::Nothing => {}
    }
    Ok(())
}

/// What came of taking an alarm.
enum Taken {
    /// This node delivers.
    Begin(Delivery),
    /// There is nowhere to deliver what goes to this topic.
    NoSink(String),
    /// It was not for us to act on, or there is nothing to do now.
    Nothing,
}

fn take(
    app: &App,
    tx: &mut Tx,
    timer: &DueTimer,
    chat: ChatId,
    stream: StreamingId,
    now: Time,
) -> Result<Taken, StoreError> {
    if !tx.take_timer(&timer.id, timer.due)? {
        return Ok(Taken::Nothing);
    }
    let Some(chat) = lookup::chat(tx, chat)? else { return Ok(Taken::Nothing) };
    let Some(stream) = chat.streams().iter().find(|known| known.id == stream) else { return Ok(Taken::Nothing) };
    // The stream stays: a server that is started with a sink for it goes on where it stands.
    let Some(sink) = app.config.sink_for(&stream.endpoint) else { return Ok(Taken::NoSink(stream.endpoint.clone())) };

    let cursor = tx.get(&chat.id().to_string(), &stream.id.to_string())?;
    let cursor = cursor.unwrap_or_else(|| Cursor::at_start_of(stream));
    if let Some(seconds) = leave_for(app, &cursor) {
        alarm(chat.id(), stream.id).set(tx, now.plus_seconds(seconds))?;
        return Ok(Taken::Nothing);
    }
    let sender = Sender { instance: chat.instance(), stream: stream.id, topic: stream.endpoint.clone() };
    let delivery = Delivery::take(tx, chat.id(), sender, sink.clone(), cursor, now)?;
    Ok(delivery.map_or(Taken::Nothing, Taken::Begin))
}

/// For how long to leave a stream alone: it is being delivered here, or the server begins nothing new.
fn leave_for(app: &App, cursor: &Cursor) -> Option<i64> {
    if app.shutdown.draining().is_cancelled() {
        return Some(HANDOVER_SECONDS);
    }
    cursor.holder().filter(|holder| app.deliveries.under_way.lock().contains(holder)).map(|_| LEASE_SECONDS)
}

const fn alarm(chat: ChatId, stream: StreamingId) -> Alarm {
    Alarm::Stream { chat, stream }
}

/// Deliveries under way on this node, and what they share.
#[derive(Default)]
pub(crate) struct Deliveries {
    client: Client,
    /// By what each holds its stream.
    under_way: Mutex<HashSet<Uuid>>,
    places: Mutex<HashMap<String, Arc<Semaphore>>>,
    without_sink: Mutex<HashSet<String>>,
    tasks: TaskTracker,
}

impl Deliveries {
    /// Waits for all deliveries to end. They end soon once the server drains: what is left is left to the next.
    pub(crate) async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// The places at an endpoint. There are as many endpoints as the settings name.
    fn places(&self, sink: &str) -> Arc<Semaphore> {
        let mut places = self.places.lock();
        let new = || Arc::new(Semaphore::new(PLACES_PER_SINK));
        places.entry(sink.to_owned()).or_insert_with(new).clone()
    }

    fn tell_once(&self, topic: String) {
        let mut told = self.without_sink.lock();
        if !told.contains(&topic) {
            tracing::warn!(topic, "a chat is streamed to a topic without a sink (--stream-sink): nothing is delivered");
            told.insert(topic);
        }
    }
}
