//! What a client seals: `fuzz::sealed`.
#![cfg_attr(feature = "libfuzzer", no_main)]

use switchboard_sfu_fuzz::{client::tamper::Sealed, fuzz::sealed, target};

target!(|input| sealed::body(Sealed::Rtcp, input), sealed::corpus(Sealed::Rtcp));
