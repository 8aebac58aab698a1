//! A shard that lets out in parts: for a few viewers at a time, and taking in what comes meanwhile.

use std::net::SocketAddr;
use std::time::Duration;

use switchboard_sfu::{Datagram, Outbox, PeerId, Transport};

use crate::link::Conditions;
use crate::world::World;

const VIEWERS: usize = 6;
const A_TURN: usize = 2;

/// The media of the publisher's next picture of several packets, which have not reached the shard yet.
fn next_picture(world: &mut World, publisher: PeerId) -> Vec<Vec<u8>> {
    for _ in 0..1_000 {
        world.now += Duration::from_millis(1);
        let (now, mut datagrams) = (world.now, Vec::new());
        world.client(publisher).poll(now, &mut datagrams);
        datagrams.retain(|contents| contents.len() > 400 && matches!(contents[..], [128..192, 0..64 | 96..192, ..]));
        if datagrams.len() > 1 {
            return datagrams;
        }
    }
    panic!("no picture of several packets");
}

fn take_in(world: &mut World, publisher: PeerId, datagrams: &[Vec<u8>]) {
    let (now, destination, source) = (world.now, world.server, world.client(publisher).address);
    let transport = Transport::Udp;
    let batch = datagrams.iter().map(|contents| Datagram { transport, source, destination, contents });
    world.shard.take_in(now, batch);
}

/// Lets out for some viewers: who got how many datagrams of media in one run, and whether others wait.
fn let_out(world: &mut World) -> (Vec<(SocketAddr, usize)>, bool) {
    let mut outbox = Outbox::default();
    let more = world.shard.flush(world.now, A_TURN);
    world.shard.drain_transmits(&mut outbox);
    let media = outbox.runs().iter().filter(|run| run.segment > 400);
    // A report may end a run; it is shorter.
    (media.map(|run| (run.destination, run.range.len() / run.segment)).collect(), more)
}

#[test]
fn those_who_wait_longest_come_first_and_get_all_there_is_at_once() {
    let mut world = World::new(40);
    let publisher = world.simple_publisher(Conditions::GOOD);
    for _ in 0..VIEWERS {
        world.viewer(publisher, Conditions::GOOD);
    }
    world.run_ms(3_000);
    let picture = next_picture(&mut world, publisher);
    let (first, rest) = picture.split_at(1);

    take_in(&mut world, publisher, first);
    let (early, more) = let_out(&mut world);
    assert!(more, "others wait");
    assert_eq!(early.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1; A_TURN]);

    take_in(&mut world, publisher, rest);
    let mut served = Vec::new();
    loop {
        let (some, more) = let_out(&mut world);
        assert!(some.len() <= A_TURN, "no more in one turn: {some:?}");
        served.extend(some);
        if !more {
            break;
        }
    }
    let (waited, again) = served.split_at(VIEWERS - A_TURN);
    assert!(waited.iter().all(|(_, count)| *count == picture.len()), "the whole picture in one run: {served:?}");
    let expected: Vec<_> = early.iter().map(|(viewer, _)| (*viewer, rest.len())).collect();
    assert_eq!(again, expected, "and those served early get the rest last");
    assert!(waited.iter().all(|viewer| !early.iter().any(|(other, _)| *other == viewer.0)));
}
