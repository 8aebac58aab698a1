//! How much one participant is sent by all of its connections together, where that is limited.
//!
//! The one rule: smaller layers first. Each viewer may have its share of the limit, and besides what the participant's
//! others leave of theirs; a participant who stays above the limit all the same loses the viewer that came last.
//!
//! Source: Amazon IVS Real-Time user guide, "Service Quotas" (download bitrate of a participant).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::id::{Key, ParticipantId};

// AWS does not say: what becomes of a participant whose subscriptions are more than they may be sent. Those that have
// layers get smaller ones. Where that is not enough after five seconds, by which layers have changed, the newest
// subscription ends.
const PATIENCE: Duration = Duration::from_secs(5);

/// One participant's viewers, in the order in which they came.
#[derive(Debug, Default)]
struct Group {
    viewers: Vec<Key>,
    over_since: Option<Instant>,
}

/// All participants who watch.
#[derive(Debug)]
pub(crate) struct Downloads {
    limit_bps: Option<u64>,
    groups: BTreeMap<ParticipantId, Group>,
}

/// What one viewer is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Load {
    /// Now.
    pub(crate) present_bps: u64,
    /// With the layer that was chosen for it, of which no key frame may have come yet.
    pub(crate) planned_bps: u64,
}

/// What a viewer's participant is sent, and what the viewer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    /// What the viewer may be sent.
    pub(crate) most_bps: u64,
    /// Who has to go, and how much there was.
    pub(crate) too_much: Option<(Key, u64)>,
}

impl Downloads {
    pub(crate) fn new(limit_bps: Option<u64>) -> Self {
        Self { limit_bps, groups: BTreeMap::new() }
    }

    /// Whether what viewers are sent has to be measured.
    pub(crate) fn is_limited(&self) -> bool {
        self.limit_bps.is_some()
    }

    pub(crate) fn enter(&mut self, participant: ParticipantId, viewer: Key) {
        if self.is_limited() {
            self.groups.entry(participant).or_default().viewers.push(viewer);
        }
    }

    pub(crate) fn leave(&mut self, participant: ParticipantId, viewer: Key) {
        let Some(group) = self.groups.get_mut(&participant) else { return };
        group.viewers.retain(|other| *other != viewer);
        group.over_since = None;
        if group.viewers.is_empty() {
            self.groups.remove(&participant);
        }
    }

    /// Looks at what a viewer may be sent. `load_of` tells what each is sent.
    pub(crate) fn share(
        &mut self,
        now: Instant,
        participant: ParticipantId,
        viewer: Key,
        mut load_of: impl FnMut(Key) -> Load,
    ) -> Option<Share> {
        let limit = self.limit_bps?;
        let group = self.groups.get_mut(&participant)?;
        let (mut total, mut others) = (0, 0);
        for other in &group.viewers {
            let Load { present_bps, planned_bps } = load_of(*other);
            total += present_bps;
            others += if *other == viewer { 0 } else { present_bps.max(planned_bps) };
        }
        if total <= limit {
            group.over_since = None;
        }
        let is_over = total > limit && now >= *group.over_since.get_or_insert(now) + PATIENCE;
        let too_much = group.viewers.last().filter(|_| is_over).map(|last| (*last, total));
        let equal = limit / group.viewers.len() as u64;
        Some(Share { most_bps: limit.saturating_sub(others).max(equal), too_much })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at_ms;

    const WHO: ParticipantId = ParticipantId(1);

    fn load(present_bps: u64) -> Load {
        Load { present_bps, planned_bps: 0 }
    }

    fn of(viewers: u32) -> Downloads {
        let mut downloads = Downloads::new(Some(8_000));
        (0..viewers).for_each(|viewer| downloads.enter(WHO, Key(viewer)));
        downloads
    }

    #[test]
    fn what_others_leave_and_an_equal_share_at_least() {
        let mut downloads = of(2);
        let mut share = |rates: [u64; 2], viewer| {
            let share =
                downloads.share(at_ms(0), WHO, Key(viewer), |key| load(rates[key.0 as usize])).expect("limited");
            share.most_bps
        };
        assert_eq!(share([0, 0], 0), 8_000, "all");
        assert_eq!(share([6_000, 0], 1), 4_000, "its share, though that is too much together");
        assert_eq!(share([6_000, 4_000], 0), 4_000, "so the other gets less");
        assert_eq!(share([1_000, 4_000], 1), 7_000);
        let planned = Load { present_bps: 1_000, planned_bps: 3_500 };
        let share = downloads.share(at_ms(0), WHO, Key(0), |_| planned).expect("limited");
        assert_eq!(share.most_bps, 4_500, "what the other is about to get counts");
        assert_eq!(downloads.share(at_ms(0), ParticipantId(2), Key(0), |_| load(9_000)), None, "somebody else");
        assert_eq!(Downloads::new(None).share(at_ms(0), WHO, Key(0), |_| load(9_000)), None);
    }

    #[test]
    fn the_last_one_goes_when_it_stays_too_much() {
        let mut downloads = of(3);
        let mut too_much = |ms, rate| {
            let share = downloads.share(at_ms(ms), WHO, Key(0), |_| load(rate)).expect("limited");
            share.too_much
        };
        assert_eq!(too_much(0, 3_000), None);
        assert_eq!(too_much(4_000, 2_000), None, "it became less");
        assert_eq!(too_much(4_500, 3_000), None);
        assert_eq!(too_much(9_400, 3_000), None);
        assert_eq!(too_much(9_500, 3_000), Some((Key(2), 9_000)));
        downloads.leave(WHO, Key(2));
        let share = downloads.share(at_ms(9_500), WHO, Key(0), |_| load(5_000)).expect("limited");
        assert_eq!(share.too_much, None, "patience begins anew");
        downloads.leave(WHO, Key(0));
        downloads.leave(WHO, Key(1));
        assert!(downloads.groups.is_empty());
    }
}
