//! DisconnectParticipant: the participant leaves the chat (Participant Service API Reference, *DisconnectParticipant*).
//!
//! A customer's leaving ends the chat, and with it every token. So that a call whose answer was lost can be made
//! again, the first answer is looked for before the chat is.

use switchboard_domain::chat::{Context, TokenKind, leave::LeaveError};
use switchboard_wire::connectparticipant::{
    AccessDeniedException, DisconnectParticipantError, DisconnectParticipantInput, DisconnectParticipantOutput,
};

use super::caller;
use crate::{
    chat::apply::apply,
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Takes the participant out, with all that follows from who they are.
pub(super) async fn disconnect_participant(
    ctx: Ctx,
    input: DisconnectParticipantInput,
) -> Result<DisconnectParticipantOutput, Failure<DisconnectParticipantError>> {
    let (ctx, caller) = caller::admit(ctx, &input.connection_token, TokenKind::Connection)?;
    ctx.write_once("DisconnectParticipant", input.client_token, move |ctx, tx| {
        let mut chat = caller.chat(ctx, tx)?;
        let ids = &mut SystemIds;
        let cx = &mut Context::new(ctx.now, &ctx.app.limits.chat, ids);
        let changes = chat.disconnect(caller.participant, cx).map_err(gone)?;
        apply(tx, &chat, &changes)?;
        Ok(())
    })
    .await?;
    Ok(DisconnectParticipantOutput {})
}

fn gone(error: LeaveError) -> AccessDeniedException {
    match error {
        LeaveError::ChatEnded | LeaveError::NotInChat => caller::denied(),
    }
}
