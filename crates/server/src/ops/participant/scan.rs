//! Runs the plan of a transcript against the log.
//!
//! The one rule: the plan says which items are wanted, the log only knows their order. So the log is read in the
//! plan's direction until there are enough of them, and never outside the contact that the plan is for, whose items
//! stand together.

use std::ops::{Bound, RangeInclusive};

use switchboard_domain::{
    ContactId,
    chat::{
        Chat, Item,
        transcript::{Plan, ScanDirection, Start, TranscriptError},
    },
};
use switchboard_state::{Direction, Span, StoreError, Tx};

/// Rows read at a time: no less, since one reader may see only some of them.
const BATCH: usize = 25;

/// Why there are no rows.
pub(super) enum ScanError {
    /// The request names an item that is not there for this reader.
    Request(TranscriptError),
    /// The log cannot be read.
    Store(StoreError),
}

impl From<StoreError> for ScanError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The items that the plan picks, in the order in which it scans. `chat` is the one whose log it reads.
pub(super) fn rows(tx: &mut Tx, plan: &Plan, chat: &Chat) -> Result<Vec<Item>, ScanError> {
    let places = plan.contact.map_or(0..=i64::MAX, |contact| places_of(chat, contact));
    let Some(start) = start(tx, plan, &places)? else { return Ok(Vec::new()) };
    Ok(pick(tx, plan, &places, start, direction(plan.scan), plan.rows)?)
}

/// The places of the log that a contact's items stand in.
fn places_of(chat: &Chat, contact: ContactId) -> RangeInclusive<i64> {
    let mut segments = chat.contacts().iter().skip_while(|segment| segment.contact != contact);
    let first = segments.next().map_or(i64::MAX, |segment| segment.from_seq.cast_signed());
    let last = segments.next().map_or(i64::MAX, |next| next.from_seq.cast_signed() - 1);
    first..=last
}

/// The first place to read; none if nothing is there to be read.
fn start(tx: &mut Tx, plan: &Plan, places: &RangeInclusive<i64>) -> Result<Option<i64>, ScanError> {
    Ok(match (plan.start, plan.scan) {
        (Start::Newest, _) => Some(i64::MAX),
        (Start::Seq(seq), _) => Some(seq.cast_signed()),
        (Start::At(at), ScanDirection::Forward) => tx.seq_at_or_after(plan.log, at)?,
        (Start::At(at), ScanDirection::Backward) => tx.seq_at_or_before(plan.log, at)?,
        (Start::Item(id), _) => match tx.item::<Item>(plan.log, id)? {
            Some(row) if plan.selects(&row.doc) => Some(row.seq),
            _ => return Err(ScanError::Request(TranscriptError::UnknownItem)),
        },
        (Start::MostRecent(nth), _) => {
            let newest = pick(tx, plan, places, i64::MAX, Direction::Backward, nth as usize)?;
            newest.last().map(|item| item.seq.cast_signed())
        }
    })
}

const fn direction(scan: ScanDirection) -> Direction {
    match scan {
        ScanDirection::Forward => Direction::Forward,
        ScanDirection::Backward => Direction::Backward,
    }
}

/// The first so many items from `start` on that the plan selects.
fn pick(
    tx: &mut Tx,
    plan: &Plan,
    places: &RangeInclusive<i64>,
    start: i64,
    direction: Direction,
    wanted: usize,
) -> Result<Vec<Item>, StoreError> {
    let start = match direction {
        Direction::Forward => start.max(*places.start()),
        Direction::Backward => start.min(*places.end()),
    };
    let mut from = Bound::Included(start);
    let mut picked = Vec::new();
    loop {
        let limit = wanted.max(BATCH);
        let batch = tx.transcript::<Item>(plan.log, Span { from, direction, limit })?;
        let is_last = batch.len() < limit;
        for row in batch {
            if !places.contains(&row.seq) {
                return Ok(picked);
            }
            from = Bound::Excluded(row.seq);
            if plan.selects(&row.doc) {
                picked.push(row.doc);
            }
            if picked.len() == wanted {
                return Ok(picked);
            }
        }
        if is_last {
            return Ok(picked);
        }
    }
}
