//! A connection that becomes narrower step by step, and wide again: the picture becomes smaller, goes, and comes back;
//! the sound stays, and nobody else notices.

use std::time::{Duration, Instant};

use str0m::format::Codec;
use switchboard_sfu::{Event, Kinds, PeerId, Role};

use crate::client::{Client, REPORTS_S, Setup};
use crate::link::Conditions;
use crate::world::{STAGE, World};

/// A viewer that says how much it can take and does not report which packets came when, as some do that are no browsers.
fn telling_viewer(world: &mut World, publisher: PeerId) -> PeerId {
    let id = PeerId(1_000);
    let setup =
        Setup { codec: Codec::Vp8, conditions: Conditions::GOOD, audio: true, layers: vec![], reports_s: REPORTS_S };
    let (mut client, offer) = Client::new(world.now, ([10, 1, 0, 1], 5_000).into(), world.server, setup);
    let without = |line: &&str| !line.contains("transport-wide-cc") && !line.contains("transport-cc");
    let offer: String = offer.lines().filter(without).map(|line| format!("{line}\r\n")).collect();
    let role = Role::Viewer { adaptive: true, sends: Kinds::BOTH };
    let (peer, answer) = world.acceptor.accept(world.now, role, &offer).expect("a good offer");
    client.accept(&answer.sdp);
    world.shard.subscribe(world.now, STAGE, id, publisher, peer).expect("joins");
    world.clients.insert(id, client);
    id
}

/// What a receiver would say: less than the bottleneck, and no more than half as much again as comes.
fn tell(world: &mut World, id: PeerId, before: &mut usize) {
    let client = world.client(id);
    let packets = client.video_got.len() - std::mem::replace(before, client.video_got.len());
    let comes = packets as u64 * 1_100 * 8 * 2 + 64_000;
    let narrow = client.down.conditions.bits_per_second.map_or(u64::MAX, |bottleneck| bottleneck * 9 / 10);
    client.tell_bitrate((comes * 3 / 2).min(narrow));
}

/// Which layer a viewer was shown last.
fn layer(world: &World, id: PeerId) -> Option<String> {
    let selected = world.events.iter().rev().find_map(|(_, of, event)| match event {
        Event::LayerSelected(layer) if *of == id => Some(layer.clone()),
        _ => None,
    });
    selected.flatten()
}

/// Runs for some seconds and returns how much of them each layer was shown, in the order none, low, mid, hi.
fn shown(world: &mut World, viewer: PeerId, seconds: u64, mut each_half: impl FnMut(&mut World)) -> [f64; 4] {
    let mut shown = [0.0; 4];
    for _ in 0..seconds * 2 {
        for _ in 0..5 {
            world.run_ms(100);
            let place = match layer(world, viewer).as_deref() {
                None => 0,
                Some("low") => 1,
                Some("mid") => 2,
                _ => 3,
            };
            shown[place] += 0.1 / seconds as f64;
        }
        each_half(world);
    }
    shown
}

#[track_caller]
fn assert_heard(world: &mut World, viewer: PeerId, from: Instant) {
    let (to, least) = (world.now, (world.now - from).as_millis() as usize / 20 * 9 / 10);
    let heard = world.client(viewer).audio_between(from, to);
    assert!(heard >= least, "{heard} packets of sound of {least} at least");
}

#[test]
fn step_by_step_down_and_up_again() {
    for seed in 100..103 {
        let mut world = World::new(seed);
        let publisher = world.simulcast_publisher(Conditions::GOOD);
        world.run_ms(1_000);
        let poor = world.viewer(publisher, Conditions::GOOD);
        let rich = world.viewer(publisher, Conditions::GOOD);
        let wide = shown(&mut world, poor, 8, |_| {});
        assert!(wide[3] > 0.5, "seed {seed}: {wide:?}");
        let narrowed = world.now;

        for (bits_per_second, place, share) in [(1_200_000, 2, 0.6), (400_000, 1, 0.8), (130_000, 0, 0.5)] {
            world.client(poor).down.conditions = Conditions::capped(bits_per_second);
            shown(&mut world, poor, 4, |_| {});
            let settled = world.now;
            let shares = shown(&mut world, poor, 8, |_| {});
            assert!(shares[place] > share, "seed {seed}, {bits_per_second} bit/s: {shares:?}");
            assert_heard(&mut world, poor, settled);
        }

        world.client(poor).down.conditions = Conditions::GOOD;
        let freed = world.now;
        world.run_until(15_000, "the best layer again", |world| layer(world, poor).as_deref() == Some("hi"));
        world.run_ms(1_000);
        assert!(world.client(poor).report().faults.is_empty());

        let untouched = world.client(rich).report();
        untouched.assert_flawless();
        assert!(untouched.between(narrowed, freed).all(|frame| frame.layer == 2), "seed {seed}: others noticed");
    }
}

#[test]
fn one_who_says_how_much_it_can_take() {
    let mut world = World::new(110);
    let publisher = world.simulcast_publisher(Conditions::GOOD);
    world.run_ms(1_000);
    let poor = telling_viewer(&mut world, publisher);
    let rich = world.viewer(publisher, Conditions::GOOD);
    let mut before = 0;
    let wide = shown(&mut world, poor, 10, |world| tell(world, poor, &mut before));
    assert!(wide[3] > 0.3, "{wide:?}");
    let narrowed = world.now;
    for (bits_per_second, place, share) in [(1_200_000, 2, 0.6), (400_000, 1, 0.6)] {
        world.client(poor).down.conditions = Conditions::capped(bits_per_second);
        shown(&mut world, poor, 4, |world| tell(world, poor, &mut before));
        let settled = world.now;
        let shares = shown(&mut world, poor, 10, |world| tell(world, poor, &mut before));
        assert!(shares[place] > share, "{bits_per_second} bit/s: {shares:?}");
        assert_heard(&mut world, poor, settled);
    }
    world.client(poor).down.conditions = Conditions::GOOD;
    let freed = world.now;
    let again = shown(&mut world, poor, 30, |world| tell(world, poor, &mut before));
    assert!(again[3] > 0.2, "{again:?}");
    let untouched = world.client(rich).report();
    untouched.assert_flawless();
    let climbed = narrowed - Duration::from_secs(2);
    assert!(untouched.between(climbed, freed).all(|frame| frame.layer == 2), "others noticed");
}
