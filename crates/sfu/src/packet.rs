//! One published RTP packet, as the rest of the crate sees it: read once where it comes in, then shared by reference.
//!
//! The one rule: nothing here belongs to a viewer. Numbers are the publisher's; each viewer's are made in `forward`.
//!
//! Sources: RFC 3550 (RTP), RFC 6184 (H.264), RFC 7587 (Opus), RFC 7741 (VP8), RFC 9628 (VP9), the AV1 RTP
//! specification; RFC 6184 §8.1 for which H.264 stream a receiver can take.

use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::format::{Codec as StrCodec, PayloadParams};
use str0m::rtp::{ExtensionValues, RtpPacket, VideoOrientation};

use crate::payload::keyframe::{self, FrameStart, Vp8Ids};

/// Sound or picture. A publisher has at most one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

impl Kind {
    /// Ticks of its RTP clock per second, whatever the codec.
    pub(crate) const fn clock_rate_hz(self) -> f64 {
        match self {
            Self::Audio => 48_000.0,
            Self::Video => 90_000.0,
        }
    }
}

/// Sound, picture, both or neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Sound.
    pub audio: bool,
    /// Picture.
    pub video: bool,
}

impl Kinds {
    /// Both; also what a publisher is taken to send of whom nothing is known yet.
    pub const BOTH: Self = Self { audio: true, video: true };

    /// Whether it is one of them.
    pub const fn has(self, kind: Kind) -> bool {
        match kind {
            Kind::Audio => self.audio,
            Kind::Video => self.video,
        }
    }

    /// Whether something is in both.
    pub const fn meets(self, other: Self) -> bool {
        self.audio && other.audio || self.video && other.video
    }

    /// Those that are not in the other.
    pub const fn without(self, other: Self) -> Self {
        Self { audio: self.audio && !other.audio, video: self.video && !other.video }
    }

    /// Those that are in it, sound first.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        [Kind::Audio, Kind::Video].into_iter().filter(move |kind| self.has(*kind))
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::default(), |kinds, kind| match kind {
            Kind::Audio => Self { audio: true, ..kinds },
            Kind::Video => Self { video: true, ..kinds },
        })
    }
}

/// A codec with those parameters that decide whether a receiver can take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Opus, 48 kHz clock.
    Opus,
    /// H.264.
    H264 {
        /// `profile_idc` and the constraint flags: the first two bytes of `profile-level-id`.
        profile: u16,
        /// `packetization-mode`.
        packetization_mode: u8,
    },
    /// VP8.
    Vp8,
    /// VP9.
    Vp9 {
        /// `profile-id`.
        profile: u32,
    },
    /// AV1.
    Av1 {
        /// `profile`.
        profile: u8,
    },
}

impl Codec {
    /// The codec that negotiated parameters describe; `None` for one that is not forwarded here.
    pub(crate) fn of(params: &PayloadParams) -> Option<Self> {
        let spec = params.spec();
        let format = spec.format;
        Some(match spec.codec {
            StrCodec::Opus => Self::Opus,
            StrCodec::Vp8 => Self::Vp8,
            StrCodec::Vp9 => Self::Vp9 { profile: format.profile_id.unwrap_or(0) },
            StrCodec::Av1 => Self::Av1 { profile: format.profile.unwrap_or(0) },
            StrCodec::H264 => Self::H264 {
                profile: (format.profile_level_id.unwrap_or(0x42_0010) >> 8) as u16,
                packetization_mode: format.packetization_mode.unwrap_or(0),
            },
            _ => return None,
        })
    }

    /// Whether it is sound or picture.
    pub fn kind(self) -> Kind {
        if self == Self::Opus { Kind::Audio } else { Kind::Video }
    }

    /// Ticks of its RTP clock per second.
    pub fn clock_rate_hz(self) -> u32 {
        if self == Self::Opus { 48_000 } else { 90_000 }
    }

    /// How well a receiver that offered `offered` can take this: higher is better, `None` is not at all.
    pub(crate) fn fits(self, offered: Self) -> Option<u8> {
        if self == offered {
            return Some(3);
        }
        let (Self::H264 { profile, packetization_mode: mode }, Self::H264 { profile: other, packetization_mode: most }) =
            (self, offered)
        else {
            return None;
        };
        // A receiver of mode 1 takes single NAL units too; one of mode 0 takes nothing else.
        if mode > most {
            return None;
        }
        match (h264_rank(profile)?, h264_rank(other)?) {
            (ours, theirs) if ours == theirs => Some(2),
            (ours, theirs) if ours < theirs => Some(1),
            _ => None,
        }
    }
}

/// Profiles in the order in which a decoder of the later takes the earlier. Plain Baseline counts as constrained: no
/// encoder in use makes the parts that set them apart.
fn h264_rank(profile: u16) -> Option<u8> {
    match profile >> 8 {
        0x42 => Some(0),
        0x4d => Some(1),
        0x64 => Some(2),
        _ => None,
    }
}

/// The publisher's wall clock beside its RTP clock, from its latest sender report. It ties its layers together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderClock {
    /// Wall clock, since 1970.
    pub wall: Duration,
    /// The RTP timestamp of that moment.
    pub timestamp: u32,
}

/// Header extensions that concern the viewer. Those that belong to one connection (mid, rid, transport numbers) do not
/// pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// Level of the sound in negative decibel.
    pub audio_level: Option<i8>,
    /// Whether the sound is speech.
    pub voice_activity: Option<bool>,
    /// How the picture must be turned.
    pub orientation: Option<VideoOrientation>,
}

impl Hints {
    fn of(values: &ExtensionValues) -> Self {
        Self {
            audio_level: values.audio_level,
            voice_activity: values.voice_activity,
            orientation: values.video_orientation,
        }
    }
}

/// One packet of a publisher.
#[derive(Clone, Debug)]
pub struct Packet {
    /// What it is coded in.
    pub codec: Codec,
    /// The publisher's sequence number, extended over its wraps.
    pub sequence: u64,
    /// The publisher's timestamp.
    pub timestamp: u32,
    /// The marker bit: the last packet of a frame, or the first of a talk spurt.
    pub marker: bool,
    /// The payload, shared by all viewers.
    pub payload: Arc<[u8]>,
    /// When it came in.
    pub arrival: Instant,
    /// When it was taken, by the publisher's clock moved to ours.
    pub taken: Instant,
    /// What kind of frame starts here, when one does.
    pub start: FrameStart,
    /// The numbers that VP8 carries in its payload.
    pub vp8: Vp8Ids,
    /// The publisher's clocks, when it has told them.
    pub clock: Option<SenderClock>,
    /// Header extensions that go with it.
    pub hints: Hints,
}

impl Packet {
    /// Reads the headers of a packet that str0m took in.
    pub(crate) fn read(rtp: RtpPacket, codec: Codec) -> Self {
        let clock = rtp.last_sender_info.as_ref().and_then(|info| {
            // Some report before they have sent anything, and have nothing to say about their timestamps then.
            if info.sender_packet_count == 0 {
                return None;
            }
            let wall = info.ntp_time.duration_since(std::time::UNIX_EPOCH).ok()?;
            Some(SenderClock { wall, timestamp: info.rtp_time.numer() as u32 })
        });
        Self {
            codec,
            sequence: *rtp.seq_no,
            timestamp: rtp.header.timestamp,
            marker: rtp.header.marker,
            arrival: rtp.timestamp,
            taken: rtp.timestamp,
            start: keyframe::frame_start(codec, &rtp.payload),
            vp8: if codec == Codec::Vp8 { Vp8Ids::of(&rtp.payload) } else { Vp8Ids::default() },
            clock,
            hints: Hints::of(&rtp.header.ext_vals),
            payload: rtp.payload,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn h264(profile: u16, packetization_mode: u8) -> Codec {
        Codec::H264 { profile, packetization_mode }
    }

    #[test]
    fn which_stream_fits_which_receiver() {
        let cases = [
            (Codec::Vp8, Codec::Vp8, Some(3)),
            (Codec::Vp8, Codec::Vp9 { profile: 0 }, None),
            (Codec::Vp9 { profile: 0 }, Codec::Vp9 { profile: 2 }, None),
            (h264(0x42e0, 1), h264(0x42e0, 1), Some(3)),
            (h264(0x42e0, 1), h264(0x4200, 1), Some(2)),
            (h264(0x42e0, 1), h264(0x6400, 1), Some(1)),
            (h264(0x6400, 1), h264(0x42e0, 1), None),
            (h264(0x42e0, 0), h264(0x42e0, 1), Some(2)),
            (h264(0x42e0, 1), h264(0x42e0, 0), None),
        ];
        for (stream, receiver, expected) in cases {
            assert_eq!(stream.fits(receiver), expected, "{stream:?} to {receiver:?}");
        }
    }
}
