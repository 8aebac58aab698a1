//! Which token opens what, and when it stops doing so.

use switchboard_domain::chat::TokenKind::{Connection, Participant};
use switchboard_domain::chat::participants::StaffRole;
use switchboard_domain::chat::tokens::authorise;
use switchboard_domain::chat::{Claims, Context, Denied};
use switchboard_domain::{ParticipantId, Time};

use crate::world::{BOTH, MINUTE, SECOND, World, ids, plain_chat};

fn connection(world: &mut World, who: ParticipantId) -> Claims {
    world.connect(who, BOTH).credentials.expect("asked for")
}

fn customers(world: &mut World) -> Claims {
    let customer = world.customer;
    connection(world, customer)
}

#[test]
fn each_kind_opens_its_own_doors_only() {
    let mut world = World::new();
    let participant = world.chat.participant_claims(world.customer);
    let connection = customers(&mut world);
    let may = |claims: &Claims, wanted| authorise(&world.chat, claims, wanted, world.now).map(|who| who.id);
    assert_eq!(may(&participant, Participant), Ok(world.customer));
    assert_eq!(may(&connection, Connection), Ok(world.customer));
    assert_eq!(may(&participant, Connection), Err(Denied::WrongKind));
    assert_eq!(may(&connection, Participant), Err(Denied::WrongKind));
}

#[test]
fn a_connection_token_lives_a_day_however_long_the_chat() {
    let mut request = plain_chat();
    request.duration_minutes = Some(10_080);
    let mut world = World::start(request);
    let claims = customers(&mut world);
    world.pass(24 * 60 * MINUTE - 1);
    assert!(authorise(&world.chat, &claims, Connection, world.now).is_ok());
    world.pass(1);
    assert_eq!(authorise(&world.chat, &claims, Connection, world.now), Err(Denied::Expired));

    let participant = world.chat.participant_claims(world.customer);
    assert!(authorise(&world.chat, &participant, Participant, world.now).is_ok(), "this one lives on");
}

#[test]
fn connecting_again_leaves_the_earlier_token_good() {
    let mut world = World::new();
    let first = customers(&mut world);
    world.pass(SECOND);
    let second = customers(&mut world);
    assert!(second.expires_at > first.expires_at);
    assert!(authorise(&world.chat, &first, Connection, world.now).is_ok());
    assert!(authorise(&world.chat, &second, Connection, world.now).is_ok());
}

#[test]
fn tokens_die_with_the_chat() {
    let mut world = World::new();
    let claims = customers(&mut world);
    let participant = world.chat.participant_claims(world.customer);
    world.stop();
    assert_eq!(authorise(&world.chat, &claims, Connection, world.now), Err(Denied::ChatEnded));
    assert_eq!(authorise(&world.chat, &participant, Participant, world.now), Err(Denied::ChatEnded));
}

#[test]
fn tokens_die_at_the_end_of_the_duration_even_if_the_timer_is_late() {
    let mut world = World::new();
    let claims = customers(&mut world);
    let claims = Claims { expires_at: Time(i64::MAX), ..claims };
    let end = world.chat.expires_at();
    assert!(authorise(&world.chat, &claims, Connection, Time(end.0 - 1)).is_ok());
    assert_eq!(authorise(&world.chat, &claims, Connection, end), Err(Denied::ChatEnded));
}

#[test]
fn tokens_die_with_their_holder_leaving() {
    let mut world = World::connected();
    world.agent("Ann");
    let second = world.staff(StaffRole::Agent, "Bob");
    let claims = connection(&mut world, second);
    world.leave(second);
    assert_eq!(authorise(&world.chat, &claims, Connection, world.now), Err(Denied::NotInChat));
}

#[test]
fn a_token_is_for_one_chat() {
    let world = World::new();
    let other = World::start_at(plain_chat(), world.now, 1_000);
    let claims = other.chat.participant_claims(other.customer);
    assert_eq!(authorise(&world.chat, &claims, Participant, world.now), Err(Denied::OtherChat));
    let stranger = Claims { chat: world.chat.id(), ..claims };
    assert_eq!(authorise(&world.chat, &stranger, Participant, world.now), Err(Denied::NotInChat));
}

#[test]
fn claims_can_be_made_without_connecting_for_an_agents_desktop() {
    let (mut world, agent) = World::served();
    let mut ids = ids(&mut world.last_id);
    let cx = Context::new(world.now, &world.limits, &mut ids);
    let claims = world.chat.connection_claims(agent, &cx);
    assert!(authorise(&world.chat, &claims, Connection, world.now).is_ok());
}
