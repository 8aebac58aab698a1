//! Sound and picture in step: what the server's reports say of the two, a viewer must be able to trace back to the same
//! moments of the publisher.

use std::time::{Duration, Instant};

use switchboard_sfu::{PeerId, Wish};

use crate::client::Dated;
use crate::link::Conditions;
use crate::media::start;
use crate::world::{TODAY, World};

/// For longer than any test.
const NEVER_S: u64 = 1_000_000;

const JITTER: Conditions = Conditions { latency_ms: 30, jitter_ms: 40, ..Conditions::GOOD };
const LOSS: Conditions = Conditions { loss_permille: 30, reorder_permille: 20, ..JITTER };

/// How far a date is from the truth, in milliseconds: the same for everything, were all exact.
fn shift_ms(dated: &Dated) -> f64 {
    (dated.told.as_secs_f64() - (dated.taken - start()).as_secs_f64()) * 1e3
}

/// How exact it must be. Where nobody reports there is nothing to go by but the fastest packets.
fn allowed_ms(reports_s: (u64, u64)) -> f64 {
    if reports_s == (NEVER_S, NEVER_S) { 4.0 } else { 2.0 }
}

/// By how much the picture is told to be later than the sound, at the worst: by the dates of the newest packet of each
/// whenever one comes.
fn worst_ms(world: &mut World, viewer: PeerId, from: Instant) -> f64 {
    let (mut sound, mut picture, mut worst) = (None, None, 0.0_f64);
    // A new layer's key frame may have been filmed before the last frame of the old one; then it is told to be later.
    let dates = world.client(viewer).dates.iter().filter(|dated| !dated.is_key);
    for dated in dates {
        *(if dated.is_sound { &mut sound } else { &mut picture }) = Some(shift_ms(dated));
        if let (Some(sound), Some(picture)) = (sound, picture)
            && dated.came >= from
            && f64::abs(picture - sound) > f64::abs(worst)
        {
            worst = picture - sound;
        }
    }
    assert!(sound.is_some() && picture.is_some(), "both are dated");
    worst
}

#[track_caller]
fn assert_in_step(world: &mut World, viewer: PeerId, from: Instant, reports_s: (u64, u64), what: &str) {
    let worst = worst_ms(world, viewer, from);
    assert!(worst.abs() < allowed_ms(reports_s), "{what}: the picture is {worst:.1} ms off");
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

#[test]
fn whoever_has_reported_yet() {
    for (name, reports_s) in [
        ("both", (1, 1)),
        ("both, seldom", (5, 1)),
        ("sound", (1, NEVER_S)),
        ("picture", (NEVER_S, 1)),
        ("nobody", (NEVER_S, NEVER_S)),
    ] {
        for (condition, conditions) in [("jitter", JITTER), ("loss", LOSS)] {
            let mut world = World::new(200);
            world.reports_s = reports_s;
            let publisher = world.simple_publisher(conditions);
            world.run_ms(1_500);
            let viewer = world.viewer(publisher, Conditions::BAD);
            world.run_ms(8_000);
            let from = world.now - secs(7);
            assert_in_step(&mut world, viewer, from, reports_s, &format!("{name}, {condition}"));
        }
    }
}

#[test]
fn a_camera_that_takes_its_time() {
    let mut world = World::new(201);
    world.reports_s = (1, 1);
    let publisher = world.simple_publisher(JITTER);
    world.client(publisher).films_for = Duration::from_millis(80);
    world.run_ms(3_000);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(4_000);
    let from = world.now - secs(4);
    assert_in_step(&mut world, viewer, from, (1, 1), "by the publisher's reports");
}

#[test]
fn dates_are_those_of_the_day() {
    let mut world = World::new(204);
    let publisher = world.simple_publisher(Conditions::GOOD);
    world.run_ms(12_000);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(2_000);
    let dates = &world.client(viewer).dates;
    assert!(dates.len() > 100);
    let late_ms = dates.iter().map(|dated| shift_ms(dated) - TODAY.as_secs_f64() * 1e3);
    // Ten milliseconds are those of the network on the way here.
    assert!(late_ms.clone().all(|late_ms| (9.0..12.0).contains(&late_ms)), "{:?}", late_ms.collect::<Vec<_>>());
}

#[test]
fn layers_that_change() {
    for reports_s in [(1, 1), (NEVER_S, NEVER_S)] {
        let mut world = World::new(202);
        world.reports_s = reports_s;
        let publisher = world.simulcast_publisher(JITTER);
        world.run_ms(1_500);
        let viewer = world.viewer(publisher, Conditions::GOOD);
        world.run_ms(2_000);
        let from = world.now;
        for layer in [2, 0, 1, 2, 0] {
            world.shard.wish(world.now, viewer, true, Wish::UpTo(layer));
            world.run_ms(3_000);
        }
        assert!(world.client(viewer).report().layers().len() > 3, "layers have changed");
        assert_in_step(&mut world, viewer, from, reports_s, &format!("{reports_s:?}"));
    }
}

#[test]
fn a_publisher_that_comes_back() {
    for reports_s in [(1, 1), (5, 1), (NEVER_S, NEVER_S)] {
        let mut world = World::new(203);
        world.reports_s = reports_s;
        let first = world.simple_publisher(JITTER);
        let viewer = world.viewer(first, Conditions::GOOD);
        world.run_ms(4_000);
        world.shard.close(world.now, first);
        world.clients.remove(&first);
        world.run_ms(700);
        let second = world.simple_publisher(JITTER);
        world.run_ms(1_500);
        world.shard.watch(world.now, viewer, second).expect("both are there");
        let from = world.now;
        world.run_ms(6_000);
        assert_in_step(&mut world, viewer, from, reports_s, &format!("{reports_s:?}"));
    }
}
