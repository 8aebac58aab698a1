//! The content types of a chat: what a message may be, and every event by name.
//!
//! The rule: outside this file a content type is a value, never a string. Names as in the Participant Service's
//! *SendMessage*, *SendEvent* and *GetTranscript* pages and in ChatJS's own list.

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// What a message may be.
    MessageType {
        /// Plain text; every chat supports it.
        Plain = "text/plain",
        /// Markdown.
        Markdown = "text/markdown",
        /// Any JSON.
        Json = "application/json",
        /// A template shown to the customer by a flow.
        Interactive = "application/vnd.amazonaws.connect.message.interactive",
        /// The customer's answer to a template.
        InteractiveResponse = "application/vnd.amazonaws.connect.message.interactive.response",
    }
}

impl MessageType {
    /// Whether the content has to be JSON.
    #[must_use]
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Interactive | Self::InteractiveResponse)
    }

    /// Whether a participant may send it: templates come from flows only.
    #[must_use]
    pub const fn is_sendable(self) -> bool {
        !matches!(self, Self::Interactive)
    }
}

words! {
    /// Every event a chat knows.
    EventType {
        /// Somebody is writing.
        Typing = "application/vnd.amazonaws.connect.event.typing",
        /// Somebody came in.
        Joined = "application/vnd.amazonaws.connect.event.participant.joined",
        /// Somebody left.
        Left = "application/vnd.amazonaws.connect.event.participant.left",
        /// Somebody was asked to come in.
        Invited = "application/vnd.amazonaws.connect.event.participant.invited",
        /// Somebody has been silent for long.
        Idle = "application/vnd.amazonaws.connect.event.participant.idle",
        /// Somebody idle has spoken again.
        Returned = "application/vnd.amazonaws.connect.event.participant.returned",
        /// Everybody but the customer was put out, for silence.
        AutoDisconnection = "application/vnd.amazonaws.connect.event.participant.autodisconnection",
        /// Somebody's window is in front.
        Active = "application/vnd.amazonaws.connect.event.participant.active",
        /// Somebody's window is not in front.
        Inactive = "application/vnd.amazonaws.connect.event.participant.inactive",
        /// Somebody has another name.
        DisplayNameUpdated = "application/vnd.amazonaws.connect.event.participant.displayname.updated",
        /// The chat went to another agent or queue.
        TransferSucceeded = "application/vnd.amazonaws.connect.event.transfer.succeeded",
        /// The chat could not go to another agent or queue.
        TransferFailed = "application/vnd.amazonaws.connect.event.transfer.failed",
        /// The chat is over.
        ChatEnded = "application/vnd.amazonaws.connect.event.chat.ended",
        /// The chat continues an earlier one.
        ChatRehydrated = "application/vnd.amazonaws.connect.event.chat.rehydrated",
        /// A message has reached somebody.
        MessageDelivered = "application/vnd.amazonaws.connect.event.message.delivered",
        /// A message has been read by somebody.
        MessageRead = "application/vnd.amazonaws.connect.event.message.read",
        /// What became of a message; how receipts are told on the socket.
        MessageMetadata = "application/vnd.amazonaws.connect.event.message.metadata",
        /// A connection is in use; has meant nothing since the end of 2024.
        ConnectionAcknowledged = "application/vnd.amazonaws.connect.event.connection.acknowledged",
        /// A flow's work was called off.
        WorkflowCancelled = "application/vnd.amazonaws.connect.event.workflow.cancelled",
        /// The customer is asked to sign in; the content is the session id.
        AuthenticationInitiated = "application/vnd.amazonaws.connect.event.authentication.initiated",
        /// The customer has signed in.
        AuthenticationSucceeded = "application/vnd.amazonaws.connect.event.authentication.succeeded",
        /// The customer could not sign in.
        AuthenticationFailed = "application/vnd.amazonaws.connect.event.authentication.failed",
        /// The customer took too long to sign in.
        AuthenticationTimeout = "application/vnd.amazonaws.connect.event.authentication.timeout",
        /// The sign-in session has died.
        AuthenticationExpired = "application/vnd.amazonaws.connect.event.authentication.expired",
        /// The customer did not want to sign in.
        AuthenticationCancelled = "application/vnd.amazonaws.connect.event.authentication.cancelled",
    }
}

impl EventType {
    /// Whether the transcript keeps it. *GetTranscript* lists these; timeouts are said not to be persisted.
    #[must_use]
    pub const fn is_stored(self) -> bool {
        matches!(
            self,
            Self::Joined
                | Self::Left
                | Self::Invited
                | Self::TransferSucceeded
                | Self::TransferFailed
                | Self::ChatEnded
        )
    }
}

/// The content types a chat supports. Plain text is always one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentTypes(Vec<MessageType>);

impl Default for ContentTypes {
    fn default() -> Self {
        Self(vec![MessageType::Plain])
    }
}

impl ContentTypes {
    /// Plain text and these.
    #[must_use]
    pub fn with(more: &[MessageType]) -> Self {
        let mut all = vec![MessageType::Plain];
        for kind in more {
            if !all.contains(kind) {
                all.push(*kind);
            }
        }
        Self(all)
    }

    /// Whether messages of this type may be sent.
    #[must_use]
    pub fn contains(&self, kind: MessageType) -> bool {
        self.0.contains(&kind)
    }

    /// All of them, as they were given.
    pub fn iter(&self) -> impl Iterator<Item = MessageType> + '_ {
        self.0.iter().copied()
    }
}

/// A message as somebody wants to send it: its type and text are known to fit together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// What it is.
    pub content_type: MessageType,
    /// Its text.
    pub content: String,
}

/// A message that may not be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The content type is no message's.
    #[error("ContentType {0} is not a type of message that can be sent")]
    UnknownType(String),
    /// The chat does not support the type.
    #[error("ContentType {0} is not among this contact's SupportedMessagingContentTypes")]
    Unsupported(MessageType),
    /// There is nothing in it.
    #[error("Content must not be empty")]
    Empty,
    /// It is too long.
    #[error("Content must be at most {max_bytes} bytes, it has {bytes}")]
    TooLong {
        /// Bytes it has.
        bytes: usize,
        /// Bytes it may have.
        max_bytes: usize,
    },
    /// The type is a JSON type and the text is not JSON.
    #[error("Content must be valid JSON for ContentType {0}")]
    NotJson(MessageType),
}

impl ChatMessage {
    /// Reads a message that a participant sends, against what the chat supports.
    ///
    /// # Errors
    /// The first rule it breaks.
    pub fn parse(
        content_type: &str,
        content: String,
        supported: &ContentTypes,
        max_bytes: usize,
    ) -> Result<Self, MessageError> {
        let kind = content_type
            .parse::<MessageType>()
            .ok()
            .filter(|kind| kind.is_sendable())
            .ok_or_else(|| MessageError::UnknownType(content_type.to_owned()))?;
        Self::checked(kind, content, supported, max_bytes)
    }

    /// Puts a message of a known type together, against what the chat supports.
    ///
    /// # Errors
    /// The first rule it breaks.
    pub fn checked(
        kind: MessageType,
        content: String,
        supported: &ContentTypes,
        max_bytes: usize,
    ) -> Result<Self, MessageError> {
        if !supported.contains(kind) {
            return Err(MessageError::Unsupported(kind));
        }
        if content.is_empty() {
            return Err(MessageError::Empty);
        }
        if content.len() > max_bytes {
            return Err(MessageError::TooLong { bytes: content.len(), max_bytes });
        }
        if kind.is_json() && serde_json::from_str::<serde::de::IgnoredAny>(&content).is_err() {
            return Err(MessageError::NotJson(kind));
        }
        Ok(Self { content_type: kind, content })
    }
}
