//! ListAgentStatuses: what agents can say of themselves (Amazon Connect API Reference, *ListAgentStatuses*).

use switchboard_domain::instance::contents::AgentStatus;
use switchboard_wire::connect::{
    AgentStatusSummary, ListAgentStatusesError, ListAgentStatusesInput, ListAgentStatusesOutput,
};

use super::{
    contents::{List, allows, filtered},
    words::OnWire as _,
};
use crate::ops::{Ctx, Failure};

/// One page of the statuses of the types asked for, in the order of their ids.
pub(super) async fn list_agent_statuses(
    ctx: Ctx,
    input: ListAgentStatusesInput,
) -> Result<ListAgentStatusesOutput, Failure<ListAgentStatusesError>> {
    let types = input.agent_status_types.as_deref();
    let list = List {
        name: filtered("ListAgentStatuses", types),
        instance: &input.instance_id,
        token: input.next_token.as_deref(),
        max_results: input.max_results,
    };
    let page = list.page(
        &ctx,
        |status: &AgentStatus| allows(types, status.status_type.on_wire()),
        |status, told| AgentStatusSummary {
            id: told.id,
            arn: told.arn,
            name: told.name,
            r#type: Some(status.status_type.on_wire()),
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
        },
    )?;
    Ok(ListAgentStatusesOutput { agent_status_summary_list: Some(page.items), next_token: page.next })
}
