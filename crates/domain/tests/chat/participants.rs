//! Who may be added, and what happens to bots when people come.

use switchboard_domain::chat::participants::{AddBot, AddError, AddStaff, BargeError, StaffRole};
use switchboard_domain::chat::{ChatTimer, EventType, Role, Viewer, Visibility};

use crate::world::{ACK, CREDENTIALS, World, bot_request, decide};

fn bot_refused(world: &mut World, request: AddBot) -> AddError {
    decide!(world, |chat, cx| chat.add_custom_bot(request, cx)).expect_err("a rule is broken")
}

#[test]
fn only_custom_bots_are_created() {
    let mut world = World::connected();
    for role in [None, Some(Role::Agent), Some(Role::Customer), Some(Role::Supervisor), Some(Role::System)] {
        let request = AddBot { role, ..bot_request() };
        assert_eq!(bot_refused(&mut world, request), AddError::RoleNotAllowed);
    }
}

#[test]
fn a_bot_has_a_name() {
    let mut world = World::connected();
    for display_name in [None, Some(String::new()), Some("  ".to_owned())] {
        let request = AddBot { display_name, ..bot_request() };
        assert_eq!(bot_refused(&mut world, request), AddError::DisplayNameMissing);
    }
}

#[test]
fn one_bot_at_a_time() {
    let mut world = World::connected();
    let bot = world.bot();
    assert_eq!(bot_refused(&mut world, bot_request()), AddError::BotPresent);
    world.connect(bot, CREDENTIALS);
    assert_eq!(bot_refused(&mut world, bot_request()), AddError::BotPresent);
    world.leave(bot);
    world.bot();
}

#[test]
fn no_bot_beside_an_agent_or_a_lex_bot() {
    let mut world = World::connected();
    world.staff(StaffRole::Agent, "Ann");
    assert_eq!(bot_refused(&mut world, bot_request()), AddError::AgentPresent);

    let mut world = World::connected();
    let changes = decide!(&mut world, |chat, cx| chat.engage_lex_bot(cx));
    world.apply(changes);
    assert_eq!(bot_refused(&mut world, bot_request()), AddError::LexBotPresent);
    world.chat.release_lex_bot();
    world.bot();
}

#[test]
fn an_agent_puts_the_bot_out() {
    let mut world = World::connected();
    let bot = world.bot();
    world.connect(bot, CREDENTIALS);
    world.agent("Ann");
    assert_eq!(world.story(), ["joined CUSTOMER", "joined CUSTOM_BOT", "left CUSTOM_BOT", "joined AGENT"]);
    assert_eq!(world.departed, [bot]);
    assert!(world.chat.participant(bot).is_none());
}

#[test]
fn an_agent_puts_out_a_bot_that_is_still_on_the_way() {
    let mut world = World::connected();
    let bot = world.bot();
    world.agent("Ann");
    assert_eq!(world.story(), ["joined CUSTOMER", "joined AGENT"], "nobody had seen the bot");
    assert_eq!(world.due(ChatTimer::BotConnectBy(bot)), None);
}

#[test]
fn a_lex_bot_puts_the_custom_bot_out() {
    let mut world = World::connected();
    let bot = world.bot();
    world.connect(bot, CREDENTIALS);
    let changes = decide!(&mut world, |chat, cx| chat.engage_lex_bot(cx));
    world.apply(changes);
    assert_eq!(world.story().last().map(String::as_str), Some("left CUSTOM_BOT"));
}

#[test]
fn six_are_enough() {
    let mut world = World::connected();
    for name in ["A", "B", "C", "D", "E"] {
        world.agent(name);
    }
    let one_more = || AddStaff { role: StaffRole::Agent, display_name: "F".to_owned(), user: None };
    let refused = decide!(&mut world, |chat, cx| chat.add_staff(one_more(), cx)).expect_err("full");
    assert_eq!(refused, AddError::TooMany(6));
    let first = world.chat.participants()[1].id;
    world.leave(first);
    assert!(decide!(&mut world, |chat, cx| chat.add_staff(one_more(), cx)).is_ok());
}

#[test]
fn a_silent_supervisor_comes_and_goes_unseen() {
    let (mut world, _) = World::served();
    let supervisor = world.staff(StaffRole::SilentSupervisor, "Sue");
    world.connect(supervisor, ACK);
    assert_eq!(world.story(), ["joined CUSTOMER", "joined AGENT"]);
    let left = world.leave(supervisor);
    assert_eq!(world.departed, [supervisor]);
    assert!(world.chat.is_open());

    let [left] = &left[..] else { panic!("their own sockets are told to stop: {left:?}") };
    assert_eq!((left.event(), left.visibility), (Some(EventType::Left), Visibility::Only(supervisor)));
    assert!(!left.stored, "no transcript tells of them");
}

#[test]
fn a_supervisor_who_never_came_goes_without_a_word() {
    let (mut world, _) = World::served();
    let supervisor = world.staff(StaffRole::SilentSupervisor, "Sue");
    assert!(world.leave(supervisor).is_empty());
}

#[test]
fn barging_in_is_seen_once() {
    let (mut world, _) = World::served();
    let supervisor = world.staff(StaffRole::SilentSupervisor, "Sue");
    world.connect(supervisor, ACK);
    let changes = decide!(&mut world, |chat, cx| chat.barge(supervisor, cx)).expect("may barge");
    world.apply(changes);
    world.say(supervisor, "Let me help.");
    assert_eq!(world.story()[2..], ["joined SUPERVISOR", "SUPERVISOR: Let me help."]);
    let again = decide!(&mut world, |chat, cx| chat.barge(supervisor, cx));
    assert_eq!(again, Err(BargeError::NotMonitoring));
}

#[test]
fn a_supervisor_may_come_to_take_part() {
    let (mut world, _) = World::served();
    let supervisor = world.staff(StaffRole::BargedSupervisor, "Sue");
    world.connect(supervisor, ACK);
    assert_eq!(world.story().last().map(String::as_str), Some("joined SUPERVISOR"));
}

#[test]
fn nobody_is_added_to_what_is_over() {
    let mut world = World::connected();
    world.stop();
    assert_eq!(bot_refused(&mut world, bot_request()), AddError::ChatEnded);
    let staff = AddStaff { role: StaffRole::Agent, display_name: "Ann".to_owned(), user: None };
    assert_eq!(decide!(&mut world, |chat, cx| chat.add_staff(staff, cx)).err(), Some(AddError::ChatEnded));
}

#[test]
fn everybody_sees_what_is_for_them() {
    let (world, agent) = World::served();
    let codes = |who| -> Vec<String> { world.chat.participant(who).expect("is there").viewer().codes() };
    assert_eq!(codes(agent), ["all".to_owned(), "agent".to_owned(), agent.to_string()]);
    assert_eq!(codes(world.customer), ["all".to_owned(), "customer".to_owned(), world.customer.to_string()]);
    let bot = Viewer { participant: agent, role: Role::CustomBot };
    assert_eq!(bot.codes(), ["all".to_owned(), agent.to_string()]);
}

#[test]
fn comings_and_goings_do_not_make_the_chat_grow() {
    let mut world = World::connected();
    let before = world.chat.participants().len();
    for _ in 0..100 {
        let bot = world.bot();
        world.connect(bot, CREDENTIALS);
        world.leave(bot);
    }
    assert_eq!(world.chat.participants().len(), before);
}
