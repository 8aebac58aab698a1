//! Datagrams of any kind in the middle of a call: STUN, DTLS, RTP and RTCP, from strangers and from the addresses of
//! those who are there. The call must go on.
//!
//! Run with `cargo +nightly fuzz run datagram` in `crates/sfu`.
#![no_main]
#![allow(dead_code, reason = "the simulated network has more to it than this target needs")]

use std::cell::RefCell;
use std::net::SocketAddr;

use libfuzzer_sys::fuzz_target;
use switchboard_sfu::{Datagram, PeerId, Transport};

#[path = "../../tests/network/client.rs"]
mod client;
#[path = "../../tests/network/link.rs"]
mod link;
#[path = "../../tests/network/media.rs"]
mod media;
#[path = "../../tests/network/report.rs"]
mod report;
#[path = "../../tests/network/world.rs"]
mod world;

struct Call {
    world: world::World,
    publisher: PeerId,
    viewer: PeerId,
}

impl Call {
    fn new() -> Self {
        let mut world = world::World::new(1);
        let publisher = world.simple_publisher(link::Conditions::GOOD);
        let viewer = world.viewer(publisher, link::Conditions::GOOD);
        world.run_ms(1_000);
        Self { world, publisher, viewer }
    }

    /// The first byte says from whom, the second how long the datagram is; more may follow.
    fn throw(&mut self, input: &[u8]) {
        let mut rest = input;
        while let [from, length, tail @ ..] = rest {
            let (contents, next) = tail.split_at(usize::from(*length).min(tail.len()));
            let source = match from % 3 {
                0 => self.world.client(self.publisher).address,
                1 => self.world.client(self.viewer).address,
                _ => SocketAddr::from(([203, 0, 113, *from], 9)),
            };
            let destination = self.world.server;
            let datagram = Datagram { transport: Transport::Udp, source, destination, contents };
            self.world.shard.receive(self.world.now, [datagram]);
            rest = next;
        }
        self.world.run_ms(1);
        assert_eq!(self.world.shard.peers(), 2, "somebody was thrown out: {:?}", self.world.events);
    }
}

thread_local! {
    static CALL: RefCell<Call> = RefCell::new(Call::new());
}

fuzz_target!(|input: &[u8]| CALL.with_borrow_mut(|call| call.throw(input)));
