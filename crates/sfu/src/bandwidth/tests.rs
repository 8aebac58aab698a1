//! What the estimate does on connections of all kinds, over twenty seeds each.

use super::simulation::{Link, Simulation, Source};

const SEEDS: std::ops::Range<u64> = 0..20;

#[test]
fn finds_what_the_link_carries() {
    for (capacity, start) in [(300_000, 300_000), (300_000, 1_000_000), (1_000_000, 300_000), (5_000_000, 300_000)] {
        for seed in SEEDS {
            let mut simulation = Simulation::new(seed, start, Link::of(capacity), Source::Adaptive(8_000_000));
            simulation.run_ms(6_000);
            let share = simulation.mean_bps(10_000) / capacity as f64;
            assert!((0.7..1.0).contains(&share), "{capacity} bit/s from {start}, seed {seed}: {share:.2}");
        }
    }
}

const LAYERS: &[u64] = &[200_000, 700_000, 1_700_000];

#[test]
fn backs_off_when_the_link_narrows_and_comes_back() {
    for capacity in [300_000, 1_000_000, 3_000_000] {
        for seed in SEEDS {
            let mut simulation = Simulation::new(seed, 300_000, Link::of(capacity), Source::Adaptive(8_000_000));
            simulation.run_ms(10_000);
            simulation.link.capacity_bps = capacity / 3;
            let down_ms = simulation.time_ms(5_000, |now| now.bps() < capacity as f64 / 3.0);
            assert!(down_ms < 1_500, "{capacity} bit/s, seed {seed}: {down_ms} ms");
            simulation.run_ms(4_000 - down_ms);
            let settled_us = simulation.now_us;
            simulation.run_ms(5_000);
            let queue_ms = simulation.longest_queue_ms(settled_us);
            assert!(queue_ms < 400, "{capacity} bit/s, seed {seed}: a queue of {queue_ms} ms");
            simulation.link.capacity_bps = capacity;
            let up_ms = simulation.time_ms(20_000, |now| now.bps() > 0.8 * capacity as f64);
            assert!(up_ms < 10_000, "{capacity} bit/s, seed {seed}: {up_ms} ms");
        }
    }
}

#[test]
fn one_who_sends_little_keeps_the_estimate() {
    for seed in SEEDS {
        let link = Link { jitter_ms: 20, ..Link::of(3_000_000) };
        let mut simulation = Simulation::new(seed, 1_000_000, link, Source::Layers(LAYERS));
        simulation.run_ms(10_000);
        assert!(simulation.bps() > 2_000_000.0, "seed {seed}: {}", simulation.bps());
        simulation.source = Source::Fixed(200_000);
        for second in 0..30 {
            simulation.run_ms(1_000);
            let bps = simulation.bps();
            assert!(bps > 2_000_000.0, "seed {seed}, after {second} s: {bps}");
        }
    }
}
