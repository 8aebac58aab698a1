//! ListStorageConfigurations: the storage configurations of the account (Amazon IVS Real-Time API Reference,
//! *ListStorageConfigurations*).

use switchboard_domain::stage::{ResourceKind, configurations::StorageConfiguration};
use switchboard_wire::ivs_realtime::{
    ListStorageConfigurationsError, ListStorageConfigurationsInput, ListStorageConfigurationsOutput,
    StorageConfigurationSummary,
};

use super::{
    paging::{Wanted, everything},
    storages,
};
use crate::ops::{Ctx, Failure};

/// What a page holds where the request does not say.
const PAGE: usize = 100;

/// One page of the configurations, in the order of their ids.
pub(super) async fn list_storage_configurations(
    ctx: Ctx,
    input: ListStorageConfigurationsInput,
) -> Result<ListStorageConfigurationsOutput, Failure<ListStorageConfigurationsError>> {
    let wanted = Wanted {
        list: "ListStorageConfigurations".to_owned(),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    ctx.read(|tx| {
        let page = wanted.page::<StorageConfiguration, _>(&ctx, tx, ("", ""), everything)?;
        let mut storage_configurations = Vec::with_capacity(page.items.len());
        for (id, storage) in page.items {
            let arn = ResourceKind::StorageConfiguration.arn(&id, &ctx.app.home).to_string();
            let tags = tx.tags(&arn)?;
            let shown = storages::shown(storage, arn, tags);
            let (arn, name, s3, tags) = (shown.arn, shown.name, shown.s3, shown.tags);
            storage_configurations.push(StorageConfigurationSummary { arn, name, s3, tags });
        }
        Ok(ListStorageConfigurationsOutput { storage_configurations, next_token: page.next })
    })
}
