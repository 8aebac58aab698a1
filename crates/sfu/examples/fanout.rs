//! What forwarding costs: one publisher of 1.4 Mbit/s, so many viewers, no sockets.
//!
//! `cargo run --release -p switchboard-sfu --example fanout -- 50 200` prints the time that the shard takes per packet to
//! a viewer, for each number of viewers: of media alone, and with all that the viewers report. It is the forwarding unit
//! alone: `bench/` measures the whole server.
#![allow(dead_code, reason = "the simulated network has more to it than this needs")]

use std::cell::Cell;
use std::time::Duration;

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
const MEASURED_MS: u64 = 5_000;

#[derive(Debug, Default)]
struct Cost {
    spent: Duration,
    packets: usize,
    runs: usize,
}

thread_local! {
    static BEGAN: Cell<Option<Duration>> = const { Cell::new(None) };
    static SPENT: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// The time for which this thread has run, as Linux counts it: others who use the machine do not count.
fn cpu_time() -> Duration {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ns = statistics.split(' ').next().and_then(|ns| ns.parse().ok());
    Duration::from_nanos(ns.expect("Linux counts the time of threads"))
}

/// Called when the server's code begins to run and when it is done.
fn on_server(runs: bool) {
    if runs {
        return BEGAN.set(Some(cpu_time()));
    }
    if let Some(began) = BEGAN.take() {
        SPENT.set(SPENT.get() + (cpu_time() - began));
    }
}

fn main() {
    let mut arguments: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    if arguments.is_empty() {
        arguments = vec![50, 200];
    }
    for viewers in arguments {
        let cost = measure(viewers);
        let each_us = cost.spent.as_secs_f64() * 1e6 / cost.packets as f64;
        let reports_us = with_reports(viewers).as_secs_f64() * 1e6;
        println!(
            "{viewers} viewers: {} packets in {} runs, {each_us:.2} µs each, {reports_us:.2} µs with reports",
            cost.packets, cost.runs
        );
    }
}

fn call(viewers: usize) -> (World, PeerId) {
    let mut world = World::new(1);
    let publisher = world.simple_publisher(Conditions::GOOD);
    for _ in 0..viewers {
        world.viewer(publisher, Conditions::GOOD);
    }
    world.run_ms(2_000);
    (world, publisher)
}

/// What a packet costs while the viewers report as they do.
fn with_reports(viewers: usize) -> Duration {
    let (mut world, publisher) = call(viewers);
    let offered = |world: &World| {
        world.clients.iter().filter(|(id, _)| **id != publisher).map(|(_, client)| client.down.offered).sum()
    };
    let before: u64 = offered(&world);
    SPENT.set(Duration::ZERO);
    world.on_server = on_server;
    world.run_ms(2_000);
    SPENT.get().div_f64((offered(&world) - before) as f64)
}

fn measure(viewers: usize) -> Cost {
    let (mut world, publisher) = call(viewers);
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
    let start = cpu_time();
    world.shard.receive(now, batch);
    if world.shard.deadline().is_some_and(|deadline| deadline <= now) {
        world.shard.tick(now);
    }
    world.shard.drain_transmits(outbox);
    cost.spent += cpu_time() - start;
    cost.packets += outbox.datagrams().count();
    cost.runs += outbox.runs().len();
}
