//! The log of a chat: what was said and what happened, in one total order.
//!
//! The one rule: the log only grows at its end. The caller gives each item the next `seq` and a later time than the last
//! (see [`Tx::log_end`]); the database refuses a `seq` or a stored item id that is already taken. Appending tells the
//! chat's subscribers to look; they read on from the last `seq` they saw.
//!
//! An item is *stored* when it belongs to the transcript. The others, such as typing, are in the log so that every socket
//! sees them at their place in the order; they have a `seq` but cannot be asked for by id, and are forgotten once nobody
//! can still have to read them. Then places are missing: a reader goes by what comes after, never by counting.

use std::ops::Bound;

use serde::{Serialize, de::DeserializeOwned};
use switchboard_domain::{ChatId, ItemId, Time};

use crate::{
    StoreError, Topic, Tx,
    engine::{Row, rows},
    tx::{from_doc, to_doc},
};

const KIND: &str = "chat item";

/// One item at its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow<D> {
    /// Its place in the order, from 1.
    pub seq: i64,
    /// When it happened; later than everything before it.
    pub at: Time,
    /// The id that clients know it by.
    pub id: ItemId,
    /// Part of the transcript, or only for sockets.
    pub stored: bool,
    /// The item itself.
    pub doc: D,
}

/// The last place in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEnd {
    /// The `seq` of the last item.
    pub seq: i64,
    /// The time of the last item.
    pub at: Time,
}

/// Which way to read from a starting point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To newer items.
    Forward,
    /// To older items.
    Backward,
}

/// A part of a transcript, in the order in which it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The `seq` to start from, itself included or not; unbounded starts at the end that `direction` comes from.
    pub from: Bound<i64>,
    /// Which way to go.
    pub direction: Direction,
    /// Items at most.
    pub limit: usize,
}

impl Tx {
    /// The last place in the log of `chat`; None when nothing has been said.
    pub fn log_end(&mut self, chat: ChatId) -> Result<Option<LogEnd>, StoreError> {
        let last = self.query_one(
            "SELECT seq, at_ms FROM chat_item WHERE chat_id = $1 ORDER BY seq DESC LIMIT 1",
            &[chat.to_string().into()],
        )?;
        last.map(|mut row| Ok(LogEnd { seq: row.int()?, at: Time(row.int()?) })).transpose()
    }

    /// Adds an item at the end, and tells the chat's subscribers.
    pub fn append_item<D: Serialize>(&mut self, chat: ChatId, row: &LogRow<D>) -> Result<(), StoreError> {
        let doc = to_doc(KIND, &row.doc)?;
        self.execute(
            "INSERT INTO chat_item (chat_id, seq, at_ms, item_id, stored, doc) VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                chat.to_string().into(),
                row.seq.into(),
                row.at.as_millis().into(),
                row.id.to_string().into(),
                i64::from(row.stored).into(),
                doc.into(),
            ],
        )?;
        self.notify(Topic::Chat(chat));
        Ok(())
    }

    /// Everything after `seq`, stored or not, oldest first: what a socket has still to send.
    pub fn items_after<D: DeserializeOwned>(
        &mut self,
        chat: ChatId,
        seq: i64,
        limit: usize,
    ) -> Result<Vec<LogRow<D>>, StoreError> {
        let found = self.query(
            "SELECT seq, at_ms, item_id, stored, doc FROM chat_item
             WHERE chat_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
            &[chat.to_string().into(), seq.into(), rows(limit)],
        )?;
        found.into_iter().map(log_row).collect()
    }

    /// A part of the transcript, in the order in which it is read.
    pub fn transcript<D: DeserializeOwned>(&mut self, chat: ChatId, span: Span) -> Result<Vec<LogRow<D>>, StoreError> {
        let (sql, from) = match span.direction {
            Direction::Forward => (
                "SELECT seq, at_ms, item_id, stored, doc FROM chat_item
                 WHERE chat_id = $1 AND seq >= $2 AND stored = 1 ORDER BY seq LIMIT $3",
                first(span.from, i64::MIN, 1),
            ),
            Direction::Backward => (
                "SELECT seq, at_ms, item_id, stored, doc FROM chat_item
                 WHERE chat_id = $1 AND seq <= $2 AND stored = 1 ORDER BY seq DESC LIMIT $3",
                first(span.from, i64::MAX, -1),
            ),
        };
        let found = self.query(sql, &[chat.to_string().into(), from.into(), rows(span.limit)])?;
        found.into_iter().map(log_row).collect()
    }

    /// The stored item with this id.
    pub fn item<D: DeserializeOwned>(&mut self, chat: ChatId, id: ItemId) -> Result<Option<LogRow<D>>, StoreError> {
        let found = self.query_one(
            "SELECT seq, at_ms, item_id, stored, doc FROM chat_item
             WHERE chat_id = $1 AND item_id = $2 AND stored = 1",
            &[chat.to_string().into(), id.to_string().into()],
        )?;
        found.map(log_row).transpose()
    }

    /// Where in the transcript `time` is: the first item then or later.
    pub fn seq_at_or_after(&mut self, chat: ChatId, time: Time) -> Result<Option<i64>, StoreError> {
        let found = self.query_one(
            "SELECT seq FROM chat_item WHERE chat_id = $1 AND at_ms >= $2 AND stored = 1 ORDER BY seq LIMIT 1",
            &[chat.to_string().into(), time.as_millis().into()],
        )?;
        found.map(|mut row| row.int()).transpose()
    }

    /// Where in the transcript `time` is: the last item then or earlier.
    pub fn seq_at_or_before(&mut self, chat: ChatId, time: Time) -> Result<Option<i64>, StoreError> {
        let found = self.query_one(
            "SELECT seq FROM chat_item WHERE chat_id = $1 AND at_ms <= $2 AND stored = 1 ORDER BY seq DESC LIMIT 1",
            &[chat.to_string().into(), time.as_millis().into()],
        )?;
        found.map(|mut row| row.int()).transpose()
    }

    /// Where in the transcript the `n`-th newest item is; 1 is the newest, and so is 0.
    pub fn seq_of_nth_latest(&mut self, chat: ChatId, n: usize) -> Result<Option<i64>, StoreError> {
        let found = self.query_one(
            "SELECT seq FROM chat_item WHERE chat_id = $1 AND stored = 1 ORDER BY seq DESC LIMIT 1 OFFSET $2",
            &[chat.to_string().into(), rows(n.saturating_sub(1))],
        )?;
        found.map(|mut row| row.int()).transpose()
    }

    /// Puts another document in the place of a stored item's, as when a receipt comes in. False when there is no such
    /// item. Tells nobody: what sockets are to see is appended.
    pub fn update_item_doc<D: Serialize + ?Sized>(
        &mut self,
        chat: ChatId,
        id: ItemId,
        doc: &D,
    ) -> Result<bool, StoreError> {
        let doc = to_doc(KIND, doc)?;
        let updated = self.execute(
            "UPDATE chat_item SET doc = $1 WHERE chat_id = $2 AND item_id = $3 AND stored = 1",
            &[doc.into(), chat.to_string().into(), id.to_string().into()],
        )?;
        Ok(updated == 1)
    }

    /// Forgets the items that are not stored, up to that place and before that time. Whether there are others left.
    pub fn forget_passing(&mut self, chat: ChatId, up_to: i64, before: Time) -> Result<bool, StoreError> {
        let chat = chat.to_string();
        self.execute(
            "DELETE FROM chat_item WHERE chat_id = $1 AND seq <= $2 AND stored = 0 AND at_ms < $3",
            &[chat.as_str().into(), up_to.into(), before.as_millis().into()],
        )?;
        let left =
            self.query_one("SELECT seq FROM chat_item WHERE chat_id = $1 AND stored = 0 LIMIT 1", &[chat.into()])?;
        Ok(left.is_some())
    }

    /// Forgets the whole log of a chat, and says how many items it had.
    pub fn delete_log(&mut self, chat: ChatId) -> Result<u64, StoreError> {
        self.execute("DELETE FROM chat_item WHERE chat_id = $1", &[chat.to_string().into()])
    }
}

/// The first `seq` that a span may hold; `step` leads from one `seq` to the next to be read.
fn first(from: Bound<i64>, start: i64, step: i64) -> i64 {
    match from {
        Bound::Included(seq) => seq,
        Bound::Excluded(seq) => seq.saturating_add(step),
        Bound::Unbounded => start,
    }
}

fn log_row<D: DeserializeOwned>(mut row: Row) -> Result<LogRow<D>, StoreError> {
    let (seq, at, id, stored) = (row.int()?, Time(row.int()?), row.text()?, row.int()? != 0);
    let id = id.parse().map_err(|_| StoreError::Document { kind: KIND, reason: format!("{id} is no item id") })?;
    Ok(LogRow { seq, at, id, stored, doc: from_doc(KIND, &row.text()?)? })
}
