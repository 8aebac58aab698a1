//! One item of a chat's log: what it says, who sees it, and whether the transcript keeps it.
//!
//! The rule: an item never changes once appended, except for its receipts. Item shapes as in the Participant
//! Service's *Item* page; the wire's key names belong to whoever renders it.

use serde::{Deserialize, Serialize};

use super::content::{EventType, MessageType};
use super::participants::Role;
use crate::words::words;
use crate::{AttachmentId, ChatId, ContactId, ItemId, ParticipantId, Time};

/// An item of the log, in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its own id; the same in replies, on sockets and in transcripts.
    pub id: ItemId,
    /// The chat whose log holds it (`InitialContactId`).
    pub chat: ChatId,
    /// The contact that was current when it was appended.
    pub contact: ContactId,
    /// Its place in the log: one more than the item before.
    pub seq: u64,
    /// When; later than the item before by a millisecond at least.
    pub at: Time,
    /// Whose it is; nobody's for `chat.ended` and receipts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Sender>,
    /// Who sees it.
    #[serde(default, skip_serializing_if = "Visibility::is_all")]
    pub visibility: Visibility,
    /// Whether the transcript keeps it; if not it is for open sockets and streams only.
    pub stored: bool,
    /// What it says.
    pub body: Body,
    /// What became of it at its recipients; messages only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Receipt>,
}

/// Who sent an item, as they were then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// Who.
    pub participant: ParticipantId,
    /// As what.
    pub role: Role,
    /// Under which name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

/// What an item says. The four variants are the four values of `Type` on the socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// `MESSAGE`.
    Message {
        /// What kind of text.
        content_type: MessageType,
        /// The text.
        content: String,
        /// Set on the pieces of a bot's streamed message, absent on every other.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chunk: Option<Chunk>,
    },
    /// `EVENT`.
    Event {
        /// Which.
        content_type: EventType,
        /// What comes with it; most have nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<String>,
    },
    /// `ATTACHMENT`: exactly one file.
    Attachment(AttachmentItem),
    /// `MESSAGEMETADATA`, on sockets only: exactly one receipt of one message.
    Metadata {
        /// The message.
        message: ItemId,
        /// What became of it.
        receipt: Receipt,
    },
}

/// A piece of a message that a bot streams; all pieces share the item's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// From one.
    pub number: u32,
    /// Whether this is the last, which carries the whole text.
    pub completed: bool,
}

/// A file as an item shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentItem {
    /// Which file.
    pub attachment: AttachmentId,
    /// Its name.
    pub name: String,
    /// Its MIME type.
    pub content_type: String,
    /// Whether it may be fetched.
    pub status: AttachmentStatus,
}

words! {
    /// What a scanner says of a file; `APPROVED` at once where there is none.
    AttachmentStatus {
        /// It is being looked at.
        InProgress = "IN_PROGRESS",
        /// It may be fetched.
        Approved = "APPROVED",
        /// It may not.
        Rejected = "REJECTED",
    }
}

/// What became of a message at one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The recipient.
    pub recipient: ParticipantId,
    /// When it reached them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Time>,
    /// When they read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Time>,
}

/// Who sees an item (`MessageVisibility` in streams).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody in the chat.
    #[default]
    All,
    /// Agents and supervisors.
    Agent,
    /// The customer.
    Customer,
    /// One participant.
    Only(ParticipantId),
}

impl Visibility {
    /// A short text that says the same, for a column that queries can filter on.
    #[must_use]
    pub fn code(self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Agent => "agent".to_owned(),
            Self::Customer => "customer".to_owned(),
            Self::Only(participant) => participant.to_string(),
        }
    }

    /// The name in a stream's `MessageVisibility`; items for one participant go to no stream.
    #[must_use]
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::All => Some("ALL"),
            Self::Agent => Some("AGENT"),
            Self::Customer => Some("CUSTOMER"),
            Self::Only(_) => None,
        }
    }

    fn is_all(&self) -> bool {
        *self == Self::All
    }
}

/// Somebody who reads a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// Who.
    pub participant: ParticipantId,
    /// As what.
    pub role: Role,
}

impl Viewer {
    /// Whether an item of this visibility is for them.
    #[must_use]
    pub fn sees(self, visibility: Visibility) -> bool {
        match visibility {
            Visibility::All => true,
            // AWS does not say whether a custom bot sees what is for agents: it is the customer's code, so it does not.
            Visibility::Agent => matches!(self.role, Role::Agent | Role::Supervisor),
            Visibility::Customer => self.role == Role::Customer,
            Visibility::Only(participant) => participant == self.participant,
        }
    }

    /// The codes of every visibility they see, for a query's `IN (…)`.
    #[must_use]
    pub fn codes(self) -> Vec<String> {
        [Visibility::All, Visibility::Agent, Visibility::Customer, Visibility::Only(self.participant)]
            .into_iter()
            .filter(|visibility| self.sees(*visibility))
            .map(Visibility::code)
            .collect()
    }
}

impl Item {
    /// Whether this one is for `viewer`.
    #[must_use]
    pub fn is_for(&self, viewer: Viewer) -> bool {
        viewer.sees(self.visibility)
    }

    /// The value of `Type` on the wire.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.body {
            Body::Message { .. } => "MESSAGE",
            Body::Event { .. } => "EVENT",
            Body::Attachment(_) => "ATTACHMENT",
            Body::Metadata { .. } => "MESSAGEMETADATA",
        }
    }

    /// The value of `ContentType` on the wire; attachments have none of their own.
    #[must_use]
    pub const fn content_type(&self) -> Option<&'static str> {
        match self.body {
            Body::Message { content_type, .. } => Some(content_type.as_str()),
            Body::Event { content_type, .. } => Some(content_type.as_str()),
            Body::Attachment(_) => None,
            Body::Metadata { .. } => Some(EventType::MessageMetadata.as_str()),
        }
    }

    /// The event this is, if it is one.
    #[must_use]
    pub const fn event(&self) -> Option<EventType> {
        match self.body {
            Body::Event { content_type, .. } => Some(content_type),
            _ => None,
        }
    }

    /// What became of this message at `recipient`, if anything did.
    #[must_use]
    pub fn receipt_of(&self, recipient: ParticipantId) -> Option<&Receipt> {
        self.receipts.iter().find(|receipt| receipt.recipient == recipient)
    }

    /// Notes what became of this message; the recipient's earlier receipt is replaced.
    pub fn note_receipt(&mut self, receipt: Receipt) {
        match self.receipts.iter_mut().find(|known| known.recipient == receipt.recipient) {
            Some(known) => *known = receipt,
            None => self.receipts.push(receipt),
        }
    }
}
