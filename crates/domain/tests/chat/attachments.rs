//! Files: announced, uploaded, confirmed, looked at, fetched.

use switchboard_domain::chat::attachments::{
    Attachment, AttachmentError, AttachmentRequest, CompleteError, FetchError, ScanVerdict,
};
use switchboard_domain::chat::send::SpeakError;
use switchboard_domain::chat::timers::TimerType;
use switchboard_domain::chat::{AttachmentStatus, ChatTimer, Item, Side};
use switchboard_domain::{ChatId, ParticipantId};

use crate::world::{CREDENTIALS, MINUTE, World, decide, plain_chat, story};

fn png() -> AttachmentRequest {
    AttachmentRequest { name: "a.png".to_owned(), content_type: "image/png".to_owned(), size_bytes: 7, enabled: true }
}

fn announce(world: &mut World, who: ParticipantId, request: AttachmentRequest) -> Result<Attachment, AttachmentError> {
    decide!(world, |chat, cx| chat.announce_attachment(who, request, cx))
}

fn complete(
    world: &mut World,
    who: ParticipantId,
    file: &mut Attachment,
    bytes: Option<u64>,
    scanned: bool,
) -> Result<Vec<Item>, CompleteError> {
    let changes = decide!(world, |chat, cx| chat.complete_attachment(who, file, bytes, scanned, cx))?;
    Ok(world.apply(changes))
}

/// A file that the customer has sent.
fn sent(world: &mut World) -> Attachment {
    let customer = world.customer;
    let mut file = announce(world, customer, png()).expect("may be announced");
    complete(world, customer, &mut file, Some(7), false).expect("may be completed");
    file
}

#[test]
fn a_file_is_seen_once_it_is_complete() {
    let mut world = World::connected();
    let customer = world.customer;
    let mut file = announce(&mut world, customer, png()).expect("may be announced");
    assert_eq!(world.story(), ["joined CUSTOMER"], "announcing says nothing");
    assert_eq!(file.status(), None);
    let items = complete(&mut world, customer, &mut file, Some(7), false).expect("may be completed");
    assert_eq!(story(&items), ["CUSTOMER sends a.png APPROVED"]);
    assert_eq!((items[0].kind(), items[0].content_type()), ("ATTACHMENT", None));
    assert!(items[0].stored);
    assert_eq!(world.chat.may_fetch(customer, &file, &[]), Ok(()));
}

#[test]
fn the_listed_types_are_allowed_and_no_others() {
    let mut world = World::connected();
    let customer = world.customer;
    for (name, kind) in [
        ("a.CSV", "text/csv"),
        ("a.csv", "application/vnd.ms-excel"),
        ("a.jfif", "image/jpeg"),
        ("a.txt", "text/plain; charset=utf-8"),
        ("a.wav", "audio/x-wav"),
        ("noending", "IMAGE/PNG"),
    ] {
        let request = AttachmentRequest { name: name.to_owned(), content_type: kind.to_owned(), ..png() };
        assert!(announce(&mut world, customer, request).is_ok(), "{name} {kind}");
    }
    for kind in ["application/zip", "image/svg+xml", "", "png"] {
        let request = AttachmentRequest { content_type: kind.to_owned(), ..png() };
        assert_eq!(announce(&mut world, customer, request), Err(AttachmentError::ContentType(kind.to_owned())));
    }
    for name in ["a.exe", "a.png.exe", "a."] {
        let request = AttachmentRequest { name: name.to_owned(), ..png() };
        assert_eq!(announce(&mut world, customer, request), Err(AttachmentError::Name(name.to_owned())));
    }
}

#[test]
fn a_file_has_at_least_a_byte_and_at_most_20_megabytes() {
    let mut world = World::connected();
    let customer = world.customer;
    let of = |size_bytes| AttachmentRequest { size_bytes, ..png() };
    let max_bytes = 20 * 1_024 * 1_024;
    assert_eq!(announce(&mut world, customer, of(0)), Err(AttachmentError::Empty));
    assert!(announce(&mut world, customer, of(max_bytes)).is_ok());
    let too_large = AttachmentError::TooLarge { bytes: max_bytes + 1, max_bytes };
    assert_eq!(announce(&mut world, customer, of(max_bytes + 1)), Err(too_large));
}

#[test]
fn an_instance_without_a_place_for_files_takes_none() {
    let mut world = World::connected();
    let customer = world.customer;
    let request = AttachmentRequest { enabled: false, ..png() };
    assert_eq!(announce(&mut world, customer, request), Err(AttachmentError::Disabled));
}

#[test]
fn all_the_bytes_have_to_be_there() {
    let mut world = World::connected();
    let customer = world.customer;
    let mut file = announce(&mut world, customer, png()).expect("may be announced");
    let mut try_with = |bytes| complete(&mut world, customer, &mut file, bytes, false).map(|_| ());
    assert_eq!(try_with(None), Err(CompleteError::NotUploaded));
    assert_eq!(try_with(Some(6)), Err(CompleteError::WrongSize { uploaded: 6, announced: 7 }));
    assert_eq!(try_with(Some(8)), Err(CompleteError::WrongSize { uploaded: 8, announced: 7 }));
    assert_eq!(try_with(Some(7)), Ok(()));
    assert_eq!(try_with(Some(7)), Err(CompleteError::AlreadyCompleted));
    assert_eq!(world.log.len(), 2);
}

#[test]
fn a_file_is_completed_by_whoever_announced_it() {
    let (mut world, agent) = World::served();
    let customer = world.customer;
    let mut file = announce(&mut world, customer, png()).expect("may be announced");
    assert_eq!(complete(&mut world, agent, &mut file, Some(7), false), Err(CompleteError::Unknown));

    let mut other = World::start_at(plain_chat(), world.now, 1_000);
    other.connect_customer();
    let stranger = other.customer;
    assert_eq!(complete(&mut other, stranger, &mut file, Some(7), false), Err(CompleteError::Unknown));
}

#[test]
fn thirty_five_are_enough() {
    let mut world = World::connected();
    let customer = world.customer;
    let mut late = announce(&mut world, customer, png()).expect("may be announced");
    for _ in 0..35 {
        sent(&mut world);
    }
    assert_eq!(announce(&mut world, customer, png()), Err(AttachmentError::TooMany(35)));
    assert_eq!(complete(&mut world, customer, &mut late, Some(7), false), Err(CompleteError::TooMany(35)));
}

#[test]
fn bytes_come_for_a_quarter_of_an_hour_and_not_after_completion() {
    let mut world = World::connected();
    let customer = world.customer;
    let file = announce(&mut world, customer, png()).expect("may be announced");
    assert!(file.may_upload(world.now));
    assert!(!file.may_upload(world.now.plus_minutes(15)));
    let file = sent(&mut world);
    assert!(!file.may_upload(world.now));
}

#[test]
fn a_scanner_approves() {
    let mut world = World::connected();
    let customer = world.customer;
    let mut file = announce(&mut world, customer, png()).expect("may be announced");
    let items = complete(&mut world, customer, &mut file, Some(7), true).expect("may be completed");
    assert_eq!(story(&items), ["CUSTOMER sends a.png IN_PROGRESS"]);
    assert!(!items[0].stored);
    assert_eq!(world.chat.may_fetch(customer, &file, &[]), Err(FetchError::NotReady));

    let changes = decide!(&mut world, |chat, cx| chat.scanned(&mut file, ScanVerdict::Clean, cx));
    let items = world.apply(changes);
    assert_eq!(story(&items), ["CUSTOMER sends a.png APPROVED"]);
    assert!(items[0].stored);
    assert_eq!(world.due(ChatTimer::ScanBy(file.id)), None);
    assert_eq!(world.chat.may_fetch(customer, &file, &[]), Ok(()));

    let again = decide!(&mut world, |chat, cx| chat.scanned(&mut file, ScanVerdict::Refused, cx));
    assert!(again.is_empty(), "the first verdict counts");
}

#[test]
fn a_scanner_that_takes_longer_than_a_minute_has_refused() {
    let mut world = World::connected();
    let customer = world.customer;
    let mut file = announce(&mut world, customer, png()).expect("may be announced");
    complete(&mut world, customer, &mut file, Some(7), true).expect("may be completed");
    assert_eq!(world.due(ChatTimer::ScanBy(file.id)), Some(world.now.plus_seconds(60)));
    world.pass(MINUTE);
    let changes = decide!(&mut world, |chat, cx| chat.scan_is_late(&mut file, cx));
    assert_eq!(story(&world.apply(changes)), ["CUSTOMER sends a.png REJECTED"]);
    assert_eq!(world.chat.may_fetch(customer, &file, &[]), Err(FetchError::Rejected));
}

#[test]
fn a_verdict_after_the_end_is_noted_and_not_told() {
    let mut world = World::connected();
    let customer = world.customer;
    let mut file = announce(&mut world, customer, png()).expect("may be announced");
    complete(&mut world, customer, &mut file, Some(7), true).expect("may be completed");
    world.stop();
    let changes = decide!(&mut world, |chat, cx| chat.scanned(&mut file, ScanVerdict::Clean, cx));
    assert!(changes.items.is_empty());
    assert_eq!(file.status(), Some(AttachmentStatus::Approved));
}

#[test]
fn bots_do_not_fetch_what_customers_send() {
    let mut world = World::connected();
    let file = sent(&mut world);
    let bot = world.bot();
    world.connect(bot, CREDENTIALS);
    assert_eq!(world.chat.may_fetch(bot, &file, &[]), Err(FetchError::CustomBot));

    let mut own = announce(&mut world, bot, png()).expect("may be announced");
    complete(&mut world, bot, &mut own, Some(7), false).expect("may be completed");
    assert_eq!(world.chat.may_fetch(bot, &own, &[]), Ok(()));
}

#[test]
fn files_are_fetched_from_the_chat_and_its_past() {
    let mut past = World::connected();
    let file = sent(&mut past);
    let mut world = World::start_at(plain_chat(), past.now, 1_000);
    world.connect_customer();
    let past_chats: [ChatId; 1] = [past.chat.id()];
    assert_eq!(world.chat.may_fetch(world.customer, &file, &[]), Err(FetchError::Unknown));
    assert_eq!(world.chat.may_fetch(world.customer, &file, &past_chats), Ok(()));
}

#[test]
fn the_absent_neither_send_nor_fetch() {
    let mut world = World::new();
    let customer = world.customer;
    let absent = AttachmentError::Speak(SpeakError::NotConnected);
    assert_eq!(announce(&mut world, customer, png()), Err(absent));
    world.connect_customer();
    let mut file = announce(&mut world, customer, png()).expect("may be announced");
    let done = sent(&mut world);
    world.stop();
    let ended = CompleteError::Speak(SpeakError::ChatEnded);
    assert_eq!(complete(&mut world, customer, &mut file, Some(7), false), Err(ended));
    assert_eq!(world.chat.may_fetch(customer, &done, &[]), Err(FetchError::ChatEnded));
}

#[test]
fn a_file_begins_the_silence_anew() {
    let mut world = World::connected();
    world.set_timers(&[(Side::Customer, TimerType::Idle, 2)]);
    world.agent("Ann");
    world.pass(2 * MINUTE - 1);
    sent(&mut world);
    assert!(world.pass(2 * MINUTE - 1).is_empty());
    assert_eq!(story(&world.pass(1)), ["idle CUSTOMER"]);
}
