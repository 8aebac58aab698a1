//! How many instances an account may have, and how often it may create and delete them.
//!
//! Facts: *CreateInstance* ("within 30 days") and *Amazon Connect service quotas* in the Administrator Guide.

use serde::{Deserialize, Serialize};

use super::{CHANGES_WINDOW_DAYS, Limits, limits};
use crate::Time;

/// What an account has already, for the quotas of `CreateInstance`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Instances that exist.
    pub instances: u64,
    /// What it did lately.
    pub changes: Changes,
}

/// When the account created and deleted instances, as far back as that counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Changes(Vec<Time>);

/// The account may not create another instance: a `ServiceQuotaExceededException`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountFull {
    /// As many instances as it may have.
    #[error("The account has {max} instances already, the most it can have.")]
    Instances {
        /// The quota.
        max: u32,
    },
    /// As many creations and deletions as it may ask for.
    #[error("The account created or deleted {max} instances within {CHANGES_WINDOW_DAYS} days, the most it can.")]
    Changes {
        /// The quota.
        max: u32,
    },
}

impl Account {
    /// Whether one more instance may be created at `now`.
    ///
    /// # Errors
    /// [`AccountFull`] tells which quota stands in the way.
    pub fn admit(&self, limits: &Limits, now: Time) -> Result<(), AccountFull> {
        if let Some(max) = limits::reached(limits.instances, self.instances) {
            return Err(AccountFull::Instances { max });
        }
        match limits::reached(limits.instance_changes, self.changes.recent(now)) {
            Some(max) => Err(AccountFull::Changes { max }),
            None => Ok(()),
        }
    }
}

impl Changes {
    /// These and one more at `now`. Nothing is kept that nobody counts.
    #[must_use]
    pub fn with_one(mut self, limits: &Limits, now: Time) -> Self {
        self.0.retain(|&at| is_recent(at, now));
        if limits.instance_changes.is_some() {
            self.0.push(now);
        }
        self
    }

    fn recent(&self, now: Time) -> u64 {
        self.0.iter().filter(|&&at| is_recent(at, now)).map(|_| 1).sum()
    }
}

fn is_recent(at: Time, now: Time) -> bool {
    now < at.plus_minutes(CHANGES_WINDOW_DAYS * 24 * 60)
}
