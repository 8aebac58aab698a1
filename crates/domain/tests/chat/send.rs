//! `SendMessage`, and what flows say.

use switchboard_domain::chat::content::MessageError;
use switchboard_domain::chat::participants::StaffRole;
use switchboard_domain::chat::send::{SendError, SpeakError, SystemMessage};
use switchboard_domain::chat::{Body, Chunk, MessageType, Role, Visibility};

use crate::world::{ACK, World, decide, plain_chat};

const RESPONSE: &str = "application/vnd.amazonaws.connect.message.interactive.response";

fn every_type() -> World {
    let mut request = plain_chat();
    request.content_types = MessageType::ALL.iter().map(ToString::to_string).collect();
    let mut world = World::start(request);
    world.connect_customer();
    world
}

fn send(world: &mut World, kind: &str, text: &str) -> Result<(), SendError> {
    let customer = world.customer;
    let sent = decide!(world, |chat, cx| chat.send_message(customer, kind, text.to_owned(), cx))?;
    world.apply(sent.changes);
    Ok(())
}

fn system(text: &str) -> SystemMessage {
    SystemMessage {
        content_type: MessageType::Plain,
        content: text.to_owned(),
        display_name: "BOT".to_owned(),
        visibility: Visibility::All,
        chunk: None,
    }
}

#[test]
fn a_message_carries_its_sender_and_is_stored() {
    let mut world = World::connected();
    let items = world.say(world.customer, "Hello");
    let item = &items[0];
    let sender = item.sender.as_ref().expect("a sender");
    assert_eq!((sender.participant, sender.role), (world.customer, Role::Customer));
    assert_eq!(sender.display_name.as_deref(), Some("Jane"));
    assert_eq!((item.kind(), item.content_type()), ("MESSAGE", Some("text/plain")));
    assert!(item.stored);
    assert_eq!(item.contact, world.chat.contact());
}

#[test]
fn only_supported_types_are_sent() {
    let mut world = World::connected();
    let unsupported = SendError::Message(MessageError::Unsupported(MessageType::Markdown));
    assert_eq!(send(&mut world, "text/markdown", "*hi*"), Err(unsupported));
    let unknown = SendError::Message(MessageError::UnknownType("text/html".to_owned()));
    assert_eq!(send(&mut world, "text/html", "<b>"), Err(unknown));
    let mut world = every_type();
    assert_eq!(send(&mut world, "text/markdown", "*hi*"), Ok(()));
}

#[test]
fn templates_come_from_flows_only() {
    let mut world = every_type();
    let template = MessageType::Interactive.as_str();
    let unknown = SendError::Message(MessageError::UnknownType(template.to_owned()));
    assert_eq!(send(&mut world, template, "{}"), Err(unknown));

    let message = SystemMessage { content_type: MessageType::Interactive, ..system("{\"templateType\":\"Panel\"}") };
    let sent = decide!(&mut world, |chat, cx| chat.say(message, cx)).expect("a flow may");
    world.apply(sent.changes);
    assert_eq!(world.log.last().and_then(|item| item.content_type()), Some(template));
}

#[test]
fn the_limit_is_in_bytes_for_every_type() {
    let mut world = every_type();
    assert_eq!(send(&mut world, "text/plain", &"é".repeat(8_192)), Ok(()));
    let too_long = |bytes| Err(SendError::Message(MessageError::TooLong { bytes, max_bytes: 16_384 }));
    assert_eq!(send(&mut world, "text/plain", &"é".repeat(8_193)), too_long(16_386));
    assert_eq!(send(&mut world, "text/markdown", &"x".repeat(16_385)), too_long(16_385));
    assert_eq!(send(&mut world, "application/json", &format!("\"{}\"", "x".repeat(16_383))), too_long(16_385));
    assert_eq!(send(&mut world, "text/plain", ""), Err(SendError::Message(MessageError::Empty)));
}

#[test]
fn json_types_hold_json() {
    let mut world = every_type();
    let broken = |kind| Err(SendError::Message(MessageError::NotJson(kind)));
    assert_eq!(send(&mut world, "application/json", "{\"a\":"), broken(MessageType::Json));
    assert_eq!(send(&mut world, RESPONSE, "yes"), broken(MessageType::InteractiveResponse));
    assert_eq!(send(&mut world, "application/json", "{} {}"), broken(MessageType::Json));
    assert_eq!(send(&mut world, "application/json", "[1, \"two\", null]"), Ok(()));
    assert_eq!(send(&mut world, "text/plain", "{\"a\":"), Ok(()));
}

#[test]
fn whoever_is_not_there_says_nothing() {
    let mut world = World::new();
    let customer = world.customer;
    let not_connected = Some(SendError::Speak(SpeakError::NotConnected));
    assert_eq!(world.try_say(customer, "Hello?").err(), not_connected);
    world.connect_customer();
    let agent = world.staff(StaffRole::Agent, "Ann");
    assert_eq!(world.try_say(agent, "Hello").err(), not_connected);
}

#[test]
fn a_silent_supervisor_says_nothing() {
    let (mut world, _) = World::served();
    let supervisor = world.staff(StaffRole::SilentSupervisor, "Sue");
    world.connect(supervisor, ACK);
    assert_eq!(world.try_say(supervisor, "psst").err(), Some(SendError::Speak(SpeakError::Monitoring)));
}

#[test]
fn nothing_is_said_after_the_end() {
    let (mut world, agent) = World::served();
    world.stop();
    let ended = Some(SendError::Speak(SpeakError::ChatEnded));
    let customer = world.customer;
    assert_eq!(world.try_say(agent, "too late").err(), ended);
    assert_eq!(world.try_say(customer, "too late").err(), ended);
    assert_eq!(decide!(&mut world, |chat, cx| chat.say(system("too late"), cx)).err(), ended);
}

#[test]
fn a_flow_speaks_as_one_system_participant_that_takes_no_place() {
    let mut world = World::connected();
    for text in ["Welcome", "How can I help?"] {
        let sent = decide!(&mut world, |chat, cx| chat.say(system(text), cx)).expect("may speak");
        world.apply(sent.changes);
    }
    let senders: Vec<_> = world.log[1..].iter().filter_map(|item| item.sender.clone()).collect();
    assert_eq!(senders[0], senders[1]);
    assert_eq!((senders[0].role, senders[0].display_name.as_deref()), (Role::System, Some("BOT")));
    assert!(world.chat.receipts_are_on());
}

#[test]
fn pieces_of_an_answer_share_an_id_and_the_whole_is_stored() {
    let mut world = World::connected();
    let mut id = None;
    for (number, text, completed) in [(1, "Hel", false), (2, "lo", false), (3, "Hello", true)] {
        let message = SystemMessage { chunk: Some((Chunk { number, completed }, id)), ..system(text) };
        let sent = decide!(&mut world, |chat, cx| chat.say(message, cx)).expect("may speak");
        id = Some(sent.id);
        world.apply(sent.changes);
    }
    let pieces: Vec<_> = world.log[1..].iter().collect();
    assert!(pieces.iter().all(|item| Some(item.id) == id));
    assert_eq!(pieces.iter().map(|item| item.stored).collect::<Vec<_>>(), [false, false, true]);
    assert!(matches!(&pieces[2].body, Body::Message { content, chunk: Some(_), .. } if content == "Hello"));
}

#[test]
fn a_whisper_is_for_one_side() {
    let (mut world, agent) = World::served();
    let message = SystemMessage { visibility: Visibility::Agent, ..system("VIP") };
    let sent = decide!(&mut world, |chat, cx| chat.say(message, cx)).expect("may speak");
    let items = world.apply(sent.changes);
    let sees = |who| items[0].is_for(world.chat.participant(who).expect("is there").viewer());
    assert!(sees(agent));
    assert!(!sees(world.customer));
}
