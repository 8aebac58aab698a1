//! `GetTranscript`: every parameter, and pages that add up.

use switchboard_domain::chat::participants::StaffRole;
use switchboard_domain::chat::send::SystemMessage;
use switchboard_domain::chat::transcript::{
    ScanDirection, SortOrder, StartPosition, TranscriptError, TranscriptRequest,
};
use switchboard_domain::chat::{InitiationMethod, Item, MessageType, Visibility};
use switchboard_domain::{ItemId, ParticipantId, Time};
use uuid::Uuid;

use crate::world::{ACK, READ, World, decide, plain_chat, story};

/// A chat in which the customer has counted to `last`.
fn counted(last: u32) -> World {
    let mut world = World::connected();
    for number in 1..=last {
        world.say(world.customer, &number.to_string());
    }
    world
}

fn numbers(items: &[Item]) -> Vec<String> {
    story(items).into_iter().map(|line| line.trim_start_matches("CUSTOMER: ").to_owned()).collect()
}

fn read(world: &World, request: &TranscriptRequest) -> Vec<String> {
    numbers(&world.read(world.customer, request, &[]).items)
}

fn wrong(world: &World, request: &TranscriptRequest) -> TranscriptError {
    let viewer = world.chat.customer().expect("is there").viewer();
    world.chat.transcript(viewer, request).expect_err("makes no sense")
}

fn from(start: StartPosition) -> TranscriptRequest {
    TranscriptRequest { start, ..TranscriptRequest::default() }
}

fn at_item(id: ItemId) -> StartPosition {
    StartPosition { id: Some(id.to_string()), ..StartPosition::default() }
}

fn at_time(at: Time) -> StartPosition {
    StartPosition { absolute_time: Some(at), ..StartPosition::default() }
}

fn nth_newest(nth: i64) -> StartPosition {
    StartPosition { most_recent: Some(nth), ..StartPosition::default() }
}

#[test]
fn the_newest_ten_come_newest_first() {
    let world = counted(12);
    let page = world.read(world.customer, &TranscriptRequest::default(), &[]);
    assert_eq!(numbers(&page.items), ["12", "11", "10", "9", "8", "7", "6", "5", "4", "3"]);
    assert!(page.next.is_some());
    let zero = TranscriptRequest { max_results: Some(0), ..TranscriptRequest::default() };
    assert_eq!(read(&world, &zero).len(), 10);
}

#[test]
fn the_order_is_within_the_page_only() {
    let world = counted(12);
    let request =
        TranscriptRequest { max_results: Some(3), sort: Some(SortOrder::Ascending), ..TranscriptRequest::default() };
    assert_eq!(read(&world, &request), ["10", "11", "12"]);
}

#[test]
fn pages_go_back_to_the_beginning_and_the_last_has_no_token() {
    let world = counted(12);
    let mut request = TranscriptRequest { max_results: Some(5), ..TranscriptRequest::default() };
    let mut pages = Vec::new();
    loop {
        let page = world.read(world.customer, &request, &[]);
        pages.push(numbers(&page.items));
        request.next = page.next;
        if request.next.is_none() {
            break;
        }
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [5, 5, 3]);
    assert_eq!(pages[2], ["2", "1", "joined CUSTOMER"]);
}

#[test]
fn a_page_that_is_just_full_is_the_last() {
    let world = counted(9);
    let page = world.read(world.customer, &TranscriptRequest::default(), &[]);
    assert_eq!((page.items.len(), page.next), (10, None));
}

#[test]
fn a_token_is_enough_to_go_on() {
    let world = counted(6);
    let request = TranscriptRequest { max_results: Some(2), ..from(nth_newest(5)) };
    let first = world.read(world.customer, &request, &[]);
    assert_eq!(numbers(&first.items), ["3", "2"], "forward, newest first within the page");
    let next = TranscriptRequest { next: first.next, max_results: Some(2), ..TranscriptRequest::default() };
    assert_eq!(read(&world, &next), ["5", "4"], "still forward");
}

#[test]
fn a_token_goes_on_with_its_own_scan_only() {
    let world = counted(6);
    let contact = |id: String| TranscriptRequest { contact: Some(id), ..TranscriptRequest::default() };
    let first = TranscriptRequest { max_results: Some(2), ..contact(world.chat.contact().to_string()) };
    let next = world.read(world.customer, &first, &[]).next;
    assert_eq!(read(&world, &TranscriptRequest { next, ..first.clone() }), ["4", "3"]);
    for other in [
        TranscriptRequest { scan: Some(ScanDirection::Forward), ..first },
        contact(Uuid::from_u128(404).to_string()),
        contact("x".to_owned()),
    ] {
        assert_eq!(wrong(&world, &TranscriptRequest { next, ..other }), TranscriptError::OtherScan);
    }
}

#[test]
fn items_that_come_while_paging_do_not_shift_the_pages() {
    let mut world = counted(6);
    let request = TranscriptRequest { max_results: Some(3), ..TranscriptRequest::default() };
    let first = world.read(world.customer, &request, &[]);
    world.say(world.customer, "7");
    let next = TranscriptRequest { next: first.next, ..request };
    assert_eq!(read(&world, &next), ["3", "2", "1"]);
}

#[test]
fn an_empty_start_position_is_no_start_position() {
    let world = counted(3);
    let request = TranscriptRequest {
        max_results: Some(15),
        scan: Some(ScanDirection::Backward),
        sort: Some(SortOrder::Ascending),
        ..from(StartPosition::default())
    };
    assert_eq!(read(&world, &request), ["joined CUSTOMER", "1", "2", "3"]);
}

#[test]
fn a_start_is_part_of_the_page_and_leads_forward() {
    let world = counted(5);
    let third = &world.log[3];
    for start in [at_item(third.id), at_time(third.at), nth_newest(3)] {
        assert_eq!(read(&world, &from(start.clone())), ["5", "4", "3"]);
        let back = TranscriptRequest { scan: Some(ScanDirection::Backward), ..from(start) };
        assert_eq!(read(&world, &back), ["3", "2", "1", "joined CUSTOMER"]);
    }
}

#[test]
fn a_time_between_items_is_a_start_too() {
    let mut world = counted(2);
    world.pass(5_000);
    let between = Time(world.now.0 - 1_000);
    world.say(world.customer, "3");
    assert_eq!(read(&world, &from(at_time(between))), ["3"]);
    let back = TranscriptRequest { scan: Some(ScanDirection::Backward), ..from(at_time(between)) };
    assert_eq!(read(&world, &back), ["2", "1", "joined CUSTOMER"]);
}

#[test]
fn the_nth_newest_of_fewer_is_the_oldest() {
    let world = counted(2);
    assert_eq!(read(&world, &from(nth_newest(100))), ["2", "1", "joined CUSTOMER"]);
    assert_eq!(read(&world, &from(nth_newest(0))), ["2"]);
}

#[test]
fn forward_from_now_there_is_nothing() {
    let world = counted(3);
    let request = TranscriptRequest { scan: Some(ScanDirection::Forward), ..TranscriptRequest::default() };
    assert!(read(&world, &request).is_empty());
}

#[test]
fn parameters_that_make_no_sense_are_refused() {
    let world = counted(1);
    for given in [-1, 101] {
        let request = TranscriptRequest { max_results: Some(given), ..TranscriptRequest::default() };
        assert_eq!(wrong(&world, &request), TranscriptError::MaxResults(given));
        assert_eq!(wrong(&world, &from(nth_newest(given))), TranscriptError::MostRecent(given));
    }
    let two = StartPosition { most_recent: Some(1), ..at_item(world.log[0].id) };
    assert_eq!(wrong(&world, &from(two)), TranscriptError::ManyStarts);
    let all = StartPosition { most_recent: Some(1), absolute_time: Some(world.now), ..at_item(world.log[0].id) };
    assert_eq!(wrong(&world, &from(all)), TranscriptError::ManyStarts);
    let not_an_id = StartPosition { id: Some("first".to_owned()), ..StartPosition::default() };
    assert_eq!(wrong(&world, &from(not_an_id)), TranscriptError::UnknownItem);
}

#[test]
fn a_token_of_another_chat_is_refused() {
    let world = counted(12);
    let token = world.read(world.customer, &TranscriptRequest::default(), &[]).next;
    let other = World::start_at(plain_chat(), world.now, 1_000);
    let request = TranscriptRequest { next: token, ..TranscriptRequest::default() };
    assert_eq!(wrong(&other, &request), TranscriptError::ForeignToken);
}

#[test]
fn a_contact_outside_the_chain_has_no_transcript_here() {
    let world = counted(3);
    for contact in ["x".to_owned(), Uuid::from_u128(404).to_string()] {
        let request = TranscriptRequest { contact: Some(contact), ..TranscriptRequest::default() };
        let page = world.read(world.customer, &request, &[]);
        assert!(page.items.is_empty() && page.next.is_none());
    }
}

#[test]
fn a_contact_of_the_chain_has_its_own() {
    let mut world = counted(2);
    let first = world.chat.contact();
    let next = decide!(&mut world, |chat, cx| chat.continue_in_new_contact(InitiationMethod::Transfer, None, cx));
    let (second, changes) = next.expect("the chat is open");
    world.apply(changes);
    world.say(world.customer, "3");
    let of = |contact: switchboard_domain::ContactId| TranscriptRequest {
        contact: Some(contact.to_string()),
        ..TranscriptRequest::default()
    };
    assert_eq!(read(&world, &of(first)), ["2", "1", "joined CUSTOMER"]);
    assert_eq!(read(&world, &of(second)), ["3"]);
    assert_eq!(read(&world, &TranscriptRequest::default()), ["3", "2", "1", "joined CUSTOMER"]);
}

#[test]
fn what_is_not_kept_or_not_for_the_reader_is_not_there() {
    let (mut world, agent) = World::served();
    world.event(agent, "application/vnd.amazonaws.connect.event.typing", None);
    let message = world.say(agent, "Hello")[0].id;
    world.receipt(world.customer, READ, message);
    let whisper = SystemMessage {
        content_type: MessageType::Plain,
        content: "VIP".to_owned(),
        display_name: "BOT".to_owned(),
        visibility: Visibility::Agent,
        chunk: None,
    };
    let sent = decide!(&mut world, |chat, cx| chat.say(whisper, cx)).expect("may speak");
    world.apply(sent.changes);

    let told = |who: ParticipantId| story(&world.read(who, &TranscriptRequest::default(), &[]).items);
    assert_eq!(told(world.customer), ["AGENT: Hello", "joined AGENT", "joined CUSTOMER"]);
    assert_eq!(told(agent), ["SYSTEM: VIP", "AGENT: Hello", "joined AGENT", "joined CUSTOMER"]);
    let page = world.read(agent, &TranscriptRequest::default(), &[]);
    assert_eq!(page.items[1].receipts.len(), 1, "the receipt rides on its message");
}

#[test]
fn a_listening_supervisor_reads_what_agents_read() {
    let (mut world, agent) = World::served();
    world.say(agent, "Hello");
    let supervisor = world.staff(StaffRole::SilentSupervisor, "Sue");
    world.connect(supervisor, ACK);
    assert_eq!(world.read(supervisor, &TranscriptRequest::default(), &[]).items.len(), 3);
}
