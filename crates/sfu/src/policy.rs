//! The numbers that a stage goes by.
//!
//! The one rule: a limit that AWS publishes is a value here, never a constant elsewhere. [`Policy::default`] has none of
//! them; [`Policy::strict`] has those of Amazon IVS.
//!
//! Sources: Amazon IVS Real-Time user guide, "Service Quotas" and "Stream Ingest"; RFC 7675 (consent freshness).

use std::time::Duration;

use crate::packet::Codec;
use crate::payload::keyframe::Resolution;

/// What publishers may send, and how much somebody may be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// All layers of picture and sound together, over a second.
    pub bitrate_bps: Option<u64>,
    /// Sound alone, as encoders are set to it.
    pub audio_bps: Option<u64>,
    /// Pictures a second, of each layer.
    pub frames_per_second: Option<u64>,
    /// No B-frames in H.264.
    pub no_b_frames: bool,
    /// All that one participant is sent, by however many connections.
    pub download_bps: Option<u64>,
    /// The larger and the smaller side of the picture, however it is turned.
    pub resolution: Option<Resolution>,
    /// Only Opus and H.264 (baseline), and an H.264 line in every offer, even of sound alone.
    pub ivs_codecs_only: bool,
}

impl Limits {
    /// Whether the picture is too large.
    pub fn exceeds_resolution(&self, picture: Resolution) -> bool {
        let Some(limit) = self.resolution else { return false };
        let (long, short) = (picture.width.max(picture.height), picture.width.min(picture.height));
        long > limit.width.max(limit.height) || short > limit.width.min(limit.height)
    }

    /// Whether a publisher may use the codec.
    pub fn allows(&self, codec: Codec) -> bool {
        if !self.ivs_codecs_only {
            return true;
        }
        match codec {
            Codec::Opus => true,
            Codec::H264 { profile, .. } => profile >> 8 == 0x42,
            _ => false,
        }
    }
}

/// How a stage treats its peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What may be sent.
    pub limits: Limits,
    /// A peer from which nothing came for so long is gone. Clients check their consent every 4 to 6 seconds (RFC 7675)
    /// and send reports every second while media flows, so this is one lost check and a little more.
    pub silence: Duration,
    /// A peer that has not connected by then never will.
    pub connect_within: Duration,
    /// A publisher is asked for a key frame of a layer no more often than this.
    pub keyframe_interval: Duration,
    /// A layer that sent nothing for so long is not offered to viewers.
    pub layer_pause: Duration,
    /// A publisher's sound or picture of which nothing came for so long has stopped.
    pub media_stopped_after: Duration,
    /// Packets kept for retransmission, of each layer of a publisher's picture. 512 are 1.2 seconds of 4 Mbit/s.
    pub retransmit_packets: usize,
    /// For how long they are kept.
    pub retransmit_for: Duration,
    /// What a viewer's connection is taken to carry before it has shown what it carries.
    pub initial_estimate_bps: u64,
    /// Whether the picture may be switched off when the viewer's connection cannot carry even the smallest layer.
    pub pause_video: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            silence: Duration::from_secs(8),
            connect_within: Duration::from_secs(20),
            keyframe_interval: Duration::from_millis(500),
            layer_pause: Duration::from_millis(1_500),
            media_stopped_after: Duration::from_secs(5),
            retransmit_packets: 512,
            retransmit_for: Duration::from_secs(2),
            initial_estimate_bps: 1_000_000,
            pause_video: true,
        }
    }
}

impl Policy {
    /// The media limits that Amazon IVS applies.
    pub fn strict() -> Self {
        Self {
            limits: Limits {
                bitrate_bps: Some(8_500_000),
                audio_bps: Some(160_000),
                frames_per_second: Some(60),
                no_b_frames: true,
                download_bps: Some(8_500_000),
                resolution: Some(Resolution { width: 1_280, height: 720 }),
                ivs_codecs_only: true,
            },
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_that_are_too_large() {
        let strict = Policy::strict().limits;
        let cases =
            [(1_280, 720, false), (720, 1_280, false), (1_280, 722, true), (1_920, 600, true), (900, 900, true)];
        for (width, height, expected) in cases {
            assert_eq!(strict.exceeds_resolution(Resolution { width, height }), expected, "{width}x{height}");
            assert!(!Limits::default().exceeds_resolution(Resolution { width, height }));
        }
    }

    #[test]
    fn codecs_of_ivs() {
        let strict = Policy::strict().limits;
        assert!(strict.allows(Codec::Opus));
        assert!(strict.allows(Codec::H264 { profile: 0x42e0, packetization_mode: 1 }));
        assert!(!strict.allows(Codec::H264 { profile: 0x6400, packetization_mode: 1 }));
        assert!(!strict.allows(Codec::Vp8));
        assert!(Limits::default().allows(Codec::Vp8));
    }
}
