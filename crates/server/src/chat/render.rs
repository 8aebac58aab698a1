//! Items as clients read them: on the socket, in streams, and in transcripts.
//!
//! The rule: what does not apply is left out, never null. Shapes as in the Participant Service's *Item* page and as the
//! chat SDKs parse them; each message of a socket carries the item as text inside its `content`.

use serde::Serialize;
use switchboard_domain::chat::{AttachmentItem, AttachmentStatus, Body, Chunk, Item, Receipt, Role, item::Sender};
use switchboard_wire::{connectparticipant as wire, iso_millis};

/// One item inside a socket's frame.
pub(crate) fn frame(item: &Item) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Frame<'a> {
        topic: &'a str,
        content_type: &'a str,
        content: &'a str,
    }
    let content = socket_item(item);
    to_json(&Frame { topic: "aws/chat", content_type: "application/json", content: &content })
}

/// One item as sockets and streams show it.
pub(crate) fn socket_item(item: &Item) -> String {
    let sender = item.sender.as_ref();
    let (content, attachments, metadata) = match &item.body {
        Body::Message { content, chunk, .. } => {
            (Some(content.as_str()), None, chunk.map(|chunk| Metadata::of_chunk(item, chunk)))
        }
        Body::Event { content, .. } => (content.as_deref(), None, None),
        Body::Attachment(attachment) => (None, Some([Attachment::of(attachment)]), None),
        Body::Metadata { message, receipt } => (None, None, Some(Metadata::of_receipt(message.to_string(), receipt))),
    };
    to_json(&SocketItem {
        absolute_time: iso_millis(item.at.as_millis()),
        content,
        content_type: item.content_type(),
        attachments,
        id: item.id.to_string(),
        r#type: item.kind(),
        participant_id: sender.map(|sender| sender.participant.to_string()),
        display_name: sender.and_then(|sender| sender.display_name.as_deref()),
        participant_role: sender.map(|sender| sender.role.as_str()),
        initial_contact_id: item.chat.to_string(),
        contact_id: item.contact.to_string(),
        message_metadata: metadata,
    })
}

/// Plain data cannot fail to be written.
fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SocketItem<'a> {
    absolute_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments: Option<[Attachment<'a>; 1]>,
    id: String,
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    participant_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    participant_role: Option<&'a str>,
    initial_contact_id: String,
    contact_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_metadata: Option<Metadata>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attachment<'a> {
    content_type: &'a str,
    attachment_id: String,
    attachment_name: &'a str,
    status: &'static str,
}

impl<'a> Attachment<'a> {
    fn of(item: &'a AttachmentItem) -> Self {
        Self {
            content_type: &item.content_type,
            attachment_id: item.attachment.to_string(),
            attachment_name: &item.name,
            status: item.status.as_str(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipts: Option<[ReceiptJson; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_completed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chunk_number: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiptJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_timestamp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_timestamp: Option<String>,
    recipient_participant_id: String,
}

impl Metadata {
    /// Clients look at the first receipt and fail on none: there is always exactly one.
    fn of_receipt(message_id: String, receipt: &Receipt) -> Self {
        let receipt = ReceiptJson {
            delivered_timestamp: receipt.delivered_at.map(|at| iso_millis(at.as_millis())),
            read_timestamp: receipt.read_at.map(|at| iso_millis(at.as_millis())),
            recipient_participant_id: receipt.recipient.to_string(),
        };
        Self { message_id, receipts: Some([receipt]), message_completed: None, chunk_number: None }
    }

    fn of_chunk(item: &Item, chunk: Chunk) -> Self {
        Self {
            message_id: item.id.to_string(),
            receipts: None,
            message_completed: Some(chunk.completed),
            chunk_number: Some(chunk.number),
        }
    }
}

/// One item as GetTranscript shows it. An item of a past chat names it as related, not as its contact.
pub(crate) fn transcript_item(item: &Item, is_past: bool) -> wire::Item {
    let contact = item.contact.to_string();
    let (contact_id, related_contact_id) = if is_past { (None, Some(contact)) } else { (Some(contact), None) };
    let (content, attachments) = match &item.body {
        Body::Message { content, .. } => (Some(content.clone()), None),
        Body::Event { content, .. } => (content.clone(), None),
        Body::Attachment(attachment) => (None, Some(vec![attachment_item(attachment)])),
        Body::Metadata { .. } => (None, None),
    };
    wire::Item {
        absolute_time: Some(iso_millis(item.at.as_millis())),
        content,
        content_type: item.content_type().map(str::to_owned),
        id: Some(item.id.to_string()),
        r#type: item.kind().parse().ok(),
        participant_id: item.sender.as_ref().map(|sender| sender.participant.to_string()),
        display_name: item.sender.as_ref().and_then(|sender| sender.display_name.clone()),
        participant_role: item.sender.as_ref().and_then(role),
        attachments,
        message_metadata: (!item.receipts.is_empty()).then(|| wire::MessageMetadata {
            message_id: Some(item.id.to_string()),
            receipts: Some(item.receipts.iter().map(receipt).collect()),
            ..Default::default()
        }),
        related_contact_id,
        contact_id,
    }
}

/// Bots are CUSTOM_BOT, flows SYSTEM: the names are the wire's own.
fn role(sender: &Sender) -> Option<wire::ParticipantRole> {
    Role::as_str(sender.role).parse().ok()
}

fn attachment_item(item: &AttachmentItem) -> wire::AttachmentItem {
    wire::AttachmentItem {
        content_type: Some(item.content_type.clone()),
        attachment_id: Some(item.attachment.to_string()),
        attachment_name: Some(item.name.clone()),
        status: Some(match item.status {
            AttachmentStatus::InProgress => wire::ArtifactStatus::InProgress,
            AttachmentStatus::Approved => wire::ArtifactStatus::Approved,
            AttachmentStatus::Rejected => wire::ArtifactStatus::Rejected,
        }),
    }
}

fn receipt(receipt: &Receipt) -> wire::Receipt {
    wire::Receipt {
        delivered_timestamp: receipt.delivered_at.map(|at| iso_millis(at.as_millis())),
        read_timestamp: receipt.read_at.map(|at| iso_millis(at.as_millis())),
        recipient_participant_id: Some(receipt.recipient.to_string()),
    }
}
