//! What the estimate does on connections of all kinds, over twenty seeds each.

use super::simulation::{Link, Simulation, Source, write};
use super::{Estimator, Feedback};
use crate::testing::at_ms;

const SEEDS: std::ops::Range<u64> = 0..20;
const LAYERS: &[u64] = &[200_000, 700_000, 1_700_000];

fn link_of(capacity_bps: u64, jitter_ms: u64) -> Link {
    Link { jitter_ms, ..Link::of(capacity_bps) }
}

#[test]
fn finds_what_the_link_carries() {
    let cases = [
        (300_000, 300_000, 2),
        (300_000, 1_000_000, 2),
        (1_000_000, 300_000, 15),
        (1_000_000, 1_000_000, 2),
        (5_000_000, 300_000, 2),
        (5_000_000, 1_000_000, 15),
    ];
    for (capacity, start, jitter_ms) in cases {
        for seed in SEEDS {
            let link = link_of(capacity, jitter_ms);
            let mut simulation = Simulation::new(seed, start, link, Source::Adaptive(8_000_000));
            simulation.run_ms(5_000);
            let settled_us = simulation.now_us;
            let share = simulation.mean_bps(7_000) / capacity as f64;
            assert!((0.78..1.0).contains(&share), "{capacity} bit/s from {start}, seed {seed}: {share:.2}");
            let queue_ms = simulation.longest_queue_ms(settled_us);
            assert!(queue_ms < 350, "{capacity} bit/s from {start}, seed {seed}: a queue of {queue_ms} ms");
        }
    }
}

#[test]
fn backs_off_when_the_link_narrows_and_comes_back() {
    for (capacity, jitter_ms) in [(300_000, 15), (1_000_000, 2), (3_000_000, 15)] {
        for seed in SEEDS {
            let link = link_of(capacity, jitter_ms);
            let mut simulation = Simulation::new(seed, 300_000, link, Source::Adaptive(8_000_000));
            simulation.run_ms(8_000);
            simulation.link.capacity_bps = capacity / 3;
            let down_ms = simulation.time_ms(5_000, |now| now.bps() < capacity as f64 / 3.0);
            assert!(down_ms < 1_300, "{capacity} bit/s, seed {seed}: {down_ms} ms");
            simulation.run_ms(2_500 - down_ms);
            let settled_us = simulation.now_us;
            simulation.run_ms(5_000);
            let queue_ms = simulation.longest_queue_ms(settled_us);
            assert!(queue_ms < 350, "{capacity} bit/s, seed {seed}: a queue of {queue_ms} ms");
            simulation.link.capacity_bps = capacity;
            let up_ms = simulation.time_ms(20_000, |now| now.bps() > 0.8 * capacity as f64);
            assert!(up_ms < 10_000, "{capacity} bit/s, seed {seed}: {up_ms} ms");
        }
    }
}

#[test]
fn one_who_sends_little_keeps_the_estimate() {
    for seed in SEEDS {
        let mut simulation = Simulation::new(seed, 1_000_000, link_of(3_000_000, 20), Source::Layers(LAYERS));
        simulation.run_ms(8_000);
        assert!(simulation.bps() > 2_000_000.0, "seed {seed}: {}", simulation.bps());
        simulation.source = Source::Fixed(200_000);
        for second in 0..20 {
            simulation.run_ms(1_000);
            let bps = simulation.bps();
            assert!((2e6..4e6).contains(&bps), "seed {seed}, after {second} s: {bps}");
        }
    }
}

#[test]
fn what_was_not_shown_is_not_believed() {
    for seed in SEEDS {
        let mut simulation = Simulation::new(seed, 100_000, Link::of(5_000_000), Source::Fixed(200_000));
        simulation.run_ms(30_000);
        let bps = simulation.bps();
        assert!((190e3..420e3).contains(&bps), "seed {seed}: {bps}");
        assert!(simulation.probe_bytes < 10_000, "seed {seed}: {} bytes of padding", simulation.probe_bytes);
    }
}

#[test]
fn losses_that_have_nothing_to_do_with_the_rate() {
    for (loss_permille, least) in [(20, 0.7), (50, 0.6)] {
        for seed in SEEDS {
            let link = Link { loss_permille, ..Link::of(3_000_000) };
            let mut simulation = Simulation::new(seed, 1_000_000, link, Source::Adaptive(2_000_000));
            simulation.run_ms(8_000);
            let share = simulation.mean_bps(15_000) / 3e6;
            assert!(share > least, "{loss_permille} permille, seed {seed}: {share:.2}");
        }
    }
}

#[test]
fn a_queue_that_holds_next_to_nothing() {
    for seed in SEEDS {
        let link = Link { queue_ms: 40, ..Link::of(1_000_000) };
        let mut simulation = Simulation::new(seed, 300_000, link, Source::Adaptive(8_000_000));
        simulation.run_ms(5_000);
        let share = simulation.mean_bps(15_000) / 1e6;
        assert!((0.55..1.15).contains(&share), "seed {seed}: {share:.2}");
    }
}

#[test]
fn others_on_the_same_link() {
    for seed in SEEDS {
        let link = Link { cross_bps: 1_000_000, ..Link::of(3_000_000) };
        let mut simulation = Simulation::new(seed, 300_000, link, Source::Adaptive(8_000_000));
        simulation.run_ms(5_000);
        let share = simulation.mean_bps(10_000) / 2e6;
        assert!((0.7..1.1).contains(&share), "seed {seed}: {share:.2}");
    }
}

#[test]
fn a_cut_that_heals() {
    for seed in SEEDS {
        let mut simulation = Simulation::new(seed, 300_000, Link::of(2_000_000), Source::Layers(LAYERS));
        simulation.run_ms(6_000);
        assert!(simulation.bps() > 1_500_000.0, "seed {seed}: {}", simulation.bps());
        simulation.link.loss_permille = 1_000;
        simulation.run_ms(5_000);
        assert!(simulation.bps() < 500_000.0, "seed {seed}: {}", simulation.bps());
        simulation.link.loss_permille = 0;
        let back_ms = simulation.time_ms(20_000, |now| now.bps() > 1_500_000.0);
        assert!(back_ms < 10_000, "seed {seed}: {back_ms} ms");
    }
}

#[test]
fn a_few_kilobytes_each() {
    let size = size_of::<Estimator>();
    assert!(size < 1_500, "{size} bytes besides the ring of 8 KiB");
}

#[test]
fn a_receiver_whose_clock_makes_no_sense() {
    let mut estimator = Estimator::new(1_000_000, at_ms(0));
    let mut report = write(0, &[Some(0)]);
    for number in 0..300_000_u32 {
        estimator.on_sent(at_ms(u64::from(number)), number as u16, 1_000);
        report[12..14].copy_from_slice(&(number as u16).to_be_bytes());
        // As far ahead as can be, again and again.
        report[16..19].copy_from_slice(&(number.wrapping_mul(0x7f_ffff)).to_be_bytes()[1..]);
        let feedback = Feedback::parse(&report).unwrap();
        estimator.on_feedback(at_ms(u64::from(number) + 1), &feedback);
    }
    assert!((20_000..=1_000_000_000).contains(&estimator.estimate_bps()));
}
