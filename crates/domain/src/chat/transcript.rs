//! `GetTranscript`: from the request's parameters to one plain query, and from its rows to a page.
//!
//! The rule: the scan direction picks the items, the sort order only arranges a page. A token carries the scan on, so
//! a caller who repeats it with fewer parameters still gets the next page of the same scan, and one who asks for
//! another is refused. A scan backwards goes on into the chats that this one continues, and may begin in one. Sources: *GetTranscript* and *StartPosition* of the Participant Service, *Enable persistent
//! chat* of the Administrator Guide.

use serde::{Deserialize, Serialize};

use super::persistent::Past;
use super::{Chat, Item, Limits, Viewer};
use crate::words::words;
use crate::{ChatId, ContactId, ItemId, Time};

/// A page when `MaxResults` is absent or 0.
const DEFAULT_RESULTS: usize = 10;

/// The largest page.
const MOST_RESULTS: usize = 100;

words! {
    /// Which items a scan picks.
    ScanDirection {
        /// Its start and what is newer.
        Forward = "FORWARD",
        /// Its start and what is older.
        Backward = "BACKWARD",
    }
}

words! {
    /// How a page is arranged.
    SortOrder {
        /// Oldest first.
        Ascending = "ASCENDING",
        /// Newest first.
        Descending = "DESCENDING",
    }
}

/// `StartPosition`; with no member it is as if it were absent, as chat clients always send it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StartPosition {
    /// `Id`.
    pub id: Option<String>,
    /// `AbsoluteTime`, as read.
    pub absolute_time: Option<Time>,
    /// `MostRecent`.
    pub most_recent: Option<i64>,
}

/// What `GetTranscript` asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TranscriptRequest {
    /// `ContactId`.
    pub contact: Option<String>,
    /// `MaxResults`.
    pub max_results: Option<i64>,
    /// `NextToken`, as read.
    pub next: Option<Cursor>,
    /// `ScanDirection`.
    pub scan: Option<ScanDirection>,
    /// `SortOrder`.
    pub sort: Option<SortOrder>,
    /// `StartPosition`.
    pub start: StartPosition,
}

/// What a `NextToken` says: how the scan goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The chat whose participant it was given to.
    pub reader: ChatId,
    /// The log to read: the chat's own, or one of its past.
    pub log: ChatId,
    /// The first place to read.
    pub seq: u64,
    /// Which way.
    pub scan: ScanDirection,
    /// Only items of this contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// How many chats back the log is.
    #[serde(default, skip_serializing_if = "super::is_zero")]
    pub depth: u32,
}

/// Where a query starts. The start is part of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The newest item there is.
    Newest,
    /// This place in the log.
    Seq(u64),
    /// This time.
    At(Time),
    /// This item; if the log has none of this id, the request is wrong: [`TranscriptError::UnknownItem`].
    Item(ItemId),
    /// The n-th newest of the items that the viewer sees, from 1; the oldest if there are fewer.
    MostRecent(u32),
}

/// One query of one log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The log to read.
    pub log: ChatId,
    /// Who reads: only stored items that they see.
    pub viewer: Viewer,
    /// Only items of this contact.
    pub contact: Option<ContactId>,
    /// From where, inclusive.
    pub start: Start,
    /// Which way.
    pub scan: ScanDirection,
    /// How many rows to fetch, in scan order: one more than the page holds.
    pub rows: usize,
    /// How to arrange the page.
    pub order: SortOrder,
    /// Whether the log is a past chat's: its items carry `RelatedContactId` in place of `ContactId`.
    pub in_past: bool,
    /// The last place of the log that there is for this reader: a past chat may be continued from its middle.
    pub last_seq: u64,
    reader: ChatId,
    depth: u32,
}

/// A page of a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The items, arranged.
    pub items: Vec<Item>,
    /// What the `NextToken` says, if there is more.
    pub next: Option<Cursor>,
}

/// The request makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TranscriptError {
    /// The page is too small or too large.
    #[error("MaxResults must be from 0 to {MOST_RESULTS}, it is {0}")]
    MaxResults(i64),
    /// One start is enough.
    #[error("StartPosition must have exactly one of Id, AbsoluteTime and MostRecent")]
    ManyStarts,
    /// The n-th newest has to be a number from 0 to 100.
    #[error("StartPosition.MostRecent must be from 0 to {MOST_RESULTS}, it is {0}")]
    MostRecent(i64),
    /// There is no such item in this chat.
    #[error("StartPosition.Id names no item of this chat's transcript")]
    UnknownItem,
    /// The token is for another chat.
    #[error("NextToken does not belong to this chat")]
    ForeignToken,
    /// The token goes on with something else.
    #[error("NextToken came with another ContactId or ScanDirection: keep them while paging")]
    OtherScan,
}

impl Chat {
    /// What to read for `viewer`; nothing if there is nothing to read, which is an empty page and no error.
    ///
    /// # Errors
    /// The parameter that makes no sense.
    pub fn transcript(&self, viewer: Viewer, request: &TranscriptRequest) -> Result<Option<Plan>, TranscriptError> {
        let results = page_size(request.max_results)?;
        let start = request.start.resolve()?;
        let order = request.sort.unwrap_or(SortOrder::Descending);
        if let Some(cursor) = &request.next {
            return self.carried_on(viewer, request, cursor, results, order).map(Some);
        }

        let contact = match request.contact.as_deref().map(|id| self.contact_named(id)) {
            Some(None) => return Ok(None),
            Some(known) => known,
            None => None,
        };
        let usual = if start.is_some() { ScanDirection::Forward } else { ScanDirection::Backward };
        let scan = request.scan.unwrap_or(usual);
        if start.is_none() && scan == ScanDirection::Forward {
            // The start is now, and nothing is newer than now.
            return Ok(None);
        }
        Ok(Some(Plan {
            log: self.id,
            viewer,
            contact,
            start: start.unwrap_or(Start::Newest),
            scan,
            rows: results + 1,
            order,
            in_past: false,
            last_seq: u64::MAX,
            reader: self.id,
            depth: 0,
        }))
    }

    fn carried_on(
        &self,
        viewer: Viewer,
        request: &TranscriptRequest,
        cursor: &Cursor,
        results: usize,
        order: SortOrder,
    ) -> Result<Plan, TranscriptError> {
        if cursor.reader != self.id {
            return Err(TranscriptError::ForeignToken);
        }
        let is_same = |id: &str| cursor.contact.is_some_and(|contact| self.contact_named(id) == Some(contact));
        let same_contact = request.contact.as_deref().is_none_or(is_same);
        let same_scan = request.scan.is_none_or(|scan| scan == cursor.scan);
        if !(same_contact && same_scan) {
            return Err(TranscriptError::OtherScan);
        }
        Ok(Plan {
            log: cursor.log,
            viewer,
            contact: cursor.contact,
            start: Start::Seq(cursor.seq),
            scan: cursor.scan,
            rows: results + 1,
            order,
            in_past: cursor.depth > 0,
            // A scan backwards begins at or before the end of the past, and a past is read in no other way.
            last_seq: u64::MAX,
            reader: self.id,
            depth: cursor.depth,
        })
    }

    fn contact_named(&self, id: &str) -> Option<ContactId> {
        id.parse().ok().filter(|contact| self.has_contact(*contact))
    }
}

impl Plan {
    /// Whether an item is one that the query is for, start and number of rows aside.
    #[must_use]
    pub fn selects(&self, item: &Item) -> bool {
        item.stored
            && item.chat == self.log
            && item.seq <= self.last_seq
            && item.is_for(self.viewer)
            && self.contact.is_none_or(|contact| contact == item.contact)
    }

    /// The page, from the rows that the query gave in scan order. `past` is that of the chat whose log was read.
    #[must_use]
    pub fn page(&self, mut rows: Vec<Item>, past: Option<Past>, limits: &Limits) -> Page {
        let results = self.rows - 1;
        let over = rows.get(results).map(|item| item.seq);
        rows.truncate(results);

        let next = match over {
            Some(seq) => Some(Cursor { seq, ..self.cursor() }),
            None => self.past_cursor(past, limits),
        };
        let newest_first = self.scan == ScanDirection::Backward;
        if newest_first != (self.order == SortOrder::Descending) {
            rows.reverse();
        }
        Page { items: rows, next }
    }

    /// The same query of the chat before, for one that finds nothing here: its start may be in the past. `past` is that
    /// of the chat whose log was read.
    #[must_use]
    pub fn before(&self, past: Option<Past>, limits: &Limits) -> Option<Self> {
        let Cursor { log, seq: last_seq, depth, .. } = self.past_cursor(past, limits)?;
        let start = match self.start {
            start @ (Start::At(_) | Start::Item(_)) => start,
            Start::Newest | Start::Seq(_) | Start::MostRecent(_) => Start::Seq(last_seq),
        };
        Some(Self { log, start, last_seq, depth, in_past: true, ..*self })
    }

    /// On to the chat before this one: backwards only, and not for one contact's items.
    fn past_cursor(&self, past: Option<Past>, limits: &Limits) -> Option<Cursor> {
        let past = past.filter(|_| self.scan == ScanDirection::Backward && self.contact.is_none())?;
        let depth = self.depth + 1;
        if limits.past_contacts.is_some_and(|most| depth > most) {
            return None;
        }
        Some(Cursor { log: past.chat, seq: past.last_seq, depth, ..self.cursor() })
    }

    const fn cursor(&self) -> Cursor {
        Cursor { reader: self.reader, log: self.log, seq: 0, scan: self.scan, contact: self.contact, depth: self.depth }
    }
}

impl StartPosition {
    fn resolve(&self) -> Result<Option<Start>, TranscriptError> {
        match (&self.id, self.absolute_time, self.most_recent) {
            (None, None, None) => Ok(None),
            (Some(id), None, None) => {
                id.parse().map(|id| Some(Start::Item(id))).map_err(|_| TranscriptError::UnknownItem)
            }
            (None, Some(at), None) => Ok(Some(Start::At(at))),
            (None, None, Some(nth)) => most_recent(nth).map(Some),
            _ => Err(TranscriptError::ManyStarts),
        }
    }
}

/// AWS does not say what the 0th newest is: the newest.
fn most_recent(nth: i64) -> Result<Start, TranscriptError> {
    u32::try_from(nth)
        .ok()
        .filter(|nth| *nth as usize <= MOST_RESULTS)
        .map(|nth| Start::MostRecent(nth.max(1)))
        .ok_or(TranscriptError::MostRecent(nth))
}

/// AWS does not say what 0 means: as much as is given when nothing is asked for.
fn page_size(max_results: Option<i64>) -> Result<usize, TranscriptError> {
    match max_results {
        None | Some(0) => Ok(DEFAULT_RESULTS),
        Some(given) => {
            usize::try_from(given).ok().filter(|given| *given <= MOST_RESULTS).ok_or(TranscriptError::MaxResults(given))
        }
    }
}
