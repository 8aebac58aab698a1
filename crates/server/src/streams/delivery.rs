//! One delivery: the items that are new, sent one after the other until none is left, the endpoint fails or the server
//! drains.
//!
//! The one rule: whoever delivers holds the stream, and finds out in the transaction that notes its progress whether it
//! still does. Looking for more and letting go are one transaction with it, so an item that comes at that moment is seen
//! by this delivery or wakes the next.

use std::{sync::Arc, time::Duration};

use switchboard_domain::{ChatId, Ids as _, Time, chat::Item};
use switchboard_state::{LogRow, StoreError, Tx};
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::{
    HANDOVER_SECONDS, LEASE_SECONDS, alarm,
    cursor::{Cursor, Progress},
    envelope::Sender,
    sink::Answer,
};
use crate::{app::App, chat::lookup, clock, config::HttpUrl, ids::SystemIds};

/// Items read from the log at a time.
const BATCH: usize = 64;
/// Progress is noted at least this often. With the time that an endpoint has to answer it is well within the lease.
const NOTE_AFTER: Duration = Duration::from_secs(5);

/// A stream that this node delivers.
pub(super) struct Delivery {
    job: Job,
    items: Vec<Item>,
}

/// Which stream it is, and where it goes.
#[derive(Clone)]
struct Job {
    chat: ChatId,
    sender: Sender,
    sink: HttpUrl,
    /// By this the cursor says that it is ours.
    holder: Uuid,
}

/// What follows once progress is noted.
enum Next {
    /// There are items to deliver.
    Deliver(Vec<Item>),
    /// The endpoint fails, for the so-manieth time in a row; the alarm is set for the next try.
    Retry(u32),
    /// There is nothing more to do, or it is no longer ours to do.
    Rest,
}

/// Progress has been noted.
struct Noted {
    next: Next,
    /// Items that the endpoint has had its hour for.
    given_up: usize,
}

impl Delivery {
    /// Takes the stream that stands there over from whoever had it. None when nothing is to be delivered.
    pub(super) fn take(
        tx: &mut Tx,
        chat: ChatId,
        sender: Sender,
        sink: HttpUrl,
        mut cursor: Cursor,
        now: Time,
    ) -> Result<Option<Self>, StoreError> {
        let job = Job { chat, sender, sink, holder: SystemIds.next() };
        cursor.hold(job.holder);
        let noted = job.note_in(tx, cursor, &Progress::default(), now, false)?;
        Ok(match noted.next {
            Next::Deliver(items) => Some(Self { job, items }),
            Next::Retry(_) | Next::Rest => None,
        })
    }

    /// Begins to deliver, in a task of its own.
    pub(super) fn begin(self, app: &Arc<App>) {
        let under_way = UnderWay::mark(app, &self.job);
        app.deliveries.tasks.spawn(async move { self.run(&under_way.app).await });
    }

    async fn run(self, app: &Arc<App>) {
        let Self { job, mut items } = self;
        let Some((_place, waited)) = job.place(app).await else {
            job.note(app, Progress::default()).await;
            return;
        };
        // Who waited long may have lost the stream meanwhile.
        let mut progress = if waited { Progress::default() } else { job.send(app, &items).await };
        while let Some(more) = job.note(app, progress).await {
            items = more;
            progress = job.send(app, &items).await;
        }
    }
}

impl Job {
    /// A place at the endpoint, and whether it had to be waited for; none when the server drains first.
    async fn place(&self, app: &App) -> Option<(OwnedSemaphorePermit, bool)> {
        let places = app.deliveries.places(&self.sink.to_string());
        if let Ok(place) = places.clone().try_acquire_owned() {
            return Some((place, false));
        }
        tokio::select! {
            place = places.acquire_owned() => Some((place.ok()?, true)),
            () = app.shutdown.draining().cancelled() => None,
        }
    }

    /// Sends items in their order; how far it came.
    async fn send(&self, app: &App, items: &[Item]) -> Progress {
        let mut progress = Progress::default();
        let note_at = clock::instant() + NOTE_AFTER;
        for item in items {
            if app.shutdown.draining().is_cancelled() || clock::instant() >= note_at {
                break;
            }
            if let Some(notification) = self.sender.notification(&app.home, item) {
                let answer = tokio::select! {
                    answer = app.deliveries.client.post(&self.sink, notification) => answer,
                    // Whether it arrived is not known: the next server sends it again.
                    () = app.shutdown.closed().cancelled() => break,
                };
                match answer {
                    Answer::Delivered => {}
                    Answer::Refused(why) => self.tell_of_refusal(item, &why),
                    Answer::Failed(why) => {
                        progress.failed = Some(why);
                        break;
                    }
                }
                progress.answered = true;
            }
            progress.done = Some(item.seq);
        }
        progress
    }

    fn tell_of_refusal(&self, item: &Item, why: &str) {
        let Sender { stream, topic, .. } = &self.sender;
        tracing::warn!(chat_id = %self.chat, streaming_id = %stream, topic, item_id = %item.id, why,
            "a stream's sink refused an item, which it will not be sent again");
    }

    /// Notes progress; what is to be delivered next, if anything is.
    async fn note(&self, app: &Arc<App>, progress: Progress) -> Option<Vec<Item>> {
        let (job, now, drains) = (self.clone(), app.clock.now(), app.shutdown.draining().is_cancelled());
        let made = progress.clone();
        let noted = app
            .state
            .write(move |tx| match job.cursor(tx)?.filter(|cursor| cursor.holder() == Some(job.holder)) {
                Some(cursor) => job.note_in(tx, cursor, &made, now, drains),
                None => Ok(Noted { next: Next::Rest, given_up: 0 }),
            })
            .await;
        match noted {
            Ok(noted) => {
                self.tell_of_failure(&progress, &noted);
                if let Next::Deliver(items) = noted.next { Some(items) } else { None }
            }
            // The lease runs out, and whoever finds it goes on.
            Err(error) => {
                tracing::error!(chat_id = %self.chat, streaming_id = %self.sender.stream, %error,
                    "a stream's progress could not be noted");
                None
            }
        }
    }

    /// The first failure is a warning; those that follow say nothing new.
    fn tell_of_failure(&self, progress: &Progress, noted: &Noted) {
        let Some(why) = &progress.failed else { return };
        let Sender { stream, topic, .. } = &self.sender;
        match noted.next {
            Next::Retry(1) => tracing::warn!(chat_id = %self.chat, streaming_id = %stream, topic, why,
                "a stream's sink fails; trying again"),
            _ => tracing::debug!(chat_id = %self.chat, streaming_id = %stream, topic, why,
                "a stream's sink still fails"),
        }
        if noted.given_up > 0 {
            tracing::warn!(chat_id = %self.chat, streaming_id = %stream, topic, items = noted.given_up,
                "a stream's sink has failed for an hour: these items are given up");
        }
    }

    /// Notes progress, looks for more, and keeps or lets go of the stream.
    fn note_in(
        &self,
        tx: &mut Tx,
        mut cursor: Cursor,
        progress: &Progress,
        now: Time,
        drains: bool,
    ) -> Result<Noted, StoreError> {
        let retry_at = cursor.note(progress, now);
        let given_up = if retry_at.is_some() { self.give_up(tx, &mut cursor, now)? } else { 0 };
        let items = self.items_after(tx, cursor.done)?;
        let (next, due) = if items.is_empty() {
            (Next::Rest, None)
        } else if let Some(retry_at) = retry_at {
            (Next::Retry(cursor.failures()), Some(retry_at))
        } else if drains {
            (Next::Rest, Some(now.plus_seconds(HANDOVER_SECONDS)))
        } else {
            (Next::Deliver(items), Some(now.plus_seconds(LEASE_SECONDS)))
        };
        if !matches!(next, Next::Deliver(_)) {
            cursor.release();
        }
        self.save(tx, &cursor, due)?;
        Ok(Noted { next, given_up })
    }

    /// Keeps where the stream stands, and when to look again: never, when nothing is left of a chat that has ended.
    fn save(&self, tx: &mut Tx, cursor: &Cursor, due: Option<Time>) -> Result<(), StoreError> {
        let (scope, id) = self.key();
        let alarm = alarm(self.chat, self.sender.stream);
        if let Some(due) = due {
            tx.put(&scope, &id, cursor)?;
            return alarm.set(tx, due);
        }
        if lookup::chat(tx, self.chat)?.is_some_and(|chat| chat.is_open()) {
            tx.put(&scope, &id, cursor)?;
        } else {
            tx.delete::<Cursor>(&scope, &id)?;
        }
        alarm.cancel(tx)
    }

    /// Passes over the items that have waited long enough; how many.
    fn give_up(&self, tx: &mut Tx, cursor: &mut Cursor, now: Time) -> Result<usize, StoreError> {
        let mut count = 0;
        loop {
            let items = self.items_after(tx, cursor.done)?;
            let expired = items.iter().take_while(|item| cursor.gives_up(item.at, now)).count();
            let Some(last) = expired.checked_sub(1).and_then(|last| items.get(last)) else { return Ok(count) };
            cursor.done = last.seq;
            count += expired;
        }
    }

    fn items_after(&self, tx: &mut Tx, seq: u64) -> Result<Vec<Item>, StoreError> {
        let rows: Vec<LogRow<Item>> = tx.items_after(self.chat, seq.cast_signed(), BATCH)?;
        Ok(rows.into_iter().map(|row| row.doc).collect())
    }

    fn cursor(&self, tx: &mut Tx) -> Result<Option<Cursor>, StoreError> {
        let (scope, id) = self.key();
        tx.get(&scope, &id)
    }

    fn key(&self) -> (String, String) {
        (self.chat.to_string(), self.sender.stream.to_string())
    }
}

/// Says that a stream is being delivered here, until it is dropped.
struct UnderWay {
    app: Arc<App>,
    holder: Uuid,
}

impl UnderWay {
    fn mark(app: &Arc<App>, job: &Job) -> Self {
        app.deliveries.under_way.lock().insert(job.holder);
        Self { app: app.clone(), holder: job.holder }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.app.deliveries.under_way.lock().remove(&self.holder);
    }
}
