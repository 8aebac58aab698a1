//! Which layer of a picture a viewer gets: as much as its connection carries and no more than it asked for.
//!
//! The one rule: down at once, up with care. A viewer that cannot keep up gets a smaller layer, then no picture, and
//! its sound stays; no other viewer notices. It starts with the smallest layer, as IVS clients do, and climbs.
//!
//! Sources: Amazon IVS Real-Time user guide, "Optimizations" (layers `hi`, `mid`, `low`; lowest first); the draft for
//! receiver estimated maximum bitrate (REMB), whose figure grows only with what is sent and so says when to go down
//! but not how far one may go up.

use std::time::{Duration, Instant};

/// What is known of a publisher's layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerState {
    /// What it takes to carry it.
    pub bitrate_bps: u64,
    /// Whether packets of it come in.
    pub live: bool,
}

/// The picture that a viewer asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// No picture.
    Off,
    /// The best that gets through.
    #[default]
    Best,
    /// This layer (0 is the smallest), or the closest below it that gets through.
    UpTo(u8),
}

/// What a viewer's connection is thought to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimate {
    /// Measured with transport-wide feedback and probing.
    Measured(u64),
    /// Told by the receiver.
    Told(u64),
}

/// Which layer to send, and what one would like to be able to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The layer; `None` is no picture.
    pub layer: Option<u8>,
    /// The rate that one would like to be able to send.
    pub desired_bps: u64,
}

/// How much of the budget must be free beyond the next layer before it is tried.
const CLIMB_PERCENT: u64 = 115;
/// How far over the budget the present layer may be before it is left.
const STAY_PERCENT: u64 = 105;
/// How far below the smallest layer the budget must fall before the picture is switched off.
const PAUSE_PERCENT: u64 = 75;
/// A receiver's figure this far above what is sent does not hold us back.
const TOLD_ROOM_PERCENT: u64 = 115;
/// For how long the budget must be too small before the picture goes.
const PAUSE_AFTER: Duration = Duration::from_secs(1);
/// Of so many in a thousand packets lost one must know before the picture goes: an estimate alone can err, on a network
/// with much jitter for one, and then there is no reason to take the picture away.
const PAUSE_LOSS_PERMILLE: u16 = 80;
/// For so long after a climb a receiver's figure may lag behind what is sent: it grows by some 8 % a second, and only
/// while more comes.
const CATCHES_UP_WITHIN: Duration = Duration::from_secs(10);
/// One that falls below this share of what it was at its best since then does not lag: it says that too much is sent.
const FALLEN_PERCENT: u64 = 97;
/// And so does this many lost of a thousand.
const TOLD_LOSS_PERMILLE: u16 = 20;
const FIRST_HOLD: Duration = Duration::from_secs(1);
const LONGEST_HOLD: Duration = Duration::from_secs(20);
/// A climb that is undone within this time was a mistake.
const MISTAKE_WITHIN: Duration = Duration::from_secs(6);

/// One viewer's choice of layer over time.
#[derive(Debug)]
pub struct Selector {
    current: Option<u8>,
    started: bool,
    has_estimates: bool,
    estimate: Option<Estimate>,
    may_pause: bool,
    hold: Duration,
    no_climb_before: Option<Instant>,
    climbed_at: Option<Instant>,
    short_since: Option<Instant>,
    loss_permille: u16,
    /// The highest figure that the receiver told since the last climb.
    told_most: u64,
    /// What may be sent, whatever the connection carries.
    limit_bps: u64,
}

impl Selector {
    /// A viewer that sees nothing yet. Where the connection is never measured (`has_estimates`), there is nothing to
    /// climb by.
    pub fn new(may_pause: bool, has_estimates: bool) -> Self {
        Self {
            current: None,
            started: false,
            has_estimates,
            estimate: None,
            may_pause,
            hold: FIRST_HOLD,
            no_climb_before: None,
            climbed_at: None,
            short_since: None,
            loss_permille: 0,
            told_most: 0,
            limit_bps: u64::MAX,
        }
    }

    /// Takes in how many of a thousand packets were lost lately.
    pub fn loss(&mut self, permille: u16) {
        self.loss_permille = permille;
    }

    /// Takes in what the connection is now thought to carry.
    pub fn estimate(&mut self, estimate: Estimate) {
        if let Estimate::Told(bps) = estimate {
            self.told_most = self.told_most.max(bps);
        }
        self.estimate = Some(estimate);
    }

    /// So much may be sent and no more, sound and picture together.
    pub fn limit(&mut self, bits_per_second: u64) {
        self.limit_bps = bits_per_second;
    }

    /// What the connection is thought to carry.
    pub fn estimated_bps(&self) -> Option<u64> {
        self.estimate.map(|(Estimate::Measured(bps) | Estimate::Told(bps))| bps)
    }

    /// Forgets the layer, as when the viewer turns to another publisher; what its connection carries stays known.
    pub fn restart(&mut self) {
        self.current = None;
        self.started = false;
        self.short_since = None;
    }

    /// Chooses among the layers, smallest first. `other_bps` is what goes to the viewer besides the picture.
    pub fn choose(&mut self, now: Instant, layers: &[LayerState], wish: Wish, other_bps: u64) -> Choice {
        let Some(ceiling) = ceiling(layers, wish) else {
            self.current = None;
            self.started = false;
            return Choice { layer: None, desired_bps: other_bps };
        };
        let desired_bps = (layers[ceiling].bitrate_bps * 3 / 2 + other_bps).min(self.limit_bps);
        let allowed = self.limit_bps.saturating_sub(other_bps);
        let budget = self.budget(layers, other_bps).min(allowed);
        let layer = match self.current {
            _ if !self.started => self.start(now, layers, ceiling),
            Some(current) => self.go_on(now, layers, usize::from(current), ceiling, (budget, allowed)),
            None => self.resume(now, layers, ceiling, budget),
        };
        self.current = layer.map(|layer| layer as u8);
        self.started = true;
        Choice { layer: self.current, desired_bps }
    }

    fn start(&mut self, now: Instant, layers: &[LayerState], ceiling: usize) -> Option<usize> {
        if !self.has_estimates {
            return Some(ceiling);
        }
        // The first estimate is a guess: wait for one that was measured.
        self.no_climb_before = Some(now + FIRST_HOLD);
        lowest_live(layers, ceiling)
    }

    fn go_on(
        &mut self,
        now: Instant,
        layers: &[LayerState],
        current: usize,
        ceiling: usize,
        (budget, allowed): (u64, u64),
    ) -> Option<usize> {
        let present = layers.get(current).filter(|layer| layer.live && current <= ceiling);
        let Some(present) = present else {
            return best_within(layers, ceiling, budget).or_else(|| lowest_live(layers, ceiling));
        };
        let is_forbidden = present.bitrate_bps > allowed;
        let is_too_much = present.bitrate_bps * 100 > budget.saturating_mul(STAY_PERCENT);
        if is_forbidden || is_too_much && !self.is_lagging(now) {
            return self.go_down(now, layers, current, budget);
        }
        self.short_since = None;
        self.go_up(now, layers, current, ceiling, budget)
    }

    /// Whether the receiver's figure has not caught up yet with the layer that it gets.
    fn is_lagging(&self, now: Instant) -> bool {
        let Some(Estimate::Told(bps)) = self.estimate else { return false };
        self.climbed_at.is_some_and(|at| now < at + CATCHES_UP_WITHIN)
            && bps * 100 >= self.told_most * FALLEN_PERCENT
            && self.loss_permille < TOLD_LOSS_PERMILLE
    }

    fn climbed(&mut self, now: Instant) {
        self.climbed_at = Some(now);
        self.told_most = self.estimated_bps().unwrap_or(0);
    }

    fn go_down(&mut self, now: Instant, layers: &[LayerState], current: usize, budget: u64) -> Option<usize> {
        let lower = best_within(layers, current, budget).filter(|layer| *layer < current);
        let lowest = lowest_live(layers, current).unwrap_or(current);
        if let Some(lower) = lower {
            self.learn_from_descent(now);
            return Some(lower);
        }
        if lowest < current {
            self.learn_from_descent(now);
            return Some(lowest);
        }
        self.pause_when_hopeless(now, layers[lowest].bitrate_bps, budget).then_some(lowest)
    }

    /// Whether to keep the smallest layer although it does not fit.
    fn pause_when_hopeless(&mut self, now: Instant, needed: u64, budget: u64) -> bool {
        let hopeless = budget.saturating_mul(100) < needed * PAUSE_PERCENT && self.loss_permille >= PAUSE_LOSS_PERMILLE;
        if !hopeless || !self.may_pause || matches!(self.estimate, Some(Estimate::Told(_))) {
            self.short_since = None;
            return true;
        }
        let since = *self.short_since.get_or_insert(now);
        if now.saturating_duration_since(since) < PAUSE_AFTER {
            return true;
        }
        self.short_since = None;
        self.learn_from_descent(now);
        false
    }

    fn go_up(
        &mut self,
        now: Instant,
        layers: &[LayerState],
        current: usize,
        ceiling: usize,
        budget: u64,
    ) -> Option<usize> {
        if self.no_climb_before.is_some_and(|before| now < before) {
            return Some(current);
        }
        let next = (current + 1..=ceiling).find(|layer| layers[*layer].live);
        let Some(next) = next.filter(|next| layers[*next].bitrate_bps * CLIMB_PERCENT <= budget.saturating_mul(100))
        else {
            return Some(current);
        };
        self.climbed(now);
        self.no_climb_before = Some(now + self.hold);
        Some(next)
    }

    fn resume(&mut self, now: Instant, layers: &[LayerState], ceiling: usize, budget: u64) -> Option<usize> {
        if self.no_climb_before.is_some_and(|before| now < before) {
            return None;
        }
        let lowest = lowest_live(layers, ceiling)?;
        let enough = layers[lowest].bitrate_bps <= budget;
        if enough {
            self.climbed(now);
        }
        enough.then_some(lowest)
    }

    fn learn_from_descent(&mut self, now: Instant) {
        let mistake = self.climbed_at.take().is_some_and(|at| now.saturating_duration_since(at) < MISTAKE_WITHIN);
        self.hold = if mistake { (self.hold * 2).min(LONGEST_HOLD) } else { FIRST_HOLD };
        self.no_climb_before = Some(now + self.hold);
    }

    fn budget(&self, layers: &[LayerState], other_bps: u64) -> u64 {
        match self.estimate {
            None if self.has_estimates => 0,
            None => u64::MAX,
            Some(Estimate::Measured(bps)) => bps.saturating_sub(other_bps),
            Some(Estimate::Told(bps)) => {
                let present = self.current.and_then(|layer| layers.get(usize::from(layer)));
                let sent = present.map_or(0, |layer| layer.bitrate_bps) + other_bps;
                if bps * 100 >= sent * TOLD_ROOM_PERCENT { u64::MAX } else { bps.saturating_sub(other_bps) }
            }
        }
    }
}

/// The best layer that the wish allows: a live one where there is one.
fn ceiling(layers: &[LayerState], wish: Wish) -> Option<usize> {
    let top = layers.len().checked_sub(1)?;
    let wanted = match wish {
        Wish::Off => return None,
        Wish::Best => top,
        Wish::UpTo(layer) => usize::from(layer).min(top),
    };
    let below = (0..=wanted).rev().find(|layer| layers[*layer].live);
    Some(below.or_else(|| (wanted..=top).find(|layer| layers[*layer].live)).unwrap_or(wanted))
}

fn lowest_live(layers: &[LayerState], ceiling: usize) -> Option<usize> {
    (0..=ceiling).find(|layer| layers[*layer].live).or(Some(ceiling))
}

fn best_within(layers: &[LayerState], ceiling: usize, budget: u64) -> Option<usize> {
    (0..=ceiling).rev().find(|layer| layers[*layer].live && layers[*layer].bitrate_bps <= budget)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at_ms;

    const fn live(bitrate_bps: u64) -> LayerState {
        LayerState { bitrate_bps, live: true }
    }

    const LAYERS: [LayerState; 3] = [live(200_000), live(700_000), live(1_700_000)];
    const AUDIO: u64 = 64_000;

    /// Estimates as (milliseconds, bits per second), then the layer that must be chosen at that time.
    fn run(selector: &mut Selector, layers: &[LayerState], wish: Wish, steps: &[(u64, u64, Option<u8>)]) {
        for (ms, bps, expected) in steps {
            selector.estimate(Estimate::Measured(*bps));
            let choice = selector.choose(at_ms(*ms), layers, wish, AUDIO);
            assert_eq!(choice.layer, *expected, "at {ms} ms with {bps} bit/s");
        }
    }

    #[test]
    fn climbs_a_step_at_a_time_and_falls_at_once() {
        let mut selector = Selector::new(true, true);
        run(
            &mut selector,
            &LAYERS,
            Wish::Best,
            &[
                (0, 5_000_000, Some(0)),
                (900, 5_000_000, Some(0)),
                (1_000, 5_000_000, Some(1)),
                (1_100, 5_000_000, Some(1)),
                (2_000, 5_000_000, Some(2)),
                (9_000, 900_000, Some(1)),
                (9_100, 300_000, Some(0)),
                (9_200, 5_000_000, Some(0)),
                (10_200, 5_000_000, Some(1)),
            ],
        );
    }

    #[test]
    fn a_mistaken_climb_is_not_soon_repeated() {
        let mut selector = Selector::new(true, true);
        run(
            &mut selector,
            &LAYERS,
            Wish::Best,
            &[
                (0, 1_000_000, Some(0)),
                (1_000, 1_000_000, Some(1)),
                (2_000, 500_000, Some(0)),
                (3_500, 1_000_000, Some(0)),
                (4_100, 1_000_000, Some(1)),
                (5_000, 500_000, Some(0)),
                (8_500, 1_000_000, Some(0)),
                (9_100, 1_000_000, Some(1)),
            ],
        );
    }

    #[test]
    fn the_picture_goes_last_and_comes_back() {
        let mut selector = Selector::new(true, true);
        run(&mut selector, &LAYERS, Wish::Best, &[(0, 150_000, Some(0)), (5_000, 150_000, Some(0))]);
        selector.loss(200);
        run(
            &mut selector,
            &LAYERS,
            Wish::Best,
            &[
                (5_100, 150_000, Some(0)),
                (6_000, 150_000, Some(0)),
                (6_100, 150_000, None),
                (6_200, 900_000, None),
                (7_200, 900_000, Some(0)),
            ],
        );
        let mut never = Selector::new(false, true);
        never.loss(900);
        run(&mut never, &LAYERS, Wish::Best, &[(0, 150_000, Some(0)), (100, 150_000, Some(0)), (9_000, 1, Some(0))]);
    }

    #[test]
    fn a_wish_is_a_ceiling() {
        let mut selector = Selector::new(true, true);
        run(
            &mut selector,
            &LAYERS,
            Wish::UpTo(1),
            &[
                (0, 5_000_000, Some(0)),
                (1_000, 5_000_000, Some(1)),
                (9_000, 5_000_000, Some(1)),
                (9_100, 300_000, Some(0)),
            ],
        );
        run(&mut selector, &LAYERS, Wish::Off, &[(10_000, 5_000_000, None)]);
        run(&mut selector, &LAYERS, Wish::UpTo(0), &[(10_100, 5_000_000, Some(0))]);
    }

    #[test]
    fn only_layers_that_live() {
        let dead = LayerState { bitrate_bps: 0, live: false };
        let mut selector = Selector::new(true, true);
        let without_top = [LAYERS[0], LAYERS[1], dead];
        run(&mut selector, &without_top, Wish::Best, &[(0, 5_000_000, Some(0)), (9_000, 5_000_000, Some(1))]);
        run(&mut selector, &[LAYERS[0], dead, dead], Wish::Best, &[(9_100, 5_000_000, Some(0))]);
        run(&mut selector, &[dead, dead, LAYERS[2]], Wish::UpTo(0), &[(9_200, 5_000_000, Some(2))]);
    }

    #[test]
    fn what_is_not_allowed_is_not_sent_whatever_gets_through() {
        for (at_first, has_estimates) in [(0, true), (2, false)] {
            let mut selector = Selector::new(true, has_estimates);
            let mut choose = |ms, limit, bps| {
                selector.limit(limit);
                if has_estimates {
                    selector.estimate(Estimate::Told(bps));
                }
                selector.choose(at_ms(ms), &LAYERS, Wish::Best, AUDIO)
            };
            assert_eq!(choose(0, 900_000, 5_000_000).layer, Some(at_first));
            let choice = choose(1_000, 900_000, 5_000_000);
            assert_eq!(choice, Choice { layer: Some(1), desired_bps: 900_000 });
            assert_eq!(choose(3_000, 900_000, 5_000_000).layer, Some(1));
            assert_eq!(choose(3_100, 760_000, 5_000_000).layer, Some(0), "at once, though just climbed");
            assert_eq!(choose(3_200, 100_000, 5_000_000).layer, Some(0), "the smallest stays");
            assert_eq!(choose(30_000, u64::MAX, 5_000_000).layer, Some(1));
        }
    }

    #[test]
    fn without_estimates_the_best() {
        let mut selector = Selector::new(true, false);
        assert_eq!(selector.choose(at_ms(0), &LAYERS, Wish::Best, AUDIO).layer, Some(2));
        assert_eq!(selector.choose(at_ms(0), &[], Wish::Best, AUDIO).layer, None);
    }

    #[test]
    fn a_told_estimate_may_lag_behind_a_climb() {
        let choose = |selector: &mut Selector, ms, bps| {
            selector.estimate(Estimate::Told(bps));
            selector.choose(at_ms(ms), &LAYERS, Wish::UpTo(1), AUDIO).layer
        };
        let mut selector = Selector::new(true, true);
        for (ms, bps, expected) in [(0, 90_000, 0), (1_000, 350_000, 1), (1_200, 350_000, 1), (5_000, 480_000, 1)] {
            assert_eq!(choose(&mut selector, ms, bps), Some(expected), "at {ms} ms");
        }
        selector.loss(50);
        assert_eq!(choose(&mut selector, 5_100, 480_000), Some(0), "it does not lag: packets are lost");
        selector.loss(0);
        assert_eq!(choose(&mut selector, 9_000, 480_000), Some(1));
        assert_eq!(choose(&mut selector, 12_000, 480_000), Some(1));
        assert_eq!(choose(&mut selector, 19_100, 500_000), Some(0), "it had its time");
    }

    #[test]
    fn a_told_estimate_holds_back_only_when_it_is_close_to_what_is_sent() {
        let mut selector = Selector::new(true, true);
        for (ms, bps, expected) in
            [(0, 90_000, 0), (1_000, 350_000, 1), (2_000, 1_000_000, 2), (3_000, 900_000, 1), (3_100, 90_000, 0)]
        {
            selector.estimate(Estimate::Told(bps));
            assert_eq!(selector.choose(at_ms(ms), &LAYERS, Wish::Best, AUDIO).layer, Some(expected), "at {ms} ms");
        }
        selector.estimate(Estimate::Told(1));
        for ms in [4_000, 9_000, 14_000] {
            assert_eq!(selector.choose(at_ms(ms), &LAYERS, Wish::Best, AUDIO).layer, Some(0), "never paused");
        }
    }
}
