//! CreateParticipant: asks a bot of one's own into a chat (Amazon Connect API Reference, *CreateParticipant*).

use serde::{Deserialize, Serialize};
use switchboard_domain::{
    ParticipantId,
    chat::{
        Claims, Context,
        participants::{AddBot, AddError},
    },
};
use switchboard_wire::{
    connect::{
        ConflictException, CreateParticipantError, CreateParticipantInput, CreateParticipantOutput,
        InvalidRequestException, ParticipantTokenCredentials, ServiceQuotaExceededException,
    },
    iso_millis,
};

use super::{contacts, words::OffWire as _};
use crate::{
    chat::{apply::apply, credentials},
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// What is remembered of a call, to answer the same call again. The token is made anew each time, and kept nowhere.
#[derive(Serialize, Deserialize)]
struct Created {
    participant: ParticipantId,
    claims: Claims,
}

/// Adds the bot and hands out its token, good for as long as the chat lasts.
pub(super) async fn create_participant(
    ctx: Ctx,
    input: CreateParticipantInput,
) -> Result<CreateParticipantOutput, Failure<CreateParticipantError>> {
    let details = input.participant_details;
    let bot = AddBot { role: details.participant_role.map(|role| role.off_wire()), display_name: details.display_name };
    let created = ctx
        .write(move |ctx, tx| {
            let once = format!("CreateParticipant/{}", input.contact_id);
            tx.once(ctx.once(&once, input.client_token.as_deref()), |tx| {
                let mut chat = contacts::open_chat(ctx, tx, &input.instance_id, &input.contact_id)?;
                let mut ids = SystemIds;
                let mut cx = Context::new(ctx.now, &ctx.app.limits.chat, &mut ids);
                let added = chat.add_custom_bot(bot.clone(), &mut cx).map_err(refused)?;
                apply(tx, &chat, &added.changes)?;
                Ok(Created { participant: added.participant, claims: chat.participant_claims(added.participant) })
            })
        })
        .await?;
    Ok(CreateParticipantOutput {
        participant_id: Some(created.participant.to_string()),
        participant_credentials: Some(ParticipantTokenCredentials {
            participant_token: Some(credentials::token(&ctx.app, &created.claims)),
            expiry: Some(iso_millis(created.claims.expires_at.as_millis())),
        }),
    })
}

// AWS does not say: which error stands for a bot that may not come beside others. The chat is in a state that does not
// allow it, a ConflictException; a chat that is full has reached a quota.
fn refused(error: AddError) -> Failure<CreateParticipantError> {
    match error {
        AddError::ChatEnded | AddError::RoleNotAllowed | AddError::DisplayNameMissing => {
            InvalidRequestException::new(error.to_string()).into()
        }
        AddError::AgentPresent | AddError::LexBotPresent | AddError::BotPresent => {
            ConflictException::new(error.to_string()).into()
        }
        AddError::TooMany(_) => ServiceQuotaExceededException::new(error.to_string()).into(),
    }
}
