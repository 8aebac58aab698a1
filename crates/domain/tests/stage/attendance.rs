//! What coming, publishing, watching and going make of sessions, participants and events.

use std::collections::BTreeMap;

use switchboard_domain::{
    Ids, Time,
    stage::{
        Attendance, Client, EntryRefused, ErrorAt, ErrorCode, EventName, LegId, LegKind, Limits, Muted, NotAllowed,
        Participant, Protocol, Session, State,
        token::{Capabilities, Grant},
    },
};

use crate::{NOW, ids, later};

const WHIP: LegKind = LegKind::Publish { protocol: Protocol::Whip };

/// A stage with its rows, of which one participant at a time is told of something.
struct Room {
    live: Option<Session>,
    /// Sessions that are over.
    over: Vec<Session>,
    people: BTreeMap<String, Attendance>,
    limits: Limits,
    ids: Box<dyn Ids>,
}

impl Room {
    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        Self { live: None, over: Vec::new(), people: BTreeMap::new(), limits, ids: Box::new(ids()) }
    }

    fn change<T>(&mut self, who: &str, decide: impl FnOnce(&mut Attendance, &Limits, &mut dyn Ids) -> T) -> T {
        let participant = || who.parse().expect("an id");
        let mut attendance =
            self.people.remove(who).unwrap_or_else(|| Attendance::unknown(participant(), self.live.clone()));
        attendance.live.clone_from(&self.live);
        let live = self.live.as_ref().map(|session| session.id);
        let known_in = attendance.presence.as_ref().map(|presence| presence.session);
        attendance.past = known_in
            .filter(|session| Some(*session) != live)
            .and_then(|session| self.over.iter().find(|over| over.id == session).cloned());
        let decided = decide(&mut attendance, &self.limits, &mut *self.ids);
        self.live.clone_from(&attendance.live);
        self.people.insert(who.to_owned(), attendance);
        decided
    }

    fn enter(&mut self, who: &str, kind: LegKind, now: Time) -> Result<(LegId, Vec<LegId>), EntryRefused> {
        self.enter_as(&grant(who), kind, now)
    }

    fn enter_as(&mut self, grant: &Grant, kind: LegKind, now: Time) -> Result<(LegId, Vec<LegId>), EntryRefused> {
        self.change(grant.participant.as_str(), |attendance, limits, ids| {
            let leg = LegId::fresh(ids);
            let displaced = attendance.enter(grant, (leg, kind), Client::default(), limits, now, ids)?;
            Ok((leg, displaced))
        })
    }

    fn publish(&mut self, who: &str, now: Time) -> LegId {
        let (leg, _) = self.enter(who, WHIP, now).expect("may publish");
        self.change(who, |attendance, _, ids| attendance.flows(leg, now, ids));
        leg
    }

    fn watch(&mut self, who: &str, publisher: &str, now: Time) -> LegId {
        let (leg, _) = self.enter(who, watching(publisher), now).expect("may watch");
        self.change(who, |attendance, _, ids| attendance.flows(leg, now, ids));
        leg
    }

    fn leave(&mut self, who: &str, leg: LegId, now: Time) {
        self.change(who, |attendance, _, _| attendance.leaves(leg, now));
    }

    /// The session's time passes.
    fn pass(&mut self, now: Time) {
        if let Some(session) = &mut self.live
            && session.end_if_due(now, &self.limits)
        {
            self.over.extend(self.live.take());
        }
    }

    fn row(&self, who: &str) -> &Participant {
        self.people[who].row.as_ref().expect("a row")
    }

    fn events(&self, who: &str) -> Vec<EventName> {
        self.people[who].events.iter().map(|(_, _, event)| event.kind.name()).collect()
    }

    fn live(&self) -> &Session {
        self.live.as_ref().expect("a session")
    }
}

fn grant(who: &str) -> Grant {
    Grant {
        participant: who.parse().expect("an id"),
        capabilities: Capabilities::ALL,
        user_id: Some(format!("user {who}")),
        attributes: BTreeMap::new(),
        expires: later(3_600),
    }
}

fn only(who: &str, publish: bool) -> Grant {
    Grant { capabilities: Capabilities { publish, subscribe: !publish }, ..grant(who) }
}

fn watching(publisher: &str) -> LegKind {
    LegKind::Subscribe { publisher: publisher.parse().expect("an id"), replica: false }
}

use EventName::{
    Joined, Left, PublishError, PublishStarted, PublishStopped, SubscribeError, SubscribeStarted, SubscribeStopped,
};

#[test]
fn a_publisher_comes_publishes_and_goes() {
    let mut room = Room::new();
    let (leg, _) = room.enter("alice", WHIP, NOW).expect("may publish");
    assert!(!room.row("alice").published, "no packet has come yet");
    room.change("alice", |attendance, _, ids| attendance.flows(leg, later(1), ids));
    room.change("alice", |attendance, _, ids| attendance.flows(leg, later(2), ids));
    assert_eq!((room.row("alice").state, room.row("alice").published), (State::Connected, true));
    assert_eq!(room.row("alice").protocol, Protocol::Whip);
    room.leave("alice", leg, later(3));
    assert_eq!(room.events("alice"), [Joined, PublishStarted, PublishStopped, Left]);
    assert_eq!((room.row("alice").state, room.row("alice").published), (State::Disconnected, true), "sticky");
}

#[test]
fn a_rejoin_within_the_session_keeps_the_first_join() {
    let mut room = Room::new();
    let leg = room.publish("alice", NOW);
    let session = room.live().id;
    room.leave("alice", leg, later(10));
    room.pass(later(60));
    let leg = room.publish("alice", later(60));
    assert_eq!((room.live().id, room.row("alice").first_joined), (session, NOW));
    room.leave("alice", leg, later(61));
    assert_eq!(room.events("alice").iter().filter(|name| **name == Joined).count(), 2);
}

#[test]
fn a_session_ends_a_while_after_the_last_publisher_stopped() {
    let mut room = Room::new();
    let leg = room.publish("alice", NOW);
    room.watch("bob", "alice", later(1));
    assert_eq!(room.live().ends_at(&room.limits), None, "somebody publishes");
    room.change("alice", |attendance, _, _| attendance.stops(leg, later(100)));
    let due = later(100 + room.limits.session_grace_seconds);
    assert_eq!(room.live().ends_at(&room.limits), Some(due), "who watches does not keep it alive");
    room.pass(Time(due.0 - 1));
    assert!(room.live.is_some());
    room.pass(later(10_000));
    assert_eq!(room.over[0].ended, Some(due), "whenever somebody looks");
}

#[test]
fn who_stays_when_a_session_ends_is_part_of_the_next() {
    let mut room = Room::new();
    let (leg, _) = room.enter("alice", WHIP, NOW).expect("may publish");
    let first = room.live().id;
    room.pass(later(500));
    assert!(room.live.is_none());
    assert_eq!(room.row("alice").state, State::Connected);
    room.change("alice", |attendance, _, ids| attendance.flows(leg, later(600), ids));
    assert_ne!(room.live().id, first);
    assert_eq!((room.row("alice").first_joined, room.row("alice").published), (later(600), true));
    let carried = room.people["alice"].carried.clone().expect("the older row");
    assert_eq!((carried.session.id, carried.row.state, carried.row.published), (first, State::Disconnected, false));
    assert_eq!(room.events("alice"), [Joined, Left, Joined, PublishStarted]);
    assert_eq!(room.live().publishers(), 1);
    room.leave("alice", leg, later(601));
    assert_eq!(room.live().publishers(), 0);
}

#[test]
fn who_stays_and_leaves_after_the_session_leaves_that_session() {
    let mut room = Room::new();
    let (leg, _) = room.enter("bob", LegKind::Events, NOW).expect("may come");
    let first = room.live().id;
    room.pass(later(500));
    room.leave("bob", leg, later(501));
    assert!(room.live.is_none(), "leaving begins nothing");
    assert_eq!(room.row("bob").state, State::Disconnected);
    assert!(room.people["bob"].events.iter().all(|(session, _, _)| *session == first));
}

#[test]
fn a_viewer_watches_several_publishers_by_one_token() {
    let mut room = Room::new();
    room.publish("alice", NOW);
    room.publish("carol", NOW);
    let one = room.watch("bob", "alice", later(1));
    let two = room.watch("bob", "carol", later(2));
    assert_eq!(room.events("bob"), [Joined, SubscribeStarted, SubscribeStarted], "one join, two legs");
    room.leave("bob", one, later(3));
    assert_eq!(room.row("bob").state, State::Connected);
    room.leave("bob", two, later(4));
    assert_eq!(room.events("bob")[3..], [SubscribeStopped, SubscribeStopped, Left]);
    assert_eq!((room.row("bob").published, room.row("bob").protocol), (false, Protocol::Unknown));
}

#[test]
fn a_newer_leg_takes_the_place_of_an_older_one_of_its_kind() {
    let mut room = Room::new();
    let first = room.publish("alice", NOW);
    let (second, displaced) = room.enter("alice", WHIP, later(1)).expect("the newer wins");
    assert_eq!(displaced, [first]);
    room.change("alice", |attendance, _, ids| attendance.flows(second, later(1), ids));
    room.leave("alice", first, later(2));
    assert_eq!(room.row("alice").state, State::Connected, "that the older is cut changes nothing");
    assert_eq!(room.events("alice"), [Joined, PublishStarted, PublishStopped, PublishStarted]);
    assert_eq!(room.live().publishers(), 1);
}

#[test]
fn a_second_socket_takes_the_place_of_the_first_and_of_no_media() {
    let mut room = Room::new();
    room.publish("alice", NOW);
    let (first, displaced) = room.enter("alice", LegKind::Events, later(1)).expect("may come");
    assert_eq!(displaced, []);
    let watching = room.watch("alice", "alice", later(2));
    let (_, displaced) = room.enter("alice", LegKind::Events, later(3)).expect("may come");
    assert_eq!(displaced, [first]);
    assert_eq!(room.events("alice"), [Joined, PublishStarted, SubscribeStarted]);
    assert_eq!(room.live().publishers(), 1);
    room.leave("alice", watching, later(4));
    assert_eq!(room.row("alice").state, State::Connected);
}

#[test]
fn a_token_allows_what_it_says() {
    let mut room = Room::new();
    room.publish("alice", NOW);
    let refused = Err(EntryRefused(ErrorCode::InsufficientCapabilities));
    assert_eq!(room.enter_as(&only("bob", false), WHIP, NOW), refused);
    assert_eq!(room.enter_as(&only("carol", true), watching("alice"), NOW), refused);
    assert_eq!(room.events("bob"), [Joined, PublishError, Left]);
    assert_eq!(room.events("carol"), [Joined, SubscribeError, Left]);
    assert_eq!((room.row("bob").state, room.row("bob").published), (State::Disconnected, false));
}

#[test]
fn quotas_count_publishers_and_viewers() {
    let mut room = Room::with(Limits { publishers: Some(1), subscribers: Some(1), ..Limits::default() });
    let full = Err(EntryRefused(ErrorCode::QuotaExceeded));
    let leg = room.publish("alice", NOW);
    assert_eq!(room.enter("bob", WHIP, NOW), full);
    assert!(room.enter("alice", WHIP, NOW).is_ok(), "in place of their own");
    room.leave("alice", leg, NOW);
    room.watch("bob", "alice", NOW);
    assert!(room.enter("bob", watching("dora"), NOW).is_ok(), "a viewer counts once");
    assert_eq!(room.enter("carol", watching("alice"), NOW), full);
    assert_eq!(room.events("carol"), [Joined, SubscribeError, Left]);
}

#[test]
fn who_is_refused_one_thing_stays_for_another() {
    let mut room = Room::with(Limits { publishers: Some(1), ..Limits::default() });
    room.publish("alice", NOW);
    room.watch("bob", "alice", NOW);
    assert!(room.enter("bob", WHIP, NOW).is_err());
    assert_eq!(room.events("bob"), [Joined, SubscribeStarted, PublishError]);
    assert_eq!(room.row("bob").state, State::Connected);
}

#[test]
fn what_is_switched_off_is_remembered_while_they_are_there() {
    let mut room = Room::new();
    let leg = room.publish("alice", NOW);
    let off = Muted { audio: true, video: false };
    assert!(room.change("alice", |attendance, _, _| attendance.mute(off)));
    assert!(!room.change("alice", |attendance, _, _| attendance.mute(off)), "nothing new");
    room.enter("alice", WHIP, NOW).expect("may publish anew");
    room.leave("alice", leg, NOW);
    let muted = |room: &Room| room.people["alice"].presence.as_ref().map(|presence| presence.muted);
    assert_eq!(muted(&room), Some(off), "also for their newer connection");
    room.change("alice", |attendance, _, _| attendance.put_out(NOW));
    assert!(!room.change("alice", |attendance, _, _| attendance.mute(off)), "who is not there has nothing to switch");
    room.publish("alice", NOW);
    assert_eq!(muted(&room), Some(Muted::default()));
}

#[test]
fn a_freed_seat_is_free() {
    let mut room = Room::with(Limits { publishers: Some(1), ..Limits::default() });
    let leg = room.publish("alice", NOW);
    room.leave("alice", leg, NOW);
    assert!(room.enter("bob", WHIP, NOW).is_ok());
}

#[test]
fn streams_last_as_long_as_they_may() {
    let mut room = Room::with(Limits { stream_seconds: Some(100), ..Limits::default() });
    let leg = room.publish("alice", NOW);
    assert_eq!(room.people["alice"].streams_due(&room.limits), Some(later(100)));
    let cut = room.change("alice", |attendance, limits, _| attendance.end_long_streams(limits, later(99)));
    assert_eq!(cut, []);
    let cut = room.change("alice", |attendance, limits, _| attendance.end_long_streams(limits, later(100)));
    assert_eq!(cut, [leg]);
    assert_eq!(room.events("alice"), [Joined, PublishStarted, PublishError, PublishStopped, Left]);
}

#[test]
fn everything_ends_when_somebody_is_put_out() {
    let mut room = Room::new();
    room.publish("alice", NOW);
    let media = room.publish("bob", NOW);
    let view = room.watch("bob", "alice", NOW);
    let cut = room.change("bob", |attendance, _, _| attendance.put_out(later(1)));
    assert_eq!(cut, [media, view]);
    assert_eq!(room.events("bob")[3..], [PublishStopped, SubscribeStopped, Left]);
    assert_eq!(room.row("bob").state, State::Disconnected);
    let again = room.change("bob", |attendance, _, _| attendance.put_out(later(2)));
    assert_eq!(again, []);
}

#[test]
fn an_exchange_changes_what_others_see_and_ends_what_is_no_longer_allowed() {
    let mut room = Room::new();
    let leg = room.publish("alice", NOW);
    let (events, _) = room.enter("alice", LegKind::Events, NOW).expect("may come");
    let newer = Grant { user_id: Some("renamed".to_owned()), ..only("alice", false) };
    let exchanged = room.change("alice", |attendance, _, _| attendance.exchange(newer, later(1))).expect("exchanged");
    assert_eq!(exchanged.cut, [leg]);
    assert_eq!(room.row("alice").user_id.as_deref(), Some("renamed"));
    assert_eq!(room.events("alice")[2..], [EventName::TokenExchanged, PublishStopped]);
    let presence = room.people["alice"].presence.clone().expect("still there");
    assert_eq!(presence.legs.iter().map(|leg| leg.id).collect::<Vec<_>>(), [events]);
}

#[test]
fn an_exchange_is_for_the_same_participant_who_is_there() {
    let mut room = Room::new();
    let refused = room.change("alice", |attendance, _, _| attendance.exchange(grant("alice"), NOW));
    assert_eq!(refused, Err(NotAllowed::NotHere));
    room.publish("alice", NOW);
    let refused = room.change("alice", |attendance, _, _| attendance.exchange(grant("bob"), NOW));
    assert_eq!(refused, Err(NotAllowed::OtherParticipant));
}

#[test]
fn an_error_before_any_session_leaves_no_trace() {
    let mut room = Room::new();
    room.change("alice", |attendance, _, _| attendance.error(ErrorAt::Join, ErrorCode::InvalidInput, NOW));
    assert_eq!(room.events("alice"), []);
}

#[test]
fn events_are_numbered_through_the_session() {
    let mut room = Room::new();
    let leg = room.publish("alice", NOW);
    room.watch("bob", "alice", NOW);
    room.leave("alice", leg, NOW);
    let mut numbers: Vec<u64> =
        room.people.values().flat_map(|who| &who.events).map(|(_, number, _)| *number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
}
