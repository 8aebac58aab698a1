//! Transport-wide feedback: `fuzz::feedback`.
#![cfg_attr(feature = "libfuzzer", no_main)]

use switchboard_sfu_fuzz::{fuzz::feedback, target};

target!(|input| feedback::body(input), feedback::corpus());
