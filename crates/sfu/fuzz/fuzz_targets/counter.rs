//! Answers to a counter-offer: `fuzz::counter`.
#![cfg_attr(feature = "libfuzzer", no_main)]

use switchboard_sfu_fuzz::{fuzz::counter, target};

target!(|input| counter::body(input), counter::corpus());
