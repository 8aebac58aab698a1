//! Two calls on one shard: one that is attacked, and one that must not notice.

use std::net::SocketAddr;

use switchboard_sfu::{Datagram, Event, PeerId, Transport};

use crate::link::Conditions;
use crate::world::World;

/// How often it is made sure that the others see a picture.
const LOOK_EVERY: u64 = 200;

pub struct Call {
    pub world: World,
    pub publisher: PeerId,
    pub viewer: PeerId,
    other_publisher: PeerId,
    other_viewer: PeerId,
    inputs: u64,
}

impl Call {
    pub fn new() -> Self {
        let mut world = World::new(1);
        let publisher = world.simple_publisher(Conditions::GOOD);
        let viewer = world.viewer(publisher, Conditions::GOOD);
        let other_publisher = world.simple_publisher(Conditions::GOOD);
        let other_viewer = world.viewer(other_publisher, Conditions::GOOD);
        world.client(viewer).blind = true;
        for id in [publisher, other_publisher] {
            world.client(id).camera(0).bits_per_second = 200_000;
        }
        world.run_ms(1_000);
        Self { world, publisher, viewer, other_publisher, other_viewer, inputs: 0 }
    }

    /// A datagram to the server, from anywhere.
    pub fn throw(&mut self, source: SocketAddr, contents: &[u8]) {
        let destination = self.world.server;
        let datagram = Datagram { transport: Transport::Udp, source, destination, contents };
        self.world.shard.receive(self.world.now, [datagram]);
    }

    /// Whether somebody was put out of the call that is attacked.
    pub fn is_over(&self) -> bool {
        let left = |id| self.world.events_of(id).iter().any(|event| matches!(event, Event::Left(_)));
        left(self.publisher) || left(self.viewer)
    }

    /// Fails if the others are hurt.
    pub fn check(&mut self) {
        self.inputs += 1;
        for id in [self.other_publisher, self.other_viewer] {
            assert!(
                !self.world.events_of(id).iter().any(|event| matches!(event, Event::Left(_))),
                "others were put out"
            );
        }
        if !self.inputs.is_multiple_of(LOOK_EVERY) {
            return;
        }
        let before = self.world.client(self.other_viewer).video_got.len();
        self.world.run_ms(200);
        let client = self.world.client(self.other_viewer);
        assert!(client.video_got.len() > before, "others see nothing any more");
        client.report().assert_flawless();
        client.video_got.clear();
        client.audio_got.clear();
    }
}
