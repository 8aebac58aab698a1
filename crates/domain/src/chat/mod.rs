//! A chat: who is in it, what was said, when it ends. No clock, no randomness, no storage.
//!
//! The one rule: a [`Chat`] is changed by its decisions only, and a decision that succeeds hands back the [`Changes`]
//! that must be committed with it. A decision that fails has changed nothing worth saving.
//!
//! How to use it, in one transaction: load the chat, call a decision, save the chat, carry out its [`Changes`].
//! Facts are from the Amazon Connect and Participant Service API references and from the Administrator Guide's chat
//! pages, each named in the module that uses it.

pub mod attachments;
pub mod auth_sessions;
pub mod changes;
pub mod connect;
pub mod contact;
pub mod contact_edit;
pub mod content;
pub mod events;
pub mod file_types;
pub mod item;
pub mod leave;
pub mod limits;
pub mod metrics;
pub mod participants;
pub mod persistent;
pub mod segment_attributes;
pub mod send;
pub mod start;
pub mod streaming;
pub mod timers;
pub mod tokens;
pub mod transcript;

use serde::{Deserialize, Serialize};

pub use changes::{Changes, ContactChange, ReceiptUpdate, TimerChange};
pub use contact::{Contact, DisconnectReason, InitiationMethod};
pub use content::{ChatMessage, ContentTypes, EventType, MessageType};
pub use item::{AttachmentItem, AttachmentStatus, Body, Chunk, Item, Receipt, Sender, Viewer, Visibility};
pub use limits::Limits;
pub use participants::{Participant, Presence, Role};
pub use timers::{ChatTimer, Side};
pub use tokens::{Claims, Denied, TokenKind};

use auth_sessions::AuthSession;
use persistent::Past;
use streaming::Stream;
use timers::{RoleTimers, RunningTimers};

use crate::id::Ids;
use crate::{ChatId, ContactId, InstanceId, ItemId, ParticipantId, ResourceId, Time};

/// What every decision is told of the world.
pub struct Context<'a> {
    /// The time.
    pub now: Time,
    /// The quotas.
    pub limits: &'a Limits,
    /// Where fresh ids come from.
    pub ids: &'a mut dyn Ids,
}

impl<'a> Context<'a> {
    /// The world at `now`.
    pub fn new(now: Time, limits: &'a Limits, ids: &'a mut dyn Ids) -> Self {
        Self { now, limits, ids }
    }
}

/// A chat from its first contact to its end: one document, loaded and saved by every message, so kept lean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chat {
    id: ChatId,
    instance: InstanceId,
    state: State,
    contacts: Vec<Segment>,
    participants: Vec<Participant>,
    #[serde(default)]
    content_types: ContentTypes,
    started_at: Time,
    expires_at: Time,
    last_seq: u64,
    last_at: Time,
    #[serde(default, skip_serializing_if = "RoleTimers::is_unset")]
    role_timers: RoleTimers,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    running: Option<RunningTimers>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    streams: Vec<Stream>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    past: Option<Past>,
    #[serde(default, skip_serializing_if = "is_false")]
    rehydration_told: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disconnect_flow: Option<ResourceId>,
    #[serde(default, skip_serializing_if = "is_false")]
    agent_leaves_with_customer: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    incremental_responses: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    lex_bot: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    initial_message: Option<ChatMessage>,
    #[serde(default, skip_serializing_if = "is_zero")]
    attachments: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authentication: Option<AuthSession>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sign_in_page: Option<String>,
}

/// Whether a chat goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It does.
    Open,
    /// It does not, since then.
    Ended(Time),
}

/// One contact of the chain, and where its items begin in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The contact.
    pub contact: ContactId,
    /// Its first item has this place or a later one.
    pub from_seq: u64,
}

/// The chat is over; nothing more can be done in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the chat has ended")]
pub struct ChatEnded;

const fn is_false(flag: &bool) -> bool {
    !*flag
}

const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What can be read of a chat.
impl Chat {
    /// Its id: that of its first contact (`InitialContactId`).
    #[must_use]
    pub const fn id(&self) -> ChatId {
        self.id
    }

    /// The instance it belongs to.
    #[must_use]
    pub const fn instance(&self) -> InstanceId {
        self.instance
    }

    /// Whether it goes on.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Open, or ended and when.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// The contact that is current; after the end, the last one.
    #[must_use]
    pub fn contact(&self) -> ContactId {
        self.contacts.last().map_or(ContactId(self.id.0), |segment| segment.contact)
    }

    /// All its contacts, oldest first.
    #[must_use]
    pub fn contacts(&self) -> &[Segment] {
        &self.contacts
    }

    /// Whether `contact` is one of them.
    #[must_use]
    pub fn has_contact(&self, contact: ContactId) -> bool {
        self.contacts.iter().any(|segment| segment.contact == contact)
    }

    /// Everybody who is in it or on the way, and the customer even after leaving.
    #[must_use]
    pub fn participants(&self) -> &[Participant] {
        &self.participants
    }

    /// Somebody who is in it or on the way, or the customer.
    #[must_use]
    pub fn participant(&self, id: ParticipantId) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.id == id)
    }

    /// The customer.
    #[must_use]
    pub fn customer(&self) -> Option<&Participant> {
        self.participants.iter().find(|participant| participant.role == Role::Customer)
    }

    /// The types of message it supports.
    #[must_use]
    pub const fn content_types(&self) -> &ContentTypes {
        &self.content_types
    }

    /// When it began.
    #[must_use]
    pub const fn started_at(&self) -> Time {
        self.started_at
    }

    /// When it ends at the latest.
    #[must_use]
    pub const fn expires_at(&self) -> Time {
        self.expires_at
    }

    /// The place of its newest item; 0 before the first.
    #[must_use]
    pub const fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// The time of its newest item, or of its beginning.
    #[must_use]
    pub const fn last_at(&self) -> Time {
        self.last_at
    }

    /// The past chat it continues, if it is a persistent one.
    #[must_use]
    pub const fn past(&self) -> Option<Past> {
        self.past
    }

    /// Whether bots may send their answers in pieces (`ResponseMode` `INCREMENTAL`).
    #[must_use]
    pub const fn incremental_responses(&self) -> bool {
        self.incremental_responses
    }

    /// The flow that the chat goes to when its last agent leaves.
    #[must_use]
    pub const fn disconnect_flow(&self) -> Option<ResourceId> {
        self.disconnect_flow
    }

    /// Sets or clears the flow that the chat goes to when its last agent leaves.
    pub const fn set_disconnect_flow(&mut self, flow: Option<ResourceId>) {
        self.disconnect_flow = flow;
    }
}

/// What the decisions share.
impl Chat {
    const fn must_be_open(&self) -> Result<(), ChatEnded> {
        match self.state {
            State::Open => Ok(()),
            State::Ended(_) => Err(ChatEnded),
        }
    }

    fn participant_mut(&mut self, id: ParticipantId) -> Option<&mut Participant> {
        self.participants.iter_mut().find(|participant| participant.id == id)
    }

    /// The next place in the log, and its time: never the time of another item, however many come in a millisecond.
    fn stamp(&mut self, now: Time) -> (u64, Time) {
        self.last_seq += 1;
        self.last_at = now.max(Time(self.last_at.0.saturating_add(1)));
        (self.last_seq, self.last_at)
    }

    /// Makes the next item of the log.
    fn item(&mut self, draft: Draft, cx: &mut Context<'_>) -> Item {
        let (seq, at) = self.stamp(cx.now);
        Item {
            id: draft.id.unwrap_or_else(|| ItemId::new(cx.ids)),
            chat: self.id,
            contact: self.contact(),
            seq,
            at,
            sender: draft.sender,
            visibility: draft.visibility,
            stored: draft.stored,
            body: draft.body,
            receipts: Vec::new(),
        }
    }

    /// Makes the next item of the log: an event, kept or not as its kind says.
    fn event(&mut self, kind: EventType, sender: Option<Sender>, cx: &mut Context<'_>) -> Item {
        self.item(Draft::event(kind, None, sender), cx)
    }
}

/// An item that has no place in the log yet.
struct Draft {
    id: Option<ItemId>,
    sender: Option<Sender>,
    visibility: Visibility,
    stored: bool,
    body: Body,
}

impl Draft {
    fn event(content_type: EventType, content: Option<String>, sender: Option<Sender>) -> Self {
        Self {
            id: None,
            sender,
            visibility: Visibility::All,
            stored: content_type.is_stored(),
            body: Body::Event { content_type, content },
        }
    }

    fn message(message: ChatMessage, sender: Sender) -> Self {
        let ChatMessage { content_type, content } = message;
        Self {
            id: None,
            sender: Some(sender),
            visibility: Visibility::All,
            stored: true,
            body: Body::Message { content_type, content, chunk: None },
        }
    }
}
