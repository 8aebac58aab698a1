//! The life of an instance: `CREATION_IN_PROGRESS`, then `ACTIVE` or `CREATION_FAILED`.
//!
//! The one rule: the moment of the next change is part of the record, so that it holds across a restart.
//! A failed creation is listed for 24 hours with its reason and is gone after that (*CreateInstance*, *StatusReason*).

use serde::{Deserialize, Serialize};

use crate::{Time, words::words};

/// How long a failed creation is listed.
const FAILED_LISTED_HOURS: i64 = 24;

words! {
    /// `InstanceStatus`.
    InstanceStatus {
        CreationInProgress = "CREATION_IN_PROGRESS",
        Active = "ACTIVE",
        CreationFailed = "CREATION_FAILED",
    }
}

/// Where an instance is in its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Life {
    /// Being created.
    Creating {
        /// When that is over.
        until: Time,
    },
    /// In use.
    Active,
    /// Never came to be.
    Failed {
        /// Why.
        reason: String,
        /// Since when.
        at: Time,
    },
}

/// The instance is not in use yet, or never will be: an `InvalidRequestException`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The instance is not active: its status is {status}.")]
pub struct NotActive {
    /// What it is instead.
    pub status: InstanceStatus,
}

/// The instance is not being created, so its creation cannot fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The instance is not being created: its status is {status}.")]
pub struct NotBeingCreated {
    /// What it is instead.
    pub status: InstanceStatus,
}

impl Life {
    /// A life that begins at `now`, with `creation_ms` until the instance may be used.
    #[must_use]
    pub const fn creating(now: Time, creation_ms: i64) -> Self {
        Self::Creating { until: Time(now.0.saturating_add(creation_ms)) }
    }

    /// The word on the wire.
    #[must_use]
    pub const fn status(&self) -> InstanceStatus {
        match self {
            Self::Creating { .. } => InstanceStatus::CreationInProgress,
            Self::Active => InstanceStatus::Active,
            Self::Failed { .. } => InstanceStatus::CreationFailed,
        }
    }

    /// Why the creation failed.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Failed { reason, .. } => Some(reason),
            Self::Creating { .. } | Self::Active => None,
        }
    }

    /// When it next changes by itself.
    #[must_use]
    pub const fn due_at(&self) -> Option<Time> {
        match self {
            Self::Creating { until } => Some(*until),
            Self::Active => None,
            Self::Failed { at, .. } => Some(at.plus_minutes(FAILED_LISTED_HOURS * 60)),
        }
    }

    /// What it is at `now`; `None` when nothing is left of it.
    #[must_use]
    pub fn when_due(self, now: Time) -> Option<Self> {
        if self.due_at().is_none_or(|due| now < due) {
            return Some(self);
        }
        match self {
            Self::Creating { .. } | Self::Active => Some(Self::Active),
            Self::Failed { .. } => None,
        }
    }

    /// The life of an instance whose creation is under way and fails.
    pub(super) fn failed(&self, reason: String, now: Time) -> Result<Self, NotBeingCreated> {
        match self {
            Self::Creating { .. } => Ok(Self::Failed { reason, at: now }),
            Self::Active | Self::Failed { .. } => Err(NotBeingCreated { status: self.status() }),
        }
    }

    pub(super) fn usable(&self) -> Result<(), NotActive> {
        match self {
            Self::Active => Ok(()),
            Self::Creating { .. } | Self::Failed { .. } => Err(NotActive { status: self.status() }),
        }
    }

    // AWS does not say: whether an instance may be deleted while it is being created. Ours may not, since AWS's own
    // clients wait for ACTIVE first; what failed may be cleared away before its 24 hours are over.
    pub(super) fn deletable(&self) -> Result<(), NotActive> {
        match self {
            Self::Active | Self::Failed { .. } => Ok(()),
            Self::Creating { .. } => Err(NotActive { status: self.status() }),
        }
    }
}
