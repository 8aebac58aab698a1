//! The quotas of instances: AWS's published numbers, or ours.
//!
//! The one rule: `None` is no limit. Numbers per account protect a shared cloud and are lifted by default; numbers per
//! instance hold by default too, so that a client meets here what it would meet there.
//! Facts: *Amazon Connect service quotas* in the Administrator Guide.

use serde::{Deserialize, Serialize};

/// The days over which creations and deletions of instances are counted.
pub const CHANGES_WINDOW_DAYS: i64 = 30;

/// How many of each there may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Instances in the account.
    pub instances: Option<u32>,
    /// Creations and deletions of instances within [`CHANGES_WINDOW_DAYS`] days.
    pub instance_changes: Option<u32>,
    /// Lex V1 bots of an instance.
    pub lex_v1_bots: Option<u32>,
    /// Lex V2 bot aliases of an instance.
    pub lex_v2_bots: Option<u32>,
    /// Lambda functions of an instance.
    pub lambda_functions: Option<u32>,
    /// Approved origins of an instance.
    pub approved_origins: Option<u32>,
    /// Public keys of an instance.
    pub security_keys: Option<u32>,
}

impl Limits {
    /// The numbers AWS publishes.
    #[must_use]
    pub const fn aws() -> Self {
        Self {
            instances: Some(2),
            instance_changes: Some(100),
            lex_v1_bots: Some(70),
            lex_v2_bots: Some(100),
            lambda_functions: Some(50),
            // AWS does not say: how many origins, though it names the error. Ours is the number for functions.
            approved_origins: Some(50),
            security_keys: Some(2),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let mut limits = Self::aws();
        limits.instances = None;
        limits.instance_changes = None;
        limits
    }
}

/// The limit, if `present` has reached it.
pub(super) fn reached(limit: Option<u32>, present: u64) -> Option<u32> {
    limit.filter(|&max| present >= u64::from(max))
}
