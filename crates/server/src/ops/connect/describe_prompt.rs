//! DescribePrompt: one prompt (Amazon Connect API Reference, *DescribePrompt*).

use switchboard_domain::instance::contents::Prompt as Record;
use switchboard_wire::connect::{DescribePromptError, DescribePromptInput, DescribePromptOutput, Prompt};

use super::contents;
use crate::ops::{Ctx, Failure};

/// The prompt that an id or an ARN names.
pub(super) async fn describe_prompt(
    ctx: Ctx,
    input: DescribePromptInput,
) -> Result<DescribePromptOutput, Failure<DescribePromptError>> {
    let (_, told, tags) = contents::describe::<Record, _>(&ctx, &input.instance_id, &input.prompt_id)?;
    Ok(DescribePromptOutput {
        prompt: Some(Prompt {
            prompt_id: told.id,
            prompt_arn: told.arn,
            name: told.name,
            description: told.description,
            tags,
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
        }),
    })
}
