//! One direction of a client's network.

use std::time::{Duration, Instant};

/// Numbers that look random and come again with the same seed (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// True in so many of a thousand cases.
    pub fn chance(&mut self, permille: u64) -> bool {
        self.below(1_000) < permille
    }
}

/// What a network does to datagrams.
#[derive(Clone, Copy, Debug)]
pub struct Conditions {
    pub latency_ms: u64,
    pub jitter_ms: u64,
    pub loss_permille: u64,
    pub duplicate_permille: u64,
    /// So many take a detour of 30 ms more.
    pub reorder_permille: u64,
    pub bits_per_second: Option<u64>,
    /// Nothing gets through at all.
    pub cut: bool,
}

impl Conditions {
    pub const GOOD: Self = Self {
        latency_ms: 10,
        jitter_ms: 0,
        loss_permille: 0,
        duplicate_permille: 0,
        reorder_permille: 0,
        bits_per_second: None,
        cut: false,
    };

    pub const BAD: Self = Self {
        latency_ms: 40,
        jitter_ms: 15,
        loss_permille: 30,
        duplicate_permille: 10,
        reorder_permille: 20,
        ..Self::GOOD
    };

    pub fn lossy(permille: u64) -> Self {
        Self { loss_permille: permille, ..Self::GOOD }
    }

    pub fn capped(bits_per_second: u64) -> Self {
        Self { bits_per_second: Some(bits_per_second), ..Self::GOOD }
    }
}

/// What the bottleneck holds before it drops.
const QUEUE: Duration = Duration::from_millis(200);

/// One direction.
#[derive(Debug)]
pub struct Link {
    pub conditions: Conditions,
    /// Datagrams that were to be carried.
    pub offered: u64,
    free_at: Option<Instant>,
}

impl Link {
    pub fn new(conditions: Conditions) -> Self {
        Self { conditions, offered: 0, free_at: None }
    }

    /// When a datagram arrives: never, once or twice.
    pub fn carry(&mut self, now: Instant, bytes: usize, dice: &mut Dice) -> Vec<Instant> {
        self.offered += 1;
        let conditions = self.conditions;
        if conditions.cut || dice.chance(conditions.loss_permille) {
            return Vec::new();
        }
        let Some(through) = self.through_bottleneck(now, bytes) else { return Vec::new() };
        let copies = 1 + u64::from(dice.chance(conditions.duplicate_permille));
        (0..copies)
            .map(|_| {
                let jitter = if conditions.jitter_ms == 0 { 0 } else { dice.below(conditions.jitter_ms) };
                let detour = if dice.chance(conditions.reorder_permille) { 30 } else { 0 };
                through + Duration::from_millis(conditions.latency_ms + jitter + detour)
            })
            .collect()
    }

    fn through_bottleneck(&mut self, now: Instant, bytes: usize) -> Option<Instant> {
        let Some(rate) = self.conditions.bits_per_second else { return Some(now) };
        let start = self.free_at.map_or(now, |free| free.max(now));
        if start.saturating_duration_since(now) > QUEUE {
            return None;
        }
        // 28 bytes of IP and UDP headers weigh too.
        let end = start + Duration::from_nanos((bytes as u64 + 28) * 8 * 1_000_000_000 / rate);
        self.free_at = Some(end);
        Some(end)
    }
}
