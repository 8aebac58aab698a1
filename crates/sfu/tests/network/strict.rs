//! Stages with the limits of IVS, and the same without.

use std::time::Duration;

use str0m::format::Codec;
use switchboard_sfu::{Event, Kinds, LeftReason, Limit, ParticipantId, PeerId, Policy, Resolution};

use crate::link::Conditions;
use crate::media::Camera;
use crate::world::World;

/// The limits, but for any codec: only pictures of VP8 tell their size here.
fn any_codec() -> Policy {
    let mut limits = Policy::strict().limits;
    limits.ivs_codecs_only = false;
    Policy { limits, ..Policy::default() }
}

/// Publishers who each break one limit and one who breaks none, after some seconds.
fn after_seconds(policy: Policy) -> (World, [PeerId; 6]) {
    let mut world = World::with_policy(47, policy);
    let mut publish = |codec, camera| world.publish(codec, Conditions::GOOD, vec![(None, camera)]);
    let vp8 = |bits_per_second| Camera::new(Codec::Vp8, 0, bits_per_second);
    let modest = publish(Codec::Vp8, vp8(6_000_000).size(1_280, 720).rate(60));
    let greedy = publish(Codec::Vp8, vp8(11_000_000));
    let large = publish(Codec::Vp8, vp8(500_000).size(1_920, 1_080));
    let fast = publish(Codec::Vp8, vp8(500_000).rate(90));
    let with_b = publish(Codec::H264, Camera::new(Codec::H264, 0, 500_000).b_frames());
    let loud = publish(Codec::H264, Camera::new(Codec::H264, 0, 500_000));
    world.client(loud).sound_bytes = 600;
    world.run_ms(12_000);
    (world, [modest, greedy, large, fast, with_b, loud])
}

fn limit_of(world: &World, id: PeerId) -> Option<Limit> {
    let events = world.events_of(id);
    let at = events.iter().position(|event| matches!(event, Event::LimitExceeded(_)))?;
    assert_eq!(events[at + 1..], [Event::Left(LeftReason::LimitExceeded)], "told once, and then gone");
    let Event::LimitExceeded(limit) = events[at] else { return None };
    Some(limit)
}

#[test]
fn who_breaks_a_limit_is_put_out() {
    let (world, [modest, greedy, large, fast, with_b, loud]) = after_seconds(any_codec());
    assert_eq!(limit_of(&world, modest), None);
    assert!(matches!(limit_of(&world, greedy), Some(Limit::Bitrate { .. })));
    let resolution = Resolution { width: 1_920, height: 1_080 };
    assert_eq!(limit_of(&world, large), Some(Limit::Resolution(resolution)));
    assert_eq!(limit_of(&world, fast), Some(Limit::FrameRate { frames_per_second: 90 }));
    assert_eq!(limit_of(&world, with_b), Some(Limit::BFrame));
    assert_eq!(limit_of(&world, loud), Some(Limit::AudioBitrate { bits_per_second: 240_000 }));
}

#[test]
fn without_limits_nobody_is() {
    let (world, publishers) = after_seconds(Policy::default());
    for publisher in publishers {
        assert_eq!(limit_of(&world, publisher), None);
    }
}

/// Publishers of that many bits a second, all of them watched by one participant; and the first of them by another too.
fn watched_by_one(layers: impl Fn() -> Vec<(Option<&'static str>, Camera)>) -> (World, Vec<PeerId>, PeerId) {
    let mut world = World::with_policy(48, any_codec());
    let publishers: Vec<_> = (0..6).map(|_| world.publish(Codec::Vp8, Conditions::GOOD, layers())).collect();
    world.run_ms(1_000);
    let mut watch = |who, publisher| {
        world.watch_as(
            Some(ParticipantId(who)),
            Codec::Vp8,
            publisher,
            Kinds::BOTH,
            Conditions { latency_ms: 20, ..Conditions::GOOD },
        )
    };
    let viewers = publishers.iter().map(|publisher| watch(1, *publisher)).collect();
    let other = watch(2, publishers[0]);
    (world, viewers, other)
}

/// What some viewers get, in bits of payload a second.
fn download_bps(world: &mut World, viewers: &[PeerId]) -> u64 {
    let bytes = |world: &mut World| -> u64 {
        let now = world.now;
        viewers.iter().filter_map(|viewer| world.shard.stats(now, *viewer)).map(|stats| stats.bytes_forwarded).sum()
    };
    let before = bytes(world);
    world.run_ms(3_000);
    (bytes(world) - before) * 8 / 3
}

#[test]
fn who_watches_too_much_gets_smaller_layers() {
    let layers = || {
        [("hi", 2, 1_700_000), ("low", 0, 200_000)]
            .map(|(rid, layer, bits_per_second)| (Some(rid), Camera::new(Codec::Vp8, layer, bits_per_second)))
            .into()
    };
    let (mut world, viewers, other) = watched_by_one(layers);
    world.run_ms(14_000);
    let bits_per_second = download_bps(&mut world, &viewers);
    assert!((5_000_000..8_700_000).contains(&bits_per_second), "{bits_per_second}");
    for viewer in viewers.iter().chain([&other]) {
        assert_eq!(limit_of(&world, *viewer), None);
        let report = world.client(*viewer).report();
        assert!(report.faults.is_empty(), "{:?}", report.faults);
        let (from, to) = (world.now - Duration::from_secs(1), world.now);
        assert!(report.between(from, to).count() > 20, "everybody is seen");
    }
    let alone = world.client(other).report();
    assert_eq!(alone.frames.last().map(|frame| frame.layer), Some(2), "somebody else has a limit of their own");
}

#[test]
fn where_there_are_none_the_newest_subscriptions_end() {
    let (mut world, viewers, other) = watched_by_one(|| vec![(None, Camera::new(Codec::Vp8, 0, 2_000_000))]);
    world.run_ms(16_000);
    let gone: Vec<_> = viewers.iter().map(|viewer| limit_of(&world, *viewer).is_some()).collect();
    assert_eq!(gone, [false, false, false, false, true, true]);
    assert!(matches!(limit_of(&world, viewers[5]), Some(Limit::Download { bits_per_second: 8_500_001.. })));
    assert_eq!(limit_of(&world, other), None);
    let bits_per_second = download_bps(&mut world, &viewers[..4]);
    assert!((7_500_000..8_500_000).contains(&bits_per_second), "{bits_per_second}");
}
