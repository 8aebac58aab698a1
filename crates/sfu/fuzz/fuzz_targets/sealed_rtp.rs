//! What a client seals: `fuzz::sealed`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard_sfu_fuzz::{client::tamper::Sealed, fuzz::sealed};

fuzz_target!(|input: &[u8]| sealed::body(Sealed::Rtp, input));
