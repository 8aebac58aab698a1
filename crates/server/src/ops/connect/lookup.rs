//! Finding what a request names: an instance by id or ARN, and what is in it.

use switchboard_domain::instance::{Instance, parse_instance_reference};
use switchboard_state::Tx;
use switchboard_wire::connect::{InvalidRequestException, ResourceNotFoundException};

use crate::ops::{Ctx, Failure};

/// The instance that `InstanceId` names, whatever its status.
pub(super) fn instance<E>(ctx: &Ctx, tx: &mut Tx, reference: &str) -> Result<Instance, Failure<E>>
where
    E: From<ResourceNotFoundException>,
{
    let id = parse_instance_reference(reference, &ctx.app.home).map_err(not_found)?;
    tx.get("", &id.to_string())?.ok_or_else(|| not_found(format!("The instance {id} was not found.")).into())
}

/// The instance that `InstanceId` names, for work inside it: it must be active.
pub(super) fn active_instance<E>(ctx: &Ctx, tx: &mut Tx, reference: &str) -> Result<Instance, Failure<E>>
where
    E: From<ResourceNotFoundException> + From<InvalidRequestException>,
{
    let instance = instance(ctx, tx, reference)?;
    instance.usable().map_err(|error| InvalidRequestException::new(error.to_string()))?;
    Ok(instance)
}

/// The error for something that is not here, saying what.
pub(super) fn not_found(what: impl ToString) -> ResourceNotFoundException {
    ResourceNotFoundException::new(what.to_string())
}
