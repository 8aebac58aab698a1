//! Streams: a chat told to an outside HTTP endpoint as it happens, in the envelope of Amazon SNS.
//!
//! The one rule: the log is what is delivered, in order, from where the stream stands; an alarm says that there is
//! something to deliver, and stays set until it was.

use std::sync::Arc;

use switchboard_domain::{ChatId, StreamingId, Time, chat::Chat};
use switchboard_state::{DueTimer, StoreError, Tx};

use crate::{alarm::Alarm, app::App};

/// Deliveries under way on this node.
#[derive(Debug, Default)]
pub(crate) struct Deliveries;

/// There is something new for the streams of this chat.
pub(crate) fn wake(tx: &mut Tx, chat: &Chat) -> Result<(), StoreError> {
    for stream in chat.streams() {
        Alarm::Stream { chat: chat.id(), stream: stream.id }.set(tx, chat.last_at())?;
    }
    Ok(())
}

/// Takes a stream's alarm and delivers what is new.
pub(crate) async fn lease(
    _app: &Arc<App>,
    _timer: DueTimer,
    _chat: ChatId,
    _stream: StreamingId,
    _now: Time,
) -> Result<(), StoreError> {
    Ok(())
}
