//! What happened to a participant in a session, in the order it happened.
//!
//! The one rule: an event is what the server saw. Errors of the client's own network, and tokens whose signature is bad,
//! make none.
//!
//! Facts: *Event* and *ExchangedParticipantToken* in the Amazon IVS Real-Time API Reference; *Monitoring Amazon IVS
//! Real-Time Streaming*, Participant events.

use serde::{Deserialize, Serialize};

use super::{
    ParticipantId, SessionId, StageId,
    token::{Attributes, Capabilities, Grant},
};
use crate::{Time, words::words};

words! {
    /// The name of an event.
    EventName {
        Joined = "JOINED",
        Left = "LEFT",
        PublishStarted = "PUBLISH_STARTED",
        PublishStopped = "PUBLISH_STOPPED",
        SubscribeStarted = "SUBSCRIBE_STARTED",
        SubscribeStopped = "SUBSCRIBE_STOPPED",
        PublishError = "PUBLISH_ERROR",
        SubscribeError = "SUBSCRIBE_ERROR",
        JoinError = "JOIN_ERROR",
        ReplicationStarted = "REPLICATION_STARTED",
        ReplicationStopped = "REPLICATION_STOPPED",
        TokenExchanged = "TOKEN_EXCHANGED",
    }
}

words! {
    /// Why something did not go as the participant wanted.
    ErrorCode {
        InsufficientCapabilities = "INSUFFICIENT_CAPABILITIES",
        QuotaExceeded = "QUOTA_EXCEEDED",
        PublisherNotFound = "PUBLISHER_NOT_FOUND",
        BitrateExceeded = "BITRATE_EXCEEDED",
        ResolutionExceeded = "RESOLUTION_EXCEEDED",
        StreamDurationExceeded = "STREAM_DURATION_EXCEEDED",
        InvalidAudioCodec = "INVALID_AUDIO_CODEC",
        InvalidVideoCodec = "INVALID_VIDEO_CODEC",
        InvalidProtocol = "INVALID_PROTOCOL",
        InvalidStreamKey = "INVALID_STREAM_KEY",
        ReuseOfStreamKey = "REUSE_OF_STREAM_KEY",
        BFramePresent = "B_FRAME_PRESENT",
        InvalidInput = "INVALID_INPUT",
        InternalServerException = "INTERNAL_SERVER_EXCEPTION",
    }
}

/// What a participant was about to do when an error came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorAt {
    /// To join.
    Join,
    /// To publish.
    Publish,
    /// To watch that publisher.
    Subscribe(ParticipantId),
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Whose.
    pub participant: ParticipantId,
    /// When.
    pub at: Time,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What a token said, before or after an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangedToken {
    /// What it allows.
    pub capabilities: Capabilities,
    /// What it says about its holder.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// What it calls its holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Until when it is good.
    pub expires: Time,
}

impl From<&Grant> for ExchangedToken {
    fn from(grant: &Grant) -> Self {
        Self {
            capabilities: grant.capabilities,
            attributes: grant.attributes.clone(),
            user_id: grant.user_id.clone(),
            expires: grant.expires,
        }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// The participant connected.
    Joined,
    /// The participant disconnected.
    Left,
    /// Their media began to flow.
    PublishStarted,
    /// Their media ended.
    PublishStopped,
    /// They began to watch somebody.
    SubscribeStarted {
        /// Whom.
        remote: ParticipantId,
        /// Whether that is a replica.
        replica: bool,
    },
    /// They no longer watch somebody.
    SubscribeStopped {
        /// Whom.
        remote: ParticipantId,
        /// Whether that is a replica.
        replica: bool,
    },
    /// They could not join.
    JoinError {
        /// Why.
        code: ErrorCode,
    },
    /// They could not publish, or not go on.
    PublishError {
        /// Why.
        code: ErrorCode,
    },
    /// They could not watch somebody, or not go on.
    SubscribeError {
        /// Why.
        code: ErrorCode,
        /// Whom.
        remote: ParticipantId,
    },
    /// They appear on another stage too.
    ReplicationStarted {
        /// Which.
        stage: StageId,
        /// In which of its sessions.
        session: SessionId,
    },
    /// They no longer appear there.
    ReplicationStopped {
        /// Where.
        stage: StageId,
        /// In which of its sessions.
        session: SessionId,
    },
    /// They showed a newer token.
    TokenExchanged {
        /// The one before.
        previous: ExchangedToken,
        /// The newer.
        new: ExchangedToken,
    },
}

impl EventKind {
    /// An error of that kind.
    #[must_use]
    pub fn error(at: ErrorAt, code: ErrorCode) -> Self {
        match at {
            ErrorAt::Join => Self::JoinError { code },
            ErrorAt::Publish => Self::PublishError { code },
            ErrorAt::Subscribe(remote) => Self::SubscribeError { code, remote },
        }
    }

    /// `name`.
    #[must_use]
    pub const fn name(&self) -> EventName {
        match self {
            Self::Joined => EventName::Joined,
            Self::Left => EventName::Left,
            Self::PublishStarted => EventName::PublishStarted,
            Self::PublishStopped => EventName::PublishStopped,
            Self::SubscribeStarted { .. } => EventName::SubscribeStarted,
            Self::SubscribeStopped { .. } => EventName::SubscribeStopped,
            Self::JoinError { .. } => EventName::JoinError,
            Self::PublishError { .. } => EventName::PublishError,
            Self::SubscribeError { .. } => EventName::SubscribeError,
            Self::ReplicationStarted { .. } => EventName::ReplicationStarted,
            Self::ReplicationStopped { .. } => EventName::ReplicationStopped,
            Self::TokenExchanged { .. } => EventName::TokenExchanged,
        }
    }

    /// `errorCode`.
    #[must_use]
    pub const fn error_code(&self) -> Option<ErrorCode> {
        match self {
            Self::JoinError { code } | Self::PublishError { code } | Self::SubscribeError { code, .. } => Some(*code),
            _ => None,
        }
    }
}
