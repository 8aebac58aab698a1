//! A session: what goes on on a stage from its first join until a while after its last publisher stopped.
//!
//! The one rule: publishers keep a session alive, and nothing else does. Those who only watch do not, and those who stay
//! when it ends are part of the next one as soon as they do something.
//!
//! Facts: *Monitoring Amazon IVS Real-Time Streaming*, What is a stage session; *StageSession* in the API Reference.

use serde::{Deserialize, Serialize};

use super::{Limits, SessionId};
use crate::{Ids, Time};

/// One session of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The first join.
    pub started: Time,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Time>,
    /// Since when nobody publishes; `None` while somebody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    idle_since: Option<Time>,
    /// Participants whose media flows.
    publishers: u32,
    /// Participants who came to publish, whether their media flows or not.
    pub(super) publisher_seats: u32,
    /// Participants who watch.
    pub(super) subscribers: u32,
    /// Events so far.
    events: u64,
}

impl Session {
    /// A session whose first participant joins at `now`.
    #[must_use]
    pub fn begin(now: Time, ids: &mut dyn Ids) -> Self {
        Self {
            id: SessionId::fresh(now, ids),
            started: now,
            ended: None,
            idle_since: Some(now),
            publishers: 0,
            publisher_seats: 0,
            subscribers: 0,
            events: 0,
        }
    }

    /// When it ends, unless somebody publishes before.
    #[must_use]
    pub fn ends_at(&self, limits: &Limits) -> Option<Time> {
        let idle_since = self.idle_since.filter(|_| self.ended.is_none())?;
        Some(idle_since.plus_seconds(limits.session_grace_seconds))
    }

    /// Ends it if its time has come; it ended when that was, whenever somebody looks. Whether it did.
    pub fn end_if_due(&mut self, now: Time, limits: &Limits) -> bool {
        let due = self.ends_at(limits).filter(|due| *due <= now);
        self.ended = self.ended.or(due);
        due.is_some()
    }

    /// Ends it now: its stage is deleted.
    pub fn end(&mut self, now: Time) {
        self.ended.get_or_insert(now);
    }

    /// How many participants publish.
    #[must_use]
    pub const fn publishers(&self) -> u32 {
        self.publishers
    }

    pub(super) fn publish_started(&mut self) {
        self.publishers += 1;
        self.idle_since = None;
    }

    pub(super) fn publish_stopped(&mut self, now: Time) {
        self.publishers = self.publishers.saturating_sub(1);
        if self.publishers == 0 {
            self.idle_since = Some(now);
        }
    }

    /// The number of the next event.
    pub(super) fn count_event(&mut self) -> u64 {
        self.events += 1;
        self.events
    }
}
