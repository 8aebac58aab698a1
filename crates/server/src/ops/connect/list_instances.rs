//! ListInstances: the instances of the account (Amazon Connect API Reference, *ListInstances*).

use switchboard_domain::{
    Home,
    instance::{AttributeType, Instance},
};
use switchboard_wire::connect::{InstanceSummary, ListInstancesError, ListInstancesInput, ListInstancesOutput};

use super::{paging::Wanted, words::OnWire as _};
use crate::ops::{Ctx, Failure};

/// What a page holds where the request does not say.
// AWS does not say: how many. The most it allows.
const PAGE: usize = 10;

/// One page of the instances, in the order of their ids: those that are being created and those that failed too.
pub(super) async fn list_instances(
    ctx: Ctx,
    input: ListInstancesInput,
) -> Result<ListInstancesOutput, Failure<ListInstancesError>> {
    let wanted = Wanted {
        list: "ListInstances".to_owned(),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    let page = ctx.read::<_, ListInstancesError>(|tx| wanted.records::<Instance, _>(&ctx, tx, ""))?;
    let now = page.items.into_iter().filter_map(|instance| instance.when_due(ctx.now));
    Ok(ListInstancesOutput {
        instance_summary_list: Some(now.map(|instance| summary(&instance, &ctx.app.home)).collect()),
        next_token: page.next,
    })
}

fn summary(instance: &Instance, home: &Home) -> InstanceSummary {
    InstanceSummary {
        id: Some(instance.id.to_string()),
        arn: Some(instance.arn(home).to_string()),
        identity_management_type: Some(instance.identity.management_type().on_wire()),
        instance_alias: instance.alias().map(str::to_owned),
        created_time: Some(instance.created.as_millis().into()),
        service_role: Some(instance.service_role(home)),
        instance_status: Some(instance.status().on_wire()),
        inbound_calls_enabled: Some(instance.attributes.get(AttributeType::InboundCalls)),
        outbound_calls_enabled: Some(instance.attributes.get(AttributeType::OutboundCalls)),
        instance_access_url: Some(instance.access_url()),
    }
}
