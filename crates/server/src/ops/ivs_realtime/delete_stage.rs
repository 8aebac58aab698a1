//! DeleteStage: everybody is put out, and the stage is gone with its history (Amazon IVS Real-Time API Reference,
//! *DeleteStage*).

use switchboard_wire::ivs_realtime::{DeleteStageError, DeleteStageInput, DeleteStageOutput};

use super::lookup;
use crate::{
    ops::{Ctx, Failure},
    stages::ending,
};

/// Deletes the stage, its tags and all that happened on it.
pub(super) async fn delete_stage(
    ctx: Ctx,
    input: DeleteStageInput,
) -> Result<DeleteStageOutput, Failure<DeleteStageError>> {
    ctx.write(move |ctx, tx| {
        let stage = lookup::stage(ctx, tx, &input.arn)?;
        ending::delete_stage(&ctx.app.limits.stage, tx, &stage, ctx.now)?;
        tx.delete_tags(&stage.arn(&ctx.app.home).to_string())?;
        Ok(DeleteStageOutput {})
    })
    .await
}
