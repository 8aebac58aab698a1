//! RTP and RTCP of clients that have joined and mean harm: sealed with their own keys, so that they are read.
//!
//! Whoever sends them may be put out for it. The other call on the same shard must not notice.

use std::cell::RefCell;

use super::call::Call;
use crate::client::tamper::{self, Exchange, Sealed};
use crate::link::Conditions;
use crate::world::World;

/// A report is sent at least that often.
const MOST_MS: u64 = 1_100;

thread_local! {
    static CALL: RefCell<Option<Call>> = const { RefCell::new(None) };
}

/// The first byte says who sends it.
pub fn body(what: Sealed, input: &[u8]) {
    let Some((from, contents)) = input.split_first() else { return };
    CALL.with_borrow_mut(|call| {
        let attacked = call.get_or_insert_with(Call::new);
        send(attacked, what, *from, contents);
        attacked.check();
        if attacked.is_over() {
            *call = None;
        }
    });
}

fn send(call: &mut Call, what: Sealed, from: u8, contents: &[u8]) {
    let id = if what == Sealed::Rtp || from.is_multiple_of(2) { call.publisher } else { call.viewer };
    let of = call.world.client(id).address;
    tamper::exchange(Exchange { of, what, contents: contents.to_vec() });
    for _ in 0..MOST_MS {
        call.world.run_ms(1);
        if !tamper::is_waiting() {
            break;
        }
    }
    // Until it has arrived.
    call.world.run_ms(12);
}

/// What real clients seal.
pub fn corpus(what: Sealed) -> Vec<Vec<u8>> {
    tamper::take_notes();
    let mut world = World::new(3);
    let publisher = world.simple_publisher(Conditions::lossy(50));
    world.viewer(publisher, Conditions::lossy(50));
    world.run_ms(3_000);
    let of_kind = tamper::notes().into_iter().filter(|(kind, _)| *kind == what);
    let mut corpus: Vec<_> = of_kind.map(|(_, bytes)| bytes).take(60).collect();
    for (index, bytes) in corpus.iter_mut().enumerate() {
        bytes.insert(0, index as u8);
    }
    assert!(!corpus.is_empty(), "{what:?}");
    corpus
}
