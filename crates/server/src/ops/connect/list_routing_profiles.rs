//! ListRoutingProfiles: the routing profiles of an instance (Amazon Connect API Reference, *ListRoutingProfiles*).

use switchboard_domain::instance::contents::RoutingProfile;
use switchboard_wire::connect::{
    ListRoutingProfilesError, ListRoutingProfilesInput, ListRoutingProfilesOutput, RoutingProfileSummary,
};

use super::contents::List;
use crate::ops::{Ctx, Failure};

/// One page of the routing profiles, in the order of their ids.
pub(super) async fn list_routing_profiles(
    ctx: Ctx,
    input: ListRoutingProfilesInput,
) -> Result<ListRoutingProfilesOutput, Failure<ListRoutingProfilesError>> {
    let list = List {
        name: "ListRoutingProfiles".to_owned(),
        instance: &input.instance_id,
        token: input.next_token.as_deref(),
        max_results: input.max_results,
    };
    let page = list.page(
        &ctx,
        |_: &RoutingProfile| true,
        |_, told| RoutingProfileSummary {
            id: told.id,
            arn: told.arn,
            name: told.name,
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
        },
    )?;
    Ok(ListRoutingProfilesOutput { routing_profile_summary_list: Some(page.items), next_token: page.next })
}
