//! Bad input: no datagram and no offer hurts anybody but, at worst, its sender.

use std::net::SocketAddr;

use switchboard_sfu::{Datagram, Event, Fragment, Kinds, Role, Transport, stun_ufrag};

use crate::link::{Conditions, Dice};
use crate::world::World;

fn noise(dice: &mut Dice) -> Vec<u8> {
    let length = dice.below(200) as usize;
    let mut bytes: Vec<u8> = (0..length).map(|_| dice.next() as u8).collect();
    // Mostly something that looks like STUN, DTLS, RTP or RTCP.
    if let Some(first) = bytes.first_mut() {
        *first = [0, 1, 20, 22, 23, 25, 63, 128, 144, 191, *first][dice.below(11) as usize];
    }
    bytes
}

fn mutated(dice: &mut Dice, from: &[u8]) -> Vec<u8> {
    let mut bytes = from.to_vec();
    match dice.below(4) {
        0 => bytes.truncate(dice.below(bytes.len() as u64 + 1) as usize),
        1 => bytes.extend((0..dice.below(64)).map(|_| 0xff)),
        _ => {
            for _ in 0..=dice.below(6) {
                let at = dice.below(bytes.len() as u64) as usize;
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = dice.next() as u8;
                }
            }
        }
    }
    bytes
}

fn throw(world: &mut World, source: SocketAddr, contents: &[u8]) {
    let destination = world.server;
    let datagram = Datagram { transport: Transport::Udp, source, destination, contents };
    world.shard.receive(world.now, [datagram]);
}

#[test]
fn strangers_are_dropped() {
    let mut world = World::new(60);
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(500);
    let mut dice = Dice::new(61);
    for round in 0..3_000_u64 {
        let source = SocketAddr::from(([203, 0, 113, (round % 250) as u8], 1_000 + (round % 60_000) as u16));
        let bytes = noise(&mut dice);
        throw(&mut world, source, &bytes);
    }
    assert_eq!(world.shard.dropped(), 3_000);
    world.run_ms(2_000);
    world.client(viewer).report().assert_flawless();
}

#[test]
fn a_wire_that_garbles_everything_during_the_handshake() {
    for seed in 0..20 {
        let mut world = World::new(62);
        world.wiretap = Some(Vec::new());
        let publisher = world.simple_publisher(Conditions::GOOD);
        let address = world.client(publisher).address;
        let mut dice = Dice::new(seed);
        for _ in 0..150 {
            world.run_ms(1);
            for real in std::mem::take(world.wiretap.as_mut().expect("tapped")) {
                let bytes = mutated(&mut dice, &real);
                throw(&mut world, address, &bytes);
            }
        }
        world.run_ms(1_500);
        let healthy = world.simple_publisher(Conditions::GOOD);
        world.run_until(1_000, "somebody else joins", |world| world.has_event(healthy, &Event::Connected));
    }
}

#[test]
fn garbage_that_bears_the_address_of_a_peer_does_not_end_its_call() {
    let mut world = World::new(63);
    world.wiretap = Some(Vec::new());
    let publisher = world.simple_publisher(Conditions::GOOD);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    world.run_ms(1_000);
    let addresses = [world.client(publisher).address, world.client(viewer).address];
    let mut dice = Dice::new(64);
    for _ in 0..1_000 {
        world.run_ms(1);
        for real in std::mem::take(world.wiretap.as_mut().expect("tapped")) {
            let bytes = if dice.chance(500) { mutated(&mut dice, &real) } else { noise(&mut dice) };
            let source = addresses[dice.below(2) as usize];
            throw(&mut world, source, &bytes);
        }
    }
    world.run_ms(3_000);
    assert!(!world.events.iter().any(|(.., event)| matches!(event, Event::Left(_))), "{:?}", world.events);
    let report = world.client(viewer).report();
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    assert!(report.frames.len() > 130, "{} frames in 5 s", report.frames.len());
}

#[test]
fn offers_of_any_kind() {
    let world = World::new(65);
    let (_, offer) = {
        let mut donor = World::new(66);
        let id = donor.simulcast_publisher(Conditions::GOOD);
        let offer = donor.client(id).restart_ice();
        (id, offer)
    };
    let mut dice = Dice::new(67);
    let lines: Vec<&str> = offer.lines().collect();
    let mut accepted = 0;
    for _ in 0..500 {
        let mut mutant: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        for _ in 0..=dice.below(4) {
            let (at, other) = (dice.below(mutant.len() as u64) as usize, dice.below(lines.len() as u64) as usize);
            match dice.below(5) {
                0 => drop(mutant.remove(at)),
                1 => mutant.insert(at, lines[other].to_owned()),
                2 => mutant[at] = lines[other].to_owned(),
                3 => mutant[at].truncate(dice.below(40) as usize),
                _ => mutant[at] = mutant[at].replace(char::is_numeric, &dice.below(100_000).to_string()),
            }
            if mutant.is_empty() {
                break;
            }
        }
        let text = mutant.join("\r\n") + "\r\n";
        for role in [Role::Publisher, Role::Viewer { adaptive: true, sends: Kinds::BOTH }] {
            match world.acceptor.accept(world.now, role, &text) {
                Ok(_) => accepted += 1,
                Err(error) => assert!(error.to_string().len() < 80 && !error.to_string().contains("0x")),
            }
        }
        let _ = Fragment::parse(&text);
    }
    assert!(accepted > 20, "some mutants are harmless: {accepted}");
}

#[test]
fn names_in_any_bytes() {
    let mut dice = Dice::new(68);
    for _ in 0..20_000 {
        let mut bytes = noise(&mut dice);
        if bytes.len() >= 20 {
            let length = bytes.len() - 20;
            bytes[..2].copy_from_slice(&[0, 1]);
            bytes[2..4].copy_from_slice(&(length as u16).to_be_bytes());
            bytes[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
        }
        let _ = stun_ufrag(&bytes);
    }
}
