//! Offers: `fuzz::offer`.
#![cfg_attr(feature = "libfuzzer", no_main)]

use switchboard_sfu_fuzz::{fuzz::offer, target};

target!(|input| offer::body(input), offer::corpus());
