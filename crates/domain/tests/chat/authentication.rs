//! The sign-in session behind `GetAuthenticationUrl` and `CancelParticipantAuthentication`.

use switchboard_domain::chat::auth_sessions::{AuthError, AuthOutcome, AuthSession};
use switchboard_domain::chat::{Body, ChatEnded, ChatTimer};

use crate::world::{MINUTE, World, decide, story};

fn asked(world: &mut World) -> AuthSession {
    let (session, changes) = decide!(world, |chat, cx| chat.ask_to_sign_in(cx)).expect("the chat is open");
    world.apply(changes);
    session
}

fn take_up(world: &mut World, session: &str) -> Result<AuthSession, AuthError> {
    let customer = world.customer;
    let (session, changes) = decide!(world, |chat, cx| chat.take_up_sign_in(customer, session, cx))?;
    world.apply(changes);
    Ok(session)
}

fn cancel(world: &mut World, session: &str) -> Result<(), AuthError> {
    let customer = world.customer;
    let changes = decide!(world, |chat, cx| chat.cancel_sign_in(customer, session, cx))?;
    world.apply(changes);
    Ok(())
}

#[test]
fn the_customer_alone_learns_the_session() {
    let (mut world, agent) = World::served();
    let session = asked(&mut world);
    let item = world.log.last().expect("an event");
    let Body::Event { content: Some(content), .. } = &item.body else { panic!("{item:?}") };
    assert_eq!(content, &format!("{{\"SessionId\":\"{}\"}}", session.id));
    assert_eq!(session.id.to_string().len(), 36);
    assert!(!item.stored);
    assert!(!item.is_for(world.chat.participant(agent).expect("is there").viewer()));
}

#[test]
fn its_url_is_had_within_a_minute() {
    let mut world = World::connected();
    let session = asked(&mut world);
    world.pass(MINUTE - 1);
    assert!(take_up(&mut world, &session.id.to_string()).expect("in time").taken_up);
    assert_eq!(world.due(ChatTimer::Authentication), None);
    assert!(world.pass(10 * MINUTE).is_empty(), "who has the URL has time");
}

#[test]
fn a_session_nobody_takes_up_expires() {
    let mut world = World::connected();
    let session = asked(&mut world);
    assert_eq!(story(&world.pass(MINUTE)), ["authentication.expired"]);
    assert_eq!(take_up(&mut world, &session.id.to_string()), Err(AuthError::Unknown));
}

#[test]
fn a_minute_is_a_minute_even_if_the_timer_is_late() {
    let mut world = World::connected();
    let session = asked(&mut world);
    world.now = session.expires_at;
    assert_eq!(take_up(&mut world, &session.id.to_string()), Err(AuthError::Expired));
    assert_eq!(cancel(&mut world, &session.id.to_string()), Err(AuthError::Expired));
}

#[test]
fn the_customer_may_decline() {
    let mut world = World::connected();
    let session = asked(&mut world);
    assert_eq!(cancel(&mut world, &session.id.to_string()), Ok(()));
    assert_eq!(world.story().last().map(String::as_str), Some("authentication.cancelled"));
    assert_eq!(cancel(&mut world, &session.id.to_string()), Err(AuthError::Unknown));
}

#[test]
fn declining_is_possible_while_signing_in() {
    let mut world = World::connected();
    let session = asked(&mut world);
    take_up(&mut world, &session.id.to_string()).expect("in time");
    world.pass(5 * MINUTE);
    assert_eq!(cancel(&mut world, &session.id.to_string()), Ok(()));
}

#[test]
fn unknown_sessions_are_refused() {
    let mut world = World::connected();
    for text in ["", "x", "00000000-0000-0000-0000-000000000000"] {
        assert_eq!(take_up(&mut world, text), Err(AuthError::Unknown));
        assert_eq!(cancel(&mut world, text), Err(AuthError::Unknown));
    }
}

#[test]
fn agents_do_not_sign_customers_in() {
    let (mut world, agent) = World::served();
    let session = asked(&mut world).id.to_string();
    let refused = decide!(&mut world, |chat, cx| chat.take_up_sign_in(agent, &session, cx));
    assert_eq!(refused.err(), Some(AuthError::NotCustomer));
}

#[test]
fn a_new_session_replaces_the_old() {
    let mut world = World::connected();
    let first = asked(&mut world);
    world.pass(MINUTE / 2);
    let second = asked(&mut world);
    assert_eq!(take_up(&mut world, &first.id.to_string()), Err(AuthError::Unknown));
    assert!(world.pass(MINUTE - 1).is_empty(), "the minute is the new one's");
    assert!(take_up(&mut world, &second.id.to_string()).is_ok());
}

#[test]
fn the_outcome_is_told() {
    for (outcome, event) in [
        (AuthOutcome::Succeeded, "authentication.succeeded"),
        (AuthOutcome::Failed, "authentication.failed"),
        (AuthOutcome::TimedOut, "authentication.timeout"),
    ] {
        let mut world = World::connected();
        let session = asked(&mut world);
        let changes = decide!(&mut world, |chat, cx| chat.finish_sign_in(session.id, outcome, cx)).expect("open");
        assert_eq!(story(&world.apply(changes)), [event]);
        assert_eq!(world.chat.authentication(), None);
    }
}

#[test]
fn the_end_of_the_chat_is_the_end_of_the_session() {
    let mut world = World::connected();
    let session = asked(&mut world);
    world.stop();
    assert_eq!(world.due(ChatTimer::Authentication), None);
    assert_eq!(take_up(&mut world, &session.id.to_string()), Err(AuthError::ChatEnded));
    assert_eq!(decide!(&mut world, |chat, cx| chat.ask_to_sign_in(cx)).err(), Some(ChatEnded));
}
