//! The quotas of stages: AWS's published numbers, or ours.
//!
//! The one rule: `None` is no limit. All of these protect a shared cloud, so the default lifts them; what is left is how
//! long a session waits for its next publisher.
//! Facts: *Amazon IVS Real-Time Streaming service quotas*.

/// How many of each there may be, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Stages in the account.
    pub stages: Option<u32>,
    /// Public keys in the account.
    pub public_keys: Option<u32>,
    /// Encoder configurations in the account.
    pub encoder_configurations: Option<u32>,
    /// Storage configurations in the account.
    pub storage_configurations: Option<u32>,
    /// Ingest configurations in the account.
    pub ingest_configurations: Option<u32>,
    /// Participants of a stage who publish at one time.
    pub publishers: Option<u32>,
    /// Participants of a stage who subscribe at one time.
    pub subscribers: Option<u32>,
    /// Stages to which one participant is replicated at one time.
    pub replications: Option<u32>,
    /// How long one participant may publish, or subscribe, without a break.
    pub stream_seconds: Option<i64>,
    /// How long a session goes on once nobody publishes.
    pub session_grace_seconds: i64,
}

// AWS does not say: how long the "few minutes" are, after which a session without publishers is over.
const SESSION_GRACE_SECONDS: i64 = 2 * 60;

impl Limits {
    /// The numbers AWS publishes.
    #[must_use]
    pub const fn aws() -> Self {
        Self {
            stages: Some(1_000),
            public_keys: Some(3),
            encoder_configurations: Some(20),
            storage_configurations: Some(5),
            ingest_configurations: Some(100),
            publishers: Some(12),
            subscribers: Some(10_000),
            replications: Some(5),
            stream_seconds: Some(24 * 60 * 60),
            session_grace_seconds: SESSION_GRACE_SECONDS,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            stages: None,
            public_keys: None,
            encoder_configurations: None,
            storage_configurations: None,
            ingest_configurations: None,
            publishers: None,
            subscribers: None,
            replications: None,
            stream_seconds: None,
            session_grace_seconds: SESSION_GRACE_SECONDS,
        }
    }
}

/// More than the account, the stage or the participant may have: a `ServiceQuotaExceededException`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("There can be at most {limit} {what}.")]
pub struct QuotaExceeded {
    /// What there would be too many of.
    pub what: &'static str,
    /// How many there may be.
    pub limit: u32,
}

/// Whether one more may come to the `present` ones.
///
/// # Errors
/// [`QuotaExceeded`].
pub fn admit(what: &'static str, limit: Option<u32>, present: u64) -> Result<(), QuotaExceeded> {
    match limit {
        Some(limit) if present >= u64::from(limit) => Err(QuotaExceeded { what, limit }),
        _ => Ok(()),
    }
}
