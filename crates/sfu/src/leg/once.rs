//! Numbers that have gone out.
//!
//! The one rule: what is not known to be new is not. To seal two contents under one number would give away how packets
//! are authenticated (RFC 7714 §8.2), so a packet that the publisher's side let through twice, or so late that nobody
//! remembers, stops here.

/// How far back a late packet may be: seconds, at the rate of a large picture.
const REMEMBERED: u64 = 1_024;
const WORD: u64 = u64::BITS as u64;

/// The numbers of one stream.
#[derive(Debug, Default)]
pub(super) struct Once {
    /// One more than the highest.
    end: u64,
    /// A bit for each of the last numbers, in its place by its low bits.
    taken: [u64; (REMEMBERED / WORD) as usize],
}

impl Once {
    /// Whether a number is new; from then on it is not.
    pub(super) fn take(&mut self, index: u64) -> bool {
        if index >= self.end {
            self.forget_up_to(index);
        } else if self.end - index > REMEMBERED {
            return false;
        }
        let (word, bit) = place(index);
        let is_new = self.taken[word] & bit == 0;
        self.taken[word] |= bit;
        is_new
    }

    /// Empties the places of the numbers that come within reach.
    fn forget_up_to(&mut self, index: u64) {
        if index - self.end >= REMEMBERED {
            self.taken = Default::default();
        } else {
            for number in self.end..=index {
                let (word, bit) = place(number);
                self.taken[word] &= !bit;
            }
        }
        self.end = index + 1;
    }
}

fn place(index: u64) -> (usize, u64) {
    ((index % REMEMBERED / WORD) as usize, 1 << (index % WORD))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_once() {
        let cases = [
            (20_000, true),
            (20_000, false),
            (20_002, true),
            (20_001, true),
            (20_001, false),
            (19_000, true),
            (19_000, false),
            (18_978, false),
            (18_979, true),
            (21_500, true),
            (20_477, true),
            (20_476, false),
            (20_477, false),
            (21_499, true),
            (70_000, true),
            (21_500, false),
            (69_999, true),
        ];
        let mut once = Once::default();
        for (step, (index, expected)) in cases.into_iter().enumerate() {
            assert_eq!(once.take(index), expected, "step {step}: {index}");
        }
    }

    #[test]
    fn the_first_may_be_zero() {
        let mut once = Once::default();
        assert!(once.take(0) && !once.take(0) && once.take(1));
    }
}
