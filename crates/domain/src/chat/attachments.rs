//! Files in a chat: announced, uploaded, confirmed, looked at, fetched.
//!
//! The rule: a file is in the chat only once its sender has confirmed it and its bytes are all there; how they got
//! there is the caller's. Sources: *StartAttachmentUpload*, *CompleteAttachmentUpload*, *GetAttachment*, *Feature
//! specifications* (types, 20 MB), *Enable attachments* (scanners).

use serde::{Deserialize, Serialize};

use super::file_types;
use super::send::SpeakError;
use super::{
    AttachmentItem, AttachmentStatus, Body, Changes, Chat, ChatTimer, Context, Draft, Role, Sender, Visibility,
};
use crate::{AttachmentId, ChatId, ContactId, ItemId, ParticipantId, Time};

/// One file: a document of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// The chat it is in.
    pub chat: ChatId,
    /// The contact it was sent in.
    pub contact: ContactId,
    /// Who sends it.
    pub sender: Sender,
    /// What it is called.
    pub name: String,
    /// What it is said to be.
    pub content_type: String,
    /// How big it is said to be.
    pub size_bytes: u64,
    /// Until when it can be uploaded.
    pub upload_by: Time,
    /// How far it has come.
    pub state: AttachmentState,
}

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentState {
    /// Announced; its bytes may come.
    Announced,
    /// Confirmed, in the transcript under this item.
    Sent {
        /// The item.
        item: ItemId,
        /// What the scanner says.
        status: AttachmentStatus,
    },
}

/// What `StartAttachmentUpload` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRequest {
    /// `AttachmentName`.
    pub name: String,
    /// `ContentType`.
    pub content_type: String,
    /// `AttachmentSizeInBytes`.
    pub size_bytes: u64,
    /// Whether the instance has a place for attachments: a storage config of type `ATTACHMENTS`.
    pub enabled: bool,
}

/// What a scanner found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanVerdict {
    /// Nothing bad.
    Clean,
    /// Something bad, or it could not tell.
    Refused,
}

/// The file was not taken on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentError {
    /// They may not send anything.
    #[error(transparent)]
    Speak(#[from] SpeakError),
    /// The instance has no place for files.
    #[error("attachments are not enabled for this instance")]
    Disabled,
    /// Files of this type are not allowed.
    #[error("ContentType {0} is not a supported file type")]
    ContentType(String),
    /// Files of this name are not allowed.
    #[error("AttachmentName {0:?} does not end in a supported file type")]
    Name(String),
    /// It is empty.
    #[error("AttachmentSizeInBytes must be at least 1")]
    Empty,
    /// It is too big.
    #[error("AttachmentSizeInBytes must be at most {max_bytes}, it is {bytes}")]
    TooLarge {
        /// Bytes it has.
        bytes: u64,
        /// Bytes it may have.
        max_bytes: u64,
    },
    /// The chat has too many.
    #[error("the contact already has {0} attachments, the most it may have")]
    TooMany(u32),
}

/// The file was not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompleteError {
    /// They may not send anything.
    #[error(transparent)]
    Speak(#[from] SpeakError),
    /// It is not one of this participant's in this chat.
    #[error("AttachmentIds names no attachment that this participant has started to upload")]
    Unknown,
    /// It was confirmed before.
    #[error("the attachment has already been completed")]
    AlreadyCompleted,
    /// Its bytes are not there.
    #[error("the attachment has not been uploaded")]
    NotUploaded,
    /// Its bytes are not those announced.
    #[error("the attachment has {uploaded} bytes, AttachmentSizeInBytes was {announced}")]
    WrongSize {
        /// Bytes that came.
        uploaded: u64,
        /// Bytes that were announced.
        announced: u64,
    },
    /// The chat has too many.
    #[error("the contact already has {0} attachments, the most it may have")]
    TooMany(u32),
}

/// The file may not be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The chat is over.
    #[error("the chat has ended")]
    ChatEnded,
    /// They are not there.
    #[error("the participant is not connected to the chat")]
    NotConnected,
    /// Bots may not see what customers send.
    #[error("a CUSTOM_BOT is not permitted to access attachments of customers")]
    CustomBot,
    /// It is not in this chat.
    #[error("AttachmentId names no attachment of this chat")]
    Unknown,
    /// It is not confirmed, or still being looked at.
    #[error("the attachment is not available yet")]
    NotReady,
    /// A scanner refused it.
    #[error("the attachment was rejected")]
    Rejected,
}

impl Chat {
    /// `StartAttachmentUpload`: the file to save. The chat does not change.
    ///
    /// # Errors
    /// The rule that forbids the file.
    pub fn announce_attachment(
        &self,
        participant: ParticipantId,
        request: AttachmentRequest,
        cx: &mut Context<'_>,
    ) -> Result<Attachment, AttachmentError> {
        let sender = self.speaker(participant)?.sender();
        request.check(cx)?;
        if self.attachments >= cx.limits.attachments_per_chat {
            return Err(AttachmentError::TooMany(cx.limits.attachments_per_chat));
        }
        Ok(Attachment {
            id: AttachmentId::new(cx.ids),
            chat: self.id,
            contact: self.contact(),
            sender,
            name: request.name,
            content_type: request.content_type,
            size_bytes: request.size_bytes,
            upload_by: cx.now.plus_seconds(cx.limits.upload_url_seconds),
            state: AttachmentState::Announced,
        })
    }

    /// `CompleteAttachmentUpload`: the file goes into the chat. `uploaded_bytes` is how many have come, if any have;
    /// `scanned` is whether a scanner will look at it first.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub fn complete_attachment(
        &mut self,
        participant: ParticipantId,
        attachment: &mut Attachment,
        uploaded_bytes: Option<u64>,
        scanned: bool,
        cx: &mut Context<'_>,
    ) -> Result<Changes, CompleteError> {
        let who = self.speaker(participant)?;
        let (role, sender) = (who.role, who.sender());
        if attachment.chat != self.id || attachment.sender.participant != participant {
            return Err(CompleteError::Unknown);
        }
        attachment.must_be_uploaded(uploaded_bytes)?;
        if self.attachments >= cx.limits.attachments_per_chat {
            return Err(CompleteError::TooMany(cx.limits.attachments_per_chat));
        }

        let mut changes = Changes::default();
        self.spoke(role, cx, &mut changes);
        self.attachments += 1;
        attachment.sender = sender;
        attachment.contact = self.contact();
        if scanned {
            changes.set(ChatTimer::ScanBy(attachment.id), cx.now.plus_seconds(cx.limits.scan_seconds));
        }
        let status = if scanned { AttachmentStatus::InProgress } else { AttachmentStatus::Approved };
        self.show(attachment, status, cx, &mut changes);
        Ok(changes)
    }

    /// The scanner is done. Nothing happens if nobody waits for it: the file was judged before, or the chat is over.
    pub fn scanned(&mut self, attachment: &mut Attachment, verdict: ScanVerdict, cx: &mut Context<'_>) -> Changes {
        let mut changes = Changes::default();
        if attachment.chat != self.id || attachment.status() != Some(AttachmentStatus::InProgress) {
            return changes;
        }
        changes.cancel(ChatTimer::ScanBy(attachment.id));
        let status = match verdict {
            ScanVerdict::Clean => AttachmentStatus::Approved,
            ScanVerdict::Refused => AttachmentStatus::Rejected,
        };
        if self.is_open() {
            self.show(attachment, status, cx, &mut changes);
        } else if let AttachmentState::Sent { status: known, .. } = &mut attachment.state {
            *known = status;
        }
        changes
    }

    /// [`ChatTimer::ScanBy`] has fired: a file that nobody could vouch for in time is refused.
    pub fn scan_is_late(&mut self, attachment: &mut Attachment, cx: &mut Context<'_>) -> Changes {
        self.scanned(attachment, ScanVerdict::Refused, cx)
    }

    /// `GetAttachment`: whether they may have the file. `past_chats` are those that this one continues: their files
    /// are in its transcript too.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub fn may_fetch(
        &self,
        participant: ParticipantId,
        attachment: &Attachment,
        past_chats: &[ChatId],
    ) -> Result<(), FetchError> {
        self.must_be_open().map_err(|_| FetchError::ChatEnded)?;
        let who = self.participant(participant).filter(|who| who.is_connected()).ok_or(FetchError::NotConnected)?;
        if who.role == Role::CustomBot && attachment.sender.role == Role::Customer {
            return Err(FetchError::CustomBot);
        }
        if attachment.chat != self.id && !past_chats.contains(&attachment.chat) {
            return Err(FetchError::Unknown);
        }
        match attachment.status() {
            None | Some(AttachmentStatus::InProgress) => Err(FetchError::NotReady),
            Some(AttachmentStatus::Rejected) => Err(FetchError::Rejected),
            Some(AttachmentStatus::Approved) => Ok(()),
        }
    }

    /// Puts the file, as it is now, into the log.
    ///
    /// AWS does not say how a transcript shows a file that is looked at: sockets hear of it at once and again when the
    /// scanner is done, the transcript keeps the verdict, so that it lists the file once.
    fn show(
        &mut self,
        attachment: &mut Attachment,
        status: AttachmentStatus,
        cx: &mut Context<'_>,
        changes: &mut Changes,
    ) {
        let draft = Draft {
            id: None,
            sender: Some(attachment.sender.clone()),
            visibility: Visibility::All,
            stored: status != AttachmentStatus::InProgress,
            body: Body::Attachment(AttachmentItem {
                attachment: attachment.id,
                name: attachment.name.clone(),
                content_type: attachment.content_type.clone(),
                status,
            }),
        };
        let item = self.item(draft, cx);
        attachment.state = AttachmentState::Sent { item: item.id, status };
        changes.items.push(item);
    }
}

impl AttachmentRequest {
    fn check(&self, cx: &Context<'_>) -> Result<(), AttachmentError> {
        let (bytes, max_bytes) = (self.size_bytes, cx.limits.attachment_bytes);
        if !self.enabled {
            return Err(AttachmentError::Disabled);
        }
        if !file_types::is_allowed_type(&self.content_type) {
            return Err(AttachmentError::ContentType(self.content_type.clone()));
        }
        if !file_types::is_allowed_name(&self.name) {
            return Err(AttachmentError::Name(self.name.clone()));
        }
        if bytes == 0 {
            return Err(AttachmentError::Empty);
        }
        if bytes > max_bytes { Err(AttachmentError::TooLarge { bytes, max_bytes }) } else { Ok(()) }
    }
}

impl Attachment {
    /// What the scanner says; nothing before the file is confirmed.
    #[must_use]
    pub const fn status(&self) -> Option<AttachmentStatus> {
        match self.state {
            AttachmentState::Announced => None,
            AttachmentState::Sent { status, .. } => Some(status),
        }
    }

    /// Whether its bytes may come now.
    #[must_use]
    pub fn may_upload(&self, now: Time) -> bool {
        self.state == AttachmentState::Announced && now < self.upload_by
    }

    fn must_be_uploaded(&self, uploaded_bytes: Option<u64>) -> Result<(), CompleteError> {
        if self.state != AttachmentState::Announced {
            return Err(CompleteError::AlreadyCompleted);
        }
        let uploaded = uploaded_bytes.ok_or(CompleteError::NotUploaded)?;
        let announced = self.size_bytes;
        if uploaded == announced { Ok(()) } else { Err(CompleteError::WrongSize { uploaded, announced }) }
    }
}
