//! Publishers and viewers without a network: legs that write down what they are told to send.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::*;
use crate::forward::Rewritten;
use crate::layers::Estimate;
use crate::network::demux::Datagram;
use crate::network::outbox::Outbox;
use crate::testing::{at_ms, audio, keyframe, packet};

/// What a leg was told to send: kind, its number, the publisher's number.
type Log = Rc<RefCell<Vec<(Kind, u64, u64)>>>;

#[derive(Debug, Default)]
struct Paper {
    sent: Log,
    resent: Log,
    has_estimates: bool,
    only: Option<Codec>,
}

impl SendLeg for Paper {
    fn takes(&self, codec: Codec) -> bool {
        self.only.is_none_or(|only| only == codec)
    }

    fn has(&self, _kind: Kind) -> bool {
        true
    }

    fn first_sequence(&self, _kind: Kind) -> u16 {
        1_000
    }

    fn send(&mut self, packet: &Packet, numbers: &Rewritten) {
        self.sent.borrow_mut().push((packet.codec.kind(), numbers.sequence, packet.sequence));
    }

    fn resend(&mut self, _now: Instant, packet: &Packet, numbers: &Rewritten) {
        self.resent.borrow_mut().push((packet.codec.kind(), numbers.sequence, packet.sequence));
    }

    fn has_estimates(&self) -> bool {
        self.has_estimates
    }

    fn desire(&mut self, _now: Instant, _bits_per_second: u64) {}

    fn receive(&mut self, _now: Instant, _datagram: &Datagram<'_>) {}

    fn flush(&mut self, _now: Instant, _out: &mut Outbox, _events: &mut Vec<LegEvent>) {}

    fn deadline(&self) -> Instant {
        at_ms(0)
    }
}

struct Room {
    stages: Stages<Paper>,
    publisher: Key,
}

impl Room {
    fn new(rids: &[&str]) -> Self {
        let rids = rids.iter().map(|rid| (*rid).to_owned()).collect();
        let tracks = [(Kind::Audio, vec![]), (Kind::Video, rids)];
        let mut stages = Stages::new(&Policy::default());
        let source = Source::new(&tracks, Arc::new(Policy::default()), at_ms(0));
        let publisher = stages.add_source(Key(100), source);
        Self { stages, publisher }
    }

    fn viewer(&mut self, ms: u64, leg: Paper) -> (Key, Log, Log) {
        let (sent, resent) = (leg.sent.clone(), leg.resent.clone());
        let key = self.stages.add_viewer(Viewer::new(Key(7), leg, self.publisher, &Policy::default(), at_ms(ms)));
        self.stages.leg_event(at_ms(ms), key, LegEvent::Connected);
        (key, sent, resent)
    }

    fn send(&mut self, ms: u64, layer: u8, packet: &Packet) {
        let packet = Packet { arrival: at_ms(ms), ..packet.clone() };
        self.stages.packet(at_ms(ms), self.publisher, layer, &packet);
    }

    fn asks(&mut self) -> Vec<u8> {
        let mut asks = Vec::new();
        self.stages.take_asks(&mut asks);
        asks.into_iter().map(|ask| ask.layer).collect()
    }

    fn news(&mut self) -> Vec<News> {
        std::iter::from_fn(|| self.stages.poll_news()).map(|(_, news)| news).collect()
    }
}

fn numbers(log: &Log, kind: Kind) -> Vec<(u64, u64)> {
    log.borrow().iter().filter(|(of, ..)| *of == kind).map(|(_, out, original)| (*out, *original)).collect()
}

#[test]
fn a_late_joiner_asks_for_a_key_frame_and_starts_there() {
    let mut room = Room::new(&[]);
    room.send(0, 0, &keyframe(50));
    let (_, sent, _) = room.viewer(10, Paper::default());
    assert_eq!(room.asks(), [0]);
    room.send(20, 0, &packet(51));
    room.send(30, 0, &audio(900));
    room.send(40, 0, &keyframe(52));
    room.send(50, 0, &packet(53));
    assert_eq!(numbers(&sent, Kind::Video), [(1_000, 52), (1_001, 53)]);
    assert_eq!(numbers(&sent, Kind::Audio), [(1_000, 900)]);
}

#[test]
fn who_comes_soon_after_a_key_frame_sees_it_at_once() {
    let mut room = Room::new(&[]);
    let (_, first, _) = room.viewer(0, Paper::default());
    assert_eq!(room.asks(), [0]);
    room.send(40, 0, &packet(49));
    room.send(50, 0, &keyframe(50));
    room.send(60, 0, &packet(51));
    let (_, second, _) = room.viewer(100, Paper::default());
    assert_eq!(numbers(&second, Kind::Video), [(1_000, 50), (1_001, 51)]);
    assert_eq!(room.asks(), [0_u8; 0], "the publisher hears nothing of it");
    // One that was missing here and comes after all goes on to both.
    room.send(110, 0, &packet(53));
    room.send(120, 0, &packet(52));
    assert_eq!(numbers(&second, Kind::Video)[2..], [(1_003, 53), (1_002, 52)]);
    assert_eq!(numbers(&first, Kind::Video), numbers(&second, Kind::Video));
    let (_, late, _) = room.viewer(551, Paper::default());
    assert_eq!(room.asks(), [0], "the key frame is too old by now");
    assert_eq!(numbers(&late, Kind::Video), []);
}

#[test]
fn who_comes_after_a_mute_sees_nothing_of_it() {
    let mut room = Room::new(&[]);
    room.viewer(0, Paper::default());
    room.send(10, 0, &keyframe(1));
    room.stages.set_muted(at_ms(20), room.publisher, Kind::Video, true);
    room.send(30, 0, &keyframe(2));
    room.stages.set_muted(at_ms(40), room.publisher, Kind::Video, false);
    room.send(50, 0, &packet(3));
    let (_, sent, _) = room.viewer(60, Paper::default());
    assert_eq!(numbers(&sent, Kind::Video), []);
    room.send(70, 0, &keyframe(4));
    assert_eq!(numbers(&sent, Kind::Video), [(1_000, 4)]);
}

#[test]
fn a_crowd_that_joins_asks_once() {
    let mut room = Room::new(&[]);
    for ms in 0..50 {
        room.viewer(ms, Paper::default());
    }
    assert_eq!(room.asks(), [0]);
    room.stages.tick_source(at_ms(500), room.publisher);
    assert_eq!(room.asks(), [0], "those who came after the first request get one more");
    room.send(510, 0, &keyframe(1));
    room.stages.tick_source(at_ms(1_100), room.publisher);
    assert_eq!(room.asks(), [0_u8; 0]);
}

#[test]
fn layers_change_at_key_frames_only() {
    let mut room = Room::new(&["hi", "low"]);
    for ms in 0..20 {
        room.send(ms, 0, &packet(ms));
        room.send(ms, 1, &packet(1_000 + ms));
    }
    let (viewer, sent, _) = room.viewer(20, Paper::default());
    room.stages.leg_event(at_ms(20), viewer, LegEvent::Estimate(Estimate::Measured(10_000_000)));
    assert_eq!(room.asks(), [1], "without an estimate the best is chosen at once");
    room.send(30, 1, &keyframe(2_000));
    room.stages.wish(at_ms(40), viewer, true, Wish::UpTo(0));
    assert_eq!(room.asks(), [0]);
    room.send(41, 1, &packet(2_001));
    room.send(42, 0, &packet(30));
    room.send(43, 0, &keyframe(31));
    room.send(44, 1, &packet(2_002));
    room.send(45, 0, &packet(32));
    let expected = [(1_000, 2_000), (1_001, 2_001), (1_002, 31), (1_003, 32)];
    assert_eq!(numbers(&sent, Kind::Video), expected);
    let layers: Vec<_> = room.news().into_iter().filter(|news| matches!(news, News::Layer(_))).collect();
    assert_eq!(layers, [News::Layer(Some(1)), News::Layer(Some(0))]);
}

#[test]
fn a_viewer_without_bandwidth_keeps_its_sound_and_hurts_nobody() {
    let mut room = Room::new(&[]);
    let (poor, poor_sent, _) = room.viewer(0, Paper { has_estimates: true, ..Paper::default() });
    let (_, rich_sent, _) = room.viewer(0, Paper::default());
    room.send(1, 0, &keyframe(0));
    for ms in 2..6_000 {
        room.send(ms, 0, &Packet { payload: vec![0; 200].into(), ..packet(ms) });
        room.send(ms, 0, &audio(ms));
        if ms % 250 == 0 {
            room.stages.leg_event(at_ms(ms), poor, LegEvent::Loss(300));
            room.stages.leg_event(at_ms(ms), poor, LegEvent::Estimate(Estimate::Measured(100_000)));
        }
    }
    assert!(room.news().contains(&News::Layer(None)));
    assert!(numbers(&poor_sent, Kind::Video).len() < 4_000);
    assert_eq!(numbers(&poor_sent, Kind::Audio).len(), 5_998);
    assert_eq!(numbers(&rich_sent, Kind::Video).len(), 5_999);

    room.stages.leg_event(at_ms(9_000), poor, LegEvent::Estimate(Estimate::Measured(9_000_000)));
    room.asks();
    let before = numbers(&poor_sent, Kind::Video);
    room.send(9_010, 0, &keyframe(6_000));
    let after = numbers(&poor_sent, Kind::Video);
    assert_eq!(after.len(), before.len() + 1);
    assert_eq!(after[before.len()].0, before[before.len() - 1].0 + 1, "the pause leaves no gap");
}

#[test]
fn what_is_muted_stays_here() {
    let mut room = Room::new(&[]);
    let (_, sent, _) = room.viewer(0, Paper::default());
    room.asks();
    room.send(1, 0, &keyframe(1));
    room.send(2, 0, &audio(1));
    room.stages.set_muted(at_ms(3), room.publisher, Kind::Audio, true);
    room.stages.set_muted(at_ms(3), room.publisher, Kind::Video, true);
    room.send(4, 0, &packet(2));
    room.send(5, 0, &audio(2));
    room.stages.set_muted(at_ms(2_000), room.publisher, Kind::Video, false);
    room.stages.set_muted(at_ms(2_000), room.publisher, Kind::Audio, false);
    assert_eq!(room.asks(), [0], "the picture comes back with a key frame");
    room.send(2_001, 0, &packet(3));
    room.send(2_002, 0, &keyframe(4));
    room.send(2_003, 0, &audio(3));
    assert_eq!(numbers(&sent, Kind::Video), [(1_000, 1), (1_001, 4)]);
    assert_eq!(numbers(&sent, Kind::Audio), [(1_000, 1), (1_001, 3)]);
}

#[test]
fn lost_packets_are_served_from_the_publishers_ring() {
    let mut room = Room::new(&["hi", "low"]);
    room.send(0, 0, &packet(1));
    let (viewer, _, resent) = room.viewer(0, Paper::default());
    room.stages.wish(at_ms(0), viewer, true, Wish::UpTo(0));
    room.send(1, 0, &keyframe(70_000));
    for ms in 2..10 {
        room.send(ms, 0, &packet(70_000 + ms));
    }
    while room.stages.next_queued().is_some() {}
    let nack = LegEvent::Nack { kind: Kind::Video, sequences: vec![1_001, 1_002, 1_004, 1_200, 65_535] };
    room.stages.leg_event(at_ms(11), viewer, nack.clone());
    assert_eq!(numbers(&resent, Kind::Video), [(1_002, 70_002), (1_004, 70_004)], "1,001 was never there");
    assert_eq!(room.stages.next_queued(), Some(viewer));
    room.stages.leg_event(at_ms(9_000), viewer, nack);
    assert_eq!(numbers(&resent, Kind::Video).len(), 2, "too old to help");
}

#[test]
fn a_publisher_that_leaves_and_returns() {
    let mut room = Room::new(&[]);
    let (viewer, sent, _) = room.viewer(0, Paper::default());
    room.send(1, 0, &keyframe(500));
    room.stages.remove_source(at_ms(2), room.publisher);
    assert!(room.news().contains(&News::SourceGone));
    let source = Source::new(&[(Kind::Video, vec![])], Arc::new(Policy::default()), at_ms(3));
    room.publisher = room.stages.add_source(Key(101), source);
    room.asks();
    room.stages.watch(at_ms(4), viewer, room.publisher);
    assert_eq!(room.asks(), [0]);
    room.send(5, 0, &keyframe(9));
    assert_eq!(numbers(&sent, Kind::Video), [(1_000, 500), (1_001, 9)]);
}

#[test]
fn a_codec_that_the_viewer_cannot_take_is_told_once() {
    let mut room = Room::new(&[]);
    room.send(0, 0, &keyframe(1));
    let leg = Paper { only: Some(Codec::Av1 { profile: 0 }), ..Paper::default() };
    let (viewer, sent, _) = room.viewer(1, leg);
    room.stages.review(at_ms(300), viewer);
    let told = room.news().into_iter().filter(|news| *news == News::CannotTake(Codec::Vp8)).count();
    assert_eq!(told, 1);
    assert!(sent.borrow().is_empty());
}
