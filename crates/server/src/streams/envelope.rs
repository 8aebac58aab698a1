//! The envelope of Amazon SNS around an item, as it POSTs one to an HTTP endpoint.
//!
//! The one rule: the same item of the same stream is the same envelope, byte for byte, however often it is sent: a
//! receiver that remembers `MessageId` drops what comes twice. Members and headers as in *HTTP/HTTPS notification JSON
//! format* and *HTTP/HTTPS headers* of the SNS Developer Guide; the attributes as in *Amazon SNS payload* of the Amazon
//! Connect Administrator Guide.
//!
//! `Signature` and the two URLs are there and empty. AWS alone can sign so that its certificate verifies; who receives
//! from this server knows it by the URL that its settings name, which may hold a user and a password.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{Context, SHA256};
use serde::Serialize;
use switchboard_domain::{Home, InstanceId, StreamingId, chat::Item};
use switchboard_wire::iso_millis;
use uuid::Builder;

use crate::chat::render;

/// A notification, ready to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Notification {
    /// `MessageId`.
    pub(super) id: String,
    /// `TopicArn`.
    pub(super) topic: String,
    /// The ARN of the subscription: the stream is the topic's one subscriber.
    pub(super) subscription: String,
    /// The whole envelope, as JSON.
    pub(super) body: String,
}

/// Whose items are put into envelopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sender {
    /// The instance.
    pub(super) instance: InstanceId,
    /// The stream.
    pub(super) stream: StreamingId,
    /// The topic that it goes to.
    pub(super) topic: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    r#type: &'a str,
    message_id: &'a str,
    topic_arn: &'a str,
    message: &'a str,
    timestamp: String,
    signature_version: &'a str,
    signature: &'a str,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: &'a str,
    #[serde(rename = "UnsubscribeURL")]
    unsubscribe_url: &'a str,
    message_attributes: BTreeMap<&'a str, Attribute>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    r#type: &'static str,
    value: String,
}

impl Sender {
    /// The item in its envelope; none for an item that is for one participant alone.
    pub(super) fn notification(&self, home: &Home, item: &Item) -> Option<Notification> {
        let visibility = item.visibility.as_str()?;
        let id = self.message_id(item);
        let envelope = Envelope {
            r#type: "Notification",
            message_id: &id,
            topic_arn: &self.topic,
            message: &render::socket_item(item),
            timestamp: iso_millis(item.at.as_millis()),
            signature_version: "1",
            signature: "",
            signing_cert_url: "",
            unsubscribe_url: "",
            message_attributes: self.attributes(home, item, visibility),
        };
        // Plain data cannot fail to be written.
        let body = serde_json::to_string(&envelope).unwrap_or_default();
        let subscription = format!("{}:{}", self.topic, self.stream);
        Some(Notification { id, topic: self.topic.clone(), subscription, body })
    }

    /// The place counts too: the pieces of a bot's message share the item's id.
    fn message_id(&self, item: &Item) -> String {
        let mut context = Context::new(&SHA256);
        context.update(self.stream.0.as_bytes());
        context.update(item.id.0.as_bytes());
        context.update(&item.seq.to_be_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&context.finish().as_ref()[..16]);
        Builder::from_custom_bytes(bytes).into_uuid().to_string()
    }

    fn attributes(&self, home: &Home, item: &Item, visibility: &str) -> BTreeMap<&'static str, Attribute> {
        let role = item.sender.as_ref().map(|sender| sender.role.to_string());
        [
            ("AccountId", Some(home.account.clone())),
            ("ContactId", Some(item.contact.to_string())),
            ("ContentType", item.content_type().map(str::to_owned)),
            ("InitialContactId", Some(item.chat.to_string())),
            ("InstanceId", Some(self.instance.to_string())),
            ("MessageVisibility", Some(visibility.to_owned())),
            ("ParticipantRole", role),
            ("Type", Some(item.kind().to_owned())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, Attribute { r#type: "String", value: value? })))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use switchboard_domain::{
        ChatId, ContactId, ItemId, ParticipantId, Time,
        chat::{Body, EventType, MessageType, Role, Visibility, item},
    };
    use uuid::Uuid;

    use super::*;

    fn home() -> Home {
        Home { region: "us-east-1".to_owned(), account: "123456789012".to_owned() }
    }

    fn sender() -> Sender {
        Sender {
            instance: InstanceId(Uuid::from_u128(1)),
            stream: StreamingId(Uuid::from_u128(2)),
            topic: "arn:aws:sns:us-east-1:123456789012:chats".to_owned(),
        }
    }

    fn item(body: Body) -> Item {
        Item {
            id: ItemId(Uuid::from_u128(3)),
            chat: ChatId(Uuid::from_u128(4)),
            contact: ContactId(Uuid::from_u128(5)),
            seq: 6,
            at: Time(1_767_323_045_678),
            sender: None,
            visibility: Visibility::All,
            stored: true,
            body,
            receipts: Vec::new(),
        }
    }

    fn message(text: &str) -> Item {
        let body = Body::Message { content_type: MessageType::Plain, content: text.to_owned(), chunk: None };
        let participant = ParticipantId(Uuid::from_u128(7));
        let sender = item::Sender { participant, role: Role::Customer, display_name: Some("Jane".to_owned()) };
        Item { sender: Some(sender), ..item(body) }
    }

    #[test]
    fn an_item_has_the_envelope_and_the_attributes_that_sns_gives_it() {
        let item = message("\"hi\" 🙂");
        let sent = sender().notification(&home(), &item).expect("for everybody");
        let envelope: Value = serde_json::from_str(&sent.body).expect("JSON");
        let text = |value: &str| json!({ "Type": "String", "Value": value });
        assert_eq!(
            envelope,
            json!({
                "Type": "Notification",
                "MessageId": sent.id,
                "TopicArn": "arn:aws:sns:us-east-1:123456789012:chats",
                "Message": render::socket_item(&item),
                "Timestamp": "2026-01-02T03:04:05.678Z",
                "SignatureVersion": "1",
                "Signature": "",
                "SigningCertURL": "",
                "UnsubscribeURL": "",
                "MessageAttributes": {
                    "AccountId": text("123456789012"),
                    "ContactId": text("00000000-0000-0000-0000-000000000005"),
                    "ContentType": text("text/plain"),
                    "InitialContactId": text("00000000-0000-0000-0000-000000000004"),
                    "InstanceId": text("00000000-0000-0000-0000-000000000001"),
                    "MessageVisibility": text("ALL"),
                    "ParticipantRole": text("CUSTOMER"),
                    "Type": text("MESSAGE"),
                },
            })
        );
        assert_eq!(sent.subscription, "arn:aws:sns:us-east-1:123456789012:chats:00000000-0000-0000-0000-000000000002");
    }

    #[test]
    fn what_has_no_sender_has_no_role_and_what_is_for_one_goes_to_no_stream() {
        let ended = item(Body::Event { content_type: EventType::ChatEnded, content: None });
        let sent = sender().notification(&home(), &ended).expect("for everybody");
        let envelope: Value = serde_json::from_str(&sent.body).expect("JSON");
        assert_eq!(envelope["MessageAttributes"].get("ParticipantRole"), None);
        let whisper = Item { visibility: Visibility::Only(ParticipantId(Uuid::from_u128(7))), ..message("psst") };
        assert_eq!(sender().notification(&home(), &whisper), None);
    }

    #[test]
    fn an_item_is_known_again_by_its_message_id() {
        let id = |sender: &Sender, item: &Item| sender.notification(&home(), item).expect("for everybody").id;
        let (first, other) = (message("one"), Sender { stream: StreamingId(Uuid::from_u128(9)), ..sender() });
        assert_eq!(id(&sender(), &first), id(&sender(), &first));
        assert_ne!(id(&sender(), &first), id(&other, &first), "another stream");
        assert_ne!(id(&sender(), &first), id(&sender(), &Item { seq: 7, ..first.clone() }), "another piece");
        assert_eq!(id(&sender(), &first).len(), 36);
    }
}
