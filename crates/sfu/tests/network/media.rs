//! Pictures made of nothing but their numbers: each packet says which frame of which layer it is a piece of.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use str0m::format::Codec;

/// The moment at which all worlds begin.
pub fn start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    #[allow(clippy::disallowed_methods, reason = "an Instant cannot be made from a number; only added to from here")]
    *START.get_or_init(Instant::now)
}

/// A moment in the bytes of a payload: when it was filmed or said.
pub fn write_moment(moment: Instant) -> [u8; 8] {
    ((moment - start()).as_micros() as u64).to_be_bytes()
}

/// What [`write_moment`] wrote.
pub fn read_moment(bytes: &[u8]) -> Option<Instant> {
    let us = u64::from_be_bytes(bytes.get(..8)?.try_into().ok()?);
    start().checked_add(Duration::from_micros(us))
}

/// Where a packet stands in its frame, and the frame in its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub layer: u8,
    pub frame: u32,
    pub index: u8,
    pub count: u8,
    pub key: bool,
    /// When it was filmed.
    pub at: Instant,
}

/// The numbers that VP8 has of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vp8Numbers {
    pub picture: u16,
    pub tl0: u8,
    pub key: u8,
}

const PACKET: usize = 1_100;
const STAMP: usize = 16;

/// One layer of a camera.
#[derive(Debug)]
pub struct Camera {
    codec: Codec,
    layer: u8,
    pub bits_per_second: u64,
    pub frames_per_second: u64,
    size: (u16, u16),
    next_frame: u32,
    numbers: Vp8Numbers,
    key_wanted: bool,
    /// What is no key frame is a B-frame.
    b_frames: bool,
    /// A key frame comes by itself after so many frames.
    key_every: Option<u32>,
}

impl Camera {
    pub fn new(codec: Codec, layer: u8, bits_per_second: u64) -> Self {
        Self {
            codec,
            layer,
            bits_per_second,
            frames_per_second: 30,
            size: (640, 360),
            next_frame: 0,
            // Every layer starts somewhere else, as real encoders do.
            numbers: Vp8Numbers { picture: 0x7ff0 - u16::from(layer) * 1_000, tl0: 250 - layer * 70, key: layer * 9 },
            key_wanted: true,
            b_frames: false,
            key_every: None,
        }
    }

    pub fn key_every(self, frames: u32) -> Self {
        Self { key_every: Some(frames), ..self }
    }

    pub fn b_frames(self) -> Self {
        Self { b_frames: true, ..self }
    }

    pub fn rate(self, frames_per_second: u64) -> Self {
        Self { frames_per_second, ..self }
    }

    pub fn size(self, width: u16, height: u16) -> Self {
        Self { size: (width, height), ..self }
    }

    pub fn want_key(&mut self) {
        self.key_wanted = true;
    }

    /// The payloads of the next frame.
    pub fn shoot(&mut self, at: Instant) -> Vec<Vec<u8>> {
        let due = self.key_every.is_some_and(|every| self.next_frame.is_multiple_of(every));
        let key = std::mem::take(&mut self.key_wanted) || due;
        self.numbers.key = self.numbers.key.wrapping_add(u8::from(key)) & 0x1f;
        let mut bytes = (self.bits_per_second / 8 / self.frames_per_second) as usize;
        if key {
            bytes *= 2;
        }
        let count = bytes.div_ceil(PACKET).clamp(1, 200);
        let payloads = (0..count)
            .map(|index| {
                let stamp = Stamp {
                    layer: self.layer,
                    frame: self.next_frame,
                    index: index as u8,
                    count: count as u8,
                    key,
                    at,
                };
                self.payload(stamp, bytes / count)
            })
            .collect();
        self.next_frame += 1;
        self.numbers.picture = (self.numbers.picture + 1) & 0x7fff;
        self.numbers.tl0 = self.numbers.tl0.wrapping_add(1);
        payloads
    }

    fn payload(&self, stamp: Stamp, bytes: usize) -> Vec<u8> {
        let mut payload = self.prefix(stamp);
        payload.extend([stamp.layer, stamp.index, stamp.count, u8::from(stamp.key)]);
        payload.extend(stamp.frame.to_be_bytes());
        payload.extend(write_moment(stamp.at));
        payload.resize(bytes.clamp(payload.len(), PACKET), 0);
        payload
    }

    /// What the codec puts before the picture.
    fn prefix(&self, Stamp { index, key, .. }: Stamp) -> Vec<u8> {
        let first = index == 0;
        match self.codec {
            Codec::Vp8 => self.vp8_prefix(first, key),
            Codec::Vp9 => vec![if key { 0 } else { 0x40 } | if first { 0x08 } else { 0 }, 0x82],
            Codec::Av1 => vec![if first && key { 0x18 } else { 0x10 }, 0x32],
            // A fragment, and the beginning of a slice: macroblock 0, type P or B.
            _ => vec![
                0x7c,
                if first { 0x80 } else { 0 } | if key { 5 } else { 1 },
                if self.b_frames { 0b1010_0000 } else { 0b1100_0000 },
            ],
        }
    }

    fn vp8_prefix(&self, first: bool, key: bool) -> Vec<u8> {
        let Vp8Numbers { picture, tl0, key: key_index } = self.numbers;
        let start = if first { 0x90 } else { 0x80 };
        let mut prefix = vec![start, 0xf0, 0x80 | (picture >> 8) as u8, picture as u8, tl0, key_index];
        if first {
            prefix.extend([if key { 0x50 } else { 0x51 }, 0, 0, 0x9d, 1, 0x2a]);
            prefix.extend(self.size.0.to_le_bytes());
            prefix.extend(self.size.1.to_le_bytes());
        }
        prefix
    }
}

/// Reads what [`Camera::shoot`] wrote.
pub fn read(codec: Codec, payload: &[u8]) -> Option<(Stamp, Option<Vp8Numbers>)> {
    let (at, numbers) = match codec {
        Codec::Vp8 => {
            let head: [u8; 6] = payload.get(..6)?.try_into().ok()?;
            let picture = u16::from_be_bytes([head[2] & 0x7f, head[3]]);
            let numbers = Vp8Numbers { picture, tl0: head[4], key: head[5] & 0x1f };
            (if head[0] & 0x10 != 0 { 16 } else { 6 }, Some(numbers))
        }
        Codec::H264 => (3, None),
        _ => (2, None),
    };
    let stamp = payload.get(at..at + STAMP)?;
    let frame = u32::from_be_bytes(stamp[4..8].try_into().ok()?);
    let at = read_moment(&stamp[8..])?;
    let stamp = Stamp { layer: stamp[0], frame, index: stamp[1], count: stamp[2], key: stamp[3] == 1, at };
    Some((stamp, numbers))
}
