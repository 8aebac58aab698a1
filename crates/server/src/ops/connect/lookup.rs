//! Finding what a request names: an instance by id or ARN, and what is in it.

use switchboard_domain::instance::{Instance, parse_instance_reference};
use switchboard_state::Tx;
use switchboard_wire::connect::{InvalidParameterException, InvalidRequestException, ResourceNotFoundException};

use crate::{
    instances,
    ops::{Ctx, Failure},
};

/// The instance that `InstanceId` names, whatever its status.
pub(super) fn instance<E>(ctx: &Ctx, tx: &mut Tx, reference: &str) -> Result<Instance, Failure<E>>
where
    E: From<ResourceNotFoundException>,
{
    let id = parse_instance_reference(reference, &ctx.app.home).map_err(not_found)?;
    let found = instances::find(tx, id, ctx.now)?;
    found.ok_or_else(|| not_found(format!("The instance {id} was not found.")).into())
}

/// The instance that `InstanceId` names, for work inside it: it must be active.
// AWS does not say: what work inside an instance that is still being created answers. The instance is there, and the
// request comes at the wrong time: InvalidRequestException.
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

/// The error for a member that the model lets through and that is out of form all the same, saying how.
// AWS does not say: which of its two 400s. The parameter is what is wrong, so InvalidParameterException; the constraints
// of the model, and requests that come at the wrong time or ask for what nobody gets, are InvalidRequestException.
pub(super) fn out_of_form(error: impl ToString) -> InvalidParameterException {
    InvalidParameterException::new(error.to_string())
}
