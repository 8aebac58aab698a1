//! Changing a contact's record.

use std::collections::BTreeMap;

use switchboard_domain::chat::contact::{Reference, ReferenceType};
use switchboard_domain::chat::contact_edit::{ContactUpdate, EditError};
use switchboard_domain::chat::segment_attributes::{SegmentAttributeError, SegmentValue};
use switchboard_domain::chat::{Contact, Limits};

use crate::world::{DAWN, MINUTE, World};

fn record() -> Contact {
    World::new().contact().clone()
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn referring(name: &str, kind: ReferenceType, value: Option<&str>) -> ContactUpdate {
    let reference = Reference { kind, value: value.map(ToOwned::to_owned) };
    ContactUpdate { references: Some(BTreeMap::from([(name.to_owned(), reference)])), ..ContactUpdate::default() }
}

fn update(contact: &mut Contact, request: ContactUpdate) -> Result<(), EditError> {
    contact.update(request, &Limits::aws(), DAWN.plus_minutes(1))
}

#[test]
fn attributes_are_added_and_overwritten() {
    let mut contact = record();
    let limits = Limits::aws();
    contact.update_attributes(texts(&[("a", "1"), ("b", "2")]), &limits, DAWN).expect("may be set");
    contact.update_attributes(texts(&[("b", "3"), ("c", "")]), &limits, DAWN.plus_minutes(1)).expect("may be set");
    assert_eq!(contact.attributes, texts(&[("a", "1"), ("b", "3"), ("c", "")]));
    assert_eq!(contact.updated_at, DAWN.plus_minutes(1));
}

#[test]
fn attributes_are_counted_together_with_those_there_are() {
    let mut contact = record();
    let limits = Limits::aws();
    contact.update_attributes(texts(&[("a", &"x".repeat(32_000))]), &limits, DAWN).expect("may be set");
    let before = contact.clone();
    let refused = contact.update_attributes(texts(&[("b", &"x".repeat(800))]), &limits, DAWN);
    assert_eq!(refused, Err(EditError::AttributesTooLarge { bytes: 32_802, max_bytes: 32_768 }));
    assert_eq!(contact, before);
    contact.update_attributes(texts(&[("a", "")]), &limits, DAWN).expect("emptying makes room");
    contact.update_attributes(texts(&[("b", &"x".repeat(800))]), &limits, DAWN).expect("there is room");
}

#[test]
fn an_attribute_has_a_simple_key() {
    let refused = record().update_attributes(texts(&[("a.b", "1")]), &Limits::aws(), DAWN);
    assert_eq!(refused, Err(EditError::AttributeKey("a.b".to_owned())));
}

#[test]
fn attributes_can_be_set_after_the_end() {
    let mut world = World::connected();
    world.stop();
    let mut contact = world.first_contact().clone();
    assert!(contact.update_attributes(texts(&[("late", "yes")]), &Limits::aws(), DAWN).is_ok());
}

#[test]
fn an_update_changes_what_it_names() {
    let mut contact = record();
    let name = ContactUpdate { name: Some("Parcel".to_owned()), ..ContactUpdate::default() };
    update(&mut contact, name).expect("may be named");
    let described = ContactUpdate { description: Some("Lost".to_owned()), ..ContactUpdate::default() };
    update(&mut contact, described).expect("may be described");
    assert_eq!((contact.name.as_deref(), contact.description.as_deref()), (Some("Parcel"), Some("Lost")));
    assert_eq!(contact.updated_at, DAWN.plus_minutes(1));
}

#[test]
fn an_update_of_nothing_or_of_calls_is_refused() {
    assert_eq!(update(&mut record(), ContactUpdate::default()), Err(EditError::Nothing));
    let calls = ContactUpdate { audio_only: Some("QueueInfo"), ..ContactUpdate::default() };
    assert_eq!(update(&mut record(), calls), Err(EditError::AudioOnly("QueueInfo")));
}

#[test]
fn references_have_values_of_their_type() {
    let mut contact = record();
    for (kind, value) in [
        (ReferenceType::Url, "https://example.com"),
        (ReferenceType::String, ""),
        (ReferenceType::Number, "-1.5"),
        (ReferenceType::Date, "1767323045"),
        (ReferenceType::Email, "jane@example.com"),
    ] {
        assert_eq!(update(&mut contact, referring(kind.as_str(), kind, Some(value))), Ok(()), "{kind}");
    }
    assert_eq!(contact.references.len(), 5);
    for (kind, value) in [
        (ReferenceType::Url, None),
        (ReferenceType::Number, Some("one")),
        (ReferenceType::Number, Some("inf")),
        (ReferenceType::Date, Some("2026-01-02")),
    ] {
        let refused = update(&mut contact, referring("r", kind, value));
        assert_eq!(refused, Err(EditError::ReferenceValue("r".to_owned())));
    }
}

#[test]
fn the_systems_kinds_of_reference_are_the_systems() {
    for kind in [ReferenceType::Attachment, ReferenceType::EmailMessage, ReferenceType::ContactAnalysis] {
        let refused = update(&mut record(), referring("r", kind, Some("x")));
        assert_eq!(refused, Err(EditError::ReferenceType { name: "r".to_owned(), kind }));
    }
}

#[test]
fn references_have_four_kilobytes_in_all() {
    let mut contact = record();
    let half = "x".repeat(2_047);
    update(&mut contact, referring("a", ReferenceType::String, Some(&half))).expect("there is room");
    update(&mut contact, referring("b", ReferenceType::String, Some(&half))).expect("there is room");
    let refused = update(&mut contact, referring("c", ReferenceType::String, Some("")));
    assert_eq!(refused, Err(EditError::ReferencesTooLarge { bytes: 4_097, max_bytes: 4_096 }));
    update(&mut contact, referring("b", ReferenceType::String, Some(""))).expect("overwriting makes room");
}

#[test]
fn segment_attributes_are_updated_by_their_rules() {
    let mut contact = record();
    let with = |key: &str, value: SegmentValue| ContactUpdate {
        segment_attributes: Some(BTreeMap::from([(key.to_owned(), value)])),
        ..ContactUpdate::default()
    };
    let text = || SegmentValue::String("x".to_owned());
    assert_eq!(update(&mut contact, with("mood", text())), Ok(()));
    let expiry = |minutes| {
        let duration = BTreeMap::from([("ExpiryDuration".to_owned(), SegmentValue::Integer(minutes))]);
        with("connect:ContactExpiry", SegmentValue::Map(duration))
    };
    assert_eq!(update(&mut contact, expiry(135)), Ok(()));
    let wrong = Err(EditError::SegmentAttribute(SegmentAttributeError::Expiry));
    assert_eq!(update(&mut contact, expiry(0)), wrong);
    assert_eq!(update(&mut contact, with("connect:ContactExpiry", SegmentValue::Integer(5))), wrong);
    let system = SegmentAttributeError::SystemKey("connect:Subtype".to_owned());
    assert_eq!(update(&mut contact, with("connect:Subtype", text())), Err(EditError::SegmentAttribute(system)));
    assert_eq!(contact.segment_attributes.len(), 3, "the subtype it always had, and two");
}

#[test]
fn a_refused_update_changes_nothing() {
    let mut contact = record();
    let before = contact.clone();
    let request = ContactUpdate { name: Some("New".to_owned()), ..referring("r", ReferenceType::Number, Some("one")) };
    assert!(update(&mut contact, request).is_err());
    assert_eq!(contact, before);
}

#[test]
fn six_tags_are_enough() {
    let mut contact = record();
    let limits = Limits::aws();
    let six: Vec<_> = ["a", "b", "c", "d", "e", "f"].map(|key| (key, "1")).into();
    contact.tag(texts(&six), &limits, DAWN).expect("six");
    contact.tag(texts(&[("a", "2")]), &limits, DAWN).expect("not one more");
    assert_eq!(contact.tag(texts(&[("g", "1")]), &limits, DAWN), Err(EditError::TooManyTags(6)));
    contact.untag(["a", "unknown"], DAWN.plus_minutes(1));
    contact.tag(texts(&[("g", "1")]), &limits, DAWN).expect("there is room");
    assert_eq!(contact.tags.len(), 6);
}

#[test]
fn tags_of_the_system_are_the_systems() {
    let refused = record().tag(texts(&[("aws:x", "1")]), &Limits::aws(), DAWN);
    assert_eq!(refused, Err(EditError::TagKey("aws:x".to_owned())));
}

#[test]
fn a_contact_ends_once() {
    let mut world = World::connected();
    world.pass(MINUTE);
    world.stop();
    let contact = world.contact().clone();
    let (at, reason) = (contact.disconnected_at, contact.disconnect_reason);
    let again = switchboard_domain::chat::ContactChange::Ended { contact: contact.id, at: DAWN, reason: None };
    let contact = again.apply(contact);
    assert_eq!((contact.disconnected_at, contact.disconnect_reason), (at, reason));
}
