//! What is read without being authenticated, or that nobody has checked before: the pictures that a publisher sends, and
//! the name in a STUN request.

use switchboard_sfu::{Codec, frame_start, stun_ufrag};

const CODECS: [Codec; 5] = [
    Codec::Opus,
    Codec::Vp8,
    Codec::Vp9 { profile: 0 },
    Codec::Av1 { profile: 0 },
    Codec::H264 { profile: 0x42e0, packetization_mode: 1 },
];

/// A payload of any codec, or a datagram.
pub fn body(input: &[u8]) {
    for codec in CODECS {
        let _ = frame_start(codec, input);
    }
    let _ = stun_ufrag(input);
}

/// Beginnings of key frames, and a STUN request with a name.
pub fn corpus() -> Vec<Vec<u8>> {
    let vp8 =
        [&[0x90, 0xf0, 0x80, 1, 2, 3, 0x50, 0, 0, 0x9d, 1, 0x2a][..], &640_u16.to_le_bytes(), &[0x68, 1]].concat();
    let vp9 = vec![0x0a, 0x80, 0x01, 0x02, 0x18, 0x02, 0x80, 0x01, 0x68, 0x82, 0x49, 0x83, 0x42, 0, 0x27, 0xf0];
    let av1 = vec![0x18, 0x0a, 0x0b, 0, 0, 0, 0x42, 0xa7, 0xbf, 0xe4, 0x60, 0x0d, 0x00, 0x40, 0x32, 0x00];
    let stap =
        vec![0x78, 0, 8, 0x67, 0x42, 0xe0, 0x1f, 0xda, 0x01, 0x40, 0x16, 0, 4, 0x68, 0xce, 0x3c, 0x80, 0, 2, 0x65, 1];
    let fragment = vec![0x7c, 0x85, 0x88, 0x84, 0x00];
    let mut stun = vec![0, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42];
    stun.extend([7; 12]);
    stun.extend([0, 6, 0, 7]);
    stun.extend(b"abc:def\0");
    vec![vp8, vp9, av1, stap, fragment, stun]
}
