//! What `StartChatContact` allows and what it refuses.

use std::collections::BTreeMap;

use switchboard_domain::chat::contact_edit::EditError;
use switchboard_domain::chat::content::MessageError;
use switchboard_domain::chat::persistent::Found;
use switchboard_domain::chat::segment_attributes::{SegmentAttributeError, SegmentValue};
use switchboard_domain::chat::start::{Related, StartChat, StartError};
use switchboard_domain::chat::{ChatTimer, Context, Limits, MessageType};

use crate::world::{DAWN, MINUTE, World, ids, plain_chat};

const INTERACTIVE: &str = "application/vnd.amazonaws.connect.message.interactive";
const RESPONSE: &str = "application/vnd.amazonaws.connect.message.interactive.response";

fn refused(request: StartChat<'_>) -> StartError {
    refused_by(request, &Limits::aws())
}

fn refused_by(request: StartChat<'_>, limits: &Limits) -> StartError {
    let mut last = 0;
    let mut ids = ids(&mut last);
    request.decide(&mut Context::new(DAWN, limits, &mut ids)).expect_err("a rule is broken")
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn types(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_first_contact_gives_the_chat_its_id() {
    let world = World::new();
    assert_eq!(world.contact().id.0, world.chat.id().0);
    assert!(world.contact().is_initial());
    assert_eq!(world.contact().association, world.contact().id);
}

#[test]
fn a_chat_lasts_25_hours_unless_told_otherwise() {
    let world = World::new();
    assert_eq!(world.due(ChatTimer::Duration), Some(DAWN.plus_minutes(1_500)));
    let mut request = plain_chat();
    request.duration_minutes = Some(60);
    assert_eq!(World::start(request).chat.expires_at(), DAWN.plus_minutes(60));
}

#[test]
fn a_duration_out_of_range_is_refused() {
    for given in [-1, 0, 59, 10_081] {
        let mut request = plain_chat();
        request.duration_minutes = Some(given);
        assert_eq!(refused(request), StartError::Duration { given, min: 60, max: 10_080 });
    }
    let mut request = plain_chat();
    request.duration_minutes = Some(10_080);
    assert_eq!(World::start(request).chat.expires_at(), DAWN.plus_minutes(10_080));
}

#[test]
fn a_blank_name_is_refused() {
    for name in ["", " ", "\t\n"] {
        let mut request = plain_chat();
        request.display_name = name.to_owned();
        assert_eq!(refused(request), StartError::DisplayNameBlank);
    }
}

#[test]
fn plain_text_is_supported_always_and_alone_by_default() {
    let world = World::new();
    assert_eq!(world.chat.content_types().iter().collect::<Vec<_>>(), [MessageType::Plain]);
    let mut request = plain_chat();
    request.content_types = types(&["text/markdown", "text/plain", "text/markdown"]);
    let world = World::start(request);
    assert_eq!(world.chat.content_types().iter().count(), 2);
}

#[test]
fn content_types_without_plain_text_or_unknown_are_refused() {
    let mut request = plain_chat();
    request.content_types = types(&["text/markdown"]);
    assert_eq!(refused(request), StartError::PlainTextMissing);
    let mut request = plain_chat();
    request.content_types = types(&["text/plain", "text/html"]);
    assert_eq!(refused(request), StartError::ContentType("text/html".to_owned()));
}

#[test]
fn an_initial_message_must_be_one_that_could_be_sent() {
    let refusal = |kind: &str, text: &str| {
        let mut request = plain_chat();
        request.initial_message = Some((kind.to_owned(), text.to_owned()));
        refused(request)
    };
    let unsupported = MessageError::Unsupported(MessageType::Markdown);
    assert_eq!(refusal("text/markdown", "*hi*"), StartError::InitialMessage(unsupported));
    assert_eq!(refusal("text/plain", ""), StartError::InitialMessage(MessageError::Empty));
    let too_long = MessageError::TooLong { bytes: 16_386, max_bytes: 16_384 };
    assert_eq!(refusal("text/plain", &"é".repeat(8_193)), StartError::InitialMessage(too_long));
}

#[test]
fn attributes_have_simple_keys_and_32_kilobytes() {
    let refusal = |attributes| {
        let mut request = plain_chat();
        request.attributes = attributes;
        refused(request)
    };
    for key in ["", "a b", "a.b", "ä"] {
        let wrong = StartError::Attributes(EditError::AttributeKey(key.to_owned()));
        assert_eq!(refusal(texts(&[(key, "x")])), wrong);
    }
    let too_large = EditError::AttributesTooLarge { bytes: 32_769, max_bytes: 32_768 };
    assert_eq!(refusal(texts(&[("key", &"x".repeat(32_766))])), StartError::Attributes(too_large));

    let mut request = plain_chat();
    request.attributes = texts(&[("key", &"x".repeat(32_765))]);
    assert_eq!(World::start(request).contact().attributes.len(), 1);
}

#[test]
fn a_guide_needs_both_interactive_types() {
    let guide = || {
        let mut request = plain_chat();
        let subtype = SegmentValue::String("connect:Guide".to_owned());
        request.segment_attributes = BTreeMap::from([("connect:Subtype".to_owned(), subtype)]);
        request
    };
    let needs = StartError::SegmentAttribute(SegmentAttributeError::GuideNeedsInteractive);
    assert_eq!(refused(guide()), needs);
    let mut request = guide();
    request.content_types = types(&["text/plain", INTERACTIVE]);
    assert_eq!(refused(request), needs);
    let mut request = guide();
    request.content_types = types(&["text/plain", INTERACTIVE, RESPONSE]);
    World::start(request);
}

#[test]
fn segment_attributes_are_the_users_own_texts() {
    let refusal = |key: &str, value: SegmentValue| {
        let mut request = plain_chat();
        request.segment_attributes = BTreeMap::from([(key.to_owned(), value)]);
        match refused(request) {
            StartError::SegmentAttribute(error) => error,
            other => panic!("{other:?}"),
        }
    };
    let text = || SegmentValue::String("x".to_owned());
    assert_eq!(refusal("a b", text()), SegmentAttributeError::Key("a b".to_owned()));
    assert_eq!(refusal("connect:Other", text()), SegmentAttributeError::SystemKey("connect:Other".to_owned()));
    assert_eq!(refusal("connect:Subtype", text()), SegmentAttributeError::Subtype("x".to_owned()));
    assert_eq!(refusal("count", SegmentValue::Integer(1)), SegmentAttributeError::NotAString("count".to_owned()));
}

#[test]
fn a_customer_may_have_signed_in_before_the_chat() {
    let signed_in = |status: SegmentValue| {
        let mut request = plain_chat();
        let value = SegmentValue::Map(BTreeMap::from([("Status".to_owned(), status)]));
        request.segment_attributes = BTreeMap::from([("connect:CustomerAuthentication".to_owned(), value)]);
        request
    };
    let world = World::start(signed_in(SegmentValue::String("AUTHENTICATED".to_owned())));
    let SegmentValue::Map(kept) = &world.contact().segment_attributes["connect:CustomerAuthentication"] else {
        panic!("{:?}", world.contact().segment_attributes)
    };
    assert_eq!(kept["Status"], SegmentValue::String("AUTHENTICATED".to_owned()));
    let not_a_map = SegmentAttributeError::NotAMap("connect:CustomerAuthentication".to_owned());
    assert_eq!(refused(signed_in(SegmentValue::Integer(1))), StartError::SegmentAttribute(not_a_map));
}

#[test]
fn every_chat_has_a_subtype() {
    let chat = SegmentValue::String("connect:Chat".to_owned());
    assert_eq!(World::new().contact().segment_attributes["connect:Subtype"], chat);
}

#[test]
fn a_related_contact_lends_its_properties() {
    let mut request = plain_chat();
    request.attributes = texts(&[("tier", "gold"), ("lang", "fr")]);
    request.customer_id = Some("C-1".to_owned());
    let first = World::start(request);

    let found = Found { contact: first.contact(), initial: first.contact() };
    let mut request = plain_chat();
    request.related = Some(Related::Contact(found));
    request.attributes = texts(&[("lang", "de")]);
    let second = World::start_at(request, DAWN, 1_000);
    assert_eq!(second.contact().related, Some(first.contact().id));
    assert_eq!(second.contact().continued_from, None);
    assert_eq!(second.contact().attributes, texts(&[("lang", "de"), ("tier", "gold")]));
    assert_eq!(second.contact().customer_id.as_deref(), Some("C-1"));
    assert_eq!(second.contact().association, first.contact().id);
}

#[test]
fn an_unknown_related_contact_is_refused() {
    let mut request = plain_chat();
    request.related = Some(Related::Unknown);
    assert_eq!(refused(request), StartError::RelatedNotFound);
}

#[test]
fn only_so_many_chats_are_open_at_once_where_that_is_limited() {
    let busy = || {
        let mut request = plain_chat();
        request.active_chats = 500;
        request
    };
    assert_eq!(refused(busy()), StartError::TooManyChats(500));
    let mut last = 0;
    let mut ids = ids(&mut last);
    let free = Limits::default();
    assert!(busy().decide(&mut Context::new(DAWN, &free, &mut ids)).is_ok());
}

#[test]
fn a_customer_who_never_connects_ends_the_chat() {
    let mut world = World::new();
    assert!(world.pass(5 * MINUTE - 1).is_empty());
    assert!(world.chat.is_open());
    world.pass(1);
    assert_eq!(world.story(), ["chat.ended"]);
    let (at, reason) = world.end().expect("ended");
    assert_eq!(at, DAWN.plus_minutes(5));
    assert_eq!(reason.map(|reason| reason.as_str()), Some("CUSTOMER_CONNECTION_NOT_ESTABLISHED"));
}
