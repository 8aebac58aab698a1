//! ListRoutingProfileQueues: the queues that the agents of a routing profile serve (Amazon Connect API Reference,
//! *ListRoutingProfileQueues*).

use switchboard_domain::instance::{
    Instance, Resource as _,
    contents::{Queue, QueueConfig, RoutingProfile},
};
use switchboard_state::Tx;
use switchboard_wire::connect::{
    ListRoutingProfileQueuesError, ListRoutingProfileQueuesInput, ListRoutingProfileQueuesOutput,
    RoutingProfileQueueConfigSummary,
};

use super::{
    contents::{self, List, Told},
    lookup,
    words::OnWire as _,
};
use crate::ops::{Ctx, Failure};

/// One page of the queues with their channels, in the order of the queues' ids.
pub(super) async fn list_routing_profile_queues(
    ctx: Ctx,
    input: ListRoutingProfileQueuesInput,
) -> Result<ListRoutingProfileQueuesOutput, Failure<ListRoutingProfileQueuesError>> {
    let list = List {
        name: "ListRoutingProfileQueues".to_owned(),
        instance: &input.instance_id,
        token: input.next_token.as_deref(),
        max_results: input.max_results,
    };
    ctx.read(|tx| {
        let instance = lookup::active_instance(&ctx, tx, list.instance)?;
        let profile: RoutingProfile = contents::find(&ctx, tx, &instance, &input.routing_profile_id)?;
        let rows = profile.queues.iter().map(|queue| (format!("{}/{}", queue.queue_id, queue.channel), *queue));
        let page = list
            .wanted(&profile.id().to_string())
            .page(&ctx, |after, limit| Ok(contents::rows_after(rows, after, limit)))?;
        let shown = page.items.into_iter().map(|config| show(&ctx, tx, &instance, config)).collect::<Result<_, _>>()?;
        let told = Told::of(&ctx, &profile);
        Ok(ListRoutingProfileQueuesOutput {
            routing_profile_queue_config_summary_list: Some(shown),
            next_token: page.next,
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
        })
    })
}

fn show(
    ctx: &Ctx,
    tx: &mut Tx,
    instance: &Instance,
    config: QueueConfig,
) -> Result<RoutingProfileQueueConfigSummary, Failure<ListRoutingProfileQueuesError>> {
    let queue: Queue = contents::find(ctx, tx, instance, &config.queue_id.to_string())?;
    Ok(RoutingProfileQueueConfigSummary {
        queue_id: config.queue_id.to_string(),
        queue_arn: queue.arn(&ctx.app.home).to_string(),
        queue_name: queue.name().to_owned(),
        priority: config.priority.cast_signed(),
        delay: config.delay_seconds.cast_signed(),
        channel: config.channel.on_wire(),
    })
}
