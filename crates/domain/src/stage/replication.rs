//! A participant of one stage who appears on another: they publish once and are seen on both.
//!
//! The one rule: a replica lives by its source. It stops when the source stops for longer than the window allows, when
//! the replication is stopped, or when either stage goes.
//!
//! Facts: *Participant replication* in the Amazon IVS Real-Time User Guide; *StartParticipantReplication*,
//! *StopParticipantReplication* and *ParticipantReplica* in the API Reference.

use serde::{Deserialize, Serialize};

use super::{
    Limits, ParticipantId, Presence, QuotaExceeded, SessionId, StageId, admit,
    token::{Attributes, TokenRefused, check_attributes},
};
use crate::{Time, words::words};

words! {
    /// Whether a replica is shown.
    ReplicationState {
        Active = "ACTIVE",
        Stopped = "STOPPED",
    }
}

/// One participant on one further stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replication {
    /// Who.
    pub participant: ParticipantId,
    /// The stage they are on.
    pub source: StageId,
    /// Its session when it began.
    pub source_session: SessionId,
    /// The stage they appear on.
    pub destination: StageId,
    /// Its session.
    pub destination_session: SessionId,
    /// For how long the replica outlives its source.
    pub reconnect_window_seconds: i32,
    /// What the replica's attributes are besides the token's.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// Whether it is shown.
    pub state: ReplicationState,
    /// Until when the source may come back; `None` while it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Time>,
}

/// Why a replication does not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplicationRefused {
    /// From a stage to itself.
    #[error("destinationStageArn must name another stage than sourceStageArn.")]
    SameStage,
    /// Not attributes that a participant can have.
    #[error(transparent)]
    Attributes(#[from] TokenRefused),
    /// Nobody publishes under that id.
    #[error("The participant does not publish to the source stage.")]
    NotPublishing,
    /// What is shown there is a replica itself.
    #[error("The participant is a replica on the source stage.")]
    IsReplica,
    /// Somebody of that id is on the destination already.
    #[error("The participant is on the destination stage already.")]
    AlreadyThere,
    /// On too many stages.
    #[error(transparent)]
    Quota(#[from] QuotaExceeded),
}

impl Replication {
    /// Whether a replication may start.
    ///
    /// # Errors
    /// [`ReplicationRefused`].
    pub fn admit(
        stages: (StageId, StageId),
        attributes: &Attributes,
        at_source: Option<&Presence>,
        at_destination: Option<&Presence>,
        active: u64,
        limits: &Limits,
    ) -> Result<(), ReplicationRefused> {
        if stages.0 == stages.1 {
            return Err(ReplicationRefused::SameStage);
        }
        let there = at_source.filter(|presence| presence.is_publishing()).ok_or(ReplicationRefused::NotPublishing)?;
        // AWS does not say: whether a replica can be replicated. Chains would have no end that their source knows of.
        if there.replica_of().is_some() {
            return Err(ReplicationRefused::IsReplica);
        }
        let mut merged = there.grant.attributes.clone();
        merged.extend(attributes.clone());
        check_attributes(&merged)?;
        if at_destination.is_some() {
            return Err(ReplicationRefused::AlreadyThere);
        }
        Ok(admit("stages that a participant is replicated to", limits.replications, active)?)
    }

    /// Whether it goes on, shown or waiting.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.state == ReplicationState::Active
    }

    /// The source stopped publishing: how long to wait for it. `None`: not at all, the replication is over.
    #[must_use]
    pub fn wait(&mut self, now: Time) -> Option<Time> {
        if self.reconnect_window_seconds <= 0 {
            return None;
        }
        let until = now.plus_seconds(self.reconnect_window_seconds.into());
        self.waits_until = Some(until);
        Some(until)
    }

    /// Whether the source has been away too long.
    #[must_use]
    pub fn is_over(&self, now: Time) -> bool {
        self.goes_on() && self.waits_until.is_some_and(|until| until <= now)
    }

    /// The source is back.
    pub fn resume(&mut self) {
        self.waits_until = None;
    }

    /// It is over.
    pub fn stop(&mut self) {
        self.state = ReplicationState::Stopped;
        self.waits_until = None;
    }
}
