//! Which reports have been taken already. Source: RFC 3711 §3.3.2.
//!
//! The one rule: only what has been authenticated is remembered.

/// How far back a late report may be.
const WINDOW: u32 = 64;

/// The numbers taken of one sender.
#[derive(Debug, Default)]
pub(super) struct Replay {
    highest: u32,
    /// The lowest bit is the highest number, the next one that before it.
    taken: u64,
}

impl Replay {
    /// Whether a number is new.
    pub(super) fn is_new(&self, index: u32) -> bool {
        if index > self.highest || self.taken == 0 {
            return true;
        }
        let back = self.highest - index;
        back < WINDOW && self.taken & (1 << back) == 0
    }

    /// Takes note of a number.
    pub(super) fn take(&mut self, index: u32) {
        if self.taken == 0 {
            (self.highest, self.taken) = (index, 1);
        } else if index > self.highest {
            let ahead = index - self.highest;
            self.taken = if ahead < WINDOW { self.taken << ahead | 1 } else { 1 };
            self.highest = index;
        } else if self.highest - index < WINDOW {
            self.taken |= 1 << (self.highest - index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_once() {
        let mut replay = Replay::default();
        let cases = [
            (5, true),
            (5, false),
            (7, true),
            (6, true),
            (6, false),
            (5, false),
            (1, true),
            (200, true),
            (136, false),
            (137, true),
            (137, false),
            (199, true),
            (201, true),
            (200, false),
            (7, false),
        ];
        for (step, (index, expected)) in cases.into_iter().enumerate() {
            let new = replay.is_new(index);
            assert_eq!(new, expected, "step {step}: {index}");
            if new {
                replay.take(index);
            }
        }
    }
}
