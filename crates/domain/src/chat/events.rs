//! `SendEvent`: typing, and receipts for messages.
//!
//! The rule: of what is sent here the transcript keeps invitations only. A receipt becomes part of the message it is
//! for, once, and is told on sockets as metadata of that message. Sources: *SendEvent*, *Receipt*, *Enable message
//! receipts*; the shape of the push is as chat clients read it.

use serde::Deserialize;

use super::changes::ReceiptUpdate;
use super::send::{Sent, SpeakError};
use super::{Body, Changes, Chat, Context, Draft, EventType, Item, Receipt, Sender, Visibility};
use crate::{ItemId, ParticipantId, Time};

/// An event that a participant may send, read from the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentEvent {
    /// They are writing.
    Typing,
    /// They asked somebody in.
    Invited,
    /// Means nothing since 2024; accepted, and nothing happens.
    Acknowledged,
    /// A message has reached them.
    Delivered(ItemId),
    /// They have read a message.
    Read(ItemId),
}

/// Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// They may not.
    #[error(transparent)]
    Speak(#[from] SpeakError),
    /// Participants do not send such events.
    #[error("ContentType {0} is not an event that can be sent")]
    UnknownType(String),
    /// A receipt names its message.
    #[error("Content must be JSON with a messageId for ContentType {0}")]
    NoMessageId(EventType),
    /// There is no such message in the chat.
    #[error("messageId {0} names no message of this chat")]
    UnknownMessage(String),
    /// There are too many people for receipts.
    #[error("message receipts are not supported with more than two active participants or a barged-in supervisor")]
    ReceiptsOff,
}

#[derive(Deserialize)]
struct ReceiptContent {
    #[serde(rename = "messageId")]
    message_id: String,
}

impl SentEvent {
    /// Reads the request.
    ///
    /// # Errors
    /// If no participant sends such an event, or a receipt does not name its message.
    pub fn parse(content_type: &str, content: Option<&str>) -> Result<Self, EventError> {
        match content_type.parse() {
            Ok(EventType::Typing) => Ok(Self::Typing),
            Ok(EventType::Invited) => Ok(Self::Invited),
            Ok(EventType::ConnectionAcknowledged) => Ok(Self::Acknowledged),
            Ok(kind @ EventType::MessageDelivered) => message_id(kind, content).map(Self::Delivered),
            Ok(kind @ EventType::MessageRead) => message_id(kind, content).map(Self::Read),
            _ => Err(EventError::UnknownType(content_type.to_owned())),
        }
    }

    /// The message to load before deciding, if it is a receipt.
    #[must_use]
    pub const fn message(self) -> Option<ItemId> {
        match self {
            Self::Delivered(message) | Self::Read(message) => Some(message),
            Self::Typing | Self::Invited | Self::Acknowledged => None,
        }
    }
}

fn message_id(kind: EventType, content: Option<&str>) -> Result<ItemId, EventError> {
    let content: ReceiptContent =
        content.and_then(|text| serde_json::from_str(text).ok()).ok_or(EventError::NoMessageId(kind))?;
    content.message_id.parse().map_err(|_| EventError::UnknownMessage(content.message_id))
}

impl Chat {
    /// `SendEvent`. `message` is the stored item that [`SentEvent::message`] names, if this chat's log has it.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub fn send_event(
        &mut self,
        participant: ParticipantId,
        event: SentEvent,
        message: Option<&Item>,
        cx: &mut Context<'_>,
    ) -> Result<Sent, EventError> {
        let who = self.speaker(participant)?;
        let (sender, viewer) = (who.sender(), who.viewer());
        match event {
            SentEvent::Typing => Ok(self.told(EventType::Typing, sender, cx)),
            SentEvent::Invited => Ok(self.told(EventType::Invited, sender, cx)),
            SentEvent::Acknowledged => Ok(self.nothing_sent(cx)),
            SentEvent::Delivered(id) | SentEvent::Read(id) => {
                if !self.receipts_are_on() {
                    return Err(EventError::ReceiptsOff);
                }
                let message = message
                    .filter(|item| item.id == id && item.chat == self.id && item.is_for(viewer))
                    .filter(|item| matches!(item.body, Body::Message { .. } | Body::Attachment(_)))
                    .ok_or_else(|| EventError::UnknownMessage(id.to_string()))?;
                Ok(self.receipt(participant, message, matches!(event, SentEvent::Read(_)), cx))
            }
        }
    }

    fn told(&mut self, event: EventType, sender: Sender, cx: &mut Context<'_>) -> Sent {
        self.sent(Draft::event(event, None, Some(sender)), Changes::default(), cx)
    }

    fn receipt(&mut self, recipient: ParticipantId, message: &Item, read: bool, cx: &mut Context<'_>) -> Sent {
        let known = message.receipt_of(recipient);
        // AWS does not say: a receipt for one's own message is accepted and means nothing, as clients ignore such.
        let is_own = message.sender.as_ref().is_some_and(|sender| sender.participant == recipient);
        let Some(receipt) = next_receipt(known, recipient, read, cx.now).filter(|_| !is_own) else {
            return self.nothing_sent(cx);
        };

        let mut changes = Changes::default();
        changes.receipts.push(ReceiptUpdate { message: message.id, receipt: receipt.clone() });
        let draft = Draft {
            id: None,
            sender: None,
            visibility: Visibility::All,
            stored: false,
            body: Body::Metadata { message: message.id, receipt },
        };
        self.sent(draft, changes, cx)
    }

    /// The reply to an event that was accepted and changed nothing.
    fn nothing_sent(&self, cx: &mut Context<'_>) -> Sent {
        Sent { id: ItemId::new(cx.ids), at: cx.now.max(self.last_at), changes: Changes::default() }
    }
}

/// The receipt as it is after this one; nothing if it says nothing new.
///
/// AWS does not say what a read receipt means for a message never reported as delivered, nor whether a second report
/// moves the first one's time: who has read a message has got it, and the first time is the true one.
fn next_receipt(known: Option<&Receipt>, recipient: ParticipantId, read: bool, now: Time) -> Option<Receipt> {
    let before = known.cloned().unwrap_or(Receipt { recipient, delivered_at: None, read_at: None });
    let after = Receipt {
        recipient,
        delivered_at: before.delivered_at.or(Some(now)),
        read_at: before.read_at.or(read.then_some(now)),
    };
    (after != before).then_some(after)
}
