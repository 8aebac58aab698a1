//! Idle timers and auto-disconnection.

use switchboard_domain::chat::Side::{Agent, Customer};
use switchboard_domain::chat::participants::StaffRole;
use switchboard_domain::chat::timers::TimerType::{DisconnectNoncustomer, Idle};
use switchboard_domain::chat::timers::{TimerConfigError, TimerSetting};
use switchboard_domain::chat::{ChatTimer, DisconnectReason, Item, Visibility};
use switchboard_domain::{ParticipantId, ResourceId};
use uuid::Uuid;

use crate::world::{ACK, CREDENTIALS, MINUTE, World, decide, story};

fn timed(
    settings: &[(switchboard_domain::chat::Side, switchboard_domain::chat::timers::TimerType, i64)],
) -> (World, ParticipantId) {
    let mut world = World::connected();
    world.set_timers(settings);
    let agent = world.agent("Ann");
    (world, agent)
}

fn said(items: &[Item]) -> Vec<String> {
    story(items)
}

#[test]
fn a_silent_customer_becomes_idle_and_then_the_agent_is_put_out() {
    let (mut world, agent) = timed(&[(Customer, Idle, 5), (Customer, DisconnectNoncustomer, 3)]);
    assert!(world.pass(5 * MINUTE - 1).is_empty());
    let idle = world.pass(1);
    assert_eq!(said(&idle), ["idle CUSTOMER"]);
    assert!(!idle[0].stored, "timeouts are not kept");
    assert!(world.pass(3 * MINUTE - 1).is_empty());
    let out = world.pass(1);
    assert_eq!(said(&out), ["autodisconnection CUSTOMER", "left AGENT", "chat.ended"]);
    assert!(!out[0].stored);
    assert_eq!(world.departed, [agent]);
    assert_eq!(world.end().and_then(|(_, why)| why), Some(DisconnectReason::IdleDisconnect));
}

#[test]
fn each_side_has_timers_of_its_own() {
    let (mut world, _) = timed(&[(Customer, Idle, 2), (Agent, Idle, 4)]);
    assert_eq!(said(&world.pass(2 * MINUTE)), ["idle CUSTOMER"]);
    assert_eq!(said(&world.pass(2 * MINUTE)), ["idle AGENT"]);
    assert!(world.pass(60 * MINUTE).is_empty(), "idle is told once, and nobody is put out");
}

#[test]
fn the_second_timer_runs_at_once_where_there_is_no_first() {
    let (mut world, _) = timed(&[(Agent, DisconnectNoncustomer, 2)]);
    assert_eq!(said(&world.pass(2 * MINUTE)), ["autodisconnection AGENT", "left AGENT", "chat.ended"]);
}

#[test]
fn a_message_begins_the_silence_anew() {
    let (mut world, agent) = timed(&[(Customer, Idle, 5), (Agent, Idle, 5)]);
    world.pass(4 * MINUTE);
    world.say(world.customer, "Still here.");
    assert_eq!(said(&world.pass(MINUTE)), ["idle AGENT"]);
    assert!(world.pass(4 * MINUTE - 1).is_empty());
    assert_eq!(said(&world.pass(1)), ["idle CUSTOMER"]);
    let items = world.say(agent, "Me too.");
    assert_eq!(said(&items), ["returned AGENT", "AGENT: Me too."]);
}

#[test]
fn a_message_costs_no_timer() {
    let (mut world, _) = timed(&[(Customer, Idle, 5)]);
    let before = world.due(ChatTimer::Silence(Customer));
    world.pass(MINUTE);
    let customer = world.customer;
    let sent = world.try_say(customer, "Hello").expect("may say it");
    assert!(sent.changes.timers.is_empty());
    world.apply(sent.changes);
    assert_eq!(world.due(ChatTimer::Silence(Customer)), before);
}

#[test]
fn who_is_idle_comes_back_by_speaking_and_is_not_put_out() {
    let (mut world, _) = timed(&[(Customer, Idle, 2), (Customer, DisconnectNoncustomer, 2)]);
    world.pass(2 * MINUTE);
    world.pass(2 * MINUTE - 1);
    assert_eq!(said(&world.say(world.customer, "Back")), ["returned CUSTOMER", "CUSTOMER: Back"]);
    assert!(world.pass(2 * MINUTE - 1).is_empty());
    assert_eq!(said(&world.pass(1)), ["idle CUSTOMER"]);
}

#[test]
fn typing_does_not_count() {
    let (mut world, _) = timed(&[(Customer, Idle, 2)]);
    world.pass(MINUTE);
    world.event(world.customer, "application/vnd.amazonaws.connect.event.typing", None);
    assert_eq!(said(&world.pass(MINUTE)), ["idle CUSTOMER"]);
}

#[test]
fn nothing_runs_before_both_are_there() {
    let mut world = World::connected();
    world.set_timers(&[(Customer, Idle, 2)]);
    assert!(world.pass(60 * MINUTE).is_empty());
    world.agent("Ann");
    assert_eq!(said(&world.pass(2 * MINUTE)), ["idle CUSTOMER"]);
}

#[test]
fn timers_begin_with_the_customer_where_the_agent_came_first() {
    let mut world = World::new();
    world.set_timers(&[(Customer, Idle, 2)]);
    world.agent("Ann");
    world.pass(4 * MINUTE);
    world.connect_customer();
    assert_eq!(world.due(ChatTimer::Silence(Customer)), Some(world.now.plus_minutes(2)));
}

#[test]
fn timers_stop_with_the_last_agent() {
    let (mut world, agent) = timed(&[(Customer, Idle, 2)]);
    world.chat.set_disconnect_flow(Some(ResourceId(Uuid::from_u128(1))));
    world.leave(agent);
    assert_eq!(world.due(ChatTimer::Silence(Customer)), None);
    assert!(world.pass(60 * MINUTE).is_empty());
}

#[test]
fn new_settings_wait_for_the_next_agent() {
    let (mut world, _) = timed(&[(Customer, Idle, 10)]);
    world.set_timers(&[(Customer, Idle, 2)]);
    assert!(world.pass(9 * MINUTE).is_empty());
    world.agent("Bob");
    assert_eq!(said(&world.pass(2 * MINUTE)), ["idle CUSTOMER"]);
}

#[test]
fn a_timer_is_unset_for_the_next_agent() {
    let (mut world, _) = timed(&[(Customer, Idle, 2), (Agent, Idle, 3)]);
    let unset = TimerSetting { side: Customer, timer: Idle, minutes: None };
    world.chat.update_role_timers(&[unset], &world.limits).expect("may be unset");
    world.agent("Bob");
    assert_eq!(said(&world.pass(60 * MINUTE)), ["idle AGENT"]);
}

#[test]
fn a_bot_stands_in_for_the_agent() {
    let mut world = World::connected();
    world.set_timers(&[(Agent, Idle, 2)]);
    let bot = world.bot();
    world.connect(bot, CREDENTIALS);
    assert_eq!(said(&world.pass(2 * MINUTE)), ["idle CUSTOM_BOT"]);
}

#[test]
fn a_bot_that_is_put_out_leaves_the_customer_to_the_flow() {
    let mut world = World::connected();
    world.set_timers(&[(Customer, DisconnectNoncustomer, 2)]);
    let bot = world.bot();
    world.connect(bot, CREDENTIALS);
    assert_eq!(said(&world.pass(2 * MINUTE)), ["autodisconnection CUSTOMER", "left CUSTOM_BOT"]);
    assert!(world.chat.is_open());
}

#[test]
fn timers_that_fire_early_are_set_again() {
    let mut world = World::new();
    world.set_timers(&[(Customer, Idle, 2)]);
    world.bot();
    let (_, changes) = decide!(&mut world, |chat, cx| chat.ask_to_sign_in(cx)).expect("the chat is open");
    world.apply(changes);
    let set = world.timers.clone();
    assert_eq!(set.len(), 4);
    for (timer, _) in set.values() {
        world.timers.remove(&timer.to_string());
        assert!(world.fire(*timer).is_empty());
    }
    assert_eq!(world.timers, set);
}

#[test]
fn everybody_but_the_customer_is_put_out() {
    let (mut world, _) = timed(&[(Customer, DisconnectNoncustomer, 2)]);
    let silent = world.staff(StaffRole::SilentSupervisor, "Sue");
    world.connect(silent, ACK);
    world.agent("Bob");
    let out = world.pass(2 * MINUTE);
    // The event comes first, so that those who are put out hear it too.
    assert_eq!(said(&out), ["autodisconnection CUSTOMER", "left AGENT", "left SUPERVISOR", "left AGENT", "chat.ended"]);
    assert_eq!(out[2].visibility, Visibility::Only(silent));
    assert_eq!(world.departed.len(), 3);
}

#[test]
fn with_a_disconnect_flow_the_customer_stays() {
    let (mut world, _) = timed(&[(Customer, DisconnectNoncustomer, 2)]);
    world.chat.set_disconnect_flow(Some(ResourceId(Uuid::from_u128(1))));
    assert_eq!(said(&world.pass(2 * MINUTE)), ["autodisconnection CUSTOMER", "left AGENT"]);
    assert!(world.chat.is_open());
    world.say(world.customer, "Hello?");
}

#[test]
fn a_timer_that_fires_twice_tells_once() {
    let (mut world, _) = timed(&[(Customer, Idle, 2), (Customer, DisconnectNoncustomer, 2)]);
    world.pass(2 * MINUTE);
    assert!(world.fire(ChatTimer::Silence(Customer)).is_empty(), "the second is not due yet");
    assert_eq!(world.due(ChatTimer::Silence(Customer)), Some(world.now.plus_minutes(2)));
}

#[test]
fn settings_out_of_range_twice_or_none_are_refused() {
    let mut world = World::connected();
    let setting = |minutes| TimerSetting { side: Customer, timer: Idle, minutes: Some(minutes) };
    for given in [-1, 0, 1, 481] {
        let refused = world.chat.update_role_timers(&[setting(given)], &world.limits);
        assert_eq!(refused, Err(TimerConfigError::OutOfRange { given, min: 2, max: 480 }));
    }
    let twice = [setting(2), TimerSetting { minutes: None, ..setting(2) }];
    assert_eq!(world.chat.update_role_timers(&twice, &world.limits), Err(TimerConfigError::Duplicate));
    assert_eq!(world.chat.update_role_timers(&[], &world.limits), Err(TimerConfigError::Empty));
    world.stop();
    assert_eq!(world.chat.update_role_timers(&[setting(2)], &world.limits), Err(TimerConfigError::ChatEnded));
}

#[test]
fn a_refused_setting_changes_nothing() {
    let mut world = World::connected();
    let before = world.chat.clone();
    let good = TimerSetting { side: Agent, timer: Idle, minutes: Some(2) };
    let bad = TimerSetting { side: Customer, timer: Idle, minutes: Some(1) };
    assert!(world.chat.update_role_timers(&[good, bad], &world.limits).is_err());
    assert_eq!(world.chat, before);
}

#[test]
fn every_timer_has_a_name_of_its_own() {
    let (mut world, _) = timed(&[(Customer, Idle, 2), (Agent, Idle, 2)]);
    world.connect_customer();
    let names: Vec<_> = world.timers.keys().map(String::as_str).collect();
    assert_eq!(names, ["duration", "silence:agent", "silence:customer"]);
}
