//! Tokens: `any_token`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard_sfu_fuzz::any_token;

fuzz_target!(|input: &[u8]| any_token::body(input));
