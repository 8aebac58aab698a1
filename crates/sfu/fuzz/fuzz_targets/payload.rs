//! Payloads and names: `fuzz::payload`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard_sfu_fuzz::fuzz::payload;

fuzz_target!(|input: &[u8]| payload::body(input));
