//! The header of a packet to a viewer.
//!
//! The one rule: what a packet says is written in the order and the form that this viewer's session agreed on, and the
//! same values give the same bytes.
//!
//! Sources: RFC 3550 §5.1 (header), RFC 8285 (extensions of one and of two bytes), RFC 8843 §15 (mid), RFC 6464 (level of
//! sound), 3GPP TS 26.114 §7.4.5 (orientation), draft-holmer-rmcat-transport-wide-cc-extensions-01 §2.

use str0m::media::Mid;
use str0m::rtp::{Extension, ExtensionMap};

use crate::packet::Hints;

const VERSION: u8 = 0x80;
const PADDING: u8 = 0x20;
const EXTENDED: u8 = 0x10;
const MARKER: u8 = 0x80;
const FIXED: usize = 12;
const ONE_BYTE: [u8; 2] = [0xbe, 0xde];
const TWO_BYTES: [u8; 2] = [0x10, 0x00];
/// The form of one byte has no room for larger ids.
const LAST_ONE_BYTE_ID: u8 = 14;
/// Everything below with the longest mid, in the longer form.
const MOST: usize = FIXED + 4 + 48;

/// Which extensions a viewer takes on one of its streams, by the ids that it gave them.
#[derive(Clone, Debug, Default)]
pub(super) struct Extensions {
    mid: Option<(u8, String)>,
    transport: Option<u8>,
    audio_level: Option<u8>,
    orientation: Option<u8>,
    two_bytes: bool,
}

impl Extensions {
    pub(super) fn of(map: &ExtensionMap, mid: Mid) -> Self {
        let ids = |extension| map.id_of(extension);
        let own = Self {
            mid: ids(Extension::RtpMid).map(|id| (id, mid.to_string())),
            transport: ids(Extension::TransportSequenceNumber),
            audio_level: ids(Extension::AudioLevel),
            orientation: ids(Extension::VideoOrientation),
            two_bytes: false,
        };
        let all = [own.mid.as_ref().map(|(id, _)| *id), own.transport, own.audio_level, own.orientation];
        Self { two_bytes: all.into_iter().flatten().any(|id| id > LAST_ONE_BYTE_ID), ..own }
    }

    /// Whether packets can be numbered over all streams of the connection.
    pub(super) fn has_transport(&self) -> bool {
        self.transport.is_some()
    }
}

/// What a header says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) payload_type: u8,
    pub(super) marker: bool,
    pub(super) padded: bool,
    pub(super) sequence: u16,
    pub(super) timestamp: u32,
    pub(super) ssrc: u32,
    /// Whether it names the line of the session that it belongs to.
    pub(super) named: bool,
    /// The number of the packet among all of the connection.
    pub(super) transport: Option<u16>,
    pub(super) hints: Hints,
}

/// Bytes that are put together before they are appended in one go.
struct Draft {
    bytes: [u8; MOST],
    length: usize,
    two_bytes: bool,
}

impl Draft {
    fn add(&mut self, id: u8, value: &[u8]) {
        let head = usize::from(self.two_bytes) + 1;
        let Some(room) = self.bytes.get_mut(self.length..self.length + head + value.len()) else { return };
        if self.two_bytes {
            (room[0], room[1]) = (id, value.len() as u8);
        } else {
            room[0] = id << 4 | (value.len() as u8).wrapping_sub(1) & 0x0f;
        }
        room[head..].copy_from_slice(value);
        self.length += head + value.len();
    }
}

impl Header {
    /// Appends the header, and says how long it is.
    pub(super) fn write(&self, bytes: &mut Vec<u8>, extensions: &Extensions) -> usize {
        let mut draft = Draft { bytes: [0; MOST], length: FIXED + 4, two_bytes: extensions.two_bytes };
        self.extend(&mut draft, extensions);
        let extended = draft.length > FIXED + 4;
        let fixed = &mut draft.bytes;
        fixed[0] = VERSION | if self.padded { PADDING } else { 0 } | if extended { EXTENDED } else { 0 };
        fixed[1] = self.payload_type | if self.marker { MARKER } else { 0 };
        fixed[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        fixed[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        fixed[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        let length = if extended {
            let end = draft.length.next_multiple_of(4);
            let words = ((end - FIXED - 4) / 4) as u16;
            draft.bytes[12..14].copy_from_slice(if draft.two_bytes { &TWO_BYTES } else { &ONE_BYTE });
            draft.bytes[14..16].copy_from_slice(&words.to_be_bytes());
            end
        } else {
            FIXED
        };
        bytes.extend_from_slice(&draft.bytes[..length]);
        length
    }

    fn extend(&self, draft: &mut Draft, extensions: &Extensions) {
        if let (Some(id), Some(number)) = (extensions.transport, self.transport) {
            draft.add(id, &number.to_be_bytes());
        }
        if let (Some((id, mid)), true) = (&extensions.mid, self.named) {
            draft.add(*id, mid.as_bytes());
        }
        if let (Some(id), Some(level)) = (extensions.audio_level, self.hints.audio_level) {
            let speech = if self.hints.voice_activity == Some(true) { 0x80 } else { 0 };
            draft.add(id, &[speech | level.unsigned_abs() & 0x7f]);
        }
        if let (Some(id), Some(orientation)) = (extensions.orientation, self.hints.orientation) {
            draft.add(id, &[orientation as u8]);
        }
    }
}

#[cfg(test)]
mod tests {
    use str0m::rtp::VideoOrientation;

    use super::*;

    const PLAIN: Header = Header {
        payload_type: 96,
        marker: true,
        padded: false,
        sequence: 0x0102,
        timestamp: 0x0304_0506,
        ssrc: 0x0708_090a,
        named: false,
        transport: None,
        hints: Hints { audio_level: None, voice_activity: None, orientation: None },
    };

    fn extensions(ids: [u8; 4]) -> Extensions {
        let mut map = ExtensionMap::empty();
        map.set(ids[0], Extension::RtpMid);
        map.set(ids[1], Extension::TransportSequenceNumber);
        map.set(ids[2], Extension::AudioLevel);
        map.set(ids[3], Extension::VideoOrientation);
        Extensions::of(&map, Mid::from("v0"))
    }

    fn written(header: Header, extensions: &Extensions) -> Vec<u8> {
        let mut bytes = vec![0xff];
        let length = header.write(&mut bytes, extensions);
        assert_eq!(bytes.len(), length + 1);
        bytes.split_off(1)
    }

    #[test]
    fn without_extensions() {
        let fixed = [0x80, 0x80 | 96, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        assert_eq!(written(PLAIN, &extensions([1, 2, 3, 4])), fixed);
        let padded = Header { padded: true, marker: false, ..PLAIN };
        assert_eq!(written(padded, &Extensions::default())[..2], [0xa0, 96]);
    }

    #[test]
    fn extensions_in_either_form() {
        let hints =
            Hints { audio_level: Some(-37), voice_activity: Some(true), orientation: Some(VideoOrientation::Deg90) };
        let full = Header { named: true, transport: Some(0xabcd), hints, ..PLAIN };
        let one = written(full, &extensions([4, 3, 1, 13]));
        assert_eq!(one[0], 0x90);
        let expected = [0xbe, 0xde, 0, 3, 0x31, 0xab, 0xcd, 0x41, b'v', b'0', 0x10, 0x80 | 37, 0xd0, 3, 0, 0];
        assert_eq!(one[12..], expected);

        let two = written(full, &extensions([4, 3, 1, 15]));
        let expected = [0x10, 0, 0, 4, 3, 2, 0xab, 0xcd, 4, 2, b'v', b'0', 1, 1, 0x80 | 37, 15, 1, 3, 0, 0];
        assert_eq!(two[12..], expected);
    }

    #[test]
    fn the_longest_of_all_has_room() {
        let mut map = ExtensionMap::empty();
        for (id, extension) in [
            (15, Extension::RtpMid),
            (2, Extension::TransportSequenceNumber),
            (3, Extension::AudioLevel),
            (4, Extension::VideoOrientation),
        ] {
            map.set(id, extension);
        }
        let extensions = Extensions::of(&map, Mid::from("0123456789abcdef"));
        let hints = Hints { audio_level: Some(0), voice_activity: None, orientation: Some(VideoOrientation::Deg180) };
        let header = Header { named: true, transport: Some(1), hints, ..PLAIN };
        assert_eq!(written(header, &extensions).len(), 12 + 4 + (4 + 18 + 3 + 3));
    }
}
