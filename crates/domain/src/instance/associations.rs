//! The sets of outside things that an instance may use: bots, functions, origins and keys.
//!
//! The one rule: each thing once, and no more of a family than its quota. The same two decisions serve every family;
//! what differs is a thing's form, its natural key and its number.

use std::fmt;

use super::{Limits, limits};
use crate::InstanceId;

/// A set of things that an instance may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Lex V1 bots.
    LexV1Bots,
    /// Aliases of Lex V2 bots.
    LexV2Bots,
    /// Lambda functions.
    LambdaFunctions,
    /// Origins of pages that may embed the agent's workspace.
    ApprovedOrigins,
    /// Public keys that encrypt what customers enter.
    SecurityKeys,
}

/// Something of such a set.
pub trait Associable: fmt::Display {
    /// The set it belongs to.
    fn family(&self) -> Family;

    /// What tells it from the others of its set, and puts them in order for paging.
    fn key(&self) -> String;
}

/// What the instance has already, as far as the decision needs it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Present {
    /// Whether this very thing is there.
    pub this: bool,
    /// How many of its family are there.
    pub count: u64,
}

/// The set does not take it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssociationError {
    /// It is there already: a `ResourceConflictException`.
    #[error("{0} is already associated with the instance.")]
    AlreadyAssociated(String),
    /// The set is full: a `ServiceQuotaExceededException`.
    #[error("The instance has {max} {family} already, the most it can have.")]
    QuotaExceeded {
        /// Which set.
        family: Family,
        /// Its quota.
        max: u32,
    },
}

/// The set does not have it: a `ResourceNotFoundException`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not associated with the instance.")]
pub struct NotAssociated(pub String);

impl Family {
    /// What holds the things of this set that `instance` may use, by their [`Associable::key`].
    #[must_use]
    pub fn scope(self, instance: InstanceId) -> String {
        let set = match self {
            Self::LexV1Bots => "lex-v1-bot",
            Self::LexV2Bots => "lex-v2-bot",
            Self::LambdaFunctions => "lambda-function",
            Self::ApprovedOrigins => "approved-origin",
            Self::SecurityKeys => "security-key",
        };
        format!("{instance}/{set}")
    }

    /// How many an instance may have.
    #[must_use]
    pub const fn limit(self, limits: &Limits) -> Option<u32> {
        match self {
            Self::LexV1Bots => limits.lex_v1_bots,
            Self::LexV2Bots => limits.lex_v2_bots,
            Self::LambdaFunctions => limits.lambda_functions,
            Self::ApprovedOrigins => limits.approved_origins,
            Self::SecurityKeys => limits.security_keys,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LexV1Bots => "Amazon Lex V1 bots",
            Self::LexV2Bots => "Amazon Lex V2 bot aliases",
            Self::LambdaFunctions => "Lambda functions",
            Self::ApprovedOrigins => "approved origins",
            Self::SecurityKeys => "security keys",
        })
    }
}

/// Whether `thing` may be added to its set.
///
/// AWS does not say: whether a thing that is there already is a conflict or over the quota when the set is full. Ours is
/// a conflict: asking again changes no number.
///
/// # Errors
/// [`AssociationError::AlreadyAssociated`] and [`AssociationError::QuotaExceeded`].
pub fn associate(thing: &impl Associable, present: Present, limits: &Limits) -> Result<(), AssociationError> {
    if present.this {
        return Err(AssociationError::AlreadyAssociated(thing.to_string()));
    }
    admit(thing.family(), present.count, limits)
}

/// Whether `thing` may be taken out of its set.
///
/// # Errors
/// [`NotAssociated`].
pub fn disassociate(thing: &impl Associable, present: bool) -> Result<(), NotAssociated> {
    if present { Ok(()) } else { Err(NotAssociated(thing.to_string())) }
}

pub(super) fn admit(family: Family, count: u64, limits: &Limits) -> Result<(), AssociationError> {
    match limits::reached(family.limit(limits), count) {
        Some(max) => Err(AssociationError::QuotaExceeded { family, max }),
        None => Ok(()),
    }
}
