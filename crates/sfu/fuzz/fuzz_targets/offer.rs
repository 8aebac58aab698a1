//! Offers: `fuzz::offer`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard_sfu_fuzz::fuzz::offer;

fuzz_target!(|input: &[u8]| offer::body(input));
