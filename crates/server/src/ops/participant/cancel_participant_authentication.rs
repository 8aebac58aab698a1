//! CancelParticipantAuthentication: the customer does not want to sign in (Participant Service API Reference,
//! *CancelParticipantAuthentication*).

use switchboard_domain::chat::{Context, TokenKind, auth_sessions::AuthError};
use switchboard_wire::connectparticipant::{
    AccessDeniedException, CancelParticipantAuthenticationError, CancelParticipantAuthenticationInput,
    CancelParticipantAuthenticationOutput, ValidationException,
};

use super::caller;
use crate::{
    chat::apply::apply,
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Ends the session, and tells the customer's sockets.
pub(super) async fn cancel_participant_authentication(
    ctx: Ctx,
    input: CancelParticipantAuthenticationInput,
) -> Result<CancelParticipantAuthenticationOutput, Failure<CancelParticipantAuthenticationError>> {
    let (ctx, caller) = caller::admit(ctx, &input.connection_token, TokenKind::Connection)?;
    ctx.write(move |ctx, tx| {
        let mut chat = caller.chat(ctx, tx)?;
        let ids = &mut SystemIds;
        let cx = &mut Context::new(ctx.now, &ctx.app.limits.chat, ids);
        let changes = chat.cancel_sign_in(caller.participant, &input.session_id, cx).map_err(refused)?;
        apply(tx, &chat, &changes)?;
        Ok(())
    })
    .await?;
    Ok(CancelParticipantAuthenticationOutput {})
}

/// The error for a session that is not there for the caller.
pub(super) fn refused<E>(error: AuthError) -> Failure<E>
where
    E: From<AccessDeniedException> + From<ValidationException>,
{
    match error {
        AuthError::ChatEnded | AuthError::NotCustomer => caller::denied().into(),
        AuthError::Unknown | AuthError::Expired => ValidationException::new(error.to_string()).into(),
    }
}
