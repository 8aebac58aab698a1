//! ListStages: the stages of the account (Amazon IVS Real-Time API Reference, *ListStages*).

use switchboard_domain::stage::Stage;
use switchboard_state::Tx;
use switchboard_wire::ivs_realtime::{ListStagesError, ListStagesInput, ListStagesOutput, StageSummary};

use super::paging::{PAGE, Wanted, everything};
use crate::ops::{Ctx, Failure};

/// One page of the stages, in the order of their ids.
pub(super) async fn list_stages(
    ctx: Ctx,
    input: ListStagesInput,
) -> Result<ListStagesOutput, Failure<ListStagesError>> {
    let wanted = Wanted {
        list: "ListStages".to_owned(),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    ctx.read(|tx| {
        let page = wanted.page::<Stage, _>(&ctx, tx, ("", ""), everything)?;
        let stages: Result<_, Failure<_>> = page.items.iter().map(|(_, stage)| summary(&ctx, tx, stage)).collect();
        Ok(ListStagesOutput { stages: stages?, next_token: page.next })
    })
}

fn summary(ctx: &Ctx, tx: &mut Tx, stage: &Stage) -> Result<StageSummary, Failure<ListStagesError>> {
    let arn = stage.arn(&ctx.app.home).to_string();
    Ok(StageSummary {
        tags: Some(tx.tags(&arn)?),
        arn,
        name: Some(stage.name.clone()),
        active_session_id: stage.active_session.map(|id| id.to_string()),
    })
}
