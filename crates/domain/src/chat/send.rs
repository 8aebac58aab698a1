//! `SendMessage`: somebody who is there says something.
//!
//! The rule: a message has a type that the contact supports and is counted in bytes; saying something is what resets
//! the idle timers. Source: *SendMessage* and *ChatMessage*.

use super::content::MessageError;
use super::{
    Body, Changes, Chat, ChatMessage, Chunk, Context, Draft, MessageType, Participant, Presence, Role, Visibility,
};
use crate::{ItemId, ParticipantId, Time};

/// Something was said.
#[derive(Debug)]
pub struct Sent {
    /// Its id.
    pub id: ItemId,
    /// When.
    pub at: Time,
    /// What changed.
    pub changes: Changes,
}

/// Nobody may say anything now, or not this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpeakError {
    /// The chat is over.
    #[error("the chat has ended")]
    ChatEnded,
    /// They are not there: they have not connected yet, or have left.
    #[error("the participant is not connected to the chat")]
    NotConnected,
    /// They listen only.
    #[error("a supervisor who is monitoring silently cannot send anything")]
    Monitoring,
}

/// Nothing was said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// They may not.
    #[error(transparent)]
    Speak(#[from] SpeakError),
    /// The message may not be sent.
    #[error(transparent)]
    Message(#[from] MessageError),
}

/// What a flow, or a Lex bot that answers for it, says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemMessage {
    /// The type; templates are allowed here.
    pub content_type: MessageType,
    /// The text.
    pub content: String,
    /// Under which name.
    pub display_name: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// Set for a piece of a streamed answer: which piece, and the id all pieces share.
    pub chunk: Option<(Chunk, Option<ItemId>)>,
}

impl Chat {
    /// `SendMessage`.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub fn send_message(
        &mut self,
        participant: ParticipantId,
        content_type: &str,
        content: String,
        cx: &mut Context<'_>,
    ) -> Result<Sent, SendError> {
        let who = self.speaker(participant)?;
        let (role, sender) = (who.role, who.sender());
        let message = ChatMessage::parse(content_type, content, &self.content_types, cx.limits.message_bytes)?;

        let mut changes = Changes::default();
        self.spoke(role, cx, &mut changes);
        Ok(self.sent(Draft::message(message, sender), changes, cx))
    }

    /// A flow says something. Pieces of a streamed answer go to open sockets; the last one, whole, to the transcript.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub fn say(&mut self, message: SystemMessage, cx: &mut Context<'_>) -> Result<Sent, SendError> {
        self.must_be_open().map_err(|_| SpeakError::ChatEnded)?;
        let SystemMessage { content_type, content, display_name, visibility, chunk } = message;
        let checked = ChatMessage::checked(content_type, content, &self.content_types, cx.limits.message_bytes)?;
        let mut sender = self.system(cx).sender();
        sender.display_name = Some(display_name);

        let draft = Draft {
            id: chunk.and_then(|(_, id)| id),
            visibility,
            stored: chunk.is_none_or(|(chunk, _)| chunk.completed),
            body: Body::Message { content_type, content: checked.content, chunk: chunk.map(|(chunk, _)| chunk) },
            sender: Some(sender),
        };
        Ok(self.sent(draft, Changes::default(), cx))
    }

    /// Whoever may say something: they are there, and not only listening.
    pub(super) fn speaker(&self, participant: ParticipantId) -> Result<&Participant, SpeakError> {
        self.must_be_open().map_err(|_| SpeakError::ChatEnded)?;
        let who = self.participant(participant).filter(|who| who.is_connected()).ok_or(SpeakError::NotConnected)?;
        if who.silent { Err(SpeakError::Monitoring) } else { Ok(who) }
    }

    pub(super) fn sent(&mut self, draft: Draft, mut changes: Changes, cx: &mut Context<'_>) -> Sent {
        let item = self.item(draft, cx);
        let (id, at) = (item.id, item.at);
        changes.items.push(item);
        Sent { id, at, changes }
    }

    /// The participant in whose name flows speak, made when one first does.
    fn system(&mut self, cx: &mut Context<'_>) -> &Participant {
        let at = self.participants.iter().position(|who| who.role == Role::System).unwrap_or_else(|| {
            let mut system = Participant::new(ParticipantId::new(cx.ids), Role::System, None);
            system.presence = Presence::Connected;
            self.participants.push(system);
            self.participants.len() - 1
        });
        &self.participants[at]
    }
}
