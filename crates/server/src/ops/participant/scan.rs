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
#[derive(Debug)]
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
    let end = i64::try_from(plan.last_seq).unwrap_or(i64::MAX);
    let places = plan.contact.map_or(0..=end, |contact| places_of(chat, contact));
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchboard_domain::{
        InstanceId, ParticipantId, Time,
        chat::{
            Body, Changes, Context, InitiationMethod, Limits, MessageType, Visibility,
            connect::ConnectRequest,
            send::SystemMessage,
            start::StartChat,
            transcript::{StartPosition, TranscriptRequest},
        },
    };
    use switchboard_state::{Options, State};
    use uuid::Uuid;

    use super::*;
    use crate::{chat::apply::apply, ids::SystemIds};

    /// Whispers to agents before each thing that the customer says.
    const WHISPERS: usize = 7;

    /// A chat of two contacts, in each of which the customer counts to 20.
    async fn counted() -> (State, Arc<Chat>) {
        let (limits, ids) = (Limits::default(), &mut SystemIds);
        let cx = &mut Context::new(Time(1_800_000_000_000), &limits, ids);
        let started = StartChat::new(InstanceId(Uuid::nil()), "flow".into(), "Jane".into()).decide(cx).expect("begins");
        let (mut chat, customer) = (started.chat, started.participant);
        let connect = ConnectRequest { credentials: true, ..ConnectRequest::default() };
        let mut changes = chat.connect(customer, connect, cx).expect("connects").changes;
        count(&mut chat, customer, cx, &mut changes);
        let next = chat.continue_in_new_contact(InitiationMethod::Transfer, None, cx);
        changes.extend(next.expect("the chat is open").1);
        count(&mut chat, customer, cx, &mut changes);

        let (state, chat) = (State::open(Options::default()).expect("opens"), Arc::new(chat));
        let kept = Arc::clone(&chat);
        state.write::<_, StoreError, _>(move |tx| apply(tx, &kept, &changes)).await.expect("is kept");
        (state, chat)
    }

    fn count(chat: &mut Chat, customer: ParticipantId, cx: &mut Context<'_>, changes: &mut Changes) {
        for number in 1..=20 {
            for _ in 0..WHISPERS {
                let whisper = SystemMessage {
                    content_type: MessageType::Plain,
                    content: "psst".into(),
                    display_name: "BOT".into(),
                    visibility: Visibility::Agent,
                    chunk: None,
                };
                changes.extend(chat.say(whisper, cx).expect("may be said").changes);
            }
            let sent = chat.send_message(customer, "text/plain", number.to_string(), cx);
            changes.extend(sent.expect("may be said").changes);
        }
    }

    /// What the customer reads, in the order of the scan.
    fn read(state: &State, chat: &Chat, request: &TranscriptRequest) -> Vec<String> {
        let viewer = chat.customer().expect("is there").viewer();
        let plan = chat.transcript(viewer, request).expect("makes sense").expect("there is something to read");
        let rows = state.read(|tx| rows(tx, &plan, chat)).expect("can be read");
        let text = |item: Item| match item.body {
            Body::Message { content, .. } => content,
            _ => item.kind().to_owned(),
        };
        rows.into_iter().map(text).collect()
    }

    fn numbers(range: impl Iterator<Item = u32>) -> Vec<String> {
        range.map(|number| number.to_string()).collect()
    }

    fn of(contact: ContactId) -> TranscriptRequest {
        TranscriptRequest { contact: Some(contact.to_string()), max_results: Some(100), ..TranscriptRequest::default() }
    }

    #[tokio::test]
    async fn what_others_are_told_does_not_shorten_a_page() {
        let (state, chat) = counted().await;
        let newest = TranscriptRequest { max_results: Some(10), ..TranscriptRequest::default() };
        // One more than the page, which says that there is another.
        assert_eq!(read(&state, &chat, &newest), numbers((10..=20).rev()));
        let start = StartPosition { most_recent: Some(15), ..StartPosition::default() };
        assert_eq!(read(&state, &chat, &TranscriptRequest { start, ..newest }), numbers(6..=16));
    }

    #[tokio::test]
    async fn a_contact_is_read_to_its_ends_and_no_further() {
        let (state, chat) = counted().await;
        let [first, second] = chat.contacts() else { panic!("two contacts: {:?}", chat.contacts()) };
        let mut all = numbers((1..=20).rev());
        assert_eq!(read(&state, &chat, &of(second.contact)), all);
        all.push("EVENT".to_owned());
        assert_eq!(read(&state, &chat, &of(first.contact)), all);

        let start = StartPosition { most_recent: Some(100), ..StartPosition::default() };
        assert_eq!(read(&state, &chat, &TranscriptRequest { start, ..of(second.contact) }), numbers(1..=20));
    }
}
