//! A customer is asked to sign in: the session behind `GetAuthenticationUrl` and `CancelParticipantAuthentication`.
//!
//! The rule: one session at a time, the customer's, fresh for a minute; fetching the URL in that minute takes it up.
//! Sources: those two operations' pages, and *Authenticate Customer* of the Administrator Guide.

use serde::{Deserialize, Serialize};

use super::timers::too_early;
use super::{Changes, Chat, ChatEnded, ChatTimer, Context, Draft, EventType, Role, Visibility};
use crate::{ParticipantId, ResourceId, Time};

/// The session of one `authentication.initiated` event, whose content is its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthSession {
    /// Its id.
    pub id: ResourceId,
    /// Until when its URL can be fetched.
    pub expires_at: Time,
    /// Whether its URL has been fetched.
    #[serde(default, skip_serializing_if = "super::is_false")]
    pub taken_up: bool,
}

/// How a session ended, as its flow or its identity provider says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthOutcome {
    /// The customer signed in.
    Succeeded,
    /// The customer could not.
    Failed,
    /// The customer took longer than the flow waits.
    TimedOut,
}

/// There is no such session to work with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The chat is over.
    #[error("the chat has ended")]
    ChatEnded,
    /// Only customers sign in.
    #[error("only the CUSTOMER can take part in an authentication session")]
    NotCustomer,
    /// It was never there, or is over.
    #[error("SessionId names no open authentication session of this chat")]
    Unknown,
    /// Its minute has passed.
    #[error("SessionId has expired: it is good for one minute after authentication.initiated")]
    Expired,
}

impl From<ChatEnded> for AuthError {
    fn from(_: ChatEnded) -> Self {
        Self::ChatEnded
    }
}

impl Chat {
    /// The session that is open, if one is.
    #[must_use]
    pub const fn authentication(&self) -> Option<AuthSession> {
        self.authentication
    }

    /// Where customers sign in: the authorization endpoint of the flow's identity provider, with its client id.
    #[must_use]
    pub fn sign_in_page(&self) -> Option<&str> {
        self.sign_in_page.as_deref()
    }

    /// Sets or clears where customers sign in.
    pub fn set_sign_in_page(&mut self, url: Option<String>) {
        self.sign_in_page = url;
    }

    /// A flow asks the customer to sign in. A session that is open gives way to the new one.
    ///
    /// # Errors
    /// If the chat is over.
    pub fn ask_to_sign_in(&mut self, cx: &mut Context<'_>) -> Result<(AuthSession, Changes), ChatEnded> {
        self.must_be_open()?;
        let session = AuthSession {
            id: ResourceId::new(cx.ids),
            expires_at: cx.now.plus_seconds(cx.limits.authentication_seconds),
            taken_up: false,
        };
        self.authentication = Some(session);

        let mut changes = Changes::default();
        changes.set(ChatTimer::Authentication, session.expires_at);
        self.tell_customer(EventType::AuthenticationInitiated, session.id, cx, &mut changes);
        Ok((session, changes))
    }

    /// `GetAuthenticationUrl`: the session whose URL the customer may have.
    ///
    /// # Errors
    /// If it is not theirs, not open, or too old.
    pub fn take_up_sign_in(
        &mut self,
        participant: ParticipantId,
        session: &str,
        cx: &mut Context<'_>,
    ) -> Result<(AuthSession, Changes), AuthError> {
        let mut open = self.session_of(participant, session)?;
        if cx.now >= open.expires_at {
            return Err(AuthError::Expired);
        }
        open.taken_up = true;
        self.authentication = Some(open);
        let mut changes = Changes::default();
        changes.cancel(ChatTimer::Authentication);
        Ok((open, changes))
    }

    /// `CancelParticipantAuthentication`: the customer does not want to.
    ///
    /// # Errors
    /// If it is not theirs, not open, or too old.
    pub fn cancel_sign_in(
        &mut self,
        participant: ParticipantId,
        session: &str,
        cx: &mut Context<'_>,
    ) -> Result<Changes, AuthError> {
        let open = self.session_of(participant, session)?;
        if !open.taken_up && cx.now >= open.expires_at {
            return Err(AuthError::Expired);
        }
        Ok(self.close_session(open, EventType::AuthenticationCancelled, cx))
    }

    /// A flow, or the identity provider, tells how the session ended.
    ///
    /// # Errors
    /// If it is not open.
    pub fn finish_sign_in(
        &mut self,
        session: ResourceId,
        outcome: AuthOutcome,
        cx: &mut Context<'_>,
    ) -> Result<Changes, AuthError> {
        self.must_be_open()?;
        let open = self.authentication.filter(|open| open.id == session).ok_or(AuthError::Unknown)?;
        let event = match outcome {
            AuthOutcome::Succeeded => EventType::AuthenticationSucceeded,
            AuthOutcome::Failed => EventType::AuthenticationFailed,
            AuthOutcome::TimedOut => EventType::AuthenticationTimeout,
        };
        Ok(self.close_session(open, event, cx))
    }

    /// The session's minute has passed.
    ///
    /// AWS does not say which event tells of it: `expired`, as `timeout` is the flow's own, longer wait.
    pub(super) fn sign_in_is_late(&mut self, cx: &mut Context<'_>) -> Changes {
        let Some(open) = self.authentication.filter(|open| !open.taken_up) else { return Changes::default() };
        too_early(ChatTimer::Authentication, open.expires_at, cx.now)
            .unwrap_or_else(|| self.close_session(open, EventType::AuthenticationExpired, cx))
    }

    fn session_of(&self, participant: ParticipantId, session: &str) -> Result<AuthSession, AuthError> {
        self.must_be_open()?;
        if self.participant(participant).is_none_or(|who| who.role != Role::Customer) {
            return Err(AuthError::NotCustomer);
        }
        let id: ResourceId = session.parse().map_err(|_| AuthError::Unknown)?;
        self.authentication.filter(|open| open.id == id).ok_or(AuthError::Unknown)
    }

    fn close_session(&mut self, open: AuthSession, event: EventType, cx: &mut Context<'_>) -> Changes {
        self.authentication = None;
        let mut changes = Changes::default();
        changes.cancel(ChatTimer::Authentication);
        self.tell_customer(event, open.id, cx, &mut changes);
        changes
    }

    fn tell_customer(&mut self, event: EventType, session: ResourceId, cx: &mut Context<'_>, changes: &mut Changes) {
        let content = Some(format!("{{\"SessionId\":\"{session}\"}}"));
        let draft = Draft { visibility: Visibility::Customer, ..Draft::event(event, content, None) };
        changes.items.push(self.item(draft, cx));
    }
}
