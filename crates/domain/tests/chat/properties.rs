//! Long random lives, the same each time: whatever is done in whatever order, the laws of a chat hold.
//!
//! `World::apply` checks the laws of the log and that nothing changes after the end; here are the others.

use switchboard_domain::chat::participants::{AddStaff, StaffRole};
use switchboard_domain::chat::timers::{TimerSetting, TimerType};
use switchboard_domain::chat::transcript::{ScanDirection, SortOrder, TranscriptRequest};
use switchboard_domain::chat::{Body, EventType, Side, Visibility};
use switchboard_domain::{ParticipantId, ResourceId};
use uuid::Uuid;

use crate::world::{ACK, BOTH, CREDENTIALS, MINUTE, READ, World, bot_request, decide};

const LIVES: u64 = 300;
const STEPS: u32 = 120;

/// A small generator (xorshift), so that a failure is the same failure every time.
struct Dice(u64);

impl Dice {
    fn seeded(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let count = u64::try_from(all.len()).ok().filter(|count| *count > 0)?;
        usize::try_from(self.throw(count)).ok().map(|at| all[at])
    }
}

/// Does one thing, allowed or not; what is refused must change nothing.
fn step(world: &mut World, dice: &mut Dice) {
    let everybody: Vec<ParticipantId> = world.chat.participants().iter().map(|who| who.id).collect();
    let who = dice.one_of(&everybody).expect("there is always a customer");
    let before = world.chat.clone();
    let done = match dice.throw(13) {
        0..=3 => world.try_say(who, "text").ok().map(|sent| sent.changes),
        4 => receipt(world, who, dice),
        5 => {
            let request = dice.one_of(&[BOTH, CREDENTIALS, ACK]).expect("one of three");
            decide!(world, |chat, cx| chat.connect(who, request, cx)).ok().map(|connected| connected.changes)
        }
        6 => {
            let role = dice.one_of(&[StaffRole::Agent, StaffRole::SilentSupervisor, StaffRole::BargedSupervisor]);
            let request = AddStaff { role: role.expect("one of three"), display_name: "Ann".to_owned(), user: None };
            decide!(world, |chat, cx| chat.add_staff(request, cx)).ok().map(|added| added.changes)
        }
        7 => decide!(world, |chat, cx| chat.add_custom_bot(bot_request(), cx)).ok().map(|added| added.changes),
        8 => decide!(world, |chat, cx| chat.barge(who, cx)).ok(),
        9 if dice.throw(4) == 0 => decide!(world, |chat, cx| chat.disconnect(who, cx)).ok(),
        10 => {
            set_some_timer(world, dice);
            return;
        }
        11 => decide!(world, |chat, cx| chat.ask_to_sign_in(cx)).ok().map(|(_, changes)| changes),
        _ => {
            let pause = i64::try_from(dice.throw(3)).unwrap_or_default() * MINUTE;
            world.pass(pause);
            return;
        }
    };
    match done {
        Some(changes) => drop(world.apply(changes)),
        None => assert_eq!(world.chat, before, "what is refused changes nothing"),
    }
}

fn receipt(world: &mut World, who: ParticipantId, dice: &mut Dice) -> Option<switchboard_domain::chat::Changes> {
    let all: Vec<_> = world.log.iter().map(|item| item.id).collect();
    let id = dice.one_of(&all)?;
    let content = format!("{{\"messageId\":\"{id}\"}}");
    world.try_event(who, READ, Some(&content)).ok().map(|sent| sent.changes)
}

fn set_some_timer(world: &mut World, dice: &mut Dice) {
    let timer = dice.one_of(&[TimerType::Idle, TimerType::DisconnectNoncustomer]).expect("one of two");
    let side = dice.one_of(&[Side::Customer, Side::Agent]).expect("one of two");
    let minutes = dice.one_of(&[None, Some(2), Some(5)]).expect("one of three");
    let before = world.chat.clone();
    let set = world.chat.update_role_timers(&[TimerSetting { side, timer, minutes }], &world.limits);
    assert!(set.is_ok() || world.chat == before);
}

/// A random life, lived to its end.
fn live(seed: u64) -> World {
    let mut dice = Dice::seeded(seed);
    let mut world = World::new();
    if dice.throw(3) == 0 {
        world.chat.set_disconnect_flow(Some(ResourceId(Uuid::from_u128(0xF10))));
    }
    for _ in 0..STEPS {
        step(&mut world, &mut dice);
    }
    world.pass(8 * 24 * 60 * MINUTE);
    world
}

fn count(world: &World, event: EventType, who: Option<ParticipantId>) -> usize {
    let by = |sender: Option<ParticipantId>| who.is_none() || sender == who;
    let events = world.log.iter().filter(|item| item.event() == Some(event));
    events.filter(|item| by(item.sender.as_ref().map(|sender| sender.participant))).count()
}

#[test]
fn every_chat_ends_once_and_with_its_last_item() {
    for seed in 1..=LIVES {
        let world = live(seed);
        assert!(!world.chat.is_open() && world.timers.is_empty(), "life {seed}");
        assert_eq!(count(&world, EventType::ChatEnded, None), 1, "life {seed}");
        assert_eq!(world.log.last().and_then(|item| item.event()), Some(EventType::ChatEnded), "life {seed}");
        assert!(world.contacts.values().all(|contact| contact.has_ended()), "life {seed}");
    }
}

#[test]
fn whoever_speaks_has_joined_and_has_not_left() {
    for seed in 1..=LIVES {
        let world = live(seed);
        let mut here = Vec::new();
        for item in &world.log {
            let Some(sender) = &item.sender else { continue };
            let who = sender.participant;
            match (&item.body, item.event()) {
                (_, Some(EventType::Joined)) => {
                    assert!(!here.contains(&who), "life {seed}: joined twice");
                    here.push(who);
                }
                (_, Some(EventType::Left)) if item.visibility != Visibility::All => {
                    assert!(!here.contains(&who), "life {seed}: left in secret, joined in public");
                }
                (_, Some(EventType::Left)) => {
                    assert!(here.contains(&who), "life {seed}: left without joining");
                    here.retain(|other| *other != who);
                }
                (Body::Message { .. }, _) => assert!(here.contains(&who), "life {seed}: spoke from outside"),
                _ => {}
            }
        }
    }
}

#[test]
fn nobody_joins_or_leaves_twice() {
    for seed in 1..=LIVES {
        let world = live(seed);
        let senders = world.log.iter().filter_map(|item| item.sender.as_ref()).map(|sender| sender.participant);
        for who in senders {
            assert!(count(&world, EventType::Joined, Some(who)) <= 1, "life {seed}");
            assert!(count(&world, EventType::Left, Some(who)) <= 1, "life {seed}");
        }
    }
}

#[test]
fn idle_and_returned_take_turns() {
    for seed in 1..=LIVES {
        let world = live(seed);
        let (idle, returned) = (count(&world, EventType::Idle, None), count(&world, EventType::Returned, None));
        assert!(returned <= idle, "life {seed}: {returned} came back of {idle}");
    }
}

#[test]
fn pages_of_any_size_add_up_to_the_transcript() {
    for seed in 1..=LIVES / 10 {
        let mut world = World::connected();
        let mut dice = Dice::seeded(seed);
        for _ in 0..40 {
            if world.chat.is_open() {
                step(&mut world, &mut dice);
            }
        }
        let Some(customer) = world.chat.customer().filter(|who| who.is_in()).map(|who| who.viewer()) else { continue };
        let all: Vec<_> =
            world.log.iter().rev().filter(|item| item.stored && item.is_for(customer)).map(|item| item.id).collect();
        for size in 1..=12 {
            for sort in [SortOrder::Ascending, SortOrder::Descending] {
                assert_eq!(read_all(&world, size, sort), all, "life {seed}, pages of {size}");
            }
        }
    }
}

/// The whole transcript, newest first, put together from pages.
fn read_all(world: &World, size: i64, sort: SortOrder) -> Vec<switchboard_domain::ItemId> {
    let mut request = TranscriptRequest {
        max_results: Some(size),
        scan: Some(ScanDirection::Backward),
        sort: Some(sort),
        ..TranscriptRequest::default()
    };
    let mut all = Vec::new();
    loop {
        let mut page = world.read(world.customer, &request, &[]);
        if sort == SortOrder::Ascending {
            page.items.reverse();
        }
        all.extend(page.items.iter().map(|item| item.id));
        request.next = page.next;
        if request.next.is_none() {
            return all;
        }
    }
}

#[test]
fn the_document_stays_lean() {
    for seed in 1..=LIVES {
        let world = live(seed);
        let bytes = serde_json::to_vec(&world.chat).expect("a document").len();
        assert!(bytes < 4_096, "life {seed} has left {bytes} bytes");
    }
}
