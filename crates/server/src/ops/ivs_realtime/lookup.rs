//! Finding what a request names, and saying what is wrong with it.
//!
//! The one rule: an ARN of another kind, Region or account names nothing here.

use switchboard_domain::stage::{ResourceKind, Stage, split};
use switchboard_state::{Record, StoreError, Tx};
use switchboard_wire::ivs_realtime::{ResourceNotFoundException, ValidationException};

use crate::ops::{Ctx, Failure};

/// The resource of that kind that an ARN names; `None` when there is none.
pub(super) fn find<R: Record>(ctx: &Ctx, tx: &mut Tx, kind: ResourceKind, arn: &str) -> Result<Option<R>, StoreError> {
    match split(arn, &ctx.app.home) {
        Some((found, id)) if found == kind => tx.get("", &id),
        _ => Ok(None),
    }
}

/// The resource of that kind that an ARN names.
pub(super) fn get<R, E>(ctx: &Ctx, tx: &mut Tx, kind: ResourceKind, arn: &str) -> Result<R, Failure<E>>
where
    R: Record,
    E: From<ResourceNotFoundException>,
{
    find(ctx, tx, kind, arn)?.ok_or_else(|| not_found(format!("The {kind} was not found: {arn}")).into())
}

/// The stage that an ARN names.
pub(super) fn stage<E: From<ResourceNotFoundException>>(
    ctx: &Ctx,
    tx: &mut Tx,
    arn: &str,
) -> Result<Stage, Failure<E>> {
    get(ctx, tx, ResourceKind::Stage, arn)
}

/// The resource that an optional ARN names, for operations without a "not found" of their own. An empty ARN is none.
// AWS does not say: what CreateStage and CreateIngestConfiguration answer to an ARN that names nothing. The only error
// of theirs that fits is ValidationException.
pub(super) fn named<R, E>(
    ctx: &Ctx,
    tx: &mut Tx,
    kind: ResourceKind,
    member: &str,
    arn: Option<&str>,
) -> Result<Option<R>, Failure<E>>
where
    R: Record,
    E: From<ValidationException>,
{
    let Some(arn) = arn.filter(|arn| !arn.is_empty()) else { return Ok(None) };
    match find(ctx, tx, kind, arn)? {
        Some(found) => Ok(Some(found)),
        None => Err(invalid(format!("{member} names no {kind}: {arn}")).into()),
    }
}

/// The error for something that is not here, saying what.
pub(super) fn not_found(what: impl ToString) -> ResourceNotFoundException {
    ResourceNotFoundException::new(what.to_string())
}

/// The error for a request that cannot be, saying why.
pub(super) fn invalid(why: impl ToString) -> ValidationException {
    ValidationException::new(why.to_string())
}
