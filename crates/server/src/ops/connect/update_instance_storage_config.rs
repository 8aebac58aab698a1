//! UpdateInstanceStorageConfig: another place for things of one type (Amazon Connect API Reference,
//! *UpdateInstanceStorageConfig*).

use switchboard_wire::connect::{UpdateInstanceStorageConfigError, UpdateInstanceStorageConfigInput};

use super::{lookup, storage, words::OffWire as _};
use crate::{
    instances,
    ops::{Ctx, Failure},
};

/// Puts another storage in the place of a configuration's own. Its id stays; one inside `StorageConfig` says nothing.
pub(super) async fn update_instance_storage_config(
    ctx: Ctx,
    input: UpdateInstanceStorageConfigInput,
) -> Result<(), Failure<UpdateInstanceStorageConfigError>> {
    let of = input.resource_type.off_wire();
    let place = storage::described(input.storage_config, of)?;
    ctx.write_once("UpdateInstanceStorageConfig", input.client_token, move |ctx, tx| {
        let instance = lookup::active_instance(ctx, tx, &input.instance_id)?;
        let association = storage::find(tx, &instance, of, &input.association_id)?;
        Ok(instances::save_storage(tx, instance.id, &association.update(place.clone()))?)
    })
    .await
}
