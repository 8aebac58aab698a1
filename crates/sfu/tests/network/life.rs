//! Coming and going: goodbyes, those who vanish, those who come back, those who break the rules.

use switchboard_sfu::{Event, Fragment, Kind, LeftReason, Patched, PeerId, Resolution};

use crate::link::Conditions;
use crate::world::{STAGE, World};

fn left(reason: LeftReason) -> Event {
    Event::Left(reason)
}

#[test]
fn a_publisher_says_goodbye() {
    let mut world = World::new(40);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(1_000);
    world.client(publisher).rtc.close().expect("closes");
    let now = world.now;
    world.client(publisher).deadline = now;
    world.run_until(200, "gone", |world| world.has_event(publisher, &left(LeftReason::ClosedByPeer)));
    assert!(world.has_event(viewer, &Event::SourceGone));
    assert_eq!(world.shard.peers(), 1);
}

#[test]
fn one_who_vanishes_is_gone_within_seconds() {
    let mut world = World::new(41);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(3_000);
    world.client(viewer).up.conditions.cut = true;
    let cut = world.now;
    world.run_until(10_000, "the viewer is gone", |world| world.has_event(viewer, &left(LeftReason::Silent)));
    assert!((world.now - cut).as_secs() >= 5, "not at the first lost check");
    world.client(publisher).up.conditions.cut = true;
    world.run_until(10_000, "the publisher is gone", |world| world.has_event(publisher, &left(LeftReason::Silent)));
    assert_eq!(world.shard.peers(), 0);
    assert_eq!(world.shard.deadline(), None, "nothing is left to do");
}

#[test]
fn one_who_only_listens_is_not_taken_for_gone() {
    let mut world = World::new(42);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(2_000);
    world.shard.close(world.now, publisher);
    world.clients.remove(&publisher);
    world.run_ms(40_000);
    assert!(!world.has_event(viewer, &left(LeftReason::Silent)), "{:?}", world.events_of(viewer));
}

#[test]
fn one_who_never_comes() {
    let mut world = World::new(43);
    let publisher = world.simple_publisher(Conditions { cut: true, ..Conditions::GOOD });
    world.run_until(21_000, "given up", |world| world.has_event(publisher, &left(LeftReason::NeverConnected)));
    assert_eq!(world.shard.peers(), 0);
}

#[test]
fn a_publisher_comes_back_on_a_new_connection() {
    let mut world = World::new(44);
    let first = world.simple_publisher(Conditions::GOOD);
    let viewer = world.viewer(first, Conditions::GOOD);
    world.run_ms(2_000);
    world.shard.close(world.now, first);
    world.clients.remove(&first);
    world.run_ms(500);
    let second = world.simple_publisher(Conditions::GOOD);
    world.shard.watch(world.now, viewer, second).expect("both are there");
    world.run_ms(2_000);
    let report = world.client(viewer).report();
    report.assert_flawless();
    assert!(report.frames.len() > 90, "{} frames", report.frames.len());
    assert!(report.frames.windows(2).any(|pair| pair[1].number < pair[0].number), "the second's frames are shown");
}

#[test]
fn the_server_puts_someone_out() {
    let mut world = World::new(45);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(1_000);
    world.shard.close(world.now, viewer);
    world.run_ms(100);
    assert!(world.client(viewer).events.iter().any(|event| event == "Closed"), "it hears of it");
    let others = world.shard.close_stage(world.now, STAGE);
    assert_eq!(others, [publisher]);
    assert_eq!(world.shard.peers(), 0);
}

#[test]
fn what_is_muted_does_not_leave_the_server() {
    let mut world = World::new(46);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(1_000);
    world.shard.set_muted(world.now, publisher, Kind::Video, true);
    world.shard.set_muted(world.now, publisher, Kind::Audio, true);
    assert_eq!(world.shard.is_muted(publisher, Kind::Video), Some(true));
    world.run_ms(100);
    let client = world.client(viewer);
    let before = (client.video_got.len(), client.audio_got.len());
    world.run_ms(3_000);
    let client = world.client(viewer);
    assert_eq!((client.video_got.len(), client.audio_got.len()), before);
    world.shard.set_muted(world.now, publisher, Kind::Video, false);
    world.shard.set_muted(world.now, publisher, Kind::Audio, false);
    world.run_ms(1_000);
    let client = world.client(viewer);
    client.report().assert_flawless();
    assert!(client.video_got.len() > before.0 + 50 && client.audio_got.len() > before.1 + 40);
}

#[test]
fn ice_starts_anew_while_the_media_flow() {
    let mut world = World::new(48);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(2_000);
    let offer = world.client(viewer).restart_ice();
    let lines = offer.lines().filter(|line| line.starts_with("a=ice-ufrag") || line.starts_with("a=ice-pwd"));
    let fragment: String = lines.take(2).map(|line| format!("{line}\r\n")).collect();
    let fragment = Fragment::parse(&fragment).expect("a fragment");
    let patched = world.shard.patch(world.now, viewer, &fragment).expect("restarts");
    let Patched::Restarted { sdp, .. } = patched else { panic!("{patched:?}") };
    world.client(viewer).accept(&sdp);
    world.run_ms(20_000);
    assert!(!world.events_of(viewer).iter().any(|event| matches!(event, Event::Left(_))));
    let report = world.client(viewer).report();
    report.assert_flawless();
    let frames = report.between(world.now - std::time::Duration::from_secs(1), world.now).count();
    assert!(frames > 25, "{frames} frames in the last second");

    let again = world.shard.patch(world.now, viewer, &fragment).expect("nothing new");
    assert_eq!(again, Patched::Trickled);
    assert!(world.shard.patch(world.now, PeerId(99), &fragment).is_err());
}

#[test]
fn a_nat_that_changes_its_mind() {
    let mut world = World::new(50);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(2_000);
    world.client(publisher).outside = Some(([203, 0, 113, 5], 40_000).into());
    world.client(viewer).outside = Some(([203, 0, 113, 6], 40_000).into());
    world.run_ms(8_000);
    assert!(!world.events.iter().any(|(.., event)| matches!(event, Event::Left(_))), "{:?}", world.events);
    let report = world.client(viewer).report();
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    let frames = report.between(world.now - std::time::Duration::from_secs(1), world.now).count();
    assert!(frames > 25, "{frames} frames in the last second");
}

#[test]
fn a_camera_that_stops() {
    let mut world = World::new(51);
    let publisher = world.simple_publisher(Conditions::GOOD);
    world.run_ms(1_000);
    world.client(publisher).set_layer(0, false);
    world.run_ms(6_000);
    assert!(world.has_event(publisher, &Event::MediaStopped(Kind::Video)));
    assert!(!world.has_event(publisher, &Event::MediaStopped(Kind::Audio)));
    world.client(publisher).set_layer(0, true);
    world.run_ms(100);
    assert_eq!(world.events_of(publisher).last(), Some(&Event::MediaStarted(Kind::Video)));
}

#[test]
fn figures_of_a_call() {
    let mut world = World::new(49);
    let publisher = world.simulcast_publisher(Conditions::GOOD);
    world.run_ms(1_000);
    let viewer = world.viewer(publisher, Conditions::lossy(50));
    world.run_ms(6_000);
    let now = world.now;
    let stats = world.shard.stats(now, publisher).expect("figures");
    assert!(stats.connected && stats.viewers == 1 && stats.keyframe_requests >= 1);
    let labels: Vec<_> = stats.layers.iter().map(|layer| layer.label.as_str()).collect();
    assert_eq!(labels, ["low", "mid", "hi"]);
    let hi = stats.layers[2].bits_per_second;
    assert!((1_400_000..2_100_000).contains(&hi), "{hi}");
    assert_eq!(stats.layers[2].resolution, Some(Resolution { width: 640, height: 360 }));
    let stats = world.shard.stats(now, viewer).expect("figures");
    assert!(stats.packets_forwarded > 300 && stats.estimated_bps.is_some(), "{stats:?}");
    assert!(stats.loss_to_peer.is_some_and(|loss| loss > 0.01), "{stats:?}");
    assert!(stats.round_trip.is_some());
}
