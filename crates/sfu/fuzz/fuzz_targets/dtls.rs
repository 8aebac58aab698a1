//! Datagrams that look like DTLS: `fuzz::datagram`.
#![cfg_attr(feature = "libfuzzer", no_main)]

use switchboard_sfu_fuzz::{
    fuzz::datagram::{Kind, body, corpus},
    target,
};

target!(|input| body(Kind::Dtls, input), corpus(Kind::Dtls));
