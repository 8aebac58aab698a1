//! DescribeInstance: what an instance is and how far it has come (Amazon Connect API Reference, *DescribeInstance*).

use switchboard_wire::connect::{
    DescribeInstanceError, DescribeInstanceInput, DescribeInstanceOutput, Instance, InstanceStatusReason,
};

use super::lookup;
use crate::ops::{Ctx, Failure};

/// The instance, whatever its status.
pub(super) async fn describe_instance(
    ctx: Ctx,
    input: DescribeInstanceInput,
) -> Result<DescribeInstanceOutput, Failure<DescribeInstanceError>> {
    ctx.read(|tx| {
        let instance = lookup::instance(&ctx, tx, &input.instance_id)?;
        let arn = instance.arn(&ctx.app.home).to_string();
        let tags = tx.tags(&arn)?;
        Ok(DescribeInstanceOutput {
            instance: Some(Instance {
                id: Some(instance.id.to_string()),
                arn: Some(arn),
                instance_alias: instance.alias().map(str::to_owned),
                created_time: Some(instance.created.as_millis().into()),
                service_role: Some(instance.service_role(&ctx.app.home)),
                instance_access_url: Some(instance.access_url()),
                status_reason: instance
                    .status_reason()
                    .map(|reason| InstanceStatusReason { message: Some(reason.to_owned()) }),
                tags: (!tags.is_empty()).then_some(tags),
                ..Instance::default()
            }),
            ..DescribeInstanceOutput::default()
        })
    })
}
