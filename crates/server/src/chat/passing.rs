//! What passes: items for open sockets and streams that no transcript keeps, such as typing and receipts.
//!
//! The one rule: such an item is forgotten once nobody can still have to read it. A socket reads what is new at once, or
//! is cut off within seconds; a stream says how far it has read. So what is old enough and behind every stream goes, a
//! whole chat's at a time, and a chat to which nothing passes costs nothing.

use switchboard_domain::{ChatId, Time};
use switchboard_state::{StoreError, Tx};

use super::lookup;
use crate::{alarm::Alarm, streams};

/// For how long such items are kept at least: far longer than any socket takes to read them. At most twice as long.
const KEPT_SECONDS: i64 = 60 * 60;

/// Something passed; it is to be forgotten later.
pub(super) fn note(tx: &mut Tx, chat: ChatId, now: Time) -> Result<(), StoreError> {
    Alarm::Passing(chat).set_if_none(tx, now.plus_seconds(KEPT_SECONDS))
}

/// The alarm has come. It comes again as long as there is something left.
pub(crate) fn forget(tx: &mut Tx, chat: ChatId, now: Time) -> Result<(), StoreError> {
    let Some(chat) = lookup::chat(tx, chat)? else { return Ok(()) };
    let read_up_to = streams::read_up_to(tx, &chat)?.map_or(i64::MAX, u64::cast_signed);
    if tx.forget_passing(chat.id(), read_up_to, now.plus_seconds(-KEPT_SECONDS))? {
        note(tx, chat.id(), now)?;
    }
    Ok(())
}
