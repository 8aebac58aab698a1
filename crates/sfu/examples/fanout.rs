//! What forwarding costs: one publisher of 1.4 Mbit/s, so many viewers, no sockets.
//!
//! `cargo run --release -p switchboard-sfu --example fanout -- 50 200` prints the time that the shard takes per packet to
//! a viewer, for each number of viewers. It is the forwarding unit alone: `bench/` measures the whole server.
#![allow(dead_code, reason = "the simulated network has more to it than this needs")]
#![allow(clippy::disallowed_methods, reason = "measuring needs a clock")]

use std::time::{Duration, Instant};

use switchboard_sfu::{Datagram, Outbox, PeerId, Transport};

#[path = "../tests/network/client.rs"]
mod client;
#[path = "../tests/network/link.rs"]
mod link;
#[path = "../tests/network/media.rs"]
mod media;
#[path = "../tests/network/report.rs"]
mod report;
#[path = "../tests/network/world.rs"]
mod world;

use link::Conditions;
use world::World;

/// Longer, and those who say nothing are taken for gone.
const MEASURED_MS: u64 = 6_000;

#[derive(Debug, Default)]
struct Cost {
    spent: Duration,
    packets: usize,
    runs: usize,
}

fn main() {
    let mut arguments: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    if arguments.is_empty() {
        arguments = vec![50, 200];
    }
    for viewers in arguments {
        let cost = measure(viewers);
        let each_us = cost.spent.as_secs_f64() * 1e6 / cost.packets as f64;
        println!("{viewers} viewers: {} packets in {} runs, {each_us:.2} µs each", cost.packets, cost.runs);
    }
}

fn measure(viewers: usize) -> Cost {
    let mut world = World::new(1);
    let publisher = world.simple_publisher(Conditions::GOOD);
    for _ in 0..viewers {
        world.viewer(publisher, Conditions::GOOD);
    }
    world.run_ms(1_000);
    let mut cost = Cost::default();
    let mut outbox = Outbox::default();
    for _ in 0..MEASURED_MS {
        step(&mut world, publisher, &mut outbox, &mut cost);
    }
    cost
}

/// One millisecond: what the publisher sends goes to the shard, and what comes out is counted and dropped.
fn step(world: &mut World, publisher: PeerId, outbox: &mut Outbox, cost: &mut Cost) {
    world.now += Duration::from_millis(1);
    let (now, destination) = (world.now, world.server);
    let client = world.client(publisher);
    let (source, mut sent) = (client.address, Vec::new());
    client.poll(now, &mut sent);
    let transport = Transport::Udp;
    let batch = sent.iter().map(|contents| Datagram { transport, source, destination, contents });
    let start = Instant::now();
    world.shard.receive(now, batch);
    if world.shard.deadline().is_some_and(|deadline| deadline <= now) {
        world.shard.tick(now);
    }
    world.shard.drain_transmits(outbox);
    cost.spent += start.elapsed();
    cost.packets += outbox.datagrams().count();
    cost.runs += outbox.runs().len();
}
