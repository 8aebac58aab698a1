//! CreateInstance: a new contact centre with everything it comes with (Amazon Connect API Reference,
//! *CreateInstance*).

use switchboard_domain::{
    instance::{AccountFull, ConnectResource, Identity, IdentityError, Instance, NewInstance},
    tags::{TagError, Tags},
};
use switchboard_state::Tx;
use switchboard_wire::connect::{
    CreateInstanceError, CreateInstanceInput, CreateInstanceOutput, InvalidRequestException,
    ServiceQuotaExceededException,
};

use super::words::OffWire as _;
use crate::{
    ids::SystemIds,
    instances,
    ops::{Ctx, Failure},
};

/// Claims the names, keeps the instance and answers at once. It becomes active a moment later.
pub(crate) async fn create_instance(
    ctx: Ctx,
    input: CreateInstanceInput,
) -> Result<CreateInstanceOutput, Failure<CreateInstanceError>> {
    let kind = input.identity_management_type.off_wire();
    let identity = Identity::new(kind, input.instance_alias.as_deref(), input.directory_id.as_deref());
    let request = NewInstance {
        identity: identity.map_err(refused)?,
        inbound_calls: input.inbound_calls_enabled,
        outbound_calls: input.outbound_calls_enabled,
    };
    let tags = Tags::new(input.tags.unwrap_or_default())
        .map_err(|error: TagError| InvalidRequestException::new(error.to_string()))?;
    let home = ctx.app.home.clone();
    let id = ctx
        .write_once("CreateInstance", input.client_token, move |ctx, tx| {
            admit(ctx, tx)?;
            let creation_ms = ctx.app.config.instance_creation_ms.into();
            let instance = Instance::create(request.clone(), ctx.now, creation_ms, &mut SystemIds);
            claim(tx, &instance)?;
            instances::add(&ctx.app, tx, &instance)?;
            instances::count_change(&ctx.app, tx, ctx.now)?;
            tx.tag(&instance.arn(&ctx.app.home).to_string(), tags.as_map())?;
            Ok(instance.id)
        })
        .await?;
    let arn = ConnectResource::Instance(id).arn(&home);
    Ok(CreateInstanceOutput { id: Some(id.to_string()), arn: Some(arn.to_string()) })
}

fn admit(ctx: &Ctx, tx: &mut Tx) -> Result<(), Failure<CreateInstanceError>> {
    let full = |error: AccountFull| ServiceQuotaExceededException::new(error.to_string());
    instances::account(tx)?.admit(&ctx.app.limits.instance, ctx.now).map_err(full)?;
    Ok(())
}

fn claim(tx: &mut Tx, instance: &Instance) -> Result<(), Failure<CreateInstanceError>> {
    for name in instance.identity.claims() {
        if !instances::claim(tx, instance, &name)? {
            return Err(refused(name.taken()).into());
        }
    }
    Ok(())
}

fn refused(error: IdentityError) -> InvalidRequestException {
    InvalidRequestException::new(error.to_string())
}
