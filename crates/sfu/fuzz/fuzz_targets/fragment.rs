//! Trickle fragments: `fuzz::fragment`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard_sfu_fuzz::fuzz::fragment;

fuzz_target!(|input: &[u8]| fragment::body(input));
