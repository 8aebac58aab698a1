//! Packets for the tests of this crate.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::packet::{Codec, Hints, Packet};
use crate::payload::keyframe::{FrameStart, Vp8Ids};

/// The moment at which all tests start.
pub(crate) fn instant() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    #[allow(clippy::disallowed_methods, reason = "an Instant cannot be made from a number; tests only add to this one")]
    *START.get_or_init(Instant::now)
}

/// Some milliseconds after the start.
pub(crate) fn at_ms(ms: u64) -> Instant {
    instant() + Duration::from_millis(ms)
}

/// A delta packet of VP8.
pub(crate) fn packet(sequence: u64) -> Packet {
    Packet {
        codec: Codec::Vp8,
        sequence,
        timestamp: (sequence as u32).wrapping_mul(3_000),
        marker: true,
        payload: [0x10, 0x51, 0, 0].as_slice().into(),
        arrival: instant(),
        taken: instant(),
        start: FrameStart::No,
        vp8: Vp8Ids::default(),
        clock: None,
        hints: Hints::default(),
    }
}

/// The first packet of a key frame.
pub(crate) fn keyframe(sequence: u64) -> Packet {
    Packet { start: FrameStart::Keyframe(None), ..packet(sequence) }
}

/// A packet of sound.
pub(crate) fn audio(sequence: u64) -> Packet {
    Packet { codec: Codec::Opus, timestamp: (sequence as u32).wrapping_mul(960), ..packet(sequence) }
}
