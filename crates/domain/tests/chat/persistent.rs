//! Persistent chat: both kinds, every rule, and transcripts that reach back.

use switchboard_domain::chat::persistent::{Found, PersistentError, PersistentSource, RehydrationType};
use switchboard_domain::chat::start::{Related, StartError};
use switchboard_domain::chat::transcript::{ScanDirection, SortOrder, StartPosition, TranscriptRequest};
use switchboard_domain::chat::{Context, EventType, InitiationMethod};
use switchboard_domain::{ContactId, InstanceId};
use uuid::Uuid;

use crate::world::{World, decide, ids, plain_chat, query, story};

use RehydrationType::{EntirePastSession, FromSegment};

fn source(past: &World, contact: ContactId, rehydration: RehydrationType) -> PersistentSource<'_> {
    let found = Found { contact: &past.contacts[&contact], initial: past.first_contact() };
    PersistentSource { rehydration, found: Some((&past.chat, found)) }
}

fn try_continue(past: &World, source: PersistentSource<'_>) -> Result<ContactId, StartError> {
    let mut last = 50_000;
    let mut ids = ids(&mut last);
    let mut request = plain_chat();
    request.persistent = Some(source);
    request
        .decide(&mut Context::new(past.now, &past.limits, &mut ids))
        .map(|started| started.continued_from.expect("it continues"))
}

fn continued(past: &World, contact: ContactId, rehydration: RehydrationType, seed: u128) -> World {
    let mut request = plain_chat();
    request.persistent = Some(source(past, contact, rehydration));
    let mut world = World::start_at(request, past.now, seed);
    world.connect_customer();
    world
}

/// A chat of three contacts that has ended, and the contacts.
fn past() -> (World, [ContactId; 3]) {
    let mut world = World::connected();
    let first = world.chat.contact();
    world.say(world.customer, "one");
    let mut contacts = [first; 3];
    for (at, text) in [(1, "two"), (2, "three")] {
        let next = decide!(&mut world, |chat, cx| chat.continue_in_new_contact(InitiationMethod::Transfer, None, cx));
        let (contact, changes) = next.expect("the chat is open");
        world.apply(changes);
        contacts[at] = contact;
        world.say(world.customer, text);
    }
    world.stop();
    (world, contacts)
}

/// Reads everything, page by page, newest first.
fn everything(world: &World, past: &[&World], page: i64) -> Vec<String> {
    let mut request = TranscriptRequest {
        max_results: Some(page),
        scan: Some(ScanDirection::Backward),
        ..TranscriptRequest::default()
    };
    let mut lines = Vec::new();
    loop {
        let page = world.read(world.customer, &request, past);
        lines.extend(story(&page.items));
        request.next = page.next;
        if request.next.is_none() {
            return lines;
        }
    }
}

#[test]
fn a_whole_session_continues_from_its_last_contact() {
    let (past, [first, _, third]) = past();
    assert_eq!(try_continue(&past, source(&past, first, EntirePastSession)), Ok(third));
    let world = continued(&past, first, EntirePastSession, 10_000);
    assert_eq!(world.contact().continued_from, Some(third));
    assert_eq!(world.contact().related, Some(third));
}

#[test]
fn a_whole_session_is_named_by_its_first_contact() {
    let (past, [_, second, third]) = past();
    for contact in [second, third] {
        let refused = try_continue(&past, source(&past, contact, EntirePastSession));
        assert_eq!(refused, Err(StartError::Persistent(PersistentError::SourceNotInitial)));
    }
}

#[test]
fn a_segment_continues_from_itself() {
    let (past, contacts) = past();
    for contact in contacts {
        assert_eq!(try_continue(&past, source(&past, contact, FromSegment)), Ok(contact));
    }
}

#[test]
fn what_goes_on_cannot_be_continued() {
    let world = World::connected();
    for rehydration in [EntirePastSession, FromSegment] {
        let refused = try_continue(&world, source(&world, world.chat.contact(), rehydration));
        assert_eq!(refused, Err(StartError::Persistent(PersistentError::SourceNotEnded)));
    }
}

#[test]
fn an_ended_contact_of_a_chat_that_goes_on_cannot_be_continued() {
    let mut world = World::connected();
    let first = world.chat.contact();
    let next = decide!(&mut world, |chat, cx| chat.continue_in_new_contact(InitiationMethod::Transfer, None, cx));
    world.apply(next.expect("the chat is open").1);
    let refused = try_continue(&world, source(&world, first, FromSegment));
    assert_eq!(refused, Err(StartError::Persistent(PersistentError::SourceNotEnded)));
}

#[test]
fn the_source_is_a_contact_of_this_instance() {
    let (past, [first, ..]) = past();
    let unknown = PersistentSource { rehydration: FromSegment, found: None };
    let not_found = Err(StartError::Persistent(PersistentError::SourceNotFound));
    assert_eq!(try_continue(&past, unknown), not_found);

    let mut last = 50_000;
    let mut ids = ids(&mut last);
    let mut elsewhere = plain_chat();
    elsewhere.instance = InstanceId(Uuid::from_u128(2));
    elsewhere.persistent = Some(source(&past, first, FromSegment));
    let refused = elsewhere.decide(&mut Context::new(past.now, &past.limits, &mut ids)).map(|_| first);
    assert_eq!(refused, not_found);
}

#[test]
fn persistent_and_related_exclude_each_other() {
    let (past, [first, ..]) = past();
    let mut last = 50_000;
    let mut ids = ids(&mut last);
    let mut request = plain_chat();
    request.persistent = Some(source(&past, first, FromSegment));
    request.related = Some(Related::Unknown);
    let refused = request.decide(&mut Context::new(past.now, &past.limits, &mut ids)).map(|_| ());
    assert_eq!(refused, Err(StartError::RelatedAndPersistent));
}

#[test]
fn the_attributes_are_carried_forward() {
    let mut request = plain_chat();
    request.attributes.insert("tier".to_owned(), "gold".to_owned());
    let mut past = World::start(request);
    past.connect_customer();
    let next = decide!(&mut past, |chat, cx| chat.continue_in_new_contact(InitiationMethod::Transfer, None, cx));
    let (second, changes) = next.expect("the chat is open");
    past.apply(changes);
    past.stop();
    let world = continued(&past, second, FromSegment, 10_000);
    assert_eq!(world.contact().attributes["tier"], "gold");
}

#[test]
fn the_customers_first_socket_is_told_once() {
    let (past, [first, ..]) = past();
    let mut world = continued(&past, first, EntirePastSession, 10_000);
    let customer = world.customer;
    for expected in [1, 0, 0] {
        let changes = decide!(&mut world, |chat, cx| chat.subscribed(customer, cx));
        let items = world.apply(changes);
        assert_eq!(items.iter().filter(|item| item.event() == Some(EventType::ChatRehydrated)).count(), expected);
        assert!(items.iter().all(|item| !item.stored));
    }
    let mut fresh = World::connected();
    let customer = fresh.customer;
    assert!(decide!(&mut fresh, |chat, cx| chat.subscribed(customer, cx)).is_empty());
}

#[test]
fn the_past_comes_after_the_present_page_by_page() {
    let (past, [first, ..]) = past();
    let mut world = continued(&past, first, EntirePastSession, 10_000);
    world.say(world.customer, "four");
    let all = [
        "CUSTOMER: four",
        "joined CUSTOMER",
        "chat.ended",
        "CUSTOMER: three",
        "CUSTOMER: two",
        "CUSTOMER: one",
        "joined CUSTOMER",
    ];
    for page in 1..=8 {
        assert_eq!(everything(&world, &[&past], page), all, "pages of {page}");
    }
}

#[test]
fn the_first_page_leads_on_although_it_is_not_full() {
    let (past, [first, ..]) = past();
    let world = continued(&past, first, EntirePastSession, 10_000);
    let page = world.read(world.customer, &TranscriptRequest::default(), &[&past]);
    assert_eq!(page.items.len(), 1);
    let next = page.next.expect("there is a past");
    assert_eq!((next.log, next.depth), (past.chat.id(), 1));
    let viewer = world.chat.customer().expect("is there").viewer();
    let request = TranscriptRequest { next: Some(next), ..TranscriptRequest::default() };
    let plan = world.chat.transcript(viewer, &request).expect("makes sense").expect("something to read");
    assert!(plan.in_past, "its items carry RelatedContactId");
}

#[test]
fn what_came_after_the_segment_is_left_out() {
    let (past, [_, second, _]) = past();
    let world = continued(&past, second, FromSegment, 10_000);
    let told = everything(&world, &[&past], 10);
    assert_eq!(told, ["joined CUSTOMER", "CUSTOMER: two", "CUSTOMER: one", "joined CUSTOMER"]);
}

#[test]
fn links_add_up() {
    let (first, [contact, ..]) = past();
    let mut second = continued(&first, contact, EntirePastSession, 10_000);
    second.say(second.customer, "four");
    second.stop();
    let third = continued(&second, second.chat.contact(), EntirePastSession, 20_000);
    let told = everything(&third, &[&second, &first], 2);
    assert_eq!(told.len(), 9);
    assert_eq!(told[..4], ["joined CUSTOMER", "chat.ended", "CUSTOMER: four", "joined CUSTOMER"]);
    assert_eq!(third.contact().association, first.first_contact().id);
}

#[test]
fn the_past_is_as_deep_as_the_limit_says() {
    let (first, [contact, ..]) = past();
    let mut second = continued(&first, contact, EntirePastSession, 10_000);
    second.stop();
    let mut third = continued(&second, second.chat.contact(), EntirePastSession, 20_000);
    third.limits.past_contacts = Some(1);
    assert_eq!(everything(&third, &[&second, &first], 10), ["joined CUSTOMER", "chat.ended", "joined CUSTOMER"]);
}

#[test]
fn neither_a_contact_nor_going_forward_leads_into_the_past() {
    let (past, [first, ..]) = past();
    let world = continued(&past, first, EntirePastSession, 10_000);
    let contact = world.chat.contact().to_string();
    let one_contact = TranscriptRequest { contact: Some(contact), ..TranscriptRequest::default() };
    assert_eq!(world.read(world.customer, &one_contact, &[&past]).next, None);
    let forward = TranscriptRequest {
        start: StartPosition { most_recent: Some(1), ..StartPosition::default() },
        ..TranscriptRequest::default()
    };
    assert_eq!(world.read(world.customer, &forward, &[&past]).next, None);
    let past_contact = TranscriptRequest { contact: Some(first.to_string()), ..TranscriptRequest::default() };
    assert!(world.read(world.customer, &past_contact, &[&past]).items.is_empty());
}

#[test]
fn a_past_page_is_arranged_as_asked() {
    let (past, [first, ..]) = past();
    let world = continued(&past, first, EntirePastSession, 10_000);
    let first_page = world.read(world.customer, &TranscriptRequest::default(), &[&past]);
    let request =
        TranscriptRequest { next: first_page.next, sort: Some(SortOrder::Ascending), ..TranscriptRequest::default() };
    let page = world.read(world.customer, &request, &[&past]);
    assert_eq!(story(&page.items).first().map(String::as_str), Some("joined CUSTOMER"));
    assert_eq!(page.next, None);
}

#[test]
fn a_scan_may_begin_in_the_past() {
    let (past, [_, second, _]) = past();
    let world = continued(&past, second, FromSegment, 10_000);
    let viewer = world.chat.customer().expect("is there").viewer();
    let item =
        |text: &str| past.log.iter().find(|item| story(std::slice::from_ref(item))[0] == text).expect("was said");
    let planned = |start: StartPosition| {
        let scan = Some(ScanDirection::Backward);
        let request = TranscriptRequest { start, scan, ..TranscriptRequest::default() };
        world.chat.transcript(viewer, &request).expect("makes sense").expect("something to read")
    };
    let two = item("CUSTOMER: two");
    let by_id = StartPosition { id: Some(two.id.to_string()), ..StartPosition::default() };
    let by_time = StartPosition { absolute_time: Some(two.at), ..StartPosition::default() };
    for start in [by_id, by_time] {
        let plan = planned(start);
        let before = plan.before(world.chat.past(), &world.limits).expect("there is a past");
        assert_eq!((before.log, before.in_past), (past.chat.id(), true));
        assert_eq!(story(&query(&before, &past.log)), ["CUSTOMER: two", "CUSTOMER: one", "joined CUSTOMER"]);
    }
    // What came after the segment is not there, whatever the start.
    let late = StartPosition { absolute_time: Some(item("CUSTOMER: three").at), ..StartPosition::default() };
    let before = planned(late).before(world.chat.past(), &world.limits).expect("there is a past");
    assert_eq!(story(&query(&before, &past.log))[0], "CUSTOMER: two");
    assert!(!before.selects(item("CUSTOMER: three")));
    assert_eq!(before.before(past.chat.past(), &world.limits), None, "and nothing before it");
}
