//! DescribeSecurityProfile: one security profile (Amazon Connect API Reference, *DescribeSecurityProfile*).

use switchboard_domain::instance::contents::SecurityProfile as Record;
use switchboard_wire::connect::{
    DescribeSecurityProfileError, DescribeSecurityProfileInput, DescribeSecurityProfileOutput, SecurityProfile,
};

use super::contents;
use crate::ops::{Ctx, Failure};

/// The security profile that an id or an ARN names.
pub(super) async fn describe_security_profile(
    ctx: Ctx,
    input: DescribeSecurityProfileInput,
) -> Result<DescribeSecurityProfileOutput, Failure<DescribeSecurityProfileError>> {
    let (profile, told, tags) = contents::describe::<Record, _>(&ctx, &input.instance_id, &input.security_profile_id)?;
    Ok(DescribeSecurityProfileOutput {
        security_profile: Some(SecurityProfile {
            id: told.id,
            // AWS does not say: what the organization of a profile is. Its shape is that of an instance's id.
            organization_resource_id: Some(profile.head.instance_id.to_string()),
            arn: told.arn,
            security_profile_name: told.name,
            description: told.description,
            tags,
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
            ..SecurityProfile::default()
        }),
    })
}
