//! What a publisher puts into its packets, which nobody has checked before it is read here.
//!
//! Run with `cargo +nightly fuzz run payload` in `crates/sfu`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard_sfu::{Codec, frame_start, stun_ufrag};

fuzz_target!(|payload: &[u8]| {
    let codecs = [
        Codec::Opus,
        Codec::Vp8,
        Codec::Vp9 { profile: 0 },
        Codec::Av1 { profile: 0 },
        Codec::H264 { profile: 0x42e0, packetization_mode: 1 },
    ];
    for codec in codecs {
        let _ = frame_start(codec, payload);
    }
    let _ = stun_ufrag(payload);
});
