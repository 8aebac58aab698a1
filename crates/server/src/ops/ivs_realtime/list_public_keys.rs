//! ListPublicKeys: the imported keys (Amazon IVS Real-Time API Reference, *ListPublicKeys*).

use switchboard_domain::stage::configurations::PublicKey;
use switchboard_wire::ivs_realtime::{
    ListPublicKeysError, ListPublicKeysInput, ListPublicKeysOutput, PublicKeySummary,
};

use super::{
    paging::{PAGE, Wanted, everything},
    public_keys,
};
use crate::ops::{Ctx, Failure};

/// One page of the keys, in the order of their ids.
pub(super) async fn list_public_keys(
    ctx: Ctx,
    input: ListPublicKeysInput,
) -> Result<ListPublicKeysOutput, Failure<ListPublicKeysError>> {
    let wanted = Wanted {
        list: "ListPublicKeys".to_owned(),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    ctx.read(|tx| {
        let page = wanted.page::<PublicKey, _>(&ctx, tx, ("", ""), everything)?;
        let mut public_keys = Vec::with_capacity(page.items.len());
        for (_, key) in page.items {
            let arn = public_keys::arn(&key, &ctx.app.home);
            let tags = tx.tags(&arn)?;
            public_keys.push(PublicKeySummary { arn: Some(arn), name: Some(key.name), tags: Some(tags) });
        }
        Ok(ListPublicKeysOutput { public_keys, next_token: page.next })
    })
}
