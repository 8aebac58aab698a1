//! DescribeContactFlow: one flow, as published or as saved (Amazon Connect API Reference, *DescribeContactFlow*).

use aws_lc_rs::digest::{SHA256, digest};
use switchboard_domain::instance::{FlowReference, contents::Flow};
use switchboard_wire::connect::{
    ContactFlow, ContactFlowNotPublishedException, DescribeContactFlowError, DescribeContactFlowInput,
    DescribeContactFlowOutput,
};

use super::{contents, lookup, words::OnWire as _};
use crate::ops::{Ctx, Failure};

/// The flow that an id or an ARN names; with `:$SAVED` behind it, the draft.
pub(super) async fn describe_contact_flow(
    ctx: Ctx,
    input: DescribeContactFlowInput,
) -> Result<DescribeContactFlowOutput, Failure<DescribeContactFlowError>> {
    let instance = ctx.read(|tx| lookup::active_instance(&ctx, tx, &input.instance_id))?;
    let asked = FlowReference::parse(&input.contact_flow_id, instance.id, &ctx.app.home).map_err(lookup::not_found)?;
    let (flow, told, tags) = contents::describe::<Flow, _>(&ctx, &input.instance_id, &asked.id.to_string())?;
    let (content, status) =
        flow.content(asked.saved).map_err(|error| ContactFlowNotPublishedException::new(error.to_string()))?;
    Ok(DescribeContactFlowOutput {
        contact_flow: Some(ContactFlow {
            id: told.id,
            arn: told.arn,
            name: told.name,
            description: told.description,
            tags,
            r#type: Some(flow.flow_type.on_wire()),
            state: Some(flow.state.on_wire()),
            status: Some(status.on_wire()),
            flow_content_sha256: Some(sha256(content)),
            content: Some(content.to_owned()),
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
            ..ContactFlow::default()
        }),
    })
}

/// The checksum, in the 64 hexadecimal digits that the model's pattern asks for.
fn sha256(content: &str) -> String {
    digest(&SHA256, content.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
