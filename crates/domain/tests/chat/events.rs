//! `SendEvent`: typing, receipts, and what is no event.

use switchboard_domain::ItemId;
use switchboard_domain::chat::events::{EventError, SentEvent};
use switchboard_domain::chat::participants::StaffRole;
use switchboard_domain::chat::send::SpeakError;
use switchboard_domain::chat::{Body, EventType};
use uuid::Uuid;

use crate::world::{ACK, DELIVERED, MINUTE, READ, SECOND, World, decide};

const TYPING: &str = "application/vnd.amazonaws.connect.event.typing";
const ACKNOWLEDGED: &str = "application/vnd.amazonaws.connect.event.connection.acknowledged";
const INVITED: &str = "application/vnd.amazonaws.connect.event.participant.invited";

fn content(id: ItemId) -> String {
    format!("{{\"messageId\":\"{id}\"}}")
}

#[test]
fn typing_is_seen_and_not_kept() {
    let (mut world, agent) = World::served();
    let items = world.event(agent, TYPING, None);
    assert_eq!((items[0].kind(), items[0].content_type()), ("EVENT", Some(TYPING)));
    assert!(!items[0].stored);
}

#[test]
fn an_acknowledged_connection_is_accepted_and_means_nothing() {
    let mut world = World::connected();
    let customer = world.customer;
    let sent = world.try_event(customer, ACKNOWLEDGED, None).expect("accepted");
    assert!(sent.changes.is_empty());
    assert!(sent.at >= world.chat.last_at());
}

#[test]
fn an_invitation_is_kept() {
    let (mut world, agent) = World::served();
    assert!(world.event(agent, INVITED, None)[0].stored);
}

#[test]
fn events_that_participants_do_not_send_are_refused() {
    let sendable = [
        EventType::Typing,
        EventType::Invited,
        EventType::ConnectionAcknowledged,
        EventType::MessageDelivered,
        EventType::MessageRead,
    ];
    let others = EventType::ALL.iter().filter(|event| !sendable.contains(event)).map(|event| event.as_str());
    for kind in others.chain(["text/plain", ""]) {
        assert_eq!(SentEvent::parse(kind, None), Err(EventError::UnknownType(kind.to_owned())));
    }
}

#[test]
fn a_receipt_is_told_as_metadata_and_kept_on_the_message() {
    let (mut world, agent) = World::served();
    let message = world.say(agent, "Hello")[0].id;
    world.pass(SECOND);
    let items = world.receipt(world.customer, DELIVERED, message);
    let item = &items[0];
    assert_eq!(item.kind(), "MESSAGEMETADATA");
    assert_eq!(item.content_type(), Some("application/vnd.amazonaws.connect.event.message.metadata"));
    assert!(!item.stored && item.sender.is_none());
    let Body::Metadata { message: about, receipt } = &item.body else { panic!("{item:?}") };
    assert_eq!((*about, receipt.recipient), (message, world.customer));
    assert_eq!((receipt.delivered_at, receipt.read_at), (Some(world.now), None));
    assert_eq!(world.item(message).expect("stored").receipt_of(world.customer), Some(receipt));
}

#[test]
fn reading_comes_after_delivery_and_keeps_its_time() {
    let (mut world, agent) = World::served();
    let message = world.say(agent, "Hello")[0].id;
    world.receipt(world.customer, DELIVERED, message);
    let delivered_at = world.now;
    world.pass(SECOND);
    world.receipt(world.customer, READ, message);
    let receipts = &world.item(message).expect("stored").receipts;
    assert_eq!(receipts.len(), 1);
    assert_eq!((receipts[0].delivered_at, receipts[0].read_at), (Some(delivered_at), Some(world.now)));
}

#[test]
fn what_was_read_was_delivered() {
    let (mut world, agent) = World::served();
    let message = world.say(agent, "Hello")[0].id;
    world.receipt(world.customer, READ, message);
    let receipt = &world.item(message).expect("stored").receipts[0];
    assert_eq!((receipt.delivered_at, receipt.read_at), (Some(world.now), Some(world.now)));
}

#[test]
fn a_receipt_that_says_nothing_new_is_not_told() {
    let (mut world, agent) = World::served();
    let message = world.say(agent, "Hello")[0].id;
    world.receipt(world.customer, READ, message);
    world.pass(SECOND);
    assert!(world.receipt(world.customer, READ, message).is_empty());
    assert!(world.receipt(world.customer, DELIVERED, message).is_empty());
    assert!(world.receipt(agent, READ, message).is_empty(), "nor is one for a message of one's own");
}

#[test]
fn a_receipt_names_a_message_of_this_chat() {
    let (mut world, agent) = World::served();
    let customer = world.customer;
    for text in [None, Some("{}"), Some("Hello"), Some("{\"messageId\":7}")] {
        let error = world.try_event(customer, READ, text).expect_err("no message id");
        assert_eq!(error, EventError::NoMessageId(EventType::MessageRead));
    }
    let unknown = content(ItemId(Uuid::from_u128(999_999)));
    assert!(matches!(world.try_event(customer, READ, Some(&unknown)), Err(EventError::UnknownMessage(_))));
    let not_an_id = "{\"messageId\":\"x\"}";
    assert!(matches!(world.try_event(customer, READ, Some(not_an_id)), Err(EventError::UnknownMessage(_))));

    let joined = content(world.log[0].id);
    assert!(matches!(world.try_event(agent, READ, Some(&joined)), Err(EventError::UnknownMessage(_))));
}

#[test]
fn receipts_are_off_among_more_than_two() {
    let (mut world, agent) = World::served();
    let message = world.say(agent, "Hello")[0].id;
    let second = world.agent("Bob");
    let customer = world.customer;
    let refused = world.try_event(customer, READ, Some(&content(message)));
    assert_eq!(refused.err(), Some(EventError::ReceiptsOff));
    world.leave(second);
    assert!(!world.receipt(customer, READ, message).is_empty(), "two are left");
}

#[test]
fn a_supervisor_turns_receipts_off_by_barging_in() {
    let (mut world, agent) = World::served();
    let message = world.say(agent, "Hello")[0].id;
    let supervisor = world.staff(StaffRole::SilentSupervisor, "Sue");
    world.connect(supervisor, ACK);
    let customer = world.customer;
    assert!(!world.receipt(customer, DELIVERED, message).is_empty(), "listening is not taking part");

    let changes = decide!(&mut world, |chat, cx| chat.barge(supervisor, cx)).expect("may barge");
    world.apply(changes);
    let refused = world.try_event(customer, READ, Some(&content(message)));
    assert_eq!(refused.err(), Some(EventError::ReceiptsOff));
}

#[test]
fn nothing_is_sent_by_the_absent_or_after_the_end() {
    let mut world = World::new();
    let customer = world.customer;
    let absent = world.try_event(customer, TYPING, None).err();
    assert_eq!(absent, Some(EventError::Speak(SpeakError::NotConnected)));
    world.pass(5 * MINUTE);
    let late = world.try_event(customer, TYPING, None).err();
    assert_eq!(late, Some(EventError::Speak(SpeakError::ChatEnded)));
}
