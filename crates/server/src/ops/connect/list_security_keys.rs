//! ListSecurityKeys: the public keys of the instance (Amazon Connect API Reference, *ListSecurityKeys*).

use switchboard_domain::instance::{Family, SecurityKey};
use switchboard_wire::connect::{self as wire, ListSecurityKeysError, ListSecurityKeysInput, ListSecurityKeysOutput};

use super::{associations, paging::Wanted};
use crate::ops::{Ctx, Failure};

/// What a page holds where the request does not say.
// AWS does not say: how many. The most it allows.
const PAGE: usize = 2;

/// One page of the keys, in the order of their ids.
pub(super) async fn list_security_keys(
    ctx: Ctx,
    input: ListSecurityKeysInput,
) -> Result<ListSecurityKeysOutput, Failure<ListSecurityKeysError>> {
    let wanted = Wanted {
        list: "ListSecurityKeys".to_owned(),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    let page = associations::page::<SecurityKey, _>(&ctx, &input.instance_id, Family::SecurityKeys, &wanted)?;
    Ok(ListSecurityKeysOutput { security_keys: Some(page.items.iter().map(shown).collect()), next_token: page.next })
}

fn shown(key: &SecurityKey) -> wire::SecurityKey {
    wire::SecurityKey {
        association_id: Some(key.association_id.to_string()),
        key: Some(key.key.as_str().to_owned()),
        creation_time: Some(key.created.as_millis().into()),
    }
}
