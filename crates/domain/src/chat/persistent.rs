//! Persistent chat: a new chat that continues one which has ended.
//!
//! The rule: the new chat remembers one contact of one past chat; that chat may remember another, so the links add up
//! by being followed. Sources: *Enable persistent chat* of the Administrator Guide, *PersistentChat* of the API
//! reference.

use serde::{Deserialize, Serialize};

use super::{Chat, Contact};
use crate::words::words;
use crate::{ChatId, ContactId, InstanceId};

words! {
    /// Where to continue from.
    RehydrationType {
        /// From the last contact of the chat whose first contact is named.
        EntirePastSession = "ENTIRE_PAST_SESSION",
        /// From the contact that is named; what came after it in its chat is left out.
        FromSegment = "FROM_SEGMENT",
    }
}

/// A contact that a request names, as loaded.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The contact itself.
    pub contact: &'a Contact,
    /// The first contact of its chat, which carries the attributes; often the same.
    pub initial: &'a Contact,
}

/// What `PersistentChat` names, as loaded.
#[derive(Debug, Clone, Copy)]
pub struct PersistentSource<'a> {
    /// Where to continue from.
    pub rehydration: RehydrationType,
    /// The contact named by `SourceContactId`, and its chat; nothing where there is none in this instance.
    pub found: Option<(&'a Chat, Found<'a>)>,
}

/// The past that a chat continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// The past chat.
    pub chat: ChatId,
    /// Its contact that is continued (`ContinuedFromContactId`).
    pub contact: ContactId,
    /// The last place of its log that belongs to the past.
    pub last_seq: u64,
}

/// The chat cannot be continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersistentError {
    /// There is no such contact in the instance.
    #[error("PersistentChat.SourceContactId names no chat contact of this instance")]
    SourceNotFound,
    /// The chat still goes on.
    #[error("PersistentChat.SourceContactId must belong to a chat that has ended")]
    SourceNotEnded,
    /// The whole past session is named by its first contact.
    #[error("PersistentChat.SourceContactId must be the initial contact for ENTIRE_PAST_SESSION")]
    SourceNotInitial,
}

impl PersistentSource<'_> {
    /// The past to continue, if the rules allow it.
    pub(super) fn resolve(&self, instance: InstanceId) -> Result<Past, PersistentError> {
        let (chat, source) = self
            .found
            .map(|(chat, found)| (chat, found.contact))
            .filter(|(chat, source)| chat.instance == instance && chat.has_contact(source.id))
            .ok_or(PersistentError::SourceNotFound)?;
        if chat.is_open() {
            return Err(PersistentError::SourceNotEnded);
        }
        match self.rehydration {
            RehydrationType::EntirePastSession if !source.is_initial() => Err(PersistentError::SourceNotInitial),
            RehydrationType::EntirePastSession => Ok(chat.up_to(chat.contact())),
            RehydrationType::FromSegment => Ok(chat.up_to(source.id)),
        }
    }
}

impl Chat {
    /// This chat as the past of another, up to and with `contact`.
    fn up_to(&self, contact: ContactId) -> Past {
        let next = self.contacts.iter().skip_while(|segment| segment.contact != contact).nth(1);
        let last_seq = next.map_or(self.last_seq, |segment| segment.from_seq - 1);
        Past { chat: self.id, contact, last_seq }
    }
}
