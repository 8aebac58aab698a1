//! CreateParticipantToken: a token that lets somebody join a stage (Amazon IVS Real-Time API Reference,
//! *CreateParticipantToken*).

use switchboard_state::Tx;
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
    let keep = move |ctx: &Ctx, tx: &mut Tx| {
        let stage = lookup::stage(ctx, tx, &input.stage_arn)?;
        let made = stages::make_token(ctx, tx, &stage, &wanted)?;
        Ok((stage, made))
    };
    let (stage, made) = ctx.write(keep).await?;
    Ok(CreateParticipantTokenOutput { participant_token: Some(stages::signed_token(&ctx.app, &stage, &made)?) })
}
