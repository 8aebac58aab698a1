//! Datagrams that look like RTP: `fuzz::datagram`.
#![cfg_attr(feature = "libfuzzer", no_main)]

use switchboard_sfu_fuzz::{
    fuzz::datagram::{Kind, body, corpus},
    target,
};

target!(|input| body(Kind::Rtp, input), corpus(Kind::Rtp));
