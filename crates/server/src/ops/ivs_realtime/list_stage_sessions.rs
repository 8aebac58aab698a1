//! ListStageSessions: the sessions of a stage (Amazon IVS Real-Time API Reference, *ListStageSessions*).

use switchboard_domain::stage::{ResourceKind, Session, Stage};
use switchboard_wire::ivs_realtime::{
    ListStageSessionsError, ListStageSessionsInput, ListStageSessionsOutput, StageSessionSummary,
};

use super::{
    lookup,
    paging::{PAGE, Wanted, everything},
    sessions,
};
use crate::ops::{Ctx, Failure};

/// One page of the sessions.
// AWS does not say: in which order. The newest first, as its samples show events.
pub(super) async fn list_stage_sessions(
    ctx: Ctx,
    input: ListStageSessionsInput,
) -> Result<ListStageSessionsOutput, Failure<ListStageSessionsError>> {
    let wanted = Wanted {
        list: "ListStageSessions".to_owned(),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    ctx.read(|tx| {
        let Some(stage) = lookup::find::<Stage>(&ctx, tx, ResourceKind::Stage, &input.stage_arn)? else {
            return Ok(ListStageSessionsOutput::default());
        };
        let page = wanted.page::<Session, _>(&ctx, tx, (stage.id.as_str(), ""), everything)?;
        let stage_sessions = page.items.iter().map(|(_, session)| summary(session)).collect();
        Ok(ListStageSessionsOutput { stage_sessions, next_token: page.next })
    })
}

fn summary(session: &Session) -> StageSessionSummary {
    let shown = sessions::shown(session);
    StageSessionSummary { session_id: shown.session_id, start_time: shown.start_time, end_time: shown.end_time }
}
