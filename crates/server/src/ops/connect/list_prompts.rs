//! ListPrompts: the prompts of an instance (Amazon Connect API Reference, *ListPrompts*).

use switchboard_domain::instance::contents::Prompt;
use switchboard_wire::connect::{ListPromptsError, ListPromptsInput, ListPromptsOutput, PromptSummary};

use super::contents::List;
use crate::ops::{Ctx, Failure};

/// One page of the prompts, in the order of their ids.
pub(super) async fn list_prompts(
    ctx: Ctx,
    input: ListPromptsInput,
) -> Result<ListPromptsOutput, Failure<ListPromptsError>> {
    let list = List {
        name: "ListPrompts".to_owned(),
        instance: &input.instance_id,
        token: input.next_token.as_deref(),
        max_results: input.max_results,
    };
    let page = list.page(
        &ctx,
        |_: &Prompt| true,
        |_, told| PromptSummary {
            id: told.id,
            arn: told.arn,
            name: told.name,
            last_modified_time: told.last_modified_time,
            last_modified_region: told.last_modified_region,
        },
    )?;
    Ok(ListPromptsOutput { prompt_summary_list: Some(page.items), next_token: page.next })
}
