//! Streams to outside endpoints.

use switchboard_domain::chat::InitiationMethod;
use switchboard_domain::chat::streaming::StreamingError;
use switchboard_domain::{ContactId, StreamingId};

use crate::world::{World, decide};

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:chats";

fn start(world: &mut World, contact: ContactId, endpoint: &str) -> Result<StreamingId, StreamingError> {
    decide!(world, |chat, cx| chat.start_streaming(contact, endpoint, "us-east-1", cx))
}

#[test]
fn a_stream_begins_with_what_comes_next() {
    let mut world = World::connected();
    let contact = world.chat.contact();
    let id = start(&mut world, contact, TOPIC).expect("may be streamed");
    let stream = &world.chat.streams()[0];
    assert_eq!((stream.id, stream.endpoint.as_str(), stream.from_seq), (id, TOPIC, 2));
}

#[test]
fn two_streams_are_enough() {
    let mut world = World::connected();
    let contact = world.chat.contact();
    let first = start(&mut world, contact, TOPIC).expect("may be streamed");
    start(&mut world, contact, TOPIC).expect("may be streamed");
    assert_eq!(start(&mut world, contact, TOPIC), Err(StreamingError::TooMany(2)));
    world.chat.stop_streaming(contact, &first.to_string()).expect("is one");
    assert!(start(&mut world, contact, TOPIC).is_ok());
}

#[test]
fn a_stream_is_stopped_once_and_by_its_id() {
    let mut world = World::connected();
    let contact = world.chat.contact();
    let id = start(&mut world, contact, TOPIC).expect("may be streamed").to_string();
    assert_eq!(world.chat.stop_streaming(contact, "nonsense"), Err(StreamingError::Unknown));
    assert_eq!(world.chat.stop_streaming(contact, &id), Ok(()));
    assert_eq!(world.chat.stop_streaming(contact, &id), Err(StreamingError::Unknown));
}

#[test]
fn the_endpoint_is_a_standard_topic_of_this_region() {
    let mut world = World::connected();
    let contact = world.chat.contact();
    for endpoint in [
        "",
        "chats",
        "arn:aws:sqs:us-east-1:123456789012:chats",
        "arn:aws:sns:eu-west-1:123456789012:chats",
        "arn:aws:sns:us-east-1:123456789012:chats.fifo",
        "arn:aws:sns:us-east-1:123456789012:chats:9f6f4b5e",
        "arn:aws:sns:us-east-1::chats",
    ] {
        assert_eq!(start(&mut world, contact, endpoint), Err(StreamingError::Endpoint), "{endpoint}");
    }
}

#[test]
fn streams_belong_to_the_first_contact() {
    let mut world = World::connected();
    let next = decide!(&mut world, |chat, cx| chat.continue_in_new_contact(InitiationMethod::Transfer, None, cx));
    let (second, changes) = next.expect("the chat is open");
    world.apply(changes);
    assert_eq!(start(&mut world, second, TOPIC), Err(StreamingError::NotInitialContact));
    let first = ContactId(world.chat.id().0);
    let id = start(&mut world, first, TOPIC).expect("may be streamed");
    assert_eq!(world.chat.stop_streaming(second, &id.to_string()), Err(StreamingError::NotInitialContact));
}

#[test]
fn after_the_end_streams_stay_for_its_event_and_none_begins() {
    let mut world = World::connected();
    let contact = world.chat.contact();
    let id = start(&mut world, contact, TOPIC).expect("may be streamed");
    world.stop();
    assert_eq!(world.chat.streams().len(), 1);
    assert_eq!(start(&mut world, contact, TOPIC), Err(StreamingError::ChatEnded));
    assert_eq!(world.chat.stop_streaming(contact, &id.to_string()), Ok(()));
}
