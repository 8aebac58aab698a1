//! Answers to a counter-offer: `fuzz::counter`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard_sfu_fuzz::fuzz::counter;

fuzz_target!(|input: &[u8]| counter::body(input));
