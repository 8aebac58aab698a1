//! ListInstanceStorageConfigs: where the instance puts things of one type, if anywhere (Amazon Connect API Reference,
//! *ListInstanceStorageConfigs*).

use switchboard_domain::instance::StorageAssociation;
use switchboard_wire::connect::{
    ListInstanceStorageConfigsError, ListInstanceStorageConfigsInput, ListInstanceStorageConfigsOutput,
};

use super::{lookup, paging::Wanted, storage, words::OffWire as _};
use crate::{
    instances,
    ops::{Ctx, Failure},
};

/// What a page holds where the request does not say.
// AWS does not say: how many. The most it allows.
const PAGE: usize = 10;

/// The configuration, on one page: there is one of a type at most.
pub(super) async fn list_instance_storage_configs(
    ctx: Ctx,
    input: ListInstanceStorageConfigsInput,
) -> Result<ListInstanceStorageConfigsOutput, Failure<ListInstanceStorageConfigsError>> {
    let of = input.resource_type.off_wire();
    let page = ctx.read::<_, ListInstanceStorageConfigsError>(|tx| {
        let instance = lookup::active_instance(&ctx, tx, &input.instance_id)?;
        let found = instances::storage(tx, instance.id, of)?;
        let wanted = Wanted {
            list: format!("ListInstanceStorageConfigs/{}/{of}", instance.id),
            token: input.next_token.as_deref(),
            max_results: input.max_results,
            default: PAGE,
        };
        let row = |association: StorageAssociation| (association.association_id.to_string(), association);
        wanted.page(&ctx, |_, _| Ok(found.map(row).into_iter().collect()))
    })?;
    Ok(ListInstanceStorageConfigsOutput {
        storage_configs: Some(page.items.into_iter().map(storage::shown).collect()),
        next_token: page.next,
    })
}
