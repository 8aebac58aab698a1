//! Identifiers: UUIDs with a type of their own each, so that a contact is never taken for a participant.
//!
//! The domain makes no randomness. Whoever decides something that needs fresh ids is handed an [`Ids`].

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A source of fresh ids. The server's draws them from the system; a test's counts.
pub trait Ids {
    /// An id never given before.
    fn next(&mut self) -> Uuid;
}

impl<F: FnMut() -> Uuid> Ids for F {
    fn next(&mut self) -> Uuid {
        self()
    }
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh one.
            pub fn new(ids: &mut dyn Ids) -> Self {
                Self(ids.next())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

id! {
    /// An Amazon Connect instance.
    InstanceId,
    /// Anything inside an instance that has an id of its own: a queue, a flow, a prompt, ….
    ResourceId,
    /// One contact: a segment of a conversation.
    ContactId,
    /// A whole chat: the id of its first contact (`InitialContactId`), shared by all its segments.
    ChatId,
    /// Somebody in a chat.
    ParticipantId,
    /// One item of a chat's log: a message, an event, an attachment.
    ItemId,
    /// A file sent in a chat.
    AttachmentId,
    /// A real-time stream of a contact to an outside endpoint.
    StreamingId,
}

impl From<ContactId> for ChatId {
    /// The chat that this contact begins.
    fn from(first: ContactId) -> Self {
        Self(first.0)
    }
}
