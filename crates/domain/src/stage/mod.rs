//! Stages: rooms in which participants publish and watch, with their tokens, sessions and history.
//!
//! The one rule: the history is what happened. Sessions, participants and events change only by the decisions of
//! [`Attendance`], which whoever carries the media asks when somebody joins, publishes, subscribes or leaves; the
//! operations of the API read what is there.
//!
//! - [`token`]: what a token says, and whether it lets its holder in.
//! - [`Attendance`]: one participant of one stage, and what their coming, publishing, watching and going changes.
//! - [`Session`]: from the first join to a while after the last publisher stopped.
//! - [`Replication`]: a participant who appears on another stage too.
//! - [`configurations`]: the resources that only describe something: public keys, encoders, storage, ingest.
//!
//! Facts: *Monitoring Amazon IVS Real-Time Streaming* and *Participant replication* in the Amazon IVS Real-Time User
//! Guide; the API Reference.

mod attendance;
mod client;
pub mod configurations;
mod endpoints;
mod event;
mod ids;
mod limits;
mod participant;
mod presence;
mod recording;
mod replication;
mod resource;
mod session;
pub mod token;

pub use attendance::{Attendance, Carried, EntryRefused, Exchanged, NotAllowed};
pub use client::Client;
pub use endpoints::{Addresses, EVENTS_PATH, Endpoints, WHIP_PATH};
pub use event::{ErrorAt, ErrorCode, Event, EventKind, EventName, ExchangedToken};
pub use ids::{NotAnId, ParticipantId, ResourceId, SessionId, StageId};
pub use limits::{Limits, QuotaExceeded, admit};
pub use participant::{Filter, Participant, Protocol, RecordingState, Replica, ReplicationType, State};
pub use presence::{Leg, LegId, LegKind, Muted, Presence, Removal};
pub use recording::{AutoRecording, MediaType, RecordingMembers, ThumbnailMode, ThumbnailStorage};
pub use replication::{Replication, ReplicationRefused, ReplicationState};
pub use resource::{ResourceKind, SERVICE, split};
pub use session::Session;

use serde::{Deserialize, Serialize};

use crate::{Arn, Home, Ids, Time};

/// One stage. Its tags are kept beside it, by ARN ([`crate::tags`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its id, also the last part of its ARN.
    pub id: StageId,
    /// Its name, which need not be unique; empty where none was given.
    pub name: String,
    /// What it records.
    pub recording: AutoRecording,
    /// The session that is going on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_session: Option<SessionId>,
    /// When it was made.
    pub created: Time,
}

impl Stage {
    /// A new stage.
    #[must_use]
    pub fn create(name: String, recording: AutoRecording, now: Time, ids: &mut dyn Ids) -> Self {
        Self { id: StageId::fresh(ids), name, recording, active_session: None, created: now }
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self, home: &Home) -> Arn {
        ResourceKind::Stage.arn(self.id.as_str(), home)
    }
}
