//! CreateStorageConfiguration: where recordings are to go (Amazon IVS Real-Time API Reference,
//! *CreateStorageConfiguration*).

use switchboard_domain::stage::{ResourceId, ResourceKind, configurations::StorageConfiguration};
use switchboard_wire::ivs_realtime::{
    CreateStorageConfigurationError, CreateStorageConfigurationInput, CreateStorageConfigurationOutput,
};

use super::{resources, storages};
use crate::{
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Keeps the configuration.
pub(super) async fn create_storage_configuration(
    ctx: Ctx,
    input: CreateStorageConfigurationInput,
) -> Result<CreateStorageConfigurationOutput, Failure<CreateStorageConfigurationError>> {
    let tags = resources::tags(input.tags)?;
    let (name, bucket_name) = (input.name.unwrap_or_default(), input.s3.bucket_name);
    ctx.write(move |ctx, tx| {
        let id = ResourceId::fresh(&mut SystemIds);
        let storage = StorageConfiguration { id, name: name.clone(), bucket_name: bucket_name.clone() };
        let quota = (ResourceKind::StorageConfiguration, ctx.app.limits.stage.storage_configurations);
        let arn = resources::keep(ctx, tx, quota, (id.as_str(), &storage), &tags)?;
        let shown = storages::shown(storage, arn.to_string(), tags.as_map().clone());
        Ok(CreateStorageConfigurationOutput { storage_configuration: Some(shown) })
    })
    .await
}
