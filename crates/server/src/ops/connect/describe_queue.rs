//! DescribeQueue: one queue (Amazon Connect API Reference, *DescribeQueue*).

use switchboard_domain::instance::contents::{OutboundCaller, Queue as Record};
use switchboard_wire::connect::{
    DescribeQueueError, DescribeQueueInput, DescribeQueueOutput, OutboundCallerConfig, Queue,
};

use super::{contents, words::OnWire as _};
use crate::ops::{Ctx, Failure};

/// The queue that an id or an ARN names.
pub(super) async fn describe_queue(
    ctx: Ctx,
    input: DescribeQueueInput,
) -> Result<DescribeQueueOutput, Failure<DescribeQueueError>> {
    let (queue, told, tags) = contents::describe::<Record, _>(&ctx, &input.instance_id, &input.queue_id)?;
    Ok(DescribeQueueOutput {
        queue: Some(Queue {
            queue_id: told.id,
            queue_arn: told.arn,
            name: told.name,
            description: told.description,
            tags,
            outbound_caller_config: queue.outbound_caller.map(outbound_caller),
            hours_of_operation_id: Some(queue.hours_of_operation_id.to_string()),
            max_contacts: queue.max_contacts.map(u32::cast_signed),
            status: Some(queue.status.on_wire()),
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
            ..Queue::default()
        }),
    })
}

fn outbound_caller(caller: OutboundCaller) -> OutboundCallerConfig {
    OutboundCallerConfig {
        outbound_caller_id_name: caller.name,
        outbound_caller_id_number_id: caller.number_id,
        outbound_flow_id: caller.flow_id.map(|flow| flow.to_string()),
    }
}
