//! Who calls: the prelude that every operation here begins with.
//!
//! The one rule: whatever is wrong with a token, its holder is told "Access denied" and no more. A token is opened
//! before the transaction, since that needs no look at the state; whether its holder is still in a chat that goes on
//! is asked inside it. Source: the operation pages of the Participant Service (which token opens what), and what chat
//! clients take for the end of a chat (403).

use switchboard_domain::{
    ParticipantId,
    chat::{Chat, Claims, TokenKind, Viewer, send::SpeakError, tokens::authorise},
};
use switchboard_state::Tx;
use switchboard_wire::connectparticipant::AccessDeniedException;

use crate::{
    chat::lookup,
    ops::{Ctx, Failure},
    tokens::Purpose,
};

/// The holder of a token that is ours and has not expired.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller {
    /// Who.
    pub(super) participant: ParticipantId,
    claims: Claims,
}

/// Opens the token of a call. The call is the participant's from here on: so are its client tokens.
pub(super) fn admit(ctx: Ctx, token: &str, wanted: TokenKind) -> Result<(Ctx, Caller), AccessDeniedException> {
    let opened = ctx.app.tokens.open(token, ctx.now).ok_or_else(denied)?;
    let kind = match opened.purpose {
        Purpose::Participant => TokenKind::Participant,
        Purpose::Connection => TokenKind::Connection,
        Purpose::Socket | Purpose::Upload | Purpose::Download | Purpose::View => return Err(denied()),
    };
    if kind != wanted {
        return Err(denied());
    }
    let participant = opened.participant;
    let claims = Claims { kind, chat: opened.chat, participant, expires_at: opened.expires };
    Ok((Ctx { caller: participant.to_string().into(), ..ctx }, Caller { participant, claims }))
}

impl Caller {
    /// The chat, which goes on and has the caller in it.
    pub(super) fn chat<E>(&self, ctx: &Ctx, tx: &mut Tx) -> Result<Chat, Failure<E>>
    where
        E: From<AccessDeniedException>,
    {
        self.chat_as_viewer(ctx, tx).map(|(chat, _)| chat)
    }

    /// The chat, and as whom the caller reads it.
    pub(super) fn chat_as_viewer<E>(&self, ctx: &Ctx, tx: &mut Tx) -> Result<(Chat, Viewer), Failure<E>>
    where
        E: From<AccessDeniedException>,
    {
        let chat = lookup::chat(tx, self.claims.chat)?.ok_or_else(denied)?;
        match authorise(&chat, &self.claims, self.claims.kind, ctx.now).map(|who| who.viewer()) {
            Ok(viewer) => Ok((chat, viewer)),
            Err(why) => {
                tracing::debug!(chat_id = %chat.id(), participant_id = %self.participant, %why, "access denied");
                Err(denied().into())
            }
        }
    }
}

/// All that anybody is told about a token that is no good.
pub(super) fn denied() -> AccessDeniedException {
    AccessDeniedException::new("Access denied")
}

/// The error for somebody who may not send anything now.
pub(super) fn mute(error: SpeakError) -> AccessDeniedException {
    match error {
        SpeakError::ChatEnded | SpeakError::NotConnected | SpeakError::Monitoring => denied(),
    }
}
