//! Offers of any kind: an answer, or an error in plain words.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use switchboard_sfu::{Acceptor, Address, Identity, Kinds, Policy, Role, Transport};

use crate::link::Conditions;
use crate::world::World;

fn acceptor() -> &'static (Acceptor, Instant) {
    static ACCEPTOR: OnceLock<(Acceptor, Instant)> = OnceLock::new();
    ACCEPTOR.get_or_init(|| {
        let address = Address { transport: Transport::Udp, address: ([192, 0, 2, 1], 4747).into() };
        let identity = Identity::generate().expect("a certificate");
        (Acceptor::new(identity, [address], Arc::new(Policy::default())), World::new(0).now)
    })
}

/// An offer to publish and to watch.
pub fn body(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (acceptor, now) = acceptor();
    for role in [Role::Publisher, Role::Viewer { adaptive: true, sends: Kinds::BOTH }] {
        if let Err(error) = acceptor.accept(*now, role, text) {
            let words = error.to_string();
            assert!(words.len() < 80 && !words.contains("0x"), "{words}");
        }
    }
}

/// What a publisher with layers and what a viewer offers.
pub fn corpus() -> Vec<Vec<u8>> {
    let mut world = World::new(4);
    let publisher = world.simulcast_publisher(Conditions::GOOD);
    let viewer = world.viewer(publisher, Conditions::GOOD);
    [publisher, viewer].map(|id| world.client(id).restart_ice().into_bytes()).into()
}
