//! Offers and joins, as the HTTP side sees them.

use std::sync::Arc;

use str0m::format::Codec;
use switchboard_sfu::{Acceptor, Address, Identity, JoinError, OfferError, PeerId, Policy, Role, Transport};

use crate::client::{Client, Setup};
use crate::link::Conditions;
use crate::media::Camera;
use crate::world::{STAGE, World};

fn offer(world: &World, codec: Codec, publishes: bool) -> String {
    let layers = if publishes { vec![(None, Camera::new(codec, 0, 1))] } else { vec![] };
    let setup = Setup { codec, conditions: Conditions::GOOD, audio: true, layers };
    Client::new(world.now, ([10, 9, 9, 9], 9).into(), world.server, setup).1
}

#[test]
fn the_answer_to_a_publisher() {
    let world = World::new(80);
    let (peer, answer) =
        world.acceptor.accept(world.now, Role::Publisher, &offer(&world, Codec::Vp8, true)).expect("good");
    let lines: Vec<_> = answer.sdp.lines().collect();
    assert!(peer.has(switchboard_sfu::Kind::Audio) && peer.has(switchboard_sfu::Kind::Video));
    assert_eq!(lines.iter().filter(|line| **line == "a=recvonly").count(), 2);
    assert!(lines.contains(&"a=ice-lite"));
    assert!(lines.iter().any(|line| line.starts_with("a=candidate:") && line.contains("192.0.2.1 4747 typ host")));
    assert!(lines.contains(&format!("a=ice-ufrag:{}", answer.ufrag).as_str()));
    assert!(lines.contains(&"a=setup:passive"));
}

#[test]
fn addresses_of_both_families_and_tcp() {
    let world = World::new(81);
    let address = |transport, address: &str| Address { transport, address: address.parse().expect("an address") };
    let addresses = [
        address(Transport::Udp, "192.0.2.1:4747"),
        address(Transport::Udp, "[2001:db8::1]:4747"),
        address(Transport::Tcp, "192.0.2.1:4747"),
    ];
    let identity = Identity::generate().expect("a certificate");
    let acceptor = Acceptor::new(identity, addresses, Arc::new(Policy::default()));
    let (_, answer) = acceptor.accept(world.now, Role::Publisher, &offer(&world, Codec::Vp8, true)).expect("good");
    for part in [" udp ", "2001:db8::1 4747", "tcptype passive"] {
        assert!(answer.sdp.contains(part), "{part} in {}", answer.sdp);
    }
}

#[test]
fn a_strict_stage_takes_baseline_only() {
    let world = World::with_policy(82, Policy::strict());
    let vp8 = world.acceptor.accept(world.now, Role::Publisher, &offer(&world, Codec::Vp8, true));
    assert_eq!(vp8.err(), Some(OfferError::H264Required));
    let h264 = offer(&world, Codec::H264, true);
    let (_, answer) = world.acceptor.accept(world.now, Role::Publisher, &h264).expect("good");
    let profiles: Vec<_> = answer.sdp.lines().filter(|line| line.contains("profile-level-id")).collect();
    assert!(!profiles.is_empty() && profiles.iter().all(|line| line.contains("=42")), "{profiles:?}");
}

#[test]
fn who_may_join() {
    let mut world = World::new(83);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let now = world.now;
    let viewer = |world: &World| {
        let offer = offer(world, Codec::Vp8, false);
        world.acceptor.accept(now, Role::Viewer { adaptive: false }, &offer).expect("good").0
    };
    let peer = viewer(&world);
    assert_eq!(world.shard.publish(now, STAGE, PeerId(50), peer).err(), Some(JoinError::WrongRole));
    let peer = viewer(&world);
    assert_eq!(world.shard.subscribe(now, STAGE, publisher, publisher, peer).err(), Some(JoinError::IdTaken));
    let peer = viewer(&world);
    let absent = world.shard.subscribe(now, STAGE, PeerId(50), PeerId(77), peer);
    assert_eq!(absent.err(), Some(JoinError::NoSuchPublisher));
    let peer = viewer(&world);
    assert_eq!(world.shard.subscribe(now, STAGE, PeerId(50), publisher, peer), Ok(()));
}

#[test]
fn a_viewer_that_cannot_take_the_codec_hears_of_it() {
    let mut world = World::new(84);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.watch(Codec::Av1, publisher, Conditions::GOOD);
    world.run_ms(1_500);
    let told =
        world.events_of(viewer).into_iter().filter(|event| matches!(event, switchboard_sfu::Event::CannotTake(_)));
    assert_eq!(told.count(), 1);
    assert!(world.client(viewer).video_got.is_empty() && !world.client(viewer).audio_got.is_empty());
}
