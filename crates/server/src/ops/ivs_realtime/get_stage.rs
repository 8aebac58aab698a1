//! GetStage: what a stage is, and its session if one goes on (Amazon IVS Real-Time API Reference, *GetStage*).

use switchboard_wire::ivs_realtime::{GetStageError, GetStageInput, GetStageOutput};

use super::{lookup, stages};
use crate::ops::{Ctx, Failure};

/// The stage.
pub(super) async fn get_stage(ctx: Ctx, input: GetStageInput) -> Result<GetStageOutput, Failure<GetStageError>> {
    ctx.read(|tx| {
        let stage = lookup::stage(&ctx, tx, &input.arn)?;
        let tags = tx.tags(&stage.arn(&ctx.app.home).to_string())?;
        Ok(GetStageOutput { stage: Some(stages::shown(&ctx, &stage, tags)) })
    })
}
