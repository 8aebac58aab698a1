//! AssociateInstanceStorageConfig: where the instance puts things of one type (Amazon Connect API Reference,
//! *AssociateInstanceStorageConfig*).

use switchboard_domain::instance::StorageAssociation;
use switchboard_wire::connect::{
    AssociateInstanceStorageConfigError, AssociateInstanceStorageConfigInput, AssociateInstanceStorageConfigOutput,
    ResourceConflictException,
};

use super::{lookup, storage, words::OffWire as _};
use crate::{
    ids::SystemIds,
    instances,
    ops::{Ctx, Failure},
};

/// Sets up storage for things of a type that have none, under a fresh id.
pub(super) async fn associate_instance_storage_config(
    ctx: Ctx,
    input: AssociateInstanceStorageConfigInput,
) -> Result<AssociateInstanceStorageConfigOutput, Failure<AssociateInstanceStorageConfigError>> {
    let of = input.resource_type.off_wire();
    let place = storage::described(input.storage_config, of)?;
    let association_id = ctx
        .write_once("AssociateInstanceStorageConfig", input.client_token, move |ctx, tx| {
            let instance = lookup::active_instance(ctx, tx, &input.instance_id)?;
            let taken = instances::storage(tx, instance.id, of)?.is_some();
            let association = StorageAssociation::associate(of, place.clone(), taken, &mut SystemIds)
                .map_err(|error| ResourceConflictException::new(error.to_string()))?;
            instances::save_storage(tx, instance.id, &association)?;
            Ok(association.association_id)
        })
        .await?;
    Ok(AssociateInstanceStorageConfigOutput { association_id: Some(association_id.to_string()) })
}
