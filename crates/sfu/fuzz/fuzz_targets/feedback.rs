//! Transport-wide feedback: `fuzz::feedback`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard_sfu_fuzz::fuzz::feedback;

fuzz_target!(|input: &[u8]| feedback::body(input));
