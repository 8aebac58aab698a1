//! DisassociateInstanceStorageConfig: things of one type are no longer stored (Amazon Connect API Reference,
//! *DisassociateInstanceStorageConfig*).

use switchboard_wire::connect::{DisassociateInstanceStorageConfigError, DisassociateInstanceStorageConfigInput};

use super::{lookup, storage, words::OffWire as _};
use crate::{
    instances,
    ops::{Ctx, Failure},
};

/// Forgets a configuration. What was stored there stays where it is.
pub(super) async fn disassociate_instance_storage_config(
    ctx: Ctx,
    input: DisassociateInstanceStorageConfigInput,
) -> Result<(), Failure<DisassociateInstanceStorageConfigError>> {
    let of = input.resource_type.off_wire();
    ctx.write_once("DisassociateInstanceStorageConfig", input.client_token, move |ctx, tx| {
        let instance = lookup::active_instance(ctx, tx, &input.instance_id)?;
        let association = storage::find(tx, &instance, of, &input.association_id)?;
        Ok(instances::forget_storage(tx, instance.id, &association)?)
    })
    .await
}
