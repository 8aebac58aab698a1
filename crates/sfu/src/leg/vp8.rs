//! VP8's own numbers, changed in the payload where it stands.
//!
//! The one rule: a number keeps its width, so that nothing moves. Source: RFC 7741 §4.2.

use crate::payload::keyframe::Vp8Ids;

const EXTENDED: u8 = 0x80;
const HAS_PICTURE_ID: u8 = 0x80;
const HAS_TL0: u8 = 0x40;
const HAS_KEY_INDEX: u8 = 0x10;
const LONG: u8 = 0x80;
const KEY_INDEX: u8 = 0x1f;

/// Writes the numbers that there is a place for. A picture number of 7 bits wraps sooner than the one it follows.
pub(super) fn renumber(payload: &mut [u8], ids: Vp8Ids) {
    let [first, extension, rest @ ..] = payload else { return };
    if *first & EXTENDED == 0 {
        return;
    }
    let flags = *extension;
    let mut at = 0;
    if flags & HAS_PICTURE_ID != 0 {
        let long = rest.first().is_some_and(|byte| byte & LONG != 0);
        match (rest, ids.picture_id) {
            ([high, low, ..], Some(id)) if long => {
                [*high, *low] = (id | u16::from(LONG) << 8).to_be_bytes();
            }
            ([short, ..], Some(id)) if !long => *short = id as u8 & !LONG,
            _ => {}
        }
        at += if long { 2 } else { 1 };
    }
    let rest = &mut payload[2..];
    if flags & HAS_TL0 != 0 {
        if let (Some(byte), Some(tl0)) = (rest.get_mut(at), ids.tl0_picture) {
            *byte = tl0;
        }
        at += 1;
    }
    if flags & HAS_KEY_INDEX != 0
        && let (Some(byte), Some(index)) = (rest.get_mut(at), ids.key_index)
    {
        *byte = *byte & !KEY_INDEX | index & KEY_INDEX;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDS: Vp8Ids = Vp8Ids { picture_id: Some(0x1234), tl0_picture: Some(0xab), key_index: Some(0x15) };

    #[test]
    fn each_number_in_its_place() {
        let cases: [(&[u8], &[u8]); 8] = [
            (&[0x10, 1, 2, 3], &[0x10, 1, 2, 3]),
            (&[0x90, 0x00, 1, 2], &[0x90, 0x00, 1, 2]),
            (&[0x90, 0x80, 0x7f, 9], &[0x90, 0x80, 0x34, 9]),
            (&[0x90, 0x80, 0xff, 0xff, 9], &[0x90, 0x80, 0x92, 0x34, 9]),
            (&[0x90, 0xf0, 0x80, 1, 2, 0xe0, 9], &[0x90, 0xf0, 0x92, 0x34, 0xab, 0xf5, 9]),
            (&[0x90, 0x60, 1, 0xff, 9], &[0x90, 0x60, 0xab, 0xff, 9]),
            (&[0x90, 0x10, 0xff, 9], &[0x90, 0x10, 0xf5, 9]),
            (&[0x90, 0xf0, 0x80], &[0x90, 0xf0, 0x80]),
        ];
        for (before, expected) in cases {
            let mut payload = before.to_vec();
            renumber(&mut payload, IDS);
            assert_eq!(payload, expected, "{before:?}");
            renumber(&mut payload, Vp8Ids::default());
            assert_eq!(payload, expected, "nothing to change");
            let read = Vp8Ids::of(&payload);
            assert!(read.picture_id.is_none_or(|id| id == 0x1234 || id == 0x34), "{before:?}: {read:?}");
        }
        for cut in 0..7 {
            renumber(&mut [0x90, 0xf0, 0x80, 1, 2, 0xe0, 9][..cut].to_vec(), IDS);
        }
    }
}
