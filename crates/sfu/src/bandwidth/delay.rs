//! Whether packets take longer and longer: then a queue is growing, and more is sent than gets through.
//!
//! The one rule: a trend, not a delay, is what counts. The delay itself contains clocks that are apart and a way whose
//! length nobody knows; only how far it is above the shortest of late is used besides, to tell a queue from noise.
//!
//! Sources: draft-ietf-rmcat-gcc-02 sections 5.3 to 5.5 (the threshold that adapts, so that the flow is not starved by
//! others and does not see a queue in every jitter; overuse must last), with its filter replaced, as in libwebrtc, by
//! the slope of a line through the smoothed delays of the last groups.
//!
//! Otherwise than there, the delay of a group is the shortest of the last few: sound that is sent just behind a large
//! frame waits for it, and as the two drift past each other that wait would look like a queue that grows.

use super::groups::{Finished, Groups};

const WINDOW: usize = 20;
/// Of so many the shortest is taken for what every packet has to wait.
const RECENT: usize = 5;
const SMOOTHING: f64 = 0.9;
/// What the slope is multiplied with, besides the number of groups seen (at most 60), to be compared.
const GAIN: f64 = 4.0;
const GAIN_GROUPS: usize = 60;
const FIRST_THRESHOLD_MS: f64 = 12.5;
const THRESHOLD_MS: std::ops::RangeInclusive<f64> = 6.0..=600.0;
/// How fast the threshold follows, per millisecond: slowly up, quickly down.
const FOLLOW_UP: f64 = 0.0087;
const FOLLOW_DOWN: f64 = 0.039;
/// Peaks this far above the threshold do not move it.
const PEAK_MS: f64 = 15.0;
const LASTING_MS: f64 = 10.0;
/// For at least so long the shortest way is remembered, and at most twice as long.
const SHORTEST_FOR_US: i64 = 15_000_000;

/// What the delays say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Usage {
    #[default]
    Normal,
    /// A queue grows.
    Over,
    /// A queue drains.
    Under,
}

/// Watches the delay of one connection.
#[derive(Debug)]
pub(super) struct Delay {
    groups: Groups,
    points: Points,
    smoothed_ms: f64,
    /// The first delay, from which the others are counted.
    origin_us: Option<i64>,
    /// How long the last groups were under way.
    recent: [Option<i64>; RECENT],
    threshold_ms: f64,
    threshold_set_us: Option<i64>,
    over_for_ms: Option<f64>,
    over_count: u32,
    slope_before: f64,
    usage: Usage,
    shortest: Shortest,
}

impl Delay {
    pub(super) fn new() -> Self {
        Self {
            groups: Groups::default(),
            points: Points::default(),
            smoothed_ms: 0.0,
            origin_us: None,
            recent: [None; RECENT],
            threshold_ms: FIRST_THRESHOLD_MS,
            threshold_set_us: None,
            over_for_ms: None,
            over_count: 0,
            slope_before: 0.0,
            usage: Usage::Normal,
            shortest: Shortest::default(),
        }
    }

    /// What the last group said.
    pub(super) const fn usage(&self) -> Usage {
        self.usage
    }

    /// How long packets stand in queues, as far as one can tell.
    pub(super) fn queue_ms(&self) -> f64 {
        self.shortest.queue_us(self.recent_way_us()) as f64 / 1e3
    }

    /// Takes in a packet that came.
    pub(super) fn arrived(&mut self, sent_us: i64, arrival_us: i64) {
        let Some(group) = self.groups.arrived(sent_us, arrival_us) else { return };
        self.shortest.take(group.arrival_us, group.way_us);
        self.recent.rotate_left(1);
        self.recent[RECENT - 1] = Some(group.way_us);
        let way_us = self.recent_way_us().unwrap_or(group.way_us);
        let origin_us = *self.origin_us.get_or_insert(way_us);
        let delay_ms = (way_us - origin_us) as f64 / 1e3;
        self.smoothed_ms = SMOOTHING * self.smoothed_ms + (1.0 - SMOOTHING) * delay_ms;
        self.points.push(group.arrival_us, self.smoothed_ms);
        self.judge(self.points.slope().unwrap_or(self.slope_before), group);
    }

    fn recent_way_us(&self) -> Option<i64> {
        self.recent.iter().flatten().min().copied()
    }

    fn judge(&mut self, slope: f64, group: Finished) {
        let trend_ms = self.points.count.min(GAIN_GROUPS) as f64 * slope * GAIN;
        if trend_ms > self.threshold_ms {
            self.judge_over(slope, group.sent_apart_us as f64 / 1e3);
        } else {
            self.over_for_ms = None;
            self.over_count = 0;
            self.usage = if trend_ms < -self.threshold_ms { Usage::Under } else { Usage::Normal };
        }
        self.slope_before = slope;
        self.adapt(trend_ms, group.arrival_us);
    }

    fn judge_over(&mut self, slope: f64, sent_apart_ms: f64) {
        // The queue is taken to have grown for half the time between the first two groups that show it.
        let lasted = self.over_for_ms.map_or(sent_apart_ms / 2.0, |before| before + sent_apart_ms);
        self.over_for_ms = Some(lasted);
        self.over_count += 1;
        if lasted > LASTING_MS && self.over_count > 1 && slope >= self.slope_before {
            self.over_for_ms = Some(0.0);
            self.over_count = 0;
            self.usage = Usage::Over;
        }
    }

    fn adapt(&mut self, trend_ms: f64, arrival_us: i64) {
        let since_us = arrival_us - self.threshold_set_us.replace(arrival_us).unwrap_or(arrival_us);
        let beyond = trend_ms.abs() - self.threshold_ms;
        if beyond > PEAK_MS {
            return;
        }
        let follow = if beyond < 0.0 { FOLLOW_DOWN } else { FOLLOW_UP };
        let since_ms = (since_us as f64 / 1e3).clamp(0.0, 100.0);
        self.threshold_ms =
            (self.threshold_ms + follow * beyond * since_ms).clamp(*THRESHOLD_MS.start(), *THRESHOLD_MS.end());
    }
}

/// The last groups: when they came, and their smoothed delay.
#[derive(Debug, Default)]
struct Points {
    points: [(i64, f64); WINDOW],
    count: usize,
}

impl Points {
    fn push(&mut self, arrival_us: i64, smoothed_ms: f64) {
        self.points[self.count % WINDOW] = (arrival_us, smoothed_ms);
        self.count += 1;
    }

    /// Of the line with the least squares, in milliseconds per millisecond; `None` while there are too few points.
    fn slope(&self) -> Option<f64> {
        if self.count < WINDOW {
            return None;
        }
        let origin = self.points[0].0;
        let xy = || self.points.iter().map(|(arrival_us, y)| ((arrival_us - origin) as f64 / 1e3, *y));
        let (sum_x, sum_y) = xy().fold((0.0, 0.0), |(sum_x, sum_y), (x, y)| (sum_x + x, sum_y + y));
        let (mean_x, mean_y) = (sum_x / WINDOW as f64, sum_y / WINDOW as f64);
        let (covariance, variance) = xy().fold((0.0, 0.0), |(covariance, variance), (x, y)| {
            (covariance + (x - mean_x) * (y - mean_y), variance + (x - mean_x).powi(2))
        });
        (variance > 0.0).then(|| covariance / variance)
    }
}

/// The shortest way of late, in two halves of time so that an old one is forgotten.
#[derive(Debug, Default)]
struct Shortest {
    since_us: i64,
    current: Option<i64>,
    before: Option<i64>,
}

impl Shortest {
    fn take(&mut self, arrival_us: i64, way_us: i64) {
        if self.current.is_none() || (arrival_us - self.since_us).abs() > SHORTEST_FOR_US {
            self.before = self.current.take();
            self.since_us = arrival_us;
        }
        self.current = Some(self.current.map_or(way_us, |current| current.min(way_us)));
    }

    fn queue_us(&self, way_us: Option<i64>) -> i64 {
        let shortest = self.before.into_iter().chain(self.current).min();
        way_us.zip(shortest).map_or(0, |(way_us, shortest)| (way_us - shortest).max(0))
    }
}
