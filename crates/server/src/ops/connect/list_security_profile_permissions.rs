//! ListSecurityProfilePermissions: what a security profile allows (Amazon Connect API Reference,
//! *ListSecurityProfilePermissions*).

use switchboard_domain::instance::{Resource as _, contents::SecurityProfile};
use switchboard_wire::connect::{
    ListSecurityProfilePermissionsError, ListSecurityProfilePermissionsInput, ListSecurityProfilePermissionsOutput,
};

use super::{
    contents::{self, List, Told},
    lookup,
};
use crate::ops::{Ctx, Failure};

/// One page of the permissions, in the order of their names.
pub(super) async fn list_security_profile_permissions(
    ctx: Ctx,
    input: ListSecurityProfilePermissionsInput,
) -> Result<ListSecurityProfilePermissionsOutput, Failure<ListSecurityProfilePermissionsError>> {
    let list = List {
        name: "ListSecurityProfilePermissions".to_owned(),
        instance: &input.instance_id,
        token: input.next_token.as_deref(),
        max_results: input.max_results,
    };
    ctx.read(|tx| {
        let instance = lookup::active_instance(&ctx, tx, list.instance)?;
        let profile: SecurityProfile = contents::find(&ctx, tx, &instance, &input.security_profile_id)?;
        let rows = profile.permissions.iter().map(|permission| (permission.clone(), permission.clone()));
        let page = list
            .wanted(&profile.id().to_string())
            .page(&ctx, |after, limit| Ok(contents::rows_after(rows, after, limit)))?;
        let told = Told::of(&ctx, &profile);
        Ok(ListSecurityProfilePermissionsOutput {
            permissions: Some(page.items),
            next_token: page.next,
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
        })
    })
}
