//! Whether a publisher keeps within the limits of its stage.
//!
//! The one rule: what is not limited is not measured, so without limits a packet costs nothing here.
//!
//! Sources: Amazon IVS Real-Time user guide, "Stream Ingest" (supported media specifications) and "Service Quotas".

pub(crate) mod downloads;
mod pace;

use std::time::Instant;

use crate::limits::pace::Pace;
use crate::meter::Meter;
use crate::packet::{Codec, Kind, Packet};
use crate::payload::keyframe::{FrameStart, Resolution};
use crate::payload::slices::has_b_slice;
use crate::policy::Limits;

/// A limit that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// A publisher sent more bits per second than allowed.
    Bitrate {
        /// What it sent in the last second.
        bits_per_second: u64,
    },
    /// Its sound alone is more than allowed.
    AudioBitrate {
        /// What its sound was over the last seconds.
        bits_per_second: u64,
    },
    /// A larger picture than allowed.
    Resolution(Resolution),
    /// More pictures a second than allowed.
    FrameRate {
        /// How many it sent.
        frames_per_second: u64,
    },
    /// A codec that is not allowed.
    Codec(Codec),
    /// B-frames, where none are allowed.
    BFrame,
    /// A viewer would have to be sent more than a participant may be sent.
    Download {
        /// What its participant was sent in the last seconds.
        bits_per_second: u64,
    },
}

// AWS does not say: over which time a frame rate is measured. Two seconds of the picture's clock: a camera that is a
// frame early or late stays what it is.
const FRAME_RATE_SECONDS: u32 = 2;
// AWS does not say: over which time the bitrate of sound is measured, and whether encoders may vary it. Ten seconds, and a
// tenth more is allowed: the number is what encoders are set to, and what they make of it swings around that.
const AUDIO_SECONDS: u32 = 10;
const AUDIO_SWING_PERCENT: u64 = 110;

/// One publisher's measures.
#[derive(Debug)]
pub(crate) struct Checks {
    total: Meter<10>,
    sound: Pace,
    /// By layer.
    pictures: Vec<Pace>,
    /// The last codec of sound and of picture.
    codecs: [Option<Codec>; 2],
}

impl Checks {
    pub(crate) fn new(now: Instant) -> Self {
        let sound = Pace::new(Codec::Opus.clock_rate_hz(), AUDIO_SECONDS);
        Self { total: Meter::new(now), sound, pictures: Vec::new(), codecs: [None; 2] }
    }

    /// The limit that this packet breaks.
    pub(crate) fn check(&mut self, now: Instant, limits: &Limits, layer: u8, packet: &Packet) -> Option<Limit> {
        let by_codec = self.check_codec(limits, packet.codec);
        let by_kind = match packet.codec.kind() {
            Kind::Audio => self.check_sound(limits, packet),
            Kind::Video => self.check_picture(limits, layer, packet),
        };
        by_codec.or(by_kind).or_else(|| self.check_total(now, limits, packet.payload.len()))
    }

    fn check_codec(&mut self, limits: &Limits, codec: Codec) -> Option<Limit> {
        let is_news = self.codecs[codec.kind() as usize].replace(codec) != Some(codec);
        (is_news && !limits.allows(codec)).then_some(Limit::Codec(codec))
    }

    fn check_sound(&mut self, limits: &Limits, packet: &Packet) -> Option<Limit> {
        let limit = limits.audio_bps?;
        let bits_per_second = self.sound.add(packet.timestamp, packet.payload.len() as u64 * 8)?;
        (bits_per_second * 100 > limit * AUDIO_SWING_PERCENT).then_some(Limit::AudioBitrate { bits_per_second })
    }

    fn check_picture(&mut self, limits: &Limits, layer: u8, packet: &Packet) -> Option<Limit> {
        if limits.no_b_frames && matches!(packet.codec, Codec::H264 { .. }) && has_b_slice(&packet.payload) {
            return Some(Limit::BFrame);
        }
        if let FrameStart::Keyframe(Some(resolution)) = packet.start
            && limits.exceeds_resolution(resolution)
        {
            return Some(Limit::Resolution(resolution));
        }
        self.check_frame_rate(limits, layer, packet)
    }

    // AWS does not say: what becomes of a picture below the ten frames a second, the 160 lines or above the two seconds
    // from key frame to key frame that it recommends. Nothing: cameras in the dark, shared screens and browsers, which
    // send key frames when they are asked, would all be put out.
    fn check_frame_rate(&mut self, limits: &Limits, layer: u8, packet: &Packet) -> Option<Limit> {
        let limit = limits.frames_per_second?;
        let layer = usize::from(layer);
        while self.pictures.len() <= layer {
            self.pictures.push(Pace::new(packet.codec.clock_rate_hz(), FRAME_RATE_SECONDS));
        }
        let pace = &mut self.pictures[layer];
        if packet.payload.is_empty() || !pace.is_news(packet.timestamp) {
            return None;
        }
        let frames_per_second = pace.add(packet.timestamp, 1)?;
        (frames_per_second > limit).then_some(Limit::FrameRate { frames_per_second })
    }

    fn check_total(&mut self, now: Instant, limits: &Limits, bytes: usize) -> Option<Limit> {
        let limit = limits.bitrate_bps?;
        self.total.add(now, bytes);
        let bits_per_second = self.total.bits_per_second(now);
        (bits_per_second > limit).then_some(Limit::Bitrate { bits_per_second })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use crate::testing::{at_ms, audio, packet};

    const H264: Codec = Codec::H264 { profile: 0x42e0, packetization_mode: 1 };

    fn picture(sequence: u64) -> Packet {
        Packet { codec: H264, payload: [0x41, 0xc0].as_slice().into(), ..packet(sequence) }
    }

    fn strict(packets: impl IntoIterator<Item = Packet>) -> Option<Limit> {
        let (mut checks, limits) = (Checks::new(at_ms(0)), Policy::strict().limits);
        // Apart by a second, so that the total stays small.
        packets.into_iter().zip(0..).find_map(|(packet, nth)| checks.check(at_ms(nth * 1_000), &limits, 0, &packet))
    }

    #[test]
    fn what_a_packet_shows_at_once() {
        let resolution = Resolution { width: 1_920, height: 1_080 };
        let large = Packet { start: FrameStart::Keyframe(Some(resolution)), ..picture(1) };
        let with_b = Packet { payload: [0x01, 0b1010_0000].as_slice().into(), ..picture(1) };
        assert_eq!(strict([picture(1)]), None);
        assert_eq!(strict([large]), Some(Limit::Resolution(resolution)));
        assert_eq!(strict([with_b.clone()]), Some(Limit::BFrame));
        assert_eq!(strict([packet(1)]), Some(Limit::Codec(Codec::Vp8)));
        let unlimited = Checks::new(at_ms(0)).check(at_ms(0), &Limits::default(), 0, &with_b);
        assert_eq!(unlimited, None);
    }

    #[test]
    fn pictures_a_second() {
        let at = |ticks: u32| (0..300_u32).map(move |nth| Packet { timestamp: nth * ticks, ..picture(nth.into()) });
        assert_eq!(strict(at(1_500)), None);
        assert_eq!(strict(at(1_440)), Some(Limit::FrameRate { frames_per_second: 62 }));
        // A frame of five packets is one frame, and one that comes late is none.
        let pieces = at(1_500).flat_map(|packet| std::iter::repeat_n(packet, 5));
        assert_eq!(strict(pieces), None);
        let late = at(1_500).zip(at(1_500).skip(2)).flat_map(|(late, packet)| [packet, late]);
        assert_eq!(strict(late), None);
    }

    #[test]
    fn bits_of_sound() {
        let of = |bytes| (0..1_500_u64).map(move |nth| Packet { payload: vec![0; bytes].into(), ..audio(nth) });
        assert_eq!(strict(of(400)), None, "160 kbit/s");
        assert_eq!(strict(of(440)), None, "a tenth more");
        assert_eq!(strict(of(445)), Some(Limit::AudioBitrate { bits_per_second: 178_000 }));
        let loud_at_times = of(420).zip(0..).map(|(packet, nth)| {
            let payload = if nth % 100 < 10 { vec![0; 600].into() } else { packet.payload.clone() };
            Packet { payload, ..packet }
        });
        assert_eq!(strict(loud_at_times), None);
    }
}
