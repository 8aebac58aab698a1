//! Datagrams that look like STUN: `fuzz::datagram`.
#![cfg_attr(feature = "libfuzzer", no_main)]

use switchboard_sfu_fuzz::{
    fuzz::datagram::{Kind, body, corpus},
    target,
};

target!(|input| body(Kind::Stun, input), corpus(Kind::Stun));
