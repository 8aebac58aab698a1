//! What lets somebody into a chat: the tokens and the socket's URL, made of what a decision grants.
//!
//! The one rule: a credential says no more than the domain granted. Nothing is kept of it: the seal makes it true
//! (`tokens`), so any number may be out at once and each is good until it expires or the chat ends.

use switchboard_domain::{
    ChatId,
    chat::{Claims, TokenKind, connect::SocketGrant},
};

use super::socket;
use crate::{app::App, tokens::Purpose};

/// The token that says these claims: a ParticipantToken or a ConnectionToken.
pub(crate) fn token(app: &App, claims: &Claims) -> String {
    let purpose = match claims.kind {
        TokenKind::Participant => Purpose::Participant,
        TokenKind::Connection => Purpose::Connection,
    };
    app.tokens.issue(purpose, claims.chat, claims.participant, claims.expires_at)
}

/// The URL that opens one socket of `chat`, as granted.
pub(crate) fn socket_url(app: &App, chat: ChatId, grant: &SocketGrant) -> String {
    let ticket = app.tokens.issue(Purpose::Socket, chat, grant.participant, grant.open_by);
    app.socket_url(&format!("{}?ticket={ticket}", socket::PATH))
}
