//! Every way out, and every way a chat ends.

use switchboard_domain::chat::leave::{LeaveError, StopError};
use switchboard_domain::chat::participants::StaffRole;
use switchboard_domain::chat::{DisconnectReason, InitiationMethod, State};
use switchboard_domain::{ContactId, ParticipantId, ResourceId};
use uuid::Uuid;

use crate::world::{ACK, CREDENTIALS, MINUTE, World, decide, plain_chat};

fn reason(world: &World) -> Option<&'static str> {
    world.end().and_then(|(_, reason)| reason).map(DisconnectReason::as_str)
}

fn flow() -> Option<ResourceId> {
    Some(ResourceId(Uuid::from_u128(0xF10)))
}

fn leave_again(world: &mut World, who: ParticipantId) -> Option<LeaveError> {
    decide!(world, |chat, cx| chat.disconnect(who, cx)).err()
}

#[test]
fn the_customer_leaving_ends_the_chat_for_everybody() {
    let (mut world, _) = World::served();
    world.leave(world.customer);
    assert_eq!(world.story()[2..], ["left CUSTOMER", "chat.ended"]);
    assert_eq!(reason(&world), Some("CUSTOMER_DISCONNECT"));
    assert!(world.ended);
    let (left, ended) = (&world.log[2], &world.log[3]);
    assert!(left.stored && ended.stored);
    assert_eq!(ended.sender, None);
    assert_eq!(world.chat.state(), State::Ended(ended.at));
}

#[test]
fn the_only_agent_leaving_ends_the_chat_where_no_flow_follows() {
    let (mut world, agent) = World::served();
    world.leave(agent);
    assert_eq!(world.story()[2..], ["left AGENT", "chat.ended"]);
    assert_eq!(reason(&world), Some("AGENT_DISCONNECT"));
}

#[test]
fn one_of_two_agents_leaving_leaves_the_other() {
    let (mut world, first) = World::served();
    let second = world.agent("Bob");
    world.leave(first);
    assert!(world.chat.is_open());
    world.leave(second);
    assert!(!world.chat.is_open());
}

#[test]
fn a_supervisor_who_took_over_keeps_the_chat_going() {
    let (mut world, agent) = World::served();
    let supervisor = world.staff(StaffRole::BargedSupervisor, "Sue");
    world.connect(supervisor, ACK);
    world.leave(agent);
    assert!(world.chat.is_open());
    world.leave(supervisor);
    assert_eq!(world.story().last().map(String::as_str), Some("chat.ended"));
}

#[test]
fn an_agent_who_was_never_there_ends_nothing_by_leaving() {
    let mut world = World::connected();
    let agent = world.staff(StaffRole::Agent, "Ann");
    assert!(world.leave(agent).is_empty());
    assert!(world.chat.is_open());
}

#[test]
fn a_bot_leaving_ends_nothing() {
    let mut world = World::connected();
    let bot = world.bot();
    world.connect(bot, CREDENTIALS);
    world.leave(bot);
    assert_eq!(world.story()[1..], ["joined CUSTOM_BOT", "left CUSTOM_BOT"]);
    assert!(world.chat.is_open());
}

#[test]
fn with_a_disconnect_flow_the_chat_goes_on_in_a_new_contact() {
    let (mut world, agent) = World::served();
    world.chat.set_disconnect_flow(flow());
    let first = world.chat.contact();
    world.pass(MINUTE);
    world.leave(agent);
    assert!(world.chat.is_open());
    assert_eq!(world.story().last().map(String::as_str), Some("left AGENT"));

    let second = world.contact();
    assert_ne!(second.id, first);
    assert_eq!((second.previous, second.chat), (Some(first), world.chat.id()));
    assert_eq!(second.initiation_method, InitiationMethod::Disconnect);
    assert_eq!((second.disconnected_at, second.agent.as_ref()), (None, None));
    let before = &world.contacts[&first];
    assert_eq!(before.disconnect_reason, Some(DisconnectReason::AgentDisconnect));

    world.say(world.customer, "Anybody?");
    assert_eq!(world.log.last().map(|item| item.contact), Some(world.chat.contact()));
    world.leave(world.customer);
    assert_eq!(reason(&world), Some("CUSTOMER_DISCONNECT"));
}

#[test]
fn the_agent_goes_with_the_customer_where_that_was_asked_for() {
    let mut request = plain_chat();
    request.agent_leaves_with_customer = true;
    let mut world = World::start(request);
    world.connect_customer();
    world.agent("Ann");
    world.chat.set_disconnect_flow(flow());

    world.leave(world.customer);
    assert!(world.chat.is_open(), "the customer goes on into the flow");
    assert_eq!(world.story().last().map(String::as_str), Some("left AGENT"));
    assert_eq!(world.contact().initiation_method, InitiationMethod::Disconnect);
    world.leave(world.customer);
    assert_eq!(world.story().last().map(String::as_str), Some("chat.ended"));
}

#[test]
fn without_a_flow_the_customer_leaving_is_the_end_all_the_same() {
    let mut request = plain_chat();
    request.agent_leaves_with_customer = true;
    let mut world = World::start(request);
    world.connect_customer();
    world.agent("Ann");
    world.leave(world.customer);
    assert_eq!(world.story().last().map(String::as_str), Some("chat.ended"));
}

#[test]
fn stopping_ends_a_chat_in_any_state() {
    let mut waiting = World::new();
    waiting.stop();
    let mut connected = World::connected();
    connected.stop();
    let (mut served, _) = World::served();
    served.stop();
    for world in [waiting, connected, served] {
        assert_eq!(world.story().last().map(String::as_str), Some("chat.ended"));
        assert_eq!(reason(&world), Some("API"));
        assert!(world.timers.is_empty());
    }
}

#[test]
fn stopping_twice_is_told_apart_from_stopping_nothing() {
    let mut world = World::connected();
    let contact = world.chat.contact();
    let stop =
        |world: &mut World, contact, with_reason| decide!(world, |chat, cx| chat.stop(contact, with_reason, cx)).err();
    assert_eq!(stop(&mut world, ContactId(Uuid::from_u128(9_999)), false), Some(StopError::UnknownContact));
    assert_eq!(stop(&mut world, contact, true), Some(StopError::ReasonNotAllowed));
    world.stop();
    assert_eq!(stop(&mut world, contact, false), Some(StopError::AlreadyEnded));
}

#[test]
fn an_earlier_contact_cannot_be_stopped() {
    let mut world = World::connected();
    let first = world.chat.contact();
    let next = decide!(&mut world, |chat, cx| chat.continue_in_new_contact(InitiationMethod::Transfer, None, cx));
    let (second, changes) = next.expect("the chat is open");
    world.apply(changes);
    assert_eq!(world.chat.contact(), second);
    assert_eq!(decide!(&mut world, |chat, cx| chat.stop(first, false, cx)).err(), Some(StopError::AlreadyEnded));
    world.stop();
}

#[test]
fn the_duration_ends_a_chat() {
    let mut request = plain_chat();
    request.duration_minutes = Some(60);
    let mut world = World::start(request);
    world.connect_customer();
    world.agent("Ann");
    world.pass(60 * MINUTE - 1);
    assert!(world.chat.is_open());
    world.pass(1);
    assert_eq!(world.story().last().map(String::as_str), Some("chat.ended"));
    assert_eq!(reason(&world), Some("EXPIRED"));
}

#[test]
fn a_flow_ends_a_chat() {
    let mut world = World::connected();
    let why = Some(DisconnectReason::ContactFlowDisconnect);
    let changes = decide!(&mut world, |chat, cx| chat.finish(why, cx));
    world.apply(changes);
    assert_eq!(reason(&world), Some("CONTACT_FLOW_DISCONNECT"));
    let again = decide!(&mut world, |chat, cx| chat.finish(None, cx));
    assert!(again.is_empty());
}

#[test]
fn nobody_leaves_twice_or_after_the_end() {
    let (mut world, first) = World::served();
    world.agent("Bob");
    world.leave(first);
    assert_eq!(leave_again(&mut world, first), Some(LeaveError::NotInChat));
    world.stop();
    let customer = world.customer;
    assert_eq!(leave_again(&mut world, customer), Some(LeaveError::ChatEnded));
}

#[test]
fn timers_that_fire_after_the_end_do_nothing() {
    let (mut world, _) = World::served();
    let timers: Vec<_> = world.timers.values().map(|(timer, _)| *timer).collect();
    assert!(!timers.is_empty());
    world.stop();
    world.now = world.chat.expires_at();
    for timer in timers {
        assert!(world.fire(timer).is_empty());
    }
}
