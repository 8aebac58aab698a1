//! DeleteStorageConfiguration: nothing is recorded there any more (Amazon IVS Real-Time API Reference,
//! *DeleteStorageConfiguration*).

use switchboard_domain::stage::{ResourceKind, configurations::StorageConfiguration};
use switchboard_wire::ivs_realtime::{
    ConflictException, DeleteStorageConfigurationError, DeleteStorageConfigurationInput,
    DeleteStorageConfigurationOutput,
};

use super::{lookup, resources, storages};
use crate::ops::{Ctx, Failure};

/// Forgets the configuration and its tags, unless a stage records to it.
pub(super) async fn delete_storage_configuration(
    ctx: Ctx,
    input: DeleteStorageConfigurationInput,
) -> Result<DeleteStorageConfigurationOutput, Failure<DeleteStorageConfigurationError>> {
    ctx.write(move |ctx, tx| {
        let kind = ResourceKind::StorageConfiguration;
        let found: StorageConfiguration = lookup::get(ctx, tx, kind, &input.arn)?;
        if let Some(stage) = storages::used_by(tx, found.id)? {
            let arn = stage.arn(&ctx.app.home);
            return Err(ConflictException::new(format!("The storage configuration is used by {arn}.")).into());
        }
        resources::forget::<StorageConfiguration, _>(ctx, tx, kind, found.id.as_str())?;
        Ok(DeleteStorageConfigurationOutput {})
    })
    .await
}
