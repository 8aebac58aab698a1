//! ListContactFlows: the flows of an instance (Amazon Connect API Reference, *ListContactFlows*).

use switchboard_domain::instance::contents::Flow;
use switchboard_wire::connect::{
    ContactFlowSummary, ListContactFlowsError, ListContactFlowsInput, ListContactFlowsOutput,
};

use super::{
    contents::{List, allows, filtered},
    words::OnWire as _,
};
use crate::ops::{Ctx, Failure};

/// One page of the flows of the types asked for, in the order of their ids.
pub(crate) async fn list_contact_flows(
    ctx: Ctx,
    input: ListContactFlowsInput,
) -> Result<ListContactFlowsOutput, Failure<ListContactFlowsError>> {
    let types = input.contact_flow_types.as_deref();
    let list = List {
        name: filtered("ListContactFlows", types),
        instance: &input.instance_id,
        token: input.next_token.as_deref(),
        max_results: input.max_results,
    };
    let page = list.page(
        &ctx,
        |flow: &Flow| allows(types, flow.flow_type.on_wire()),
        |flow, told| ContactFlowSummary {
            id: told.id,
            arn: told.arn,
            name: told.name,
            contact_flow_type: Some(flow.flow_type.on_wire()),
            contact_flow_state: Some(flow.state.on_wire()),
            contact_flow_status: Some(flow.status().on_wire()),
        },
    )?;
    Ok(ListContactFlowsOutput { contact_flow_summary_list: Some(page.items), next_token: page.next })
}
