//! ListQueues: the queues of an instance (Amazon Connect API Reference, *ListQueues*).

use switchboard_domain::instance::contents::{Queue, QueueType};
use switchboard_wire::connect::{ListQueuesError, ListQueuesInput, ListQueuesOutput, QueueSummary};

use super::{
    contents::{List, allows, filtered},
    words::OnWire as _,
};
use crate::ops::{Ctx, Failure};

/// One page of the queues of the types asked for, in the order of their ids. What is kept as a record is a standard
/// queue; those of agents come with users.
pub(super) async fn list_queues(
    ctx: Ctx,
    input: ListQueuesInput,
) -> Result<ListQueuesOutput, Failure<ListQueuesError>> {
    let types = input.queue_types.as_deref();
    let list = List {
        name: filtered("ListQueues", types),
        instance: &input.instance_id,
        token: input.next_token.as_deref(),
        max_results: input.max_results,
    };
    let page = list.page(
        &ctx,
        |_: &Queue| allows(types, QueueType::Standard.on_wire()),
        |_, told| QueueSummary {
            id: told.id,
            arn: told.arn,
            name: told.name,
            queue_type: Some(QueueType::Standard.on_wire()),
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
        },
    )?;
    Ok(ListQueuesOutput { queue_summary_list: Some(page.items), next_token: page.next })
}
