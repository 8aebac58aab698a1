//! Who is on a stage now, and by which connections.
//!
//! The one rule: a participant is there as long as one of their legs is. A leg is one connection: the socket of room
//! events, a WHIP session, a WHEP session per publisher watched. A newer leg takes the place of an older one of its
//! kind, since both show the same token and the newer wins.
//!
//! Facts: *Web SDK: known issues* in the Amazon IVS Real-Time User Guide (the newer use of a token wins);
//! `StageLeftReason` of the Web broadcast SDK's reference.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ParticipantId, Protocol, SessionId, StageId, token::Grant};
use crate::{Ids, Time, words::words};

/// One connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LegId(pub Uuid);

impl LegId {
    /// A fresh one.
    pub fn fresh(ids: &mut dyn Ids) -> Self {
        Self(ids.next())
    }
}

impl fmt::Display for LegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

/// What a connection is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum LegKind {
    /// To hear who comes and goes.
    Events,
    /// To publish.
    Publish {
        /// By which protocol.
        protocol: Protocol,
    },
    /// To watch somebody.
    Subscribe {
        /// Whom.
        publisher: ParticipantId,
        /// Whether that is a replica.
        replica: bool,
    },
    /// No connection of their own: they are shown from another stage.
    Replica {
        /// Which.
        source: StageId,
    },
}

impl LegKind {
    /// Whether media comes in by it.
    #[must_use]
    pub const fn publishes(&self) -> bool {
        matches!(self, Self::Publish { .. } | Self::Replica { .. })
    }

    /// Whether media goes out by it.
    #[must_use]
    pub const fn subscribes(&self) -> bool {
        matches!(self, Self::Subscribe { .. })
    }

    /// Whether a leg of this kind takes the place of one of `other`'s.
    #[must_use]
    pub fn replaces(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Subscribe { publisher: new, .. }, Self::Subscribe { publisher: old, .. }) => new == old,
            (Self::Events, Self::Events) => true,
            (new, old) => new.publishes() && old.publishes(),
        }
    }
}

/// One connection of a participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// Which.
    pub id: LegId,
    /// What for.
    #[serde(flatten)]
    pub kind: LegKind,
    /// Since when media flows; `None` when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flows_since: Option<Time>,
}

/// What of a participant is switched off: told by their own client, and shown to everybody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Muted {
    /// Their sound.
    pub audio: bool,
    /// Their picture.
    pub video: bool,
}

/// A participant who is on the stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Who they are and what they may do.
    pub grant: Grant,
    /// The session that knows of them: perhaps one that ended while they stayed.
    pub session: SessionId,
    /// Their connections.
    pub legs: Vec<Leg>,
    /// What of them is switched off.
    #[serde(default)]
    pub muted: Muted,
}

impl Presence {
    /// The leg of that id.
    #[must_use]
    pub fn leg(&self, id: LegId) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.id == id)
    }

    pub(super) fn leg_mut(&mut self, id: LegId) -> Option<&mut Leg> {
        self.legs.iter_mut().find(|leg| leg.id == id)
    }

    /// Whether their media flows.
    #[must_use]
    pub fn is_publishing(&self) -> bool {
        self.publishes_by().is_some()
    }

    /// The leg by which their media flows.
    #[must_use]
    pub fn publishes_by(&self) -> Option<LegId> {
        self.legs.iter().find(|leg| leg.kind.publishes() && leg.flows_since.is_some()).map(|leg| leg.id)
    }

    /// Whether somebody's media flows to them.
    #[must_use]
    pub fn is_subscribing(&self) -> bool {
        self.legs.iter().any(|leg| leg.kind.subscribes() && leg.flows_since.is_some())
    }

    /// Whether that participant's media flow to them.
    #[must_use]
    pub fn watches(&self, participant: &ParticipantId) -> bool {
        let is_view = |kind: &LegKind| matches!(kind, LegKind::Subscribe { publisher, .. } if publisher == participant);
        self.legs.iter().any(|leg| is_view(&leg.kind) && leg.flows_since.is_some())
    }

    /// Whether they came to publish.
    #[must_use]
    pub fn has_publisher_seat(&self) -> bool {
        self.legs.iter().any(|leg| leg.kind.publishes())
    }

    /// The stage that their media comes to, seen from `stage`: another one where they are a replica.
    #[must_use]
    pub fn source_on(&self, stage: StageId) -> StageId {
        self.replica_of().unwrap_or(stage)
    }

    /// The stage that they are shown from, if they are not here themselves.
    #[must_use]
    pub fn replica_of(&self) -> Option<StageId> {
        self.legs.iter().find_map(|leg| match leg.kind {
            LegKind::Replica { source } => Some(source),
            _ => None,
        })
    }
}

words! {
    /// Why a leg is no longer wanted, in the words that clients know.
    Removal {
        ParticipantDisconnected = "participant-disconnected",
        StageDeleted = "stage-deleted",
        TokenReused = "token-reused",
        FailedExchange = "failed-exchange",
        UserInitiated = "user-initiated",
        Unknown = "unknown",
    }
}
