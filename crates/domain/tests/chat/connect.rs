//! `CreateParticipantConnection`: who gets in, and what they get.

use switchboard_domain::ParticipantId;
use switchboard_domain::chat::connect::{ConnectError, ConnectRequest};
use switchboard_domain::chat::participants::StaffRole;
use switchboard_domain::chat::{ChatTimer, Presence};
use uuid::Uuid;

use crate::world::{ACK, BOTH, CREDENTIALS, MINUTE, World, decide, plain_chat};

const SOCKET: ConnectRequest =
    ConnectRequest { websocket: true, credentials: false, webrtc: false, connect_participant: false };

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:chats";

fn refused(world: &mut World, who: ParticipantId, request: ConnectRequest) -> ConnectError {
    decide!(world, |chat, cx| chat.connect(who, request, cx)).expect_err("a rule is broken")
}

fn stream(world: &mut World) {
    let contact = world.chat.contact();
    decide!(world, |chat, cx| chat.start_streaming(contact, TOPIC, "us-east-1", cx)).expect("may be streamed");
}

#[test]
fn what_was_asked_for_comes_back_and_nothing_else() {
    let mut world = World::new();
    let customer = world.customer;
    let both = world.connect(customer, BOTH);
    assert!(both.credentials.is_some() && both.socket.is_some());
    let credentials = world.connect(customer, CREDENTIALS);
    assert!(credentials.credentials.is_some() && credentials.socket.is_none());
    let socket = world.connect(customer, SOCKET);
    assert!(socket.credentials.is_none() && socket.socket.is_some());
}

#[test]
fn a_socket_is_opened_within_100_seconds_and_lasts_over_an_hour() {
    let mut world = World::new();
    let grant = world.connect(world.customer, SOCKET).socket.expect("asked for");
    assert_eq!(grant.participant, world.customer);
    assert_eq!(grant.open_by, world.now.plus_seconds(100));
    assert!(grant.expires_at > world.now.plus_minutes(60));
}

#[test]
fn the_customer_joins_once_however_often_they_connect() {
    for first in [BOTH, CREDENTIALS, SOCKET] {
        let mut world = World::new();
        world.connect(world.customer, first);
        for _ in 0..5 {
            world.connect(world.customer, BOTH);
        }
        assert_eq!(world.story(), ["joined CUSTOMER"]);
    }
}

#[test]
fn connecting_ends_the_five_minutes() {
    let mut world = World::new();
    assert_eq!(world.due(ChatTimer::ConnectBy), Some(world.now.plus_minutes(5)));
    world.pass(5 * MINUTE - 1);
    world.connect_customer();
    assert_eq!(world.due(ChatTimer::ConnectBy), None);
    world.pass(60 * MINUTE);
    assert!(world.chat.is_open());
}

#[test]
fn a_timer_that_was_cancelled_too_late_does_no_harm() {
    let mut world = World::connected();
    world.pass(10 * MINUTE);
    assert!(world.fire(ChatTimer::ConnectBy).is_empty());
    assert!(world.chat.is_open());
}

#[test]
fn a_timer_that_fires_too_early_is_set_again() {
    let mut world = World::new();
    let due = world.due(ChatTimer::ConnectBy);
    world.timers.clear();
    world.fire(ChatTimer::ConnectBy);
    assert!(world.chat.is_open());
    assert_eq!(world.due(ChatTimer::ConnectBy), due);
}

#[test]
fn asking_for_nothing_or_a_call_is_refused() {
    let mut world = World::new();
    let customer = world.customer;
    assert_eq!(refused(&mut world, customer, ConnectRequest::default()), ConnectError::NothingAsked);
    let call = ConnectRequest { webrtc: true, ..BOTH };
    assert_eq!(refused(&mut world, customer, call), ConnectError::NoWebRtc);
    assert!(!world.chat.customer().is_some_and(|who| who.is_connected()));
}

#[test]
fn a_customer_is_marked_connected_only_while_streamed() {
    let mut world = World::new();
    let customer = world.customer;
    assert_eq!(refused(&mut world, customer, ACK), ConnectError::NotStreaming);
    stream(&mut world);
    world.connect(customer, ACK);
    assert_eq!(world.story(), ["joined CUSTOMER"]);
}

#[test]
fn a_bot_connects_within_fifteen_seconds_or_goes() {
    let mut world = World::connected();
    stream(&mut world);
    let bot = world.bot();
    world.pass(14_999);
    world.connect(bot, ConnectRequest { connect_participant: true, ..CREDENTIALS });
    world.pass(MINUTE);
    assert!(world.chat.participant(bot).is_some_and(|who| who.is_connected()));

    let mut world = World::connected();
    let bot = world.bot();
    assert!(world.pass(15_000).is_empty(), "nobody saw it, so nobody is told");
    assert_eq!(refused(&mut world, bot, CREDENTIALS), ConnectError::NotInChat);
    assert!(world.chat.is_open());
}

#[test]
fn an_agent_is_there_once_acknowledged() {
    let mut world = World::connected();
    let agent = world.staff(StaffRole::Agent, "Ann");
    world.connect(agent, CREDENTIALS);
    let presence = |world: &World| world.chat.participant(agent).map(|who| who.presence);
    assert_eq!(presence(&world), Some(Presence::Added), "credentials alone do not connect an agent");
    world.connect(agent, ACK);
    assert_eq!(presence(&world), Some(Presence::Connected));
    world.connect(agent, ACK);
    assert_eq!(world.story(), ["joined CUSTOMER", "joined AGENT"]);
}

#[test]
fn nobody_connects_to_what_is_over() {
    let mut world = World::connected();
    world.stop();
    let customer = world.customer;
    assert_eq!(refused(&mut world, customer, BOTH), ConnectError::ChatEnded);
}

#[test]
fn strangers_do_not_connect() {
    let mut world = World::connected();
    let stranger = ParticipantId(Uuid::from_u128(77_777));
    assert_eq!(refused(&mut world, stranger, BOTH), ConnectError::NotInChat);
}

#[test]
fn the_initial_message_follows_the_customer_in_once() {
    let mut request = plain_chat();
    request.initial_message = Some(("text/plain".to_owned(), "Hi".to_owned()));
    let mut world = World::start(request);
    world.connect_customer();
    world.connect_customer();
    assert_eq!(world.story(), ["joined CUSTOMER", "CUSTOMER: Hi"]);
}
