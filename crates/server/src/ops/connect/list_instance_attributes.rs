//! ListInstanceAttributes: everything that is switched on or off in the instance (Amazon Connect API Reference,
//! *ListInstanceAttributes*).

use switchboard_domain::instance::AttributeType;
use switchboard_wire::connect::{
    ListInstanceAttributesError, ListInstanceAttributesInput, ListInstanceAttributesOutput,
};

use super::{attributes, lookup, paging::Wanted};
use crate::ops::{Ctx, Failure};

/// What a page holds where the request does not say.
// AWS does not say: how many. The most it allows.
const PAGE: usize = 7;

/// One page of the attributes, in the order in which AWS lists them.
pub(super) async fn list_instance_attributes(
    ctx: Ctx,
    input: ListInstanceAttributesInput,
) -> Result<ListInstanceAttributesOutput, Failure<ListInstanceAttributesError>> {
    let page = ctx.read::<_, ListInstanceAttributesError>(|tx| {
        let instance = lookup::active_instance(&ctx, tx, &input.instance_id)?;
        let wanted = Wanted {
            list: format!("ListInstanceAttributes/{}", instance.id),
            token: input.next_token.as_deref(),
            max_results: input.max_results,
            default: PAGE,
        };
        let row =
            |(attribute, on): (AttributeType, bool)| (attribute.as_str().to_owned(), attributes::shown(attribute, on));
        wanted.page(&ctx, |after, limit| {
            Ok(instance.attributes.iter().map(row).skip(past(after)).take(limit).collect::<Vec<_>>())
        })
    })?;
    Ok(ListInstanceAttributesOutput { attributes: Some(page.items), next_token: page.next })
}

/// How many come up to and with the one that the last page ended with.
fn past(last: Option<&str>) -> usize {
    let place = AttributeType::ALL.iter().position(|attribute| Some(attribute.as_str()) == last);
    place.map_or(0, |place| place + 1)
}
