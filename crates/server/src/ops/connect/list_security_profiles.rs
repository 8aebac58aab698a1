//! ListSecurityProfiles: the security profiles of an instance (Amazon Connect API Reference, *ListSecurityProfiles*).

use switchboard_domain::instance::contents::SecurityProfile;
use switchboard_wire::connect::{
    ListSecurityProfilesError, ListSecurityProfilesInput, ListSecurityProfilesOutput, SecurityProfileSummary,
};

use super::contents::List;
use crate::ops::{Ctx, Failure};

/// One page of the security profiles, in the order of their ids.
pub(super) async fn list_security_profiles(
    ctx: Ctx,
    input: ListSecurityProfilesInput,
) -> Result<ListSecurityProfilesOutput, Failure<ListSecurityProfilesError>> {
    let list = List {
        name: "ListSecurityProfiles".to_owned(),
        instance: &input.instance_id,
        token: input.next_token.as_deref(),
        max_results: input.max_results,
    };
    let page = list.page(
        &ctx,
        |_: &SecurityProfile| true,
        |_, told| SecurityProfileSummary {
            id: told.id,
            arn: told.arn,
            name: told.name,
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
        },
    )?;
    Ok(ListSecurityProfilesOutput { security_profile_summary_list: Some(page.items), next_token: page.next })
}
