//! ListApprovedOrigins: the origins whose pages may embed the instance (Amazon Connect API Reference,
//! *ListApprovedOrigins*).

use switchboard_domain::instance::{Family, Origin};
use switchboard_wire::connect::{ListApprovedOriginsError, ListApprovedOriginsInput, ListApprovedOriginsOutput};

use super::{associations, paging::Wanted};
use crate::ops::{Ctx, Failure};

/// What a page holds where the request does not say.
// AWS does not say: how many. The most it allows.
const PAGE: usize = 25;

/// One page of the origins, in their order, whatever their case.
pub(super) async fn list_approved_origins(
    ctx: Ctx,
    input: ListApprovedOriginsInput,
) -> Result<ListApprovedOriginsOutput, Failure<ListApprovedOriginsError>> {
    let wanted = Wanted {
        list: "ListApprovedOrigins".to_owned(),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    let page = associations::page::<Origin, _>(&ctx, &input.instance_id, Family::ApprovedOrigins, &wanted)?;
    Ok(ListApprovedOriginsOutput {
        origins: Some(page.items.iter().map(|origin| origin.as_str().to_owned()).collect()),
        next_token: page.next,
    })
}
