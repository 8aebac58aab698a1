//! What a decision changed beside the chat itself, for one function to carry out.
//!
//! The rule: every decision that succeeds hands back [`Changes`], and whoever called it saves the chat, appends the
//! items in order, applies the rest, and commits all of it in one transaction or none.

use super::contact::{Contact, DisconnectReason, InitiationMethod};
use super::item::{Item, Receipt};
use super::timers::ChatTimer;
use crate::{ContactId, ItemId, ParticipantId, Time};

/// What is to be done, in this order. Empty vectors are the normal case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "changes that are not applied are lost"]
pub struct Changes {
    /// To append to the log, in order.
    pub items: Vec<Item>,
    /// To note on stored messages.
    pub receipts: Vec<ReceiptUpdate>,
    /// To set and cancel.
    pub timers: Vec<TimerChange>,
    /// To apply to contact records.
    pub contacts: Vec<ContactChange>,
    /// Whose sockets are to be closed, once they have what is theirs.
    pub departed: Vec<ParticipantId>,
    /// The chat is over: all sockets and streams are to be closed, once they have what is theirs.
    pub ended: bool,
}

impl Changes {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what another decision changed after this one.
    pub fn extend(&mut self, later: Self) {
        self.items.extend(later.items);
        self.receipts.extend(later.receipts);
        self.timers.extend(later.timers);
        self.contacts.extend(later.contacts);
        self.departed.extend(later.departed);
        self.ended |= later.ended;
    }

    pub(super) fn set(&mut self, timer: ChatTimer, due_at: Time) {
        self.timers.push(TimerChange::Set { timer, due_at });
    }

    pub(super) fn cancel(&mut self, timer: ChatTimer) {
        self.timers.push(TimerChange::Cancel { timer });
    }
}

/// A stored message's receipt of one recipient, as it is now. Apply with [`Item::note_receipt`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptUpdate {
    /// The message.
    pub message: ItemId,
    /// Its receipt.
    pub receipt: Receipt,
}

/// A timer of a chat, set or cancelled. At most one of each [`ChatTimer`] is ever set: setting again moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerChange {
    /// It is to fire then.
    Set {
        /// Which.
        timer: ChatTimer,
        /// When.
        due_at: Time,
    },
    /// It is not to fire.
    Cancel {
        /// Which.
        timer: ChatTimer,
    },
}

/// Something that happened to a contact's record, which the decision itself does not need to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactChange {
    /// The customer has connected.
    Connected {
        /// Which contact.
        contact: ContactId,
        /// When.
        at: Time,
    },
    /// An agent has connected.
    AgentConnected {
        /// Which contact.
        contact: ContactId,
        /// The agent's user id, where the agent is a user.
        agent: Option<String>,
        /// When.
        at: Time,
    },
    /// The contact is over.
    Ended {
        /// Which contact.
        contact: ContactId,
        /// When.
        at: Time,
        /// Why, where AWS has a word for it.
        reason: Option<DisconnectReason>,
    },
    /// The chat goes on in a new contact, made from this one.
    Continued {
        /// The contact it continues.
        contact: ContactId,
        /// The new one.
        next: ContactId,
        /// How it came about.
        method: InitiationMethod,
        /// When.
        at: Time,
    },
}

impl ContactChange {
    /// The contact to load.
    #[must_use]
    pub const fn contact(&self) -> ContactId {
        match self {
            Self::Connected { contact, .. }
            | Self::AgentConnected { contact, .. }
            | Self::Ended { contact, .. }
            | Self::Continued { contact, .. } => *contact,
        }
    }

    /// Applies it to the contact it is about. What comes back is to be saved: that contact if it changed, the new
    /// one if there is one.
    #[must_use]
    pub fn apply(&self, mut contact: Contact) -> Contact {
        match self {
            Self::Connected { at, .. } => contact.connected(*at),
            Self::AgentConnected { agent, at, .. } => contact.agent_connected(agent.clone(), *at),
            Self::Ended { at, reason, .. } => contact.ended(*at, *reason),
            Self::Continued { next, method, at, .. } => return contact.next_segment(*next, *method, *at),
        }
        contact
    }
}
