//! What the operations on tags share: finding what an ARN names.

use switchboard_domain::{Arn, instance::ConnectResource};
use switchboard_state::{StoreError, Tx};
use switchboard_wire::connect::{InvalidParameterException, ResourceNotFoundException};

use super::lookup::{not_found, out_of_form};
use crate::{
    instances::{self, contents},
    ops::{Ctx, Failure},
};

/// The ARN, in the form that its tags are kept under, of something here that can have tags.
pub(super) fn tagged<E>(ctx: &Ctx, tx: &mut Tx, arn: &str) -> Result<String, Failure<E>>
where
    E: From<InvalidParameterException> + From<ResourceNotFoundException>,
{
    if arn.parse::<Arn>().is_err() {
        return Err(out_of_form("resourceArn must be an ARN.").into());
    }
    let resource = ConnectResource::parse(arn, &ctx.app.home).map_err(not_found)?;
    if !resource.is_taggable() {
        return Err(out_of_form("resourceArn names something that this operation does not tag.").into());
    }
    if !is_there(ctx, tx, resource)? {
        return Err(not_found(format!("The resource was not found: {arn}")).into());
    }
    Ok(resource.arn(&ctx.app.home).to_string())
}

fn is_there(ctx: &Ctx, tx: &mut Tx, resource: ConnectResource) -> Result<bool, StoreError> {
    if instances::find(tx, resource.instance_id(), ctx.now)?.is_none() {
        return Ok(false);
    }
    match resource {
        ConnectResource::Instance(_) => Ok(true),
        ConnectResource::Resource(instance, kind, id) => contents::has(tx, instance, kind, id),
        ConnectResource::Contact(..) | ConnectResource::AgentQueue(..) => Ok(false),
    }
}
