//! Calls: media flow, in order, whole, to two people and to fifty, over good networks and bad.

use str0m::format::Codec;
use switchboard_sfu::{Event, Kind};

use crate::link::Conditions;
use crate::media::Camera;
use crate::world::World;

#[test]
fn two_people() {
    let mut world = World::new(1);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(5_000);

    let report = world.client(viewer).report();
    report.assert_flawless();
    assert!(report.frames.len() > 130, "{} frames in 5 s", report.frames.len());
    let sound = world.client(viewer).audio_got.len();
    assert!((235..=250).contains(&sound), "{sound} packets of sound in 5 s");
    let events = world.events_of(publisher);
    assert_eq!(events[0], Event::Connected);
    assert!(events.contains(&Event::MediaStarted(Kind::Audio)) && events.contains(&Event::MediaStarted(Kind::Video)));
    assert!(world.has_event(viewer, &Event::LayerSelected(Some(String::new()))));
}

#[test]
fn every_codec() {
    for codec in [Codec::H264, Codec::Vp8, Codec::Vp9, Codec::Av1] {
        let mut world = World::new(2);
        let camera = Camera::new(codec, 0, 800_000).key_every(60);
        let publisher = world.publish(codec, Conditions::lossy(20), vec![(None, camera)]);
        world.run_ms(700);
        let viewer = world.watch(codec, publisher, Conditions::lossy(20));
        world.run_ms(4_000);
        let report = world.client(viewer).report();
        assert!(report.faults.is_empty(), "{codec:?}: {:?}", report.faults);
        assert!(report.frames.len() > 90, "{codec:?}: {} frames", report.frames.len());
    }
}

#[test]
fn a_late_joiner_sees_a_picture_at_once() {
    let mut world = World::new(3);
    let publisher = world.simple_publisher(Conditions::GOOD);
    world.run_ms(5_000);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    let joined = world.now;
    world.run_until(1_000, "a first frame", |world| !world.client(viewer).report().frames.is_empty());
    let waited = world.now - joined;
    assert!(waited.as_millis() < 350, "the first frame came after {waited:?}");
    assert!(world.client(viewer).report().frames[0].key);
}

#[test]
fn lost_packets_are_sent_again() {
    let mut world = World::new(4);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(1_000);
    world.client(viewer).down.conditions = Conditions::lossy(50);
    world.run_ms(10_000);
    // Let the last ones come.
    world.client(viewer).down.conditions = Conditions::GOOD;
    world.run_ms(1_000);
    let report = world.client(viewer).report();
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    let packets = world.client(viewer).video_got.len();
    assert!(report.missing * 1_000 <= packets, "{} of {packets} are missing for good", report.missing);
    assert!(report.frames.len() > 320, "{} frames in 12 s", report.frames.len());
}

#[test]
fn packets_lost_on_the_way_in_are_asked_for_once_for_all() {
    let mut world = World::new(5);
    let publisher = world.simple_publisher(Conditions::lossy(50));
    let viewers: Vec<_> = (0..3).map(|_| world.viewer(publisher, Conditions::GOOD)).collect();
    world.run_ms(8_000);
    world.client(publisher).up.conditions.loss_permille = 0;
    world.run_ms(1_000);
    for viewer in viewers {
        let report = world.client(viewer).report();
        assert!(report.faults.is_empty(), "{:?}", report.faults);
        assert!(report.missing < 10, "{} are missing for good", report.missing);
    }
}

#[test]
fn joining_over_bad_networks() {
    let mut world = World::new(7);
    let publisher = world.simple_publisher(Conditions::BAD);
    let viewers: Vec<_> = (0..8).map(|_| world.viewer(publisher, Conditions::BAD)).collect();
    world.run_until(15_000, "everybody sees a second of picture", |world| {
        world.elapsed_ms().is_multiple_of(200)
            && viewers.iter().all(|viewer| world.client(*viewer).report().frames.len() > 30)
    });
    for viewer in viewers {
        let report = world.client(viewer).report();
        assert!(report.faults.is_empty(), "{viewer:?}: {:?}", report.faults);
    }
}

#[test]
fn fifty_people_on_bad_networks() {
    let mut world = World::new(6);
    let publishers: Vec<_> = (0..2).map(|_| world.simple_publisher(Conditions::GOOD)).collect();
    for publisher in &publishers {
        world.client(*publisher).camera(0).bits_per_second = 300_000;
    }
    let viewers: Vec<_> = (0..48).map(|place| world.viewer(publishers[place % 2], Conditions::GOOD)).collect();
    world.run_ms(1_000);
    for client in world.clients.values_mut() {
        client.up.conditions = Conditions::BAD;
        client.down.conditions = Conditions::BAD;
    }
    let from = world.now;
    world.run_ms(4_000);
    let to = world.now;
    for viewer in viewers {
        let report = world.client(viewer).report();
        assert!(report.faults.is_empty(), "{viewer:?}: {:?}", report.faults);
        let (seen, heard) = (report.between(from, to).count(), world.client(viewer).audio_between(from, to));
        assert!(seen > 90, "{viewer:?} saw {seen} frames of 120: {:?}", world.events_of(viewer));
        assert!(heard > 170, "{viewer:?} heard {heard} packets of 200");
    }
}
