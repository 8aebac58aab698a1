//! What losses alone allow.
//!
//! The one rule: losses hold the rate down only while there are many of them. Below two in a hundred there is no bound
//! once it has risen to what the delays allow; above ten the bound falls; between the two it creeps up.
//!
//! Source: draft-ietf-rmcat-gcc-02 section 6. The draft goes by each report of the receiver; here an interval must have
//! enough packets to tell two in a hundred from ten. Between the two the draft's rate stays as it is: then on a network
//! that loses five in a hundred whatever one does, each unlucky interval would cost something for good.

const FEW: f64 = 0.02;
const MANY: f64 = 0.10;
/// A bound rises by so much in a second in which little is lost.
const RISE: f64 = 1.08;
/// And by so much in one in which neither little nor much is.
const SLOW_RISE: f64 = 1.02;
/// An interval ends after so long with enough packets, or later with the fewest that say anything.
const INTERVAL_US: u64 = 500_000;
const ENOUGH: u32 = 100;
const LONG_INTERVAL_US: u64 = 2_000_000;
const FEWEST: u32 = 20;
/// It need not be waited for when so much is lost that no chance explains it.
const SEVERE: f64 = 0.25;
const SEVERE_INTERVAL_US: u64 = 200_000;
const SEVERE_PACKETS: u32 = 30;
/// What got through although a lot was lost gets through.
const PROVEN: f64 = 0.85;

/// Counts losses and keeps the bound.
#[derive(Debug)]
pub(super) struct Loss {
    came: u32,
    missing: u32,
    since_us: u64,
    share: f64,
    bound_bps: Option<f64>,
}

impl Loss {
    pub(super) const fn new(now_us: u64) -> Self {
        Self { came: 0, missing: 0, since_us: now_us, share: 0.0, bound_bps: None }
    }

    pub(super) const fn bound_bps(&self) -> Option<f64> {
        self.bound_bps
    }

    /// What share of packets was lost in the last whole interval.
    pub(super) const fn share(&self) -> f64 {
        self.share
    }

    pub(super) fn came(&mut self, was_missing: bool) {
        self.came += 1;
        if was_missing {
            self.missing = self.missing.saturating_sub(1);
        }
    }

    pub(super) const fn missing(&mut self) {
        self.missing += 1;
    }

    /// Looks at what was counted. `delay_bps` is what the delays allow, `acked_bps` what arrives.
    pub(super) fn update(&mut self, now_us: u64, delay_bps: f64, acked_bps: Option<f64>) {
        let (packets, since_us) = (self.came + self.missing, now_us.saturating_sub(self.since_us));
        let share = f64::from(self.missing) / f64::from(packets.max(1));
        let enough = since_us >= INTERVAL_US && packets >= ENOUGH
            || since_us >= LONG_INTERVAL_US && packets >= FEWEST
            || since_us >= SEVERE_INTERVAL_US && packets >= SEVERE_PACKETS && share > SEVERE;
        if !enough {
            return;
        }
        self.share = share;
        let bound = self.bound_bps.unwrap_or(delay_bps).min(delay_bps);
        if self.share > MANY {
            let reduced = bound * (1.0 - 0.5 * self.share);
            let proven = acked_bps.unwrap_or(0.0) * PROVEN;
            self.bound_bps = Some(reduced.max(proven).min(bound));
        } else if self.bound_bps.is_some() {
            let rise = if self.share < FEW { RISE } else { SLOW_RISE };
            let risen = bound * rise.powf((since_us as f64 / 1e6).min(2.0));
            self.bound_bps = (risen < delay_bps).then_some(risen);
        }
        (self.came, self.missing, self.since_us) = (0, 0, now_us);
    }

    /// A probe got through at this rate.
    pub(super) fn proven(&mut self, bps: f64) {
        self.bound_bps = self.bound_bps.map(|bound| bound.max(bps));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds of 100 packets each of which so many do not come.
    fn run(loss: &mut Loss, from_s: u64, seconds: u64, missing: u32) {
        for second in from_s..from_s + seconds {
            for packet in 0..100 {
                if packet < missing { loss.missing() } else { loss.came(false) }
            }
            loss.update((second + 1) * 1_000_000, 1e6, None);
        }
    }

    #[test]
    fn few_losses_mean_nothing_and_many_a_lot() {
        let mut loss = Loss::new(0);
        run(&mut loss, 0, 5, 1);
        assert_eq!(loss.bound_bps(), None);
        run(&mut loss, 5, 5, 8);
        assert_eq!(loss.bound_bps(), None);
        run(&mut loss, 10, 1, 20);
        assert_eq!(loss.bound_bps(), Some(9e5));
        run(&mut loss, 11, 1, 20);
        assert_eq!(loss.bound_bps(), Some(9e5 * 0.9));
        run(&mut loss, 12, 3, 5);
        let crept = loss.bound_bps().unwrap();
        assert!((8.5e5..8.7e5).contains(&crept), "{crept}");
        run(&mut loss, 15, 1, 0);
        assert!(loss.bound_bps().unwrap() > 9.2e5);
        run(&mut loss, 16, 2, 0);
        assert_eq!(loss.bound_bps(), None, "as high as the delays allow: no bound");
    }

    #[test]
    fn what_came_late_was_not_lost() {
        let mut loss = Loss::new(0);
        for _ in 0..100 {
            loss.missing();
            loss.came(true);
        }
        loss.update(1_000_000, 1e6, None);
        assert!(loss.share().abs() < 1e-9);
    }

    #[test]
    fn a_handful_of_packets_says_nothing() {
        let mut loss = Loss::new(0);
        for second in 1..10 {
            loss.missing();
            loss.update(second * 1_000_000, 1e6, None);
        }
        assert_eq!(loss.bound_bps(), None);
    }
}
