//! GetStageSession: when a session of a stage began and ended (Amazon IVS Real-Time API Reference, *GetStageSession*).

use switchboard_wire::ivs_realtime::{GetStageSessionError, GetStageSessionInput, GetStageSessionOutput};

use super::sessions;
use crate::ops::{Ctx, Failure};

/// The session.
pub(super) async fn get_stage_session(
    ctx: Ctx,
    input: GetStageSessionInput,
) -> Result<GetStageSessionOutput, Failure<GetStageSessionError>> {
    ctx.read(|tx| {
        let (_, session) = sessions::get(&ctx, tx, &input.stage_arn, &input.session_id)?;
        Ok(GetStageSessionOutput { stage_session: Some(sessions::shown(&session)) })
    })
}
