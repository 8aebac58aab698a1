//! What a participant's token says, and whether it may be used now.
//!
//! The rule: a participant token opens `CreateParticipantConnection` and nothing else, a connection token everything
//! else; whatever is wrong with one, the caller is told no more than "access denied". Sources: the Participant
//! Service's operation pages. Signing and reading tokens is the server's.

use serde::{Deserialize, Serialize};

use super::{Chat, Context, Participant};
use crate::{ChatId, ParticipantId, Time};

/// The two kinds of token that travel in the same header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Handed out when somebody is added; good for as long as they are in the chat.
    Participant,
    /// Handed out when somebody connects; good for a day, or until the chat ends.
    Connection,
}

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// What it opens.
    pub kind: TokenKind,
    /// Which chat.
    pub chat: ChatId,
    /// Who holds it.
    pub participant: ParticipantId,
    /// Until when.
    pub expires_at: Time,
}

/// Why a token may not be used. For logs: callers are told none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// A participant token where a connection token is wanted, or the reverse.
    #[error("the token is of the other kind")]
    WrongKind,
    /// It has expired.
    #[error("the token has expired")]
    Expired,
    /// It is for another chat.
    #[error("the token is for another chat")]
    OtherChat,
    /// The chat is over.
    #[error("the chat has ended")]
    ChatEnded,
    /// Its holder has left, or was never there.
    #[error("the participant is not in the chat")]
    NotInChat,
}

/// Whether whoever shows `claims` may do what takes a token of kind `wanted`; if so, who they are.
///
/// # Errors
/// What is wrong with the token.
pub fn authorise<'c>(chat: &'c Chat, claims: &Claims, wanted: TokenKind, now: Time) -> Result<&'c Participant, Denied> {
    if claims.kind != wanted {
        return Err(Denied::WrongKind);
    }
    if claims.chat != chat.id {
        return Err(Denied::OtherChat);
    }
    if now >= claims.expires_at {
        return Err(Denied::Expired);
    }
    if !chat.is_open() || now >= chat.expires_at {
        return Err(Denied::ChatEnded);
    }
    chat.participant(claims.participant).filter(|who| who.is_in()).ok_or(Denied::NotInChat)
}

impl Chat {
    /// What a participant token of `participant` says.
    #[must_use]
    pub const fn participant_claims(&self, participant: ParticipantId) -> Claims {
        Claims { kind: TokenKind::Participant, chat: self.id, participant, expires_at: self.expires_at }
    }

    /// What a connection token of `participant` says. Earlier ones stay good.
    #[must_use]
    pub const fn connection_claims(&self, participant: ParticipantId, cx: &Context<'_>) -> Claims {
        let expires_at = cx.now.plus_seconds(cx.limits.connection_token_seconds);
        Claims { kind: TokenKind::Connection, chat: self.id, participant, expires_at }
    }
}
