//! Trickle fragments: `fuzz::fragment`.
#![cfg_attr(feature = "libfuzzer", no_main)]

use switchboard_sfu_fuzz::{fuzz::fragment, target};

target!(|input| fragment::body(input), fragment::corpus());
