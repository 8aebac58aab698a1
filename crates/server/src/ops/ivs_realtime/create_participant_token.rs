//! CreateParticipantToken: a token that lets somebody join a stage (Amazon IVS Real-Time API Reference,
//! *CreateParticipantToken*).

use switchboard_wire::ivs_realtime::{
    CreateParticipantTokenError, CreateParticipantTokenInput, CreateParticipantTokenOutput,
    ParticipantTokenConfiguration,
};

use super::{lookup, stages};
use crate::ops::{Ctx, Failure};

/// Makes the token. Its participant exists from their first join on, not before.
pub(super) async fn create_participant_token(
    ctx: Ctx,
    input: CreateParticipantTokenInput,
) -> Result<CreateParticipantTokenOutput, Failure<CreateParticipantTokenError>> {
    let wanted = stages::new_token(ParticipantTokenConfiguration {
        duration: input.duration,
        user_id: input.user_id,
        attributes: input.attributes,
        capabilities: input.capabilities,
    });
    ctx.write(move |ctx, tx| {
        let stage = lookup::stage(ctx, tx, &input.stage_arn)?;
        let token = stages::make_token(ctx, tx, &stage, &wanted)?;
        Ok(CreateParticipantTokenOutput { participant_token: Some(token) })
    })
    .await
}
