//! Whether a payload of H.264 holds a slice of a B-frame: one that leans on pictures that are shown after it.
//!
//! The one rule: two numbers at the start of each slice are read and nothing else, and what cannot be read is no B slice.
//!
//! Sources: ITU-T H.264 §7.3.3 (the slice header begins with `first_mb_in_slice` and `slice_type`) and table 7-6 (the
//! types), RFC 6184 §5.4 (single units, STAP-A and FU-A; the interleaved forms are never agreed on here).

use crate::payload::bits::Bits;

const UNIT_SLICE: u8 = 1;
/// The first of three parts that a slice may be split into; it has the header.
const UNIT_PARTITION_A: u8 = 2;
const UNIT_STAP_A: u8 = 24;
const UNIT_FU_A: u8 = 28;
const STARTS: u8 = 0x80;

/// Types 5 to 9 are types 0 to 4, where all slices of the picture are alike.
const SLICE_TYPES: u32 = 5;
const SLICE_B: u32 = 1;

/// Whether a B slice begins in this payload.
pub(crate) fn has_b_slice(payload: &[u8]) -> bool {
    let Some((first, rest)) = payload.split_first() else { return false };
    match first & 0x1f {
        UNIT_STAP_A => aggregate_has_b_slice(rest),
        UNIT_FU_A => match rest {
            [header, slice @ ..] => header & STARTS != 0 && is_b_slice(*header, slice),
            [] => false,
        },
        _ => is_b_slice(*first, rest),
    }
}

fn aggregate_has_b_slice(mut rest: &[u8]) -> bool {
    while let [high, low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((unit, after)) = tail.split_at_checked(length) else { return false };
        if unit.split_first().is_some_and(|(first, slice)| is_b_slice(*first, slice)) {
            return true;
        }
        rest = after;
    }
    false
}

/// The unit's type is in the low bits of its first byte, also in the header of a fragment.
fn is_b_slice(unit: u8, slice: &[u8]) -> bool {
    matches!(unit & 0x1f, UNIT_SLICE | UNIT_PARTITION_A) && slice_type(slice) == Some(SLICE_B)
}

fn slice_type(slice: &[u8]) -> Option<u32> {
    let mut bits = Bits::without_emulation_prevention(slice);
    let _first_macroblock = bits.unsigned()?;
    Some(bits.unsigned()? % SLICE_TYPES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_b_slices_begin() {
        // After the unit's first byte: macroblock 0 is `1`; the types 0 (P) `1`, 1 (B) `010`, 2 (I) `011`, 5 (P) `00110`,
        // 6 (B) `00111`.
        let (p, b, all_p, all_b) = (0b1100_0000, 0b1010_0000, 0b1001_1000, 0b1001_1100);
        let cases: &[(&str, &[u8], bool)] = &[
            ("empty", &[], false),
            ("P", &[0x41, p], false),
            ("B", &[0x01, b], true),
            ("a picture of P slices", &[0x41, all_p], false),
            ("a picture of B slices", &[0x01, all_b], true),
            ("B in part A", &[0x02, b], true),
            ("an IDR picture", &[0x65, b], false),
            ("nothing but a first byte", &[0x01], false),
            ("cut short in the type", &[0x01, 0b1000_0000], false),
            ("the second slice: macroblock 1200", &[0x01, 0x00, 0b0010_0101, 0b1000_1010], true),
            ("first fragment of B", &[0x1c, 0x81, b], true),
            ("later fragment", &[0x1c, 0x01, b], false),
            ("first fragment of P", &[0x5c, 0x81, p], false),
            ("first fragment of an IDR picture", &[0x7c, 0x85, b], false),
            ("a fragment without contents", &[0x1c, 0x81], false),
            ("a fragment without header", &[0x1c], false),
            ("an aggregate of parameters and B", &[0x18, 0, 1, 0x68, 0, 2, 0x01, b], true),
            ("an aggregate of P and P", &[0x18, 0, 2, 0x41, p, 0, 2, 0x41, all_p], false),
            ("an aggregate of nothing", &[0x18, 0, 0, 0, 0], false),
            ("an aggregate that lies", &[0x18, 0xff, 0xff, 0x01, b], false),
        ];
        for (name, payload, expected) in cases {
            assert_eq!(has_b_slice(payload), *expected, "{name}");
        }
    }
}
