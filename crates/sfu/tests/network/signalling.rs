//! Offers and joins, as the HTTP side sees them.

use std::sync::Arc;

use str0m::format::Codec;
use switchboard_sfu::{
    Acceptor, Address, Event, Fragment, Identity, JoinError, Kinds, OfferError, Patched, PeerId, Policy, Role,
    Transport,
};

use crate::client::{Client, REPORTS_S, Setup};
use crate::link::Conditions;
use crate::media::Camera;
use crate::world::{STAGE, World};

fn offer(world: &World, codec: Codec, publishes: bool) -> String {
    let layers = if publishes { vec![(None, Camera::new(codec, 0, 1))] } else { vec![] };
    let setup = Setup { codec, conditions: Conditions::GOOD, audio: true, layers, reports_s: REPORTS_S };
    Client::new(world.now, ([10, 9, 9, 9], 9).into(), world.server, setup).1
}

#[test]
fn the_answer_to_a_publisher() {
    let world = World::new(80);
    let (peer, answer) =
        world.acceptor.accept(world.now, Role::Publisher, &offer(&world, Codec::Vp8, true)).expect("good");
    let lines: Vec<_> = answer.sdp.lines().collect();
    assert_eq!((peer.kinds(), peer.idle()), (Kinds::BOTH, Kinds::default()));
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
        world.acceptor.accept(now, Role::Viewer { adaptive: false, sends: Kinds::BOTH }, &offer).expect("good").0
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

const SOUND: Kinds = Kinds { audio: true, video: false };
const PICTURE: Kinds = Kinds { audio: false, video: true };

/// Each section of a session description.
fn sections(sdp: &str) -> Vec<Vec<&str>> {
    sdp.split("\r\nm=").skip(1).map(|section| section.lines().collect()).collect()
}

#[test]
fn what_a_publisher_does_not_send_is_inactive() {
    let world = World::new(85);
    let viewer = offer(&world, Codec::Vp8, false);
    for (sends, idle) in [(SOUND, PICTURE), (PICTURE, SOUND), (Kinds::BOTH, Kinds::default())] {
        let role = Role::Viewer { adaptive: true, sends };
        let (peer, answer) = world.acceptor.accept(world.now, role, &viewer).expect("good");
        assert_eq!((peer.kinds(), peer.idle()), (sends, idle));
        for section in sections(&answer.sdp) {
            let flows = if section[0].starts_with("audio") { sends.audio } else { sends.video };
            assert_eq!(section.contains(&"a=sendonly"), flows, "{section:?}");
            assert_eq!(section.contains(&"a=inactive"), !flows, "{section:?}");
            let tracks = ["a=msid:", "a=ssrc:", "a=ssrc-group:FID"];
            let is_track = |line: &&&str| tracks.iter().any(|start| line.starts_with(start));
            assert_eq!(section.iter().find(is_track).is_some(), flows, "{section:?}");
        }
    }
    let role = Role::Viewer { adaptive: true, sends: Kinds::default() };
    assert_eq!(world.acceptor.accept(world.now, role, &viewer).err(), Some(OfferError::NothingToSend));
    assert_eq!(world.acceptor.counter(world.now, role, None).err(), Some(OfferError::NothingToSend));
}

#[test]
fn an_idle_section_stays_silent_when_the_publisher_has_something_for_it() {
    let mut world = World::new(86);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.watch_what_is_sent(Codec::Vp8, publisher, SOUND, Conditions::GOOD);
    world.run_ms(10_000);
    let stats = world.shard.stats(world.now, viewer).expect("a viewer");
    assert_eq!((stats.layer, stats.estimated_bps), (None, None), "nothing is measured where nothing depends on it");
    let client = world.client(viewer);
    assert!(client.video_got.is_empty() && client.audio_got.len() > 400);
}

#[test]
fn a_counter_offer_says_what_an_offer_must() {
    let world = World::new(87);
    let role = |sends| Role::Viewer { adaptive: true, sends };
    let counter =
        |sends, codec| world.acceptor.counter(world.now, role(sends), codec).expect("an offer").sdp().to_owned();
    let vp9 = switchboard_sfu::Codec::Vp9 { profile: 0 };
    let sdp = counter(Kinds::BOTH, Some(vp9));
    let (head, media) = (sdp.split("m=").next().expect("a head"), sections(&sdp));
    assert!(head.contains("a=ice-lite") && media.len() == 2);
    let group = head.lines().find(|line| line.starts_with("a=group:BUNDLE ")).expect("a bundle");
    for section in &media {
        for line in ["a=sendonly", "a=rtcp-mux", "a=setup:actpass"] {
            assert!(section.contains(&line), "{line} in {section:?}");
        }
        for start in
            ["a=mid:", "a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:sha-256 ", "a=msid:", "a=ssrc:", "a=extmap:"]
        {
            assert!(section.iter().any(|line| line.starts_with(start)), "{start} in {section:?}");
        }
        let mid = section.iter().find_map(|line| line.strip_prefix("a=mid:")).expect("a mid");
        assert!(group.split(' ').any(|name| name == mid));
    }
    assert!(media[0].iter().any(|line| line.starts_with("a=candidate:") && line.contains("192.0.2.1 4747")));
    let streams: Vec<_> = sdp.lines().filter_map(|line| line.strip_prefix("a=msid:")?.split(' ').next()).collect();
    assert!(streams.len() == 2 && streams[0] == streams[1], "{streams:?}");
    let codecs: Vec<_> = media[1].iter().filter_map(|line| line.strip_prefix("a=rtpmap:")?.split(' ').nth(1)).collect();
    let pictures: Vec<_> = codecs.iter().filter(|codec| !codec.starts_with("rtx")).collect();
    assert_eq!(*pictures[0], "VP9/90000", "what is sent comes first");
    for codec in ["H264/90000", "VP8/90000", "AV1/90000"] {
        assert!(pictures.contains(&&codec), "{codec} in {pictures:?}");
    }
    for (sends, kind) in [(SOUND, "audio"), (PICTURE, "video")] {
        let sdp = counter(sends, None);
        assert!(sections(&sdp).len() == 1 && sections(&sdp)[0][0].starts_with(kind));
    }
}

#[test]
fn who_is_made_an_offer_is_a_viewer_like_any_other() {
    let mut world = World::new(88);
    let publisher = world.simulcast_publisher(Conditions::GOOD);
    world.run_ms(1_000);
    // As late as may be.
    let viewer = world.asked_viewer(publisher, Kinds::BOTH, 29_000, |answer| answer);
    world.run_until(2_000, "a connection", |world| world.has_event(viewer, &Event::Connected));
    world.run_ms(8_000);
    assert!(world.has_event(viewer, &Event::LayerSelected(Some("hi".into()))), "{:?}", world.events_of(viewer));
    let now = world.now;
    let client = world.client(viewer);
    client.report().assert_flawless();
    assert!(client.audio_between(now - std::time::Duration::from_secs(5), now) > 240);

    // ICE restarts as it does for others.
    restart_ice(&mut world, viewer);
    world.run_ms(500);
    let before = world.client(viewer).video_got.len();
    world.run_ms(9_000);
    assert!(world.client(viewer).video_got.len() > before + 200, "it goes on");
    world.client(viewer).report().assert_flawless();
}

#[test]
fn sound_alone_is_offered_where_there_is_no_more() {
    let mut world = World::new(89);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.asked_viewer(publisher, SOUND, 0, |answer| answer);
    world.run_ms(3_000);
    let client = world.client(viewer);
    assert!(client.video_got.is_empty() && client.audio_got.len() > 100);
}

#[test]
fn answers_to_a_counter_offer() {
    let world = World::new(90);
    let role = Role::Viewer { adaptive: true, sends: Kinds::BOTH };
    let make = || world.acceptor.counter(world.now, role, None).expect("an offer");
    let answer = |offer: &str| {
        let (codec, conditions, reports_s) = (Codec::Vp8, Conditions::GOOD, REPORTS_S);
        let setup = Setup { codec, conditions, audio: true, layers: vec![], reports_s };
        let (mut client, _) = Client::new(world.now, ([10, 9, 9, 9], 9).into(), world.server, setup);
        client.answer(world.now, offer)
    };
    let counter = make();
    let good = answer(counter.sdp());
    assert_eq!(counter.read(&answer(make().sdp())).err(), Some(OfferError::Mismatch), "an answer to another offer");
    let gone = good.lines().filter(|line| !line.starts_with("a=fingerprint")).map(|line| format!("{line}\r\n"));
    assert_eq!(counter.read(&gone.collect::<String>()).err(), Some(OfferError::NoFingerprint));
    // What was wrong before does not matter.
    let read = counter.read(&good).expect("good");
    assert_eq!(counter.complete(world.now, read).expect("a viewer").kinds(), Kinds::BOTH);

    // Half of it will do.
    let counter = make();
    let good = answer(counter.sdp());
    let video = good.find("m=video").expect("a picture");
    let half = format!("{}{}", &good[..video], good[video..].replace("a=recvonly", "a=inactive"));
    let read = counter.read(&half).expect("good");
    assert_eq!(counter.complete(world.now, read).expect("a viewer").kinds(), SOUND);
}

#[test]
fn who_wants_no_picture_hears_and_may_restart() {
    let mut world = World::new(91);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.asked_viewer(publisher, Kinds::BOTH, 0, |answer| {
        let (sound, picture) = answer.split_at(answer.find("m=video").expect("a picture"));
        let mid = picture.lines().find_map(|line| line.strip_prefix("a=mid:")).expect("a mid");
        format!("{}{}", sound.replace(&format!(" {mid}"), ""), picture.replacen("m=video 9", "m=video 0", 1))
    });
    world.run_ms(3_000);
    restart_ice(&mut world, viewer);
    let before = world.client(viewer).audio_got.len();
    world.run_ms(9_000);
    let client = world.client(viewer);
    assert!(before > 100 && client.audio_got.len() > before + 400, "{before}");
    assert!(client.video_got.is_empty());
}

/// The client restarts ICE, and the server goes along.
fn restart_ice(world: &mut World, viewer: PeerId) {
    let text = world.client(viewer).restart_ice();
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).expect("credentials").to_owned();
    let fragment = format!("{}\r\n{}\r\n", line("a=ice-ufrag:"), line("a=ice-pwd:"));
    let fragment = Fragment::parse(&fragment).expect("a fragment");
    let patched = world.shard.patch(world.now, viewer, &fragment).expect("a restart");
    let Patched::Restarted { sdp, .. } = patched else { panic!("not a restart") };
    world.client(viewer).accept(&sdp);
}
