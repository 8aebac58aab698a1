//! What forwarding allocates: nothing per viewer. And what a viewer takes.
//!
//! All memory that this program asks for goes through a counter. While the shard forwards it is switched on; the clients,
//! which are part of the program too, are not counted. What is allocated inside the C library for cryptography (the keys
//! of a connection, when it begins) is not seen here.
#![allow(dead_code, reason = "the simulated network has more to it than this needs")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use switchboard_sfu::{Datagram, Outbox, PeerId, Transport};

#[path = "network/client.rs"]
mod client;
#[path = "network/link.rs"]
mod link;
#[path = "network/media.rs"]
mod media;
#[path = "network/report.rs"]
mod report;
#[path = "network/world.rs"]
mod world;

use link::Conditions;
use world::World;

thread_local! {
    static COUNTS: Cell<bool> = const { Cell::new(false) };
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static LIVE_BYTES: Cell<isize> = const { Cell::new(0) };
}

struct Counter;

impl Counter {
    fn note(allocations: usize, bytes: isize) {
        if COUNTS.get() {
            ALLOCATIONS.set(ALLOCATIONS.get() + allocations);
            LIVE_BYTES.set(LIVE_BYTES.get() + bytes);
        }
    }
}

#[allow(unsafe_code, reason = "an allocator cannot be had otherwise; all is passed on to the system's")]
// SAFETY: every call is passed on as it is.
unsafe impl GlobalAlloc for Counter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::note(1, layout.size() as isize);
        // SAFETY: the caller keeps to the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        Self::note(0, -(layout.size() as isize));
        // SAFETY: the caller keeps to the contract.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::note(1, size as isize - layout.size() as isize);
        // SAFETY: the caller keeps to the contract.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTER: Counter = Counter;

/// Runs something and says what it allocated, and how many bytes of it are still there.
fn counted(run: impl FnOnce()) -> (usize, isize) {
    ALLOCATIONS.set(0);
    LIVE_BYTES.set(0);
    COUNTS.set(true);
    run();
    COUNTS.set(false);
    (ALLOCATIONS.get(), LIVE_BYTES.get())
}

/// A call with so many viewers that has gone on for a while.
fn call(viewers: usize) -> (World, PeerId) {
    let mut world = World::new(7);
    let publisher = world.simple_publisher(Conditions::GOOD);
    for _ in 0..viewers {
        world.viewer(publisher, Conditions::GOOD);
    }
    world.run_ms(3_000);
    (world, publisher)
}

#[derive(Debug, Default)]
struct Forwarded {
    received: usize,
    sent: usize,
    allocations: usize,
}

/// What the publisher sends in some time goes to the shard; the viewers say nothing.
fn forward(world: &mut World, publisher: PeerId, ms: u64) -> Forwarded {
    let (mut outbox, mut forwarded) = (Outbox::default(), Forwarded::default());
    for _ in 0..ms {
        world.now += Duration::from_millis(1);
        let (now, destination) = (world.now, world.server);
        let client = world.client(publisher);
        let (source, mut datagrams) = (client.address, Vec::new());
        client.poll(now, &mut datagrams);
        // Reports and checks are not media, and come rarely.
        datagrams.retain(|contents| matches!(contents[..], [128..192, 0..64 | 96..192 | 224.., ..]));
        let transport = Transport::Udp;
        let batch = datagrams.iter().map(|contents| Datagram { transport, source, destination, contents });
        let (allocations, _) = counted(|| {
            world.shard.receive(now, batch);
            world.shard.drain_transmits(&mut outbox);
        });
        forwarded.allocations += allocations;
        forwarded.received += datagrams.len();
        forwarded.sent += outbox.datagrams().count();
    }
    forwarded
}

#[test]
fn a_forwarded_packet_allocates_nothing() {
    let measure = |viewers| {
        let (mut world, publisher) = call(viewers);
        // Buffers grow to the size of a batch, once.
        forward(&mut world, publisher, 200);
        forward(&mut world, publisher, 600)
    };
    let (few, many) = (measure(2), measure(32));
    assert!(few.received > 90 && few.received.abs_diff(many.received) < 5, "{few:?}, {many:?}");
    assert!(many.sent > 30 * few.received, "{few:?}, {many:?}");
    // What a packet costs as it comes in: the library's buffers, and the payload that all share.
    let per_received = |forwarded: &Forwarded| forwarded.allocations as f64 / forwarded.received as f64;
    let (few_each, many_each) = (per_received(&few), per_received(&many));
    assert!((few_each - many_each).abs() < 0.2, "{few_each} and {many_each} per packet received");
    assert!(many_each < 4.0, "{many_each} per packet received");
}

#[test]
fn a_viewer_takes_little() {
    const VIEWERS: isize = 20;
    let (mut world, publisher) = call(1);
    world.on_server = |runs| COUNTS.set(runs);
    LIVE_BYTES.set(0);
    for _ in 0..VIEWERS {
        world.viewer(publisher, Conditions::GOOD);
    }
    world.run_ms(3_000);
    let each = LIVE_BYTES.get() / VIEWERS;
    assert!(each < 128 * 1024, "{each} bytes for each viewer");
}
