//! Offers and trickle fragments of any kind: an answer or an error in plain words, never a panic.
//!
//! Run with `cargo +nightly fuzz run offer` in `crates/sfu`.
#![no_main]

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use switchboard_sfu::{Acceptor, Address, Fragment, Identity, Policy, Role, Transport};

fn acceptor() -> &'static (Acceptor, Instant) {
    static ACCEPTOR: OnceLock<(Acceptor, Instant)> = OnceLock::new();
    ACCEPTOR.get_or_init(|| {
        let address = Address { transport: Transport::Udp, address: ([192, 0, 2, 1], 4747).into() };
        let identity = Identity::generate().expect("a certificate");
        (Acceptor::new(identity, [address], Arc::new(Policy::default())), Instant::now())
    })
}

fuzz_target!(|text: &str| {
    let (acceptor, now) = acceptor();
    for role in [Role::Publisher, Role::Viewer { adaptive: true }] {
        let _ = acceptor.accept(*now, role, text);
    }
    let _ = Fragment::parse(text);
});
