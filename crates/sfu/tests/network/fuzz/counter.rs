//! Answers of any kind to a counter-offer: a viewer, or an error in plain words.
//!
//! The names in the input that stand for those of the offer are put in place, as a client would: else nothing would get
//! past the first check.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use switchboard_sfu::{Acceptor, Address, CounterOffer, Identity, Kinds, Policy, Role, Transport};

use crate::client::{Client, REPORTS_S, Setup};
use crate::link::Conditions;
use crate::world::World;

/// Stand for the mids of the offer.
const MIDS: [&str; 2] = ["$0", "$1"];

fn counter() -> (CounterOffer, Instant) {
    static ACCEPTOR: OnceLock<(Acceptor, Instant)> = OnceLock::new();
    let (acceptor, now) = ACCEPTOR.get_or_init(|| {
        let address = Address { transport: Transport::Udp, address: ([192, 0, 2, 1], 4747).into() };
        let identity = Identity::generate().expect("a certificate");
        (Acceptor::new(identity, [address], Arc::new(Policy::default())), World::new(0).now)
    });
    let role = Role::Viewer { adaptive: true, sends: Kinds::BOTH };
    (acceptor.counter(*now, role, None).expect("an offer"), *now)
}

fn mids(counter: &CounterOffer) -> Vec<String> {
    counter.sdp().lines().filter_map(|line| line.strip_prefix("a=mid:")).map(str::to_owned).collect()
}

/// An answer.
pub fn body(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (counter, now) = counter();
    let mut text = text.to_owned();
    for (stands, mid) in MIDS.iter().zip(mids(&counter)) {
        text = text.replace(stands, &mid);
    }
    let taken = counter.read(&text).and_then(|answer| counter.complete(now, answer).map(drop));
    if let Err(error) = taken {
        let words = error.to_string();
        assert!(words.len() < 80 && !words.contains("0x"), "{words}");
    }
}

/// What a client answers that takes everything.
pub fn corpus() -> Vec<Vec<u8>> {
    let (counter, now) = counter();
    let world = World::new(5);
    let codec = str0m::format::Codec::Vp8;
    let setup = Setup { codec, conditions: Conditions::GOOD, audio: true, layers: vec![], reports_s: REPORTS_S };
    let (mut client, _) = Client::new(now, ([10, 9, 9, 9], 9).into(), world.server, setup);
    let mut answer = client.answer(now, counter.sdp());
    for (stands, mid) in MIDS.iter().zip(mids(&counter)) {
        answer = answer.replace(&mid, stands);
    }
    vec![answer.into_bytes()]
}
