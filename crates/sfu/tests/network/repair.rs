//! What is lost comes again, what is forged or repeated is not heard, and numbers go round.

use std::net::SocketAddr;
use std::sync::Barrier;

use str0m::format::Codec;
use switchboard_sfu::{Datagram, Kinds, PeerId, Policy, Role, Transport};

use crate::client::{Client, REPORTS_S, Setup};
use crate::link::Conditions;
use crate::media::Camera;
use crate::world::{STAGE, World};

#[test]
fn ten_viewers_on_a_lossy_network_miss_nothing() {
    let mut world = World::new(90);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewers: Vec<_> = (0..10).map(|_| world.viewer(publisher, Conditions::GOOD)).collect();
    world.run_ms(1_000);
    let set = |world: &mut World, conditions: Conditions| {
        for viewer in &viewers {
            world.client(*viewer).down.conditions = conditions;
        }
    };
    set(&mut world, Conditions::lossy(20));
    world.run_ms(6_000);
    set(&mut world, Conditions::GOOD);
    world.run_ms(500);
    for viewer in &viewers {
        world.client(*viewer).report().assert_flawless();
    }
}

#[test]
fn one_who_loses_half_does_not_get_everything_twice() {
    let mut world = World::with_policy(91, Policy { pause_video: false, ..Policy::default() });
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(1_000);
    world.client(viewer).down.conditions = Conditions::lossy(500);
    let sent = |world: &mut World| {
        let forwarded = world.shard.stats(world.now, viewer).expect("figures").packets_forwarded;
        (world.client(viewer).down.offered, forwarded)
    };
    let before = sent(&mut world);
    world.run_ms(10_000);
    let after = sent(&mut world);
    let (offered, forwarded) = (after.0 - before.0, after.1 - before.1);
    assert!(forwarded > 1_500, "the picture goes on: {forwarded}");
    assert!(offered < forwarded * 13 / 10 + 100, "{offered} datagrams for {forwarded} packets");
}

/// RFC 5761 §4: these are packet types of RTCP.
fn is_report(contents: &[u8]) -> bool {
    matches!(contents, [128..192, 192..224, ..])
}

#[test]
fn reports_that_are_played_again_or_forged_are_not_heard() {
    let mut world = World::new(92);
    world.wiretap = Some(Vec::new());
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(1_000);
    world.client(viewer).down.conditions = Conditions::lossy(300);
    let requests = |world: &mut World| world.shard.stats(world.now, publisher).expect("figures").keyframe_requests;
    world.run_ms(2_000);
    world.run_until(20_000, "a request for a key frame", |world| requests(world) > 1);
    world.client(viewer).down.conditions = Conditions::GOOD;
    world.run_ms(1_500);
    let before = requests(&mut world);

    let tapped = world.wiretap.take().expect("tapped");
    let reports: Vec<_> = tapped.into_iter().filter(|contents| is_report(contents)).collect();
    assert!(reports.len() > 50, "{} reports", reports.len());
    let (source, destination) = (world.client(viewer).address, world.server);
    let offered = world.client(viewer).down.offered;
    for report in &reports {
        let mut forged = report.clone();
        let last = forged.len() - 1;
        forged[last] ^= 1;
        forged[8] ^= 0x55;
        for contents in [report, &forged] {
            let datagram = Datagram { transport: Transport::Udp, source, destination, contents };
            world.shard.receive(world.now, [datagram]);
        }
        world.run_ms(5);
    }
    assert_eq!(requests(&mut world), before);
    let sent_again = world.client(viewer).down.offered - offered;
    let expected = reports.len() as u64 * 5 * 2 / 10;
    assert!(sent_again < expected, "{sent_again} datagrams in {} ms", reports.len() * 5);
    world.run_ms(500);
    let report = world.client(viewer).report();
    assert!(report.faults.is_empty(), "{:?}", report.faults);
}

#[test]
fn numbers_go_round() {
    let mut world = World::new(93);
    let codec = Codec::Vp8;
    let publisher = world.publish(codec, Conditions::GOOD, vec![(None, Camera::new(codec, 0, 20_000_000))]);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    let has_wrapped = |world: &mut World| {
        let first = world.client(viewer).video_got.keys().next().copied().unwrap_or(u64::MAX);
        world.client(viewer).video_got.keys().next_back().is_some_and(|last| first < 32_768 && *last > 65_600)
    };
    for _ in 0..40 {
        world.run_ms(1_000);
        if has_wrapped(&mut world) {
            break;
        }
    }
    assert!(has_wrapped(&mut world), "{} packets", world.client(viewer).video_got.len());
    // At that rate a lost packet would be gone before it could be asked for.
    world.client(publisher).camera(0).bits_per_second = 2_000_000;
    world.client(viewer).down.conditions = Conditions::lossy(20);
    world.run_ms(1_000);
    world.client(viewer).down.conditions = Conditions::GOOD;
    world.run_ms(500);
    world.client(viewer).report().assert_flawless();
}

#[test]
fn connections_made_at_once_on_two_threads_get_their_own_keys() {
    const EACH: usize = 6;
    let mut world = World::new(94);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let (now, server, acceptor) = (world.now, world.server, world.acceptor.clone());
    let barrier = Barrier::new(2);
    let made: Vec<_> = std::thread::scope(|scope| {
        let make = |thread: u8| {
            let (acceptor, barrier) = (&acceptor, &barrier);
            scope.spawn(move || {
                let setups: Vec<_> = (0..EACH as u8)
                    .map(|place| {
                        let address = SocketAddr::from(([10, 1, thread, place], 5_000));
                        let setup = Setup {
                            codec: Codec::Vp8,
                            conditions: Conditions::GOOD,
                            audio: true,
                            layers: vec![],
                            reports_s: REPORTS_S,
                        };
                        Client::new(now, address, server, setup)
                    })
                    .collect();
                barrier.wait();
                let accept = |(mut client, offer): (Client, String)| {
                    let role = Role::Viewer { adaptive: true, sends: Kinds::BOTH };
                    let (peer, answer) = acceptor.accept(now, role, &offer).expect("a good offer");
                    client.accept(&answer.sdp);
                    (client, peer)
                };
                setups.into_iter().map(accept).collect::<Vec<_>>()
            })
        };
        let threads = [make(0), make(1)];
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    let ids: Vec<_> = (1_000..).map(PeerId).take(made.len()).collect();
    for (id, (client, peer)) in ids.iter().zip(made) {
        world.shard.subscribe(now, STAGE, *id, publisher, peer).expect("joins");
        world.clients.insert(*id, client);
    }
    world.run_ms(2_000);
    for id in ids {
        let report = world.client(id).report();
        report.assert_flawless();
        assert!(report.frames.len() > 40, "{id:?}: {} frames", report.frames.len());
    }
}
