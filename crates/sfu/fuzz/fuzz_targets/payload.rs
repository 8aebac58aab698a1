//! Payloads and names: `fuzz::payload`.
#![cfg_attr(feature = "libfuzzer", no_main)]

use switchboard_sfu_fuzz::{fuzz::payload, target};

target!(|input| payload::body(input), payload::corpus());
