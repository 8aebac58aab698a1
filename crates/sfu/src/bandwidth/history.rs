//! What was sent and is still to be heard of.
//!
//! The one rule: a fixed ring, so that a packet costs eight bytes and no allocation. A number that the ring has moved on
//! from is forgotten, and a report of it means nothing.

/// Packets that are remembered: a second and more at the highest rates that stages allow.
const PACKETS: usize = 1_024;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Unused,
    UnderWay,
    /// Later ones were reported on, this one not: the report of it may have been lost.
    Unheard,
    Missing,
    Acknowledged,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    /// The low bits of the time, which do for packets that are remembered for seconds.
    sent_us: u32,
    bytes: u16,
    /// The probe that it was part of, from 1; 0 is none.
    cluster: u8,
    state: State,
}

/// What is known of a packet of which news came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) index: u64,
    pub(super) sent_us: u64,
    pub(super) bytes: usize,
    /// The probe that it was part of, from 1; 0 is none.
    pub(super) cluster: u8,
    /// Whether it was taken for lost before.
    pub(super) was_missing: bool,
}

/// The packets sent lately.
#[derive(Debug)]
pub(super) struct History {
    entries: Box<[Entry; PACKETS]>,
    /// The number that the next packet would have, without wraps; `None` before the first.
    next: Option<u64>,
    /// All packets before this one were reported on.
    reported: u64,
    under_way_bytes: usize,
}

impl History {
    pub(super) fn new() -> Self {
        Self { entries: Box::new([Entry::default(); PACKETS]), next: None, reported: 0, under_way_bytes: 0 }
    }

    /// Bytes of which nothing was heard yet.
    pub(super) const fn under_way_bytes(&self) -> usize {
        self.under_way_bytes
    }

    /// Remembers a packet. Returns its number without wraps.
    pub(super) fn sent(&mut self, now_us: u64, sequence: u16, bytes: usize, cluster: u8) -> u64 {
        // One wrap up, so that a first packet that is numbered just before the others has a number above zero.
        let index = match self.next {
            Some(next) => nearest(next, sequence),
            None => 0x1_0000 + u64::from(sequence),
        };
        let next = self.next.unwrap_or(index);
        for skipped in next.max((index + 1).saturating_sub(PACKETS as u64))..index {
            self.forget(skipped);
        }
        self.forget(index);
        let bytes = u16::try_from(bytes).unwrap_or(u16::MAX);
        self.entries[index as usize % PACKETS] =
            Entry { sent_us: now_us as u32, bytes, cluster, state: State::UnderWay };
        self.under_way_bytes += usize::from(bytes);
        if self.next.is_none() {
            self.reported = index;
        }
        self.next = Some(next.max(index + 1));
        index
    }

    fn forget(&mut self, index: u64) {
        let entry = std::mem::take(&mut self.entries[index as usize % PACKETS]);
        if entry.state == State::UnderWay {
            self.under_way_bytes -= usize::from(entry.bytes);
        }
    }

    /// The number without wraps of a packet that is remembered.
    fn index(&self, sequence: u16) -> Option<u64> {
        let next = self.next?;
        let index = nearest(next, sequence);
        (index < next && next - index <= PACKETS as u64).then_some(index)
    }

    /// A packet came to the receiver. `None` if that is no news.
    pub(super) fn acknowledge(&mut self, now_us: u64, sequence: u16) -> Option<Sent> {
        let index = self.index(sequence)?;
        let entry = &mut self.entries[index as usize % PACKETS];
        let was_missing = match entry.state {
            State::UnderWay => {
                self.under_way_bytes -= usize::from(entry.bytes);
                false
            }
            State::Unheard => false,
            State::Missing => true,
            State::Unused | State::Acknowledged => return None,
        };
        entry.state = State::Acknowledged;
        Some(entry.describe(index, now_us, was_missing))
    }

    /// The packets from one number to another were reported on: hands out what did not come. Returns the last of them
    /// without wraps.
    pub(super) fn reported(
        &mut self,
        now_us: u64,
        (first, count): (u16, u16),
        mut missing: impl FnMut(Sent),
    ) -> Option<u64> {
        let last = self.index(first.wrapping_add(count).wrapping_sub(1))?;
        let oldest = self.next?.saturating_sub(PACKETS as u64);
        let first = (last + 1).saturating_sub(u64::from(count)).max(oldest);
        for index in self.reported.max(oldest)..first {
            self.leave(index, State::Unheard);
        }
        for index in first..=last {
            if self.leave(index, State::Missing) {
                missing(self.entries[index as usize % PACKETS].describe(index, now_us, false));
            }
        }
        self.reported = self.reported.max(last + 1);
        Some(last)
    }

    /// Moves a packet that was not acknowledged to another state. Returns whether there was one.
    fn leave(&mut self, index: u64, state: State) -> bool {
        let entry = &mut self.entries[index as usize % PACKETS];
        if !matches!(entry.state, State::UnderWay | State::Unheard) {
            return false;
        }
        if entry.state == State::UnderWay {
            self.under_way_bytes -= usize::from(entry.bytes);
        }
        entry.state = state;
        true
    }
}

impl Entry {
    fn describe(self, index: u64, now_us: u64, was_missing: bool) -> Sent {
        let age_us = (now_us as u32).wrapping_sub(self.sent_us);
        let sent_us = now_us.saturating_sub(u64::from(age_us));
        Sent { index, sent_us, bytes: usize::from(self.bytes), cluster: self.cluster, was_missing }
    }
}

/// The number that ends in these 16 bits and is the nearest to another.
fn nearest(to: u64, sequence: u16) -> u64 {
    let distance = sequence.wrapping_sub(to as u16) as i16;
    to.saturating_add_signed(i64::from(distance))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_under_way_until_something_is_heard() {
        let mut history = History::new();
        for sequence in 65_530..=65_535 {
            history.sent(1_000, sequence, 100, 0);
        }
        history.sent(2_000, 0, 300, 3);
        assert_eq!(history.under_way_bytes(), 900);
        let sent = history.acknowledge(9_000, 0).unwrap();
        assert_eq!((sent.sent_us, sent.bytes, sent.cluster, sent.was_missing), (2_000, 300, 3, false));
        assert_eq!(history.acknowledge(9_000, 0), None, "known already");
        assert_eq!(history.acknowledge(9_000, 1), None, "never sent");
        let mut missing = Vec::new();
        history.reported(9_000, (65_530, 5), |sent| missing.push(sent.index as u16));
        assert_eq!(missing, [65_530, 65_531, 65_532, 65_533, 65_534]);
        assert_eq!(history.under_way_bytes(), 100);
        assert!(history.acknowledge(9_500, 65_530).unwrap().was_missing, "it came after all");
    }

    #[test]
    fn what_the_ring_moved_on_from_is_forgotten() {
        let mut history = History::new();
        for number in 0..200_000_u32 {
            history.sent(u64::from(number), number as u16, 10, 0);
        }
        assert_eq!(history.under_way_bytes(), PACKETS * 10);
        let newest = 199_999_u32 as u16;
        assert_eq!(history.acknowledge(200_000, newest.wrapping_sub(PACKETS as u16)), None);
        assert!(history.acknowledge(200_000, newest.wrapping_sub(PACKETS as u16 - 1)).is_some());
    }

    #[test]
    fn times_are_right_beyond_the_bits_that_are_kept() {
        let mut history = History::new();
        let hour_us = 5_000_000_000;
        history.sent(hour_us, 7, 10, 0);
        assert_eq!(history.acknowledge(hour_us + 40_000, 7).unwrap().sent_us, hour_us);
    }

    #[test]
    fn a_report_that_was_lost_is_no_loss_of_packets() {
        let mut history = History::new();
        for sequence in 0..30 {
            history.sent(0, sequence, 100, 0);
        }
        let mut missing = 0;
        history.reported(10, (0, 10), |_| missing += 1);
        history.reported(30, (20, 10), |_| missing += 1);
        assert_eq!((missing, history.under_way_bytes()), (20, 0));
        assert!(!history.acknowledge(40, 12).unwrap().was_missing, "the report comes after all");
        history.reported(40, (10, 10), |_| missing += 1);
        assert_eq!(missing, 29);
    }

    #[test]
    fn gaps_in_the_numbers_are_not_losses() {
        let mut history = History::new();
        history.sent(0, 1, 10, 0);
        history.sent(0, 900, 10, 0);
        history.sent(0, 32_000, 10, 0);
        let mut missing = 0;
        history.reported(10, (1, 32_000), |_| missing += 1);
        assert_eq!(missing, 1, "only what was sent and is remembered");
    }
}
