//! A contact in numbers, read off its items.

use switchboard_domain::{
    ChatId, ContactId, ItemId, ParticipantId, Time,
    chat::{
        Body, Chunk, EventType, Item, MessageType, Role, Sender, Visibility,
        metrics::{ChatMetrics, Meter},
    },
};
use uuid::Uuid;

const CUSTOMER: ParticipantId = ParticipantId(Uuid::from_u128(1));
const AGENT: ParticipantId = ParticipantId(Uuid::from_u128(2));
const OTHER: ParticipantId = ParticipantId(Uuid::from_u128(3));
const BOT: ParticipantId = ParticipantId(Uuid::from_u128(4));

fn item(at_ms: i64, participant: ParticipantId, role: Role, body: Body) -> Item {
    Item {
        id: ItemId(Uuid::nil()),
        chat: ChatId(Uuid::nil()),
        contact: ContactId(Uuid::nil()),
        seq: 1,
        at: Time(at_ms),
        sender: Some(Sender { participant, role, display_name: None }),
        visibility: Visibility::All,
        stored: true,
        body,
        receipts: Vec::new(),
    }
}

fn joins(at_ms: i64, participant: ParticipantId, role: Role) -> Item {
    item(at_ms, participant, role, Body::Event { content_type: EventType::Joined, content: None })
}

fn says(at_ms: i64, participant: ParticipantId, role: Role, text: &str) -> Item {
    let body = Body::Message { content_type: MessageType::Plain, content: text.to_owned(), chunk: None };
    item(at_ms, participant, role, body)
}

fn read(items: &[Item], ended_at_ms: i64) -> ChatMetrics {
    let mut meter = Meter::default();
    items.iter().for_each(|item| meter.see(item));
    meter.read(Time(ended_at_ms))
}

#[test]
fn a_conversation_comes_to_these_numbers() {
    let metrics = read(
        &[
            joins(0, CUSTOMER, Role::Customer),
            says(100, CUSTOMER, Role::Customer, "hi"),
            says(150, BOT, Role::System, "welcome"),
            joins(1_000, AGENT, Role::Agent),
            says(1_500, AGENT, Role::Agent, "é"),
            says(1_600, AGENT, Role::Agent, "and"),
            says(2_000, CUSTOMER, Role::Customer, "1234"),
            says(2_100, CUSTOMER, Role::Customer, "5"),
            says(5_000, AGENT, Role::Agent, "ok"),
        ],
        9_000,
    );
    assert_eq!((metrics.messages, metrics.bot_messages, metrics.bot_characters, metrics.turns), (7, 1, 7, 2));
    assert_eq!((metrics.multi_party, metrics.close_ms), (false, Some(6_900)));
    assert_eq!(metrics.agent_first_response_at, Some(Time(1_500)));
    assert_eq!(metrics.agent_first_response_ms, Some(500));

    let agent = metrics.agent.expect("came");
    assert_eq!((agent.participant, agent.messages, agent.characters), (AGENT, 3, 6));
    assert_eq!((agent.responses, agent.response_ms, agent.longest_response_ms), (2, 3_500, 3_000));
    assert_eq!(agent.last_message_at, Some(Time(5_000)));
    let customer = metrics.customer.expect("spoke");
    assert_eq!((customer.messages, customer.characters), (3, 7));
    assert_eq!((customer.responses, customer.response_ms), (1, 1_850));
}

#[test]
fn two_of_the_staff_are_a_party_and_the_first_agent_is_the_one_who_is_measured() {
    let metrics = read(
        &[joins(0, AGENT, Role::Agent), joins(1, OTHER, Role::Supervisor), says(2, OTHER, Role::Supervisor, "hello")],
        10,
    );
    assert!(metrics.multi_party);
    assert_eq!((metrics.messages, metrics.agent.expect("came").messages), (1, 0));
    assert_eq!((metrics.agent_first_response_at, metrics.close_ms, metrics.customer), (None, None, None));
}

#[test]
fn a_message_in_pieces_is_one_message() {
    let piece = |at_ms, number, completed| {
        let chunk = Some(Chunk { number, completed });
        let body = Body::Message { content_type: MessageType::Plain, content: "whole".to_owned(), chunk };
        item(at_ms, BOT, Role::System, body)
    };
    let metrics = read(&[piece(1, 1, false), piece(2, 2, false), piece(3, 3, true)], 10);
    assert_eq!((metrics.messages, metrics.bot_messages, metrics.bot_characters), (1, 1, 5));
}
