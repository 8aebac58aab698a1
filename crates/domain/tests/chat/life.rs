//! A whole chat, from the first request to the last event.

use switchboard_domain::Time;
use switchboard_domain::chat::{ChatTimer, DisconnectReason, InitiationMethod};

use crate::world::{DAWN, DELIVERED, MINUTE, READ, SECOND, World, plain_chat};

#[test]
fn a_chat_is_told_in_order_and_ends_once() {
    let mut request = plain_chat();
    request.initial_message = Some(("text/plain".to_owned(), "Where is my parcel?".to_owned()));
    let mut world = World::start(request);
    assert!(world.log.is_empty(), "nothing is said before the customer is there");

    world.pass(2 * SECOND);
    world.connect_customer();
    let agent = world.agent("Ann");
    let asked = world.log[1].id;
    world.receipt(agent, DELIVERED, asked);
    world.receipt(agent, READ, asked);
    world.event(agent, "application/vnd.amazonaws.connect.event.typing", None);
    world.say(agent, "On its way.");
    world.say(world.customer, "Thanks!");
    world.leave(world.customer);

    assert_eq!(
        world.story(),
        [
            "joined CUSTOMER",
            "CUSTOMER: Where is my parcel?",
            "joined AGENT",
            "delivered",
            "read",
            "typing AGENT",
            "AGENT: On its way.",
            "CUSTOMER: Thanks!",
            "left CUSTOMER",
            "chat.ended",
        ]
    );
    assert_eq!(world.end().map(|(_, reason)| reason), Some(Some(DisconnectReason::CustomerDisconnect)));
}

#[test]
fn the_contact_keeps_the_times_of_its_life() {
    let mut world = World::new();
    assert_eq!(world.contact().initiation_method, InitiationMethod::Api);
    assert_eq!(world.contact().initiated_at, DAWN);
    assert_eq!(world.contact().connected_at, None);

    world.pass(MINUTE);
    world.connect_customer();
    world.pass(MINUTE);
    world.agent("Ann");
    world.pass(MINUTE);
    world.stop();

    let contact = world.contact();
    assert_eq!(contact.connected_at, Some(Time(DAWN.0 + MINUTE)));
    let agent = contact.agent.as_ref().expect("an agent was there");
    assert_eq!((agent.id.as_deref(), agent.connected_at), (Some("user-Ann"), Time(DAWN.0 + 2 * MINUTE)));
    assert_eq!(contact.disconnected_at, Some(Time(DAWN.0 + 3 * MINUTE)));
    assert!(contact.has_ended());
}

#[test]
fn only_the_first_connection_counts_on_the_record() {
    let mut world = World::connected();
    let first = world.contact().connected_at;
    world.pass(MINUTE);
    world.connect_customer();
    assert_eq!(world.contact().connected_at, first);
}

#[test]
fn the_documents_survive_being_stored() {
    let (mut world, agent) = World::served();
    world.say(agent, "Hello");
    let stored = serde_json::to_string(&world.chat).expect("a document");
    let chat = serde_json::from_str(&stored).expect("the same document");
    assert_eq!(world.chat, chat);
    assert!(stored.len() < 1_100, "a chat is loaded and saved by each message, and has {} bytes", stored.len());

    let stored = serde_json::to_string(world.contact()).expect("a document");
    assert_eq!(world.contact(), &serde_json::from_str(&stored).expect("the same document"));
    for item in &world.log {
        let stored = serde_json::to_string(item).expect("a document");
        assert_eq!(item, &serde_json::from_str(&stored).expect("the same document"));
    }
    for (timer, _) in world.timers.values() {
        let stored = serde_json::to_string(timer).expect("a document");
        assert_eq!(timer, &serde_json::from_str::<ChatTimer>(&stored).expect("the same document"));
    }
}

#[test]
fn many_items_of_one_millisecond_have_times_of_their_own() {
    let mut world = World::connected();
    for turn in 0..50 {
        world.say(world.customer, &format!("{turn}"));
    }
    assert_eq!(world.now, DAWN, "no time has passed");
    assert_eq!(world.chat.last_at(), Time(DAWN.0 + 51));
}

#[test]
fn a_clock_that_goes_back_does_not_turn_the_log_round() {
    let mut world = World::connected();
    world.say(world.customer, "before");
    world.now = Time(world.now.0 - 10 * MINUTE);
    world.say(world.customer, "after");
    assert!(world.log[2].at > world.log[1].at);
}
