//! A participant as the history tells of them: one row per session, from their first join in it.
//!
//! The one rule: `published` is sticky. Who published once in a session has published, whether they still do or not.
//!
//! Facts: *Participant*, *ParticipantSummary*, *GetParticipant* and *ListParticipants* in the Amazon IVS Real-Time API
//! Reference.

use serde::{Deserialize, Serialize};

use super::{
    Client, ParticipantId, SessionId, StageId,
    replication::ReplicationState,
    token::{Attributes, Grant},
};
use crate::{Time, words::words};

words! {
    /// Whether a participant is there.
    State {
        Connected = "CONNECTED",
        Disconnected = "DISCONNECTED",
    }
}

words! {
    /// How a participant publishes.
    Protocol {
        /// They never did.
        Unknown = "UNKNOWN",
        Whip = "WHIP",
        Rtmp = "RTMP",
        Rtmps = "RTMPS",
    }
}

words! {
    /// How far the recording of a participant is.
    RecordingState {
        Starting = "STARTING",
        Active = "ACTIVE",
        Stopping = "STOPPING",
        Stopped = "STOPPED",
        Failed = "FAILED",
        Disabled = "DISABLED",
    }
}

words! {
    /// What replication makes of a participant.
    ReplicationType {
        Source = "SOURCE",
        Replica = "REPLICA",
        None = "NONE",
    }
}

/// Where a participant really is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Replica {
    /// Here, and nowhere else.
    #[default]
    No,
    /// Here, and seen on `active` other stages now.
    Source {
        /// How many.
        active: u32,
    },
    /// On another stage: this is their picture.
    Of {
        /// That stage.
        stage: StageId,
        /// Its session.
        session: SessionId,
        /// Whether it is still shown.
        state: ReplicationState,
    },
}

/// One participant in one session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Their id.
    pub id: ParticipantId,
    /// What the application calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// What the application says about them.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// Whether they are there.
    pub state: State,
    /// Their first join in the session, whatever came after.
    pub first_joined: Time,
    /// Whether they ever published in the session.
    pub published: bool,
    /// What their client says it is.
    #[serde(default)]
    pub client: Client,
    /// How they last published.
    pub protocol: Protocol,
    /// Where they really are.
    #[serde(default)]
    pub replica: Replica,
}

impl Participant {
    /// Somebody who joins for the first time.
    #[must_use]
    pub fn joining(grant: &Grant, client: Client, now: Time) -> Self {
        Self {
            id: grant.participant.clone(),
            user_id: grant.user_id.clone(),
            attributes: grant.attributes.clone(),
            state: State::Connected,
            first_joined: now,
            published: false,
            client: client.clean(),
            protocol: Protocol::Unknown,
            replica: Replica::No,
        }
    }

    /// Takes over what a newer token says.
    pub(super) fn wear(&mut self, grant: &Grant) {
        self.user_id.clone_from(&grant.user_id);
        self.attributes.clone_from(&grant.attributes);
    }

    /// `recordingState`: nothing records yet.
    #[must_use]
    pub const fn recording_state(&self) -> RecordingState {
        RecordingState::Disabled
    }

    /// `replicationType`.
    #[must_use]
    pub const fn replication_type(&self) -> ReplicationType {
        match self.replica {
            Replica::No => ReplicationType::None,
            Replica::Source { .. } => ReplicationType::Source,
            Replica::Of { .. } => ReplicationType::Replica,
        }
    }

    /// `replicationState`, where replication makes anything of them.
    #[must_use]
    pub const fn replication_state(&self) -> Option<ReplicationState> {
        match self.replica {
            Replica::No => None,
            Replica::Source { active: 0 } => Some(ReplicationState::Stopped),
            Replica::Source { .. } => Some(ReplicationState::Active),
            Replica::Of { state, .. } => Some(state),
        }
    }

    /// The stage and session they really are on.
    #[must_use]
    pub const fn source(&self) -> Option<(StageId, SessionId)> {
        match self.replica {
            Replica::Of { stage, session, .. } => Some((stage, session)),
            Replica::No | Replica::Source { .. } => None,
        }
    }
}

/// Which participants a list is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// `filterByUserId`.
    UserId(String),
    /// `filterByPublished`.
    Published(bool),
    /// `filterByState`.
    State(State),
    /// `filterByRecordingState`.
    RecordingState(RecordingState),
}

impl Filter {
    /// Whether the list holds this one.
    #[must_use]
    pub fn takes(&self, participant: &Participant) -> bool {
        match self {
            Self::UserId(id) => participant.user_id.as_deref().unwrap_or_default() == id,
            Self::Published(published) => participant.published == *published,
            Self::State(state) => participant.state == *state,
            Self::RecordingState(state) => participant.recording_state() == *state,
        }
    }
}
