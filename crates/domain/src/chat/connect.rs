//! `CreateParticipantConnection`: somebody comes into a chat, or comes back to it.
//!
//! The rule: the first connection connects, with one joined event; every other one only hands out a fresh token and
//! socket, and takes nothing away from the earlier ones. Sources: *CreateParticipantConnection*, *StartChatContact*
//! (five minutes), *Enable real-time chat message streaming* (`ConnectParticipant`).

use super::{Changes, Chat, Claims, ContactChange, Context, Draft, EventType, Participant, Presence, Role, Visibility};
use crate::{ParticipantId, Time};

/// What `CreateParticipantConnection` asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConnectRequest {
    /// `Type` has `WEBSOCKET`.
    pub websocket: bool,
    /// `Type` has `CONNECTION_CREDENTIALS`.
    pub credentials: bool,
    /// `Type` has `WEBRTC_CONNECTION`.
    pub webrtc: bool,
    /// `ConnectParticipant`.
    pub connect_participant: bool,
}

/// They are connected.
#[derive(Debug)]
pub struct Connected {
    /// What the connection token says, if one was asked for.
    pub credentials: Option<Claims>,
    /// What the websocket URL allows, if one was asked for.
    pub socket: Option<SocketGrant>,
    /// What else changed.
    pub changes: Changes,
}

/// A websocket that may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketGrant {
    /// Whose.
    pub participant: ParticipantId,
    /// Until when it may be opened.
    pub open_by: Time,
    /// Until when it may be used (`ConnectionExpiry`).
    pub expires_at: Time,
}

/// They are not connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The chat is over. The real service answers 403, and ChatJS takes that for the end of the chat.
    #[error("the chat has ended")]
    ChatEnded,
    /// They have left, or were never there.
    #[error("the participant is not in the chat")]
    NotInChat,
    /// Nothing was asked for.
    #[error("Type must name at least one connection type, or ConnectParticipant must be true")]
    NothingAsked,
    /// Chats have no calls.
    #[error("Type WEBRTC_CONNECTION is not supported for a chat contact")]
    NoWebRtc,
    /// Customers and bots have a websocket unless the contact is streamed.
    #[error(
        "ConnectParticipant needs message streaming for a CUSTOMER or CUSTOM_BOT: call StartContactStreaming first"
    )]
    NotStreaming,
}

impl ConnectRequest {
    /// Whether it brings somebody of this role in.
    ///
    /// AWS does not say which call connects a customer: the first one does, so that a client without a websocket is
    /// in the chat too. Agents and supervisors are documented to need `ConnectParticipant`; a websocket says as much.
    const fn connects(self, role: Role) -> bool {
        matches!(role, Role::Customer | Role::CustomBot) || self.connect_participant || self.websocket
    }

    fn check(self, chat: &Chat, who: &Participant) -> Result<(), ConnectError> {
        if self.webrtc {
            return Err(ConnectError::NoWebRtc);
        }
        if !(self.websocket || self.credentials || self.connect_participant) {
            return Err(ConnectError::NothingAsked);
        }
        let streams_instead = matches!(who.role, Role::Customer | Role::CustomBot);
        if self.connect_participant && streams_instead && chat.streams().is_empty() {
            return Err(ConnectError::NotStreaming);
        }
        Ok(())
    }
}

impl Chat {
    /// `CreateParticipantConnection`.
    ///
    /// # Errors
    /// The rule that keeps them out.
    pub fn connect(
        &mut self,
        participant: ParticipantId,
        request: ConnectRequest,
        cx: &mut Context<'_>,
    ) -> Result<Connected, ConnectError> {
        self.must_be_open().map_err(|_| ConnectError::ChatEnded)?;
        let who = self.participant(participant).filter(|who| who.is_in()).ok_or(ConnectError::NotInChat)?;
        request.check(self, who)?;
        let comes_in = !who.is_connected() && request.connects(who.role);

        let changes = if comes_in { self.come_in(participant, cx) } else { Changes::default() };
        let socket = SocketGrant {
            participant,
            open_by: cx.now.plus_seconds(cx.limits.socket_url_seconds),
            expires_at: cx.now.plus_seconds(cx.limits.socket_seconds),
        };
        Ok(Connected {
            credentials: request.credentials.then(|| self.connection_claims(participant, cx)),
            socket: request.websocket.then_some(socket),
            changes,
        })
    }

    /// A socket of `participant` has subscribed. Call it for each, and save the chat only if something changed.
    ///
    /// ChatJS learns from this event alone that a chat continues an earlier one, and hears nothing before it has
    /// subscribed; so a persistent chat tells its customer then, once.
    pub fn subscribed(&mut self, participant: ParticipantId, cx: &mut Context<'_>) -> Changes {
        let mut changes = Changes::default();
        let is_customer = self.participant(participant).is_some_and(|who| who.role == Role::Customer);
        if self.past.is_some() && is_customer && !self.rehydration_told && self.is_open() {
            self.rehydration_told = true;
            let draft =
                Draft { visibility: Visibility::Customer, ..Draft::event(EventType::ChatRehydrated, None, None) };
            changes.items.push(self.item(draft, cx));
        }
        changes
    }

    fn come_in(&mut self, participant: ParticipantId, cx: &mut Context<'_>) -> Changes {
        let mut changes = Changes::default();
        let Some(who) = self.participant_mut(participant) else { return changes };
        if let Some(timer) = who.arrive(Presence::Connected) {
            changes.cancel(timer);
        }
        let who = who.clone();

        match who.role {
            Role::Customer => changes.contacts.push(ContactChange::Connected { contact: self.contact(), at: cx.now }),
            Role::Agent => {
                let (contact, agent) = (self.contact(), who.user.clone());
                changes.contacts.push(ContactChange::AgentConnected { contact, agent, at: cx.now });
                self.remove_custom_bots(cx, &mut changes);
            }
            Role::CustomBot | Role::Supervisor | Role::System => {}
        }
        if !who.silent {
            changes.items.push(self.event(EventType::Joined, Some(who.sender()), cx));
        }
        self.say_initial_message(&who, cx, &mut changes);
        self.start_role_timers(who.role, cx, &mut changes);
        changes
    }

    fn say_initial_message(&mut self, who: &Participant, cx: &mut Context<'_>, changes: &mut Changes) {
        if who.role != Role::Customer {
            return;
        }
        if let Some(message) = self.initial_message.take() {
            changes.items.push(self.item(Draft::message(message, who.sender()), cx));
        }
    }
}
