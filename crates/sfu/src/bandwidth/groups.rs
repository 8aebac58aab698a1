//! By how much the way to the receiver became longer from one group of packets to the next.
//!
//! The one rule: a group is as late as its earliest packet was. libwebrtc looks at the last packet of a group, for its
//! packets are paced; ours leave in bursts, a frame at a time, and the last packet of a large frame is late because it
//! had to wait for the rest of its own frame. The earliest one shows only what stood in the queue before.
//!
//! Source: draft-ietf-rmcat-gcc-02 section 5.2 (pre-filtering: packets sent within 5 ms are a group, and so are packets
//! that come as a burst, having been held up together).

const GROUP_US: i64 = 5_000;
const LONGEST_BURST_US: i64 = 100_000;

/// How one group compares with the one before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Variation {
    /// By how much later it came than it should have.
    pub(super) later_ms: f64,
    /// How long after the other it was sent.
    pub(super) sent_apart_ms: f64,
    /// How long it was under way, plus what the two clocks are apart.
    pub(super) way_us: i64,
    pub(super) arrival_us: i64,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    first_sent_us: i64,
    first_arrival_us: i64,
    last_arrival_us: i64,
    /// Of its earliest packet.
    sent_us: i64,
    way_us: i64,
}

impl Group {
    const fn of(sent_us: i64, arrival_us: i64) -> Self {
        Self {
            first_sent_us: sent_us,
            first_arrival_us: arrival_us,
            last_arrival_us: arrival_us,
            sent_us,
            way_us: arrival_us - sent_us,
        }
    }

    fn has(&self, sent_us: i64, arrival_us: i64) -> bool {
        let together = sent_us - self.first_sent_us <= GROUP_US;
        let held_up = arrival_us - self.last_arrival_us <= GROUP_US
            && arrival_us - sent_us < self.way_us
            && arrival_us - self.first_arrival_us < LONGEST_BURST_US;
        together || held_up
    }

    fn take(&mut self, sent_us: i64, arrival_us: i64) {
        self.last_arrival_us = self.last_arrival_us.max(arrival_us);
        if arrival_us - sent_us < self.way_us {
            self.way_us = arrival_us - sent_us;
            self.sent_us = sent_us;
        }
    }
}

/// The group that is being gathered, and the one before.
#[derive(Debug, Default)]
pub(super) struct Groups {
    before: Option<Group>,
    current: Option<Group>,
}

impl Groups {
    /// Takes in a packet. Tells of a group when the first packet of the next one comes.
    pub(super) fn arrived(&mut self, sent_us: i64, arrival_us: i64) -> Option<Variation> {
        let Some(current) = &mut self.current else {
            self.current = Some(Group::of(sent_us, arrival_us));
            return None;
        };
        if sent_us < current.first_sent_us {
            return None;
        }
        if current.has(sent_us, arrival_us) {
            current.take(sent_us, arrival_us);
            return None;
        }
        let finished = std::mem::replace(current, Group::of(sent_us, arrival_us));
        let before = self.before.replace(finished)?;
        Some(Variation {
            later_ms: (finished.way_us - before.way_us) as f64 / 1e3,
            sent_apart_ms: (finished.sent_us - before.sent_us) as f64 / 1e3,
            way_us: finished.way_us,
            arrival_us: finished.sent_us + finished.way_us,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(packets: &[(i64, i64)]) -> Vec<f64> {
        let mut groups = Groups::default();
        packets
            .iter()
            .filter_map(|(sent, arrival)| groups.arrived(sent * 1_000, arrival * 1_000))
            .map(|v| v.later_ms)
            .collect()
    }

    #[test]
    fn a_large_frame_is_not_late_for_its_own_size() {
        let frames = [(0, 50), (0, 51), (33, 83), (33, 90), (33, 97), (33, 104), (66, 116), (99, 149), (132, 190)];
        assert_eq!(run(&frames), [0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_queue_that_grows_shows() {
        assert_eq!(run(&[(0, 50), (33, 90), (66, 130), (99, 170), (132, 210)]), [7.0, 7.0, 7.0]);
    }

    #[test]
    fn packets_that_were_held_up_together_count_once() {
        assert_eq!(run(&[(0, 10), (20, 90), (40, 91), (60, 92), (80, 93), (100, 110), (120, 130)]), [3.0, -3.0]);
    }

    #[test]
    fn packets_out_of_order_change_nothing() {
        assert_eq!(run(&[(0, 50), (40, 90), (20, 95), (80, 130), (120, 170)]), [0.0, 0.0]);
    }
}
