//! Datagrams that look like DTLS: `fuzz::datagram`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard_sfu_fuzz::fuzz::datagram::{Kind, body};

fuzz_target!(|input: &[u8]| body(Kind::Dtls, input));
