//! What the first bytes of a payload say about the frame that starts there. Headers only; nothing is decoded.
//!
//! The one rule: every byte comes from the network, so every read is checked and a payload that makes no sense is
//! "no frame starts here".
//!
//! Sources: RFC 6184 §5 (H.264 payloads), ITU-T H.264 §7.3.2.1.1 (sequence parameter set), RFC 7741 §4 and RFC 6386
//! §9.1 (VP8), RFC 9628 §4.2 (VP9), the AV1 RTP specification §4.4.

use str0m::rtp::Vp8Descriptor;

use crate::packet::Codec;
use crate::payload::bits::Bits;

/// What starts with a packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FrameStart {
    /// Nothing that one could start to watch at.
    #[default]
    No,
    /// A picture that needs no other before it.
    Keyframe(Option<Resolution>),
}

impl FrameStart {
    /// Whether a viewer can start here.
    pub fn is_keyframe(self) -> bool {
        self != Self::No
    }
}

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

/// The numbers that a VP8 payload carries besides those of RTP; they must stay continuous for a viewer too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vp8Ids {
    /// PictureID, of 7 or 15 bits.
    pub picture_id: Option<u16>,
    /// TL0PICIDX.
    pub tl0_picture: Option<u8>,
    /// KEYIDX.
    pub key_index: Option<u8>,
}

impl Vp8Ids {
    /// Reads them from a payload; none of them when it is no VP8 payload.
    pub(crate) fn of(payload: &[u8]) -> Self {
        let Ok(descriptor) = Vp8Descriptor::parse(payload) else { return Self::default() };
        Self {
            picture_id: descriptor.picture_id(),
            tl0_picture: descriptor.tl0_pic_idx(),
            key_index: descriptor.key_idx(),
        }
    }
}

/// What starts with this payload.
pub fn frame_start(codec: Codec, payload: &[u8]) -> FrameStart {
    match codec {
        Codec::Opus => FrameStart::No,
        Codec::Vp8 => vp8(payload),
        Codec::Vp9 { .. } => vp9(payload),
        Codec::Av1 { .. } => av1(payload),
        Codec::H264 { .. } => h264(payload),
    }
}

fn vp8(payload: &[u8]) -> FrameStart {
    let Ok(descriptor) = Vp8Descriptor::parse(payload) else { return FrameStart::No };
    if !descriptor.starts_keyframe(payload) {
        return FrameStart::No;
    }
    // Frame tag of three bytes, start code 9d 01 2a, then 14 bits of width and of height.
    let resolution =
        payload.windows(7).take(16).find(|bytes| bytes[..3] == [0x9d, 0x01, 0x2a]).map(|bytes| Resolution {
            width: u32::from(u16::from_le_bytes([bytes[3], bytes[4]]) & 0x3fff),
            height: u32::from(u16::from_le_bytes([bytes[5], bytes[6]]) & 0x3fff),
        });
    FrameStart::Keyframe(resolution)
}

const VP9_PICTURE_ID: u8 = 0x80;
const VP9_PREDICTED: u8 = 0x40;
const VP9_LAYERS: u8 = 0x20;
const VP9_FLEXIBLE: u8 = 0x10;
const VP9_FRAME_STARTS: u8 = 0x08;

fn vp9(payload: &[u8]) -> FrameStart {
    let Some(&first) = payload.first() else { return FrameStart::No };
    if first & VP9_PREDICTED != 0 || first & VP9_FRAME_STARTS == 0 {
        return FrameStart::No;
    }
    // With spatial layers only the lowest one starts a picture; the others lean on it.
    match vp9_spatial_layer(first, payload) {
        Some(0) => FrameStart::Keyframe(None),
        _ => FrameStart::No,
    }
}

/// `None` when the payload ends too early.
fn vp9_spatial_layer(first: u8, payload: &[u8]) -> Option<u8> {
    let mut at = 1;
    if first & VP9_PICTURE_ID != 0 {
        at += if payload.get(at)? & 0x80 != 0 { 2 } else { 1 };
    }
    if first & VP9_LAYERS == 0 {
        payload.get(at)?;
        return Some(0);
    }
    let layer = (payload.get(at)? >> 1) & 0x07;
    if first & VP9_FLEXIBLE == 0 {
        payload.get(at + 1)?;
    }
    Some(layer)
}

fn av1(payload: &[u8]) -> FrameStart {
    // The N bit: a new coded video sequence starts. One byte of aggregation header and an OBU header at least.
    match payload {
        [header, _, ..] if header & 0x08 != 0 => FrameStart::Keyframe(None),
        _ => FrameStart::No,
    }
}

const NAL_IDR: u8 = 5;
const NAL_SPS: u8 = 7;
const NAL_STAP_A: u8 = 24;
const NAL_FU_A: u8 = 28;

fn h264(payload: &[u8]) -> FrameStart {
    let Some(&first) = payload.first() else { return FrameStart::No };
    match first & 0x1f {
        NAL_STAP_A => h264_aggregate(payload),
        NAL_FU_A => match payload.get(1) {
            Some(header) if header & 0x80 != 0 && header & 0x1f == NAL_IDR => FrameStart::Keyframe(None),
            _ => FrameStart::No,
        },
        _ => h264_unit(payload),
    }
}

fn h264_aggregate(payload: &[u8]) -> FrameStart {
    let mut rest = &payload[1..];
    while let [high, low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(unit) = tail.get(..length) else { break };
        let start = h264_unit(unit);
        if start.is_keyframe() {
            return start;
        }
        rest = &tail[length..];
    }
    FrameStart::No
}

fn h264_unit(unit: &[u8]) -> FrameStart {
    match unit.first().map(|first| first & 0x1f) {
        // A viewer must see the parameter sets, and they come before the picture.
        Some(NAL_SPS) => FrameStart::Keyframe(sps_resolution(&unit[1..])),
        Some(NAL_IDR) => FrameStart::Keyframe(None),
        _ => FrameStart::No,
    }
}

/// Profiles whose parameter sets carry the chroma fields.
const CHROMA_PROFILES: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

fn sps_resolution(unit: &[u8]) -> Option<Resolution> {
    let mut bits = Bits::without_emulation_prevention(unit);
    let profile = bits.read(8)?;
    bits.read(16)?;
    bits.unsigned()?;
    let mut chroma = 1;
    if CHROMA_PROFILES.contains(&profile) {
        chroma = bits.unsigned()?;
        skip_chroma_fields(&mut bits, chroma)?;
    }
    bits.unsigned()?;
    skip_picture_order(&mut bits)?;
    bits.unsigned()?;
    bits.read(1)?;
    let width_blocks = bits.unsigned()?.checked_add(1)?;
    let height_units = bits.unsigned()?.checked_add(1)?;
    let frames_only = bits.read(1)?;
    if frames_only == 0 {
        bits.read(1)?;
    }
    bits.read(1)?;
    let field_factor = 2 - frames_only;
    let (crop_x, crop_y) = if bits.read(1)? == 1 { crop(&mut bits, chroma, field_factor)? } else { (0, 0) };
    Some(Resolution {
        width: width_blocks.checked_mul(16)?.checked_sub(crop_x)?,
        height: height_units.checked_mul(16)?.checked_mul(field_factor)?.checked_sub(crop_y)?,
    })
}

fn skip_chroma_fields(bits: &mut Bits<'_>, chroma: u32) -> Option<()> {
    if chroma == 3 {
        bits.read(1)?;
    }
    bits.unsigned()?;
    bits.unsigned()?;
    bits.read(1)?;
    if bits.read(1)? == 0 {
        return Some(());
    }
    for list in 0..if chroma == 3 { 12 } else { 8 } {
        if bits.read(1)? == 1 {
            skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
        }
    }
    Some(())
}

fn skip_scaling_list(bits: &mut Bits<'_>, size: usize) -> Option<()> {
    let mut next = 8_i32;
    for _ in 0..size {
        next = (next + bits.signed()?).rem_euclid(256);
        if next == 0 {
            break;
        }
    }
    Some(())
}

fn skip_picture_order(bits: &mut Bits<'_>) -> Option<()> {
    match bits.unsigned()? {
        0 => {
            bits.unsigned()?;
        }
        1 => {
            bits.read(1)?;
            bits.signed()?;
            bits.signed()?;
            for _ in 0..bits.unsigned()?.min(255) {
                bits.signed()?;
            }
        }
        _ => {}
    }
    Some(())
}

fn crop(bits: &mut Bits<'_>, chroma: u32, field_factor: u32) -> Option<(u32, u32)> {
    let (unit_x, unit_y) = match chroma {
        1 => (2, 2),
        2 => (2, 1),
        _ => (1, 1),
    };
    let across = bits.unsigned()?.checked_add(bits.unsigned()?)?;
    let down = bits.unsigned()?.checked_add(bits.unsigned()?)?;
    Some((across.checked_mul(unit_x)?, down.checked_mul(unit_y * field_factor)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const H264: Codec = Codec::H264 { profile: 0x42e0, packetization_mode: 1 };
    const KEY: FrameStart = FrameStart::Keyframe(None);

    fn size(width: u32, height: u32) -> FrameStart {
        FrameStart::Keyframe(Some(Resolution { width, height }))
    }

    #[test]
    fn where_a_viewer_can_start() {
        let cases: &[(&str, Codec, &[u8], FrameStart)] = &[
            ("empty", Codec::Vp8, &[], FrameStart::No),
            (
                "VP8 key frame of 640x360",
                Codec::Vp8,
                &[0x10, 0x50, 0, 0, 0x9d, 1, 0x2a, 0x80, 2, 0x68, 1],
                size(640, 360),
            ),
            ("VP8 delta frame", Codec::Vp8, &[0x10, 0x51, 0, 0], FrameStart::No),
            ("VP8 second packet", Codec::Vp8, &[0x00, 0x50, 0, 0], FrameStart::No),
            ("VP8 with long picture id", Codec::Vp8, &[0x90, 0x80, 0x81, 0x02, 0x50, 0, 0], KEY),
            ("VP8 cut short", Codec::Vp8, &[0x90, 0x80, 0x81], FrameStart::No),
            ("VP9 key frame", Codec::Vp9 { profile: 0 }, &[0x88, 0x01, 0x82], KEY),
            ("VP9 predicted", Codec::Vp9 { profile: 0 }, &[0xc8, 0x01, 0x82], FrameStart::No),
            ("VP9 upper spatial layer", Codec::Vp9 { profile: 0 }, &[0xa8, 0x01, 0x02, 0, 0x82], FrameStart::No),
            ("VP9 lowest spatial layer", Codec::Vp9 { profile: 0 }, &[0xa8, 0x01, 0x00, 0, 0x82], KEY),
            ("AV1 new sequence", Codec::Av1 { profile: 0 }, &[0x18, 0x0a], KEY),
            ("AV1 other", Codec::Av1 { profile: 0 }, &[0x10, 0x0a], FrameStart::No),
            ("H.264 IDR", H264, &[0x65, 0x88], KEY),
            ("H.264 delta", H264, &[0x41, 0x9a], FrameStart::No),
            ("H.264 first fragment of an IDR", H264, &[0x7c, 0x85, 0x88], KEY),
            ("H.264 later fragment of an IDR", H264, &[0x7c, 0x05, 0x88], FrameStart::No),
            ("H.264 aggregate with an IDR", H264, &[0x78, 0, 1, 0x68, 0, 2, 0x65, 0x88], KEY),
            ("H.264 aggregate that lies", H264, &[0x78, 0xff, 0xff, 0x65], FrameStart::No),
            ("Opus", Codec::Opus, &[0x78, 0x00], FrameStart::No),
        ];
        for (name, codec, payload, expected) in cases {
            assert_eq!(frame_start(*codec, payload), *expected, "{name}");
        }
    }

    #[test]
    fn the_size_in_a_sequence_parameter_set() {
        // Constrained baseline 1280x720 and high 1920x1080 (cropped from 1088), as x264 writes them.
        let baseline = [0x67, 0x42, 0xc0, 0x1f, 0xd9, 0x00, 0x50, 0x05, 0xbb, 0x01, 0x10, 0, 0, 3, 0, 0x10];
        let high = [
            0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x44, 0, 0, 3, 0, 4, 0, 0, 3, 0,
            0xf0,
        ];
        assert_eq!(frame_start(H264, &baseline), size(1280, 720));
        assert_eq!(frame_start(H264, &high), size(1920, 1080));
        for cut in 1..baseline.len() {
            let _ = frame_start(H264, &baseline[..cut]);
        }
    }
}
