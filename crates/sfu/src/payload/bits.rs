//! Reads a few bits at a time, and the variable-length numbers of H.264 headers.
//!
//! The one rule: past the end is `None`, never a panic. Source: ITU-T H.264 §7.4.1 (emulation prevention) and §9.1
//! (Exp-Golomb codes).

/// A place in some bytes.
#[derive(Debug)]
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    zeros: u8,
    current: u8,
    left: u8,
}

impl<'a> Bits<'a> {
    /// Reads a NAL unit, leaving out the `03` that encoders put after two zero bytes.
    pub(crate) fn without_emulation_prevention(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, zeros: 0, current: 0, left: 0 }
    }

    fn next_byte(&mut self) -> Option<u8> {
        let mut byte = *self.bytes.get(self.at)?;
        self.at += 1;
        if self.zeros >= 2 && byte == 3 {
            self.zeros = 0;
            byte = *self.bytes.get(self.at)?;
            self.at += 1;
        }
        self.zeros = if byte == 0 { self.zeros.saturating_add(1) } else { 0 };
        Some(byte)
    }

    /// The next `count` bits, at most 32.
    pub(crate) fn read(&mut self, count: u8) -> Option<u32> {
        let mut value = 0_u32;
        for _ in 0..count {
            if self.left == 0 {
                self.current = self.next_byte()?;
                self.left = 8;
            }
            self.left -= 1;
            value = (value << 1) | u32::from((self.current >> self.left) & 1);
        }
        Some(value)
    }

    /// An unsigned Exp-Golomb number.
    pub(crate) fn unsigned(&mut self) -> Option<u32> {
        let mut zeros = 0_u8;
        while self.read(1)? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let rest = self.read(zeros)?;
        Some((1_u32 << zeros) - 1 + rest)
    }

    /// A signed Exp-Golomb number.
    pub(crate) fn signed(&mut self) -> Option<i32> {
        let code = self.unsigned()?;
        let half = i32::try_from(code.div_ceil(2)).ok()?;
        Some(if code % 2 == 1 { half } else { -half })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_variable_length() {
        // 1 010 011 00100 00101 and padding: 0, 1, 2, 3, 4 unsigned.
        let mut bits = Bits::without_emulation_prevention(&[0b1010_0110, 0b0100_0010, 0b1000_0000]);
        let read: Vec<_> = (0..5).map_while(|_| bits.unsigned()).collect();
        assert_eq!(read, [0, 1, 2, 3, 4]);

        let mut bits = Bits::without_emulation_prevention(&[0b1010_0110, 0b0100_0010, 0b1000_0000]);
        let read: Vec<_> = (0..5).map_while(|_| bits.signed()).collect();
        assert_eq!(read, [0, 1, -1, 2, -2]);
    }

    #[test]
    fn the_end_is_none() {
        let mut bits = Bits::without_emulation_prevention(&[0, 0, 3]);
        assert_eq!(bits.read(16), Some(0));
        assert_eq!(bits.read(1), None);
        assert_eq!(Bits::without_emulation_prevention(&[0; 8]).unsigned(), None);
    }
}
