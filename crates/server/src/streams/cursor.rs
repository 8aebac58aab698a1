//! Where a stream stands: what is done with, who delivers, and since when it fails.
//!
//! The one rule: an item is done with once the endpoint answered for it, or when it has waited for an hour at an endpoint
//! that does not. SNS never tries an HTTP endpoint for longer (*Message delivery retries*: 3,600 seconds in all).

use serde::{Deserialize, Serialize};
use switchboard_domain::{Time, chat::streaming::Stream};
use switchboard_state::Record;
use uuid::Uuid;

/// How long an item waits for an endpoint that fails.
const PATIENCE_MINUTES: i64 = 60;
/// The longest pause between two tries.
const LONGEST_PAUSE_SECONDS: i64 = 60;

/// Where a stream stands; a record under its chat and its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The place in the log of the last item that is done with.
    pub(super) done: u64,
    /// Who delivers: drawn anew by each who begins to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holder: Option<Uuid>,
    /// Tries that failed since the endpoint last answered.
    #[serde(default)]
    failures: u32,
    /// When the first of them was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing_since: Option<Time>,
}

impl Record for Cursor {
    const KIND: &'static str = "stream-cursor";
}

/// How far a delivery came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// The place of the last item that is done with, if any is.
    pub(super) done: Option<u64>,
    /// The endpoint answered for one at least.
    pub(super) answered: bool,
    /// How the endpoint then failed, if it did.
    pub(super) failed: Option<String>,
}

impl Cursor {
    /// At the stream's beginning.
    pub(super) const fn at_start_of(stream: &Stream) -> Self {
        Self { done: stream.from_seq.saturating_sub(1), holder: None, failures: 0, failing_since: None }
    }

    /// Whoever delivered before has lost the stream to `holder`.
    pub(super) const fn hold(&mut self, holder: Uuid) {
        self.holder = Some(holder);
    }

    /// Nobody delivers.
    pub(super) const fn release(&mut self) {
        self.holder = None;
    }

    /// Who delivers.
    pub(super) const fn holder(&self) -> Option<Uuid> {
        self.holder
    }

    /// Tries that failed since the endpoint last answered.
    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }

    /// Notes how far a delivery came; when to try again, if it failed.
    pub(super) fn note(&mut self, progress: &Progress, now: Time) -> Option<Time> {
        self.done = progress.done.unwrap_or(self.done);
        if progress.answered {
            self.failures = 0;
            self.failing_since = None;
        }
        progress.failed.as_ref()?;
        self.failing_since.get_or_insert(now);
        self.failures = self.failures.saturating_add(1);
        let doubled = 1_i64.checked_shl(self.failures - 1).filter(|pause| (1..LONGEST_PAUSE_SECONDS).contains(pause));
        Some(now.plus_seconds(doubled.unwrap_or(LONGEST_PAUSE_SECONDS)))
    }

    /// Whether an item of that time has waited long enough. While nobody tries, as when the server is off, none waits.
    pub(super) fn gives_up(&self, said_at: Time, now: Time) -> bool {
        self.failing_since.is_some_and(|since| since.max(said_at).plus_minutes(PATIENCE_MINUTES) <= now)
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::StreamingId;

    use super::*;

    const NOON: Time = Time(1_800_000_000_000);

    fn cursor() -> Cursor {
        let stream = Stream { id: StreamingId(Uuid::from_u128(1)), endpoint: String::new(), from_seq: 5 };
        Cursor::at_start_of(&stream)
    }

    fn fail() -> Progress {
        Progress { failed: Some("503".to_owned()), ..Progress::default() }
    }

    #[test]
    fn a_stream_begins_before_its_first_item_and_stands_where_it_came_to() {
        let mut cursor = cursor();
        assert_eq!(cursor.done, 4);
        let progress = Progress { done: Some(7), answered: true, failed: None };
        assert_eq!(cursor.note(&progress, NOON), None);
        assert_eq!(cursor.done, 7);
        assert_eq!(cursor.note(&Progress::default(), NOON), None);
        assert_eq!(cursor.done, 7, "no progress takes nothing back");
    }

    #[test]
    fn pauses_double_up_to_a_minute_and_begin_anew_with_an_answer() {
        let mut cursor = cursor();
        let mut pauses = || (cursor.note(&fail(), NOON).expect("failed").0 - NOON.0) / 1_000;
        let seen: Vec<i64> = (0..9).map(|_| pauses()).collect();
        assert_eq!(seen, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        for _ in 0..100 {
            assert_eq!(pauses(), 60);
        }
        let progress = Progress { done: Some(5), answered: true, ..fail() };
        assert_eq!(cursor.note(&progress, NOON), Some(NOON.plus_seconds(1)));
    }

    #[test]
    fn an_item_waits_an_hour_from_when_it_was_said_or_the_trouble_began() {
        let mut cursor = cursor();
        assert!(!cursor.gives_up(NOON, NOON.plus_minutes(24 * 60)), "nothing has failed");
        cursor.note(&fail(), NOON);
        cursor.note(&fail(), NOON.plus_minutes(30));
        let (before, after) = (NOON.plus_minutes(-90), NOON.plus_minutes(10));
        assert!(!cursor.gives_up(before, NOON.plus_minutes(59)));
        assert!(cursor.gives_up(before, NOON.plus_minutes(60)));
        assert!(!cursor.gives_up(after, NOON.plus_minutes(69)));
        assert!(cursor.gives_up(after, NOON.plus_minutes(70)));
    }

    #[test]
    fn who_takes_a_stream_takes_it_from_whoever_had_it() {
        let [one, two] = [1, 2].map(Uuid::from_u128);
        let mut cursor = cursor();
        cursor.hold(one);
        cursor.hold(two);
        assert_eq!(cursor.holder(), Some(two));
        cursor.release();
        assert_eq!(cursor.holder(), None);
    }
}
