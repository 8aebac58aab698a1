//! Every way out of a chat, and every way a chat ends.
//!
//! The rule: a chat ends in one function, `Chat::end`, and nowhere else: one `chat.ended`, its contact closed, its timers
//! cancelled, its tokens dead because it is no longer open. Sources: *DisconnectParticipant*, *StopContact*,
//! *StartChatContact* (`DisconnectOnCustomerExit`), *Contact records data model* (the reasons).

use super::{
    Changes, Chat, ContactChange, Context, DisconnectReason, Draft, EventType, InitiationMethod, Participant, Presence,
    Role, Segment, State, Visibility,
};
use crate::{ContactId, ParticipantId};

/// They cannot leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeaveError {
    /// The chat is over: there is nothing to leave.
    #[error("the chat has ended")]
    ChatEnded,
    /// They have left, or were never there.
    #[error("the participant is not in the chat")]
    NotInChat,
}

/// The contact cannot be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StopError {
    /// It is not one of this chat's.
    #[error("ContactId names no contact of this chat")]
    UnknownContact,
    /// It is over.
    #[error("the contact has already ended")]
    AlreadyEnded,
    /// Reasons are for outbound campaigns.
    #[error("DisconnectReason can be given by outbound campaigns only")]
    ReasonNotAllowed,
}

impl Chat {
    /// `DisconnectParticipant`. What follows depends on who leaves.
    ///
    /// # Errors
    /// If the chat is over or they are not in it.
    pub fn disconnect(&mut self, participant: ParticipantId, cx: &mut Context<'_>) -> Result<Changes, LeaveError> {
        self.must_be_open().map_err(|_| LeaveError::ChatEnded)?;
        let who = self.participant(participant).filter(|who| who.is_in()).ok_or(LeaveError::NotInChat)?;
        let (role, served) = (who.role, who.is_staff() && who.is_connected());

        let mut changes = Changes::default();
        if role == Role::Customer {
            self.customer_leaves(participant, cx, &mut changes);
            return Ok(changes);
        }
        self.remove(participant, cx, &mut changes);
        if served && !self.is_staffed() {
            self.staff_is_gone(DisconnectReason::AgentDisconnect, cx, &mut changes);
        }
        Ok(changes)
    }

    /// `StopContact`: ends the chat in any state.
    ///
    /// # Errors
    /// If the contact is not this chat's, or is over.
    pub fn stop(&mut self, contact: ContactId, reason_given: bool, cx: &mut Context<'_>) -> Result<Changes, StopError> {
        if !self.has_contact(contact) {
            return Err(StopError::UnknownContact);
        }
        if !self.is_open() || contact != self.contact() {
            return Err(StopError::AlreadyEnded);
        }
        if reason_given {
            return Err(StopError::ReasonNotAllowed);
        }
        Ok(self.ended(Some(DisconnectReason::Api), cx))
    }

    /// A flow, or an error of ours, ends the chat. Nothing happens if it is over.
    pub fn finish(&mut self, reason: Option<DisconnectReason>, cx: &mut Context<'_>) -> Changes {
        if self.is_open() { self.ended(reason, cx) } else { Changes::default() }
    }

    /// The chat goes on in a new contact: a transfer, or a flow. Its id, or nothing if the chat is over. No event tells
    /// of it here.
    pub fn continue_in_new_contact(
        &mut self,
        method: InitiationMethod,
        reason: Option<DisconnectReason>,
        cx: &mut Context<'_>,
    ) -> Option<(ContactId, Changes)> {
        self.must_be_open().ok()?;
        let mut changes = Changes::default();
        let next = self.next_segment(method, reason, cx, &mut changes);
        Some((next, changes))
    }

    /// Takes somebody out; nobody is told of who was never seen, but for themselves: a reader of the log stops at its
    /// own `participant.left`.
    pub(super) fn remove(&mut self, participant: ParticipantId, cx: &mut Context<'_>, changes: &mut Changes) {
        let Some(who) = self.participant_mut(participant).filter(|who| who.is_in()) else { return };
        let (was_active, was_listening, sender) = (who.is_active(), who.is_connected() && who.silent, who.sender());
        if let Some(timer) = who.arrive(Presence::Left) {
            changes.cancel(timer);
        }
        if was_active {
            changes.items.push(self.event(EventType::Left, Some(sender), cx));
        } else if was_listening {
            let visibility = Visibility::Only(participant);
            let draft = Draft { visibility, stored: false, ..Draft::event(EventType::Left, None, Some(sender)) };
            changes.items.push(self.item(draft, cx));
        }
        changes.departed.push(participant);
        self.forget_if_not_customer(participant);
        self.stop_role_timers_if_alone(changes);
    }

    /// Items carry their senders' names, so only the customer is remembered: the document must not grow with every bot
    /// and agent that comes and goes.
    fn forget_if_not_customer(&mut self, participant: ParticipantId) {
        self.participants.retain(|who| who.role == Role::Customer || who.id != participant);
    }

    /// The last of the staff has gone: on to the disconnect flow if there is one, else the chat is over.
    pub(super) fn staff_is_gone(&mut self, reason: DisconnectReason, cx: &mut Context<'_>, changes: &mut Changes) {
        if self.disconnect_flow.is_some() {
            self.next_segment(InitiationMethod::Disconnect, Some(reason), cx, changes);
        } else {
            self.end(Some(reason), cx, changes);
        }
    }

    /// Everybody but the customer.
    pub(super) fn everybody_else(&self) -> Vec<ParticipantId> {
        let stays = |who: &&Participant| matches!(who.role, Role::Customer | Role::System);
        self.participants.iter().filter(|who| who.is_in() && !stays(who)).map(|who| who.id).collect()
    }

    /// Ends the chat. The only place where one ends.
    pub(super) fn end(&mut self, reason: Option<DisconnectReason>, cx: &mut Context<'_>, changes: &mut Changes) {
        let ended = self.event(EventType::ChatEnded, None, cx);
        let at = ended.at;
        changes.contacts.push(ContactChange::Ended { contact: ended.contact, at, reason });
        changes.items.push(ended);
        for timer in self.timers() {
            changes.cancel(timer);
        }
        changes.ended = true;
        self.state = State::Ended(at);
        self.running = None;
        self.authentication = None;
        self.initial_message = None;
    }

    fn ended(&mut self, reason: Option<DisconnectReason>, cx: &mut Context<'_>) -> Changes {
        let mut changes = Changes::default();
        self.end(reason, cx, &mut changes);
        changes
    }

    fn customer_leaves(&mut self, customer: ParticipantId, cx: &mut Context<'_>, changes: &mut Changes) {
        let goes_on = self.agent_leaves_with_customer && self.disconnect_flow.is_some() && self.is_staffed();
        if !goes_on {
            self.remove(customer, cx, changes);
            self.end(Some(DisconnectReason::CustomerDisconnect), cx, changes);
            return;
        }
        for other in self.everybody_else() {
            self.remove(other, cx, changes);
        }
        self.next_segment(InitiationMethod::Disconnect, Some(DisconnectReason::CustomerDisconnect), cx, changes);
    }

    /// AWS does not say what a supervisor who barged in is to a chat whose agent leaves: somebody who goes on serving.
    pub(super) fn is_staffed(&self) -> bool {
        self.someone(|who| who.is_staff() && who.is_connected())
    }

    fn next_segment(
        &mut self,
        method: InitiationMethod,
        reason: Option<DisconnectReason>,
        cx: &mut Context<'_>,
        changes: &mut Changes,
    ) -> ContactId {
        let (contact, next, at) = (self.contact(), ContactId::new(cx.ids), cx.now);
        changes.contacts.push(ContactChange::Ended { contact, at, reason });
        changes.contacts.push(ContactChange::Continued { contact, next, method, at });
        self.contacts.push(Segment { contact: next, from_seq: self.last_seq + 1 });
        next
    }
}
