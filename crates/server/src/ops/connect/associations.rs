//! The sets of outside things an instance may use: bots, functions, origins, keys. One way in, one way out and one way
//! to look.
//!
//! The one rule: each operation brings its thing, in form; whether the set takes it is decided here, once for all.

use switchboard_domain::instance::{Associable, AssociationError, Family, Present, associate, disassociate};
use switchboard_state::{Page, Record, Tx};
use switchboard_wire::connect::{
    InvalidRequestException, ResourceConflictException, ResourceNotFoundException, ServiceQuotaExceededException,
};

use super::{
    lookup::{self, not_found},
    paging::Wanted,
};
use crate::ops::{Ctx, Failure};

/// What every request that changes a set says besides the thing.
pub(super) struct Call {
    /// The operation's name.
    pub(super) operation: &'static str,
    /// `InstanceId`.
    pub(super) instance_id: String,
    /// `ClientToken`.
    pub(super) client_token: Option<String>,
}

/// Adds a thing to its set.
pub(super) async fn add<T, E>(ctx: Ctx, call: Call, thing: T) -> Result<(), Failure<E>>
where
    T: Associable + Record + Send + Sync + 'static,
    E: From<InvalidRequestException>
        + From<ResourceConflictException>
        + From<ResourceNotFoundException>
        + From<ServiceQuotaExceededException>
        + Send
        + 'static,
{
    ctx.write_once(call.operation, call.client_token, move |ctx, tx| {
        let instance = lookup::active_instance(ctx, tx, &call.instance_id)?;
        let (scope, key) = (thing.family().scope(instance.id), thing.key());
        let present = present::<T, E>(tx, &scope, &key)?;
        associate(&thing, present, &ctx.app.limits.instance).map_err(refusal)?;
        Ok(tx.put(&scope, &key, &thing)?)
    })
    .await
}

fn present<T: Record, E>(tx: &mut Tx, scope: &str, key: &str) -> Result<Present, Failure<E>> {
    Ok(Present { this: tx.get::<T>(scope, key)?.is_some(), count: tx.count::<T>(scope)? })
}

/// Takes a thing out of its set.
pub(super) async fn remove<T, E>(ctx: Ctx, call: Call, thing: T) -> Result<(), Failure<E>>
where
    T: Associable + Record + Send + Sync + 'static,
    E: From<InvalidRequestException> + From<ResourceNotFoundException> + Send + 'static,
{
    ctx.write_once(call.operation, call.client_token, move |ctx, tx| {
        let instance = lookup::active_instance(ctx, tx, &call.instance_id)?;
        let was_there = tx.delete::<T>(&thing.family().scope(instance.id), &thing.key())?;
        disassociate(&thing, was_there).map_err(not_found)?;
        Ok(())
    })
    .await
}

/// One page of a set, in the order of its keys.
pub(super) fn page<T, E>(
    ctx: &Ctx,
    instance_id: &str,
    family: Family,
    wanted: &Wanted<'_>,
) -> Result<Page<T>, Failure<E>>
where
    T: Record,
    E: From<InvalidRequestException> + From<ResourceNotFoundException>,
{
    ctx.read(|tx| {
        let instance = lookup::active_instance(ctx, tx, instance_id)?;
        wanted.records(ctx, tx, &family.scope(instance.id))
    })
}

/// The error for a thing that its set does not take.
pub(super) fn refusal<E>(error: AssociationError) -> Failure<E>
where
    E: From<ResourceConflictException> + From<ServiceQuotaExceededException>,
{
    let why = error.to_string();
    match error {
        AssociationError::QuotaExceeded { .. } => ServiceQuotaExceededException::new(why).into(),
        AssociationError::AlreadyAssociated(_) => ResourceConflictException::new(why).into(),
    }
}
