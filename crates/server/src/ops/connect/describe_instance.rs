//! DescribeInstance: what an instance is and how far it has come (Amazon Connect API Reference, *DescribeInstance*).

use switchboard_domain::instance::AttributeType;
use switchboard_wire::connect::{
    DescribeInstanceError, DescribeInstanceInput, DescribeInstanceOutput, Instance, InstanceStatusReason,
};

use super::{lookup, words::OnWire as _};
use crate::ops::{Ctx, Failure};

/// The instance, whatever its status.
pub(super) async fn describe_instance(
    ctx: Ctx,
    input: DescribeInstanceInput,
) -> Result<DescribeInstanceOutput, Failure<DescribeInstanceError>> {
    let home = &ctx.app.home;
    ctx.read(|tx| {
        let instance = lookup::instance(&ctx, tx, &input.instance_id)?;
        let arn = instance.arn(home).to_string();
        let tags = tx.tags(&arn)?;
        let reason = instance.status_reason().map(str::to_owned);
        let described = Instance {
            id: Some(instance.id.to_string()),
            arn: Some(arn),
            identity_management_type: Some(instance.identity.management_type().on_wire()),
            instance_alias: instance.alias().map(str::to_owned),
            created_time: Some(instance.created.as_millis().into()),
            service_role: Some(instance.service_role(home)),
            instance_status: Some(instance.status().on_wire()),
            status_reason: reason.map(|message| InstanceStatusReason { message: Some(message) }),
            inbound_calls_enabled: Some(instance.attributes.get(AttributeType::InboundCalls)),
            outbound_calls_enabled: Some(instance.attributes.get(AttributeType::OutboundCalls)),
            instance_access_url: Some(instance.access_url()),
            tags: (!tags.is_empty()).then_some(tags),
        };
        Ok(DescribeInstanceOutput { instance: Some(described), replication_configuration: None })
    })
}
