//! How long groups of packets were on their way to the receiver.
//!
//! The one rule: a group is as late as its earliest packet was. libwebrtc looks at the last packet of a group, for its
//! packets are paced; ours leave in bursts, a frame at a time, and the last packet of a large frame is late because it
//! had to wait for the rest of its own frame. The earliest one shows only what stood in the queue before.
//!
//! Source: draft-ietf-rmcat-gcc-02 section 5.2 (pre-filtering: packets sent within 5 ms are a group, and so are packets
//! that come as a burst, having been held up together).

const GROUP_US: i64 = 5_000;
const LONGEST_BURST_US: i64 = 100_000;

/// A group that is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Finished {
    /// How long after the one before it was sent.
    pub(super) sent_apart_us: i64,
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

/// The group that is being gathered.
#[derive(Debug, Default)]
pub(super) struct Groups {
    current: Option<Group>,
    sent_before_us: Option<i64>,
}

impl Groups {
    /// Takes in a packet. Tells of a group when the first packet of the next one comes.
    pub(super) fn arrived(&mut self, sent_us: i64, arrival_us: i64) -> Option<Finished> {
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
        let Group { sent_us, way_us, .. } = std::mem::replace(current, Group::of(sent_us, arrival_us));
        let sent_apart_us = sent_us - self.sent_before_us.replace(sent_us).unwrap_or(sent_us);
        Some(Finished { sent_apart_us, way_us, arrival_us: sent_us + way_us })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways_ms(packets: &[(i64, i64)]) -> Vec<i64> {
        let mut groups = Groups::default();
        let finished = packets.iter().filter_map(|(sent, arrival)| groups.arrived(sent * 1_000, arrival * 1_000));
        finished.map(|group| group.way_us / 1_000).collect()
    }

    #[test]
    fn a_large_frame_is_not_late_for_its_own_size() {
        let frames = [(0, 50), (0, 51), (33, 83), (33, 90), (33, 97), (33, 104), (66, 116), (99, 149), (132, 190)];
        assert_eq!(ways_ms(&frames), [50, 50, 50, 50]);
    }

    #[test]
    fn a_queue_that_grows_shows() {
        assert_eq!(ways_ms(&[(0, 50), (33, 90), (66, 130), (99, 170), (132, 210)]), [50, 57, 64, 71]);
    }

    #[test]
    fn packets_that_were_held_up_together_count_once() {
        let held = [(0, 10), (20, 90), (40, 91), (60, 92), (80, 93), (100, 110), (120, 130)];
        assert_eq!(ways_ms(&held), [10, 13, 10]);
    }

    #[test]
    fn packets_out_of_order_change_nothing() {
        assert_eq!(ways_ms(&[(0, 50), (40, 90), (20, 95), (80, 130), (120, 170)]), [50, 50, 50]);
    }
}
