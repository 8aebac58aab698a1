//! DescribeAgentStatus: one status of agents (Amazon Connect API Reference, *DescribeAgentStatus*).

use switchboard_domain::instance::contents::AgentStatus as Record;
use switchboard_wire::connect::{
    AgentStatus, DescribeAgentStatusError, DescribeAgentStatusInput, DescribeAgentStatusOutput,
};

use super::{contents, words::OnWire as _};
use crate::ops::{Ctx, Failure};

/// The agent status that an id or an ARN names.
pub(super) async fn describe_agent_status(
    ctx: Ctx,
    input: DescribeAgentStatusInput,
) -> Result<DescribeAgentStatusOutput, Failure<DescribeAgentStatusError>> {
    let (status, told, tags) = contents::describe::<Record, _>(&ctx, &input.instance_id, &input.agent_status_id)?;
    Ok(DescribeAgentStatusOutput {
        agent_status: Some(AgentStatus {
            agent_status_id: told.id,
            agent_status_arn: told.arn,
            name: told.name,
            description: told.description,
            tags,
            r#type: Some(status.status_type.on_wire()),
            display_order: status.display_order.map(u32::cast_signed),
            state: Some(status.state.on_wire()),
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
        }),
    })
}
