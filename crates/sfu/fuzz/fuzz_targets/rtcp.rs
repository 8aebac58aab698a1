//! Datagrams that look like RTCP: `fuzz::datagram`.
#![cfg_attr(feature = "libfuzzer", no_main)]

use switchboard_sfu_fuzz::{
    fuzz::datagram::{Kind, body, corpus},
    target,
};

target!(|input| body(Kind::Rtcp, input), corpus(Kind::Rtcp));
