//! GetStorageConfiguration: where recordings are to go (Amazon IVS Real-Time API Reference, *GetStorageConfiguration*).

use switchboard_domain::stage::{ResourceKind, configurations::StorageConfiguration};
use switchboard_wire::ivs_realtime::{
    GetStorageConfigurationError, GetStorageConfigurationInput, GetStorageConfigurationOutput,
};

use super::{lookup, storages};
use crate::ops::{Ctx, Failure};

/// The configuration.
pub(super) async fn get_storage_configuration(
    ctx: Ctx,
    input: GetStorageConfigurationInput,
) -> Result<GetStorageConfigurationOutput, Failure<GetStorageConfigurationError>> {
    ctx.read(|tx| {
        let storage: StorageConfiguration = lookup::get(&ctx, tx, ResourceKind::StorageConfiguration, &input.arn)?;
        let shown = storages::shown(storage, input.arn.clone(), tx.tags(&input.arn)?);
        Ok(GetStorageConfigurationOutput { storage_configuration: Some(shown) })
    })
}
