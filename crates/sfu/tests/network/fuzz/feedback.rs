//! Transport-wide feedback, and what the estimate makes of it.

use std::time::Duration;

use switchboard_sfu::{Estimator, Feedback};

use crate::world::World;

/// Any bytes as one report; then packets, probes and reports of any kind in any order: a byte says what happens, and
/// how long after.
pub fn body(input: &[u8]) {
    if let Some(feedback) = Feedback::parse(input) {
        assert!(feedback.arrivals().count() <= usize::from(feedback.count()));
    }
    let mut now = World::new(0).now;
    let mut estimator = Estimator::new(1_000_000, now);
    estimator.desire(now, 3_000_000);
    let (mut sequence, mut rest) = (0_u16, input);
    while let [what, tail @ ..] = rest {
        now += Duration::from_micros(u64::from(*what) * 97);
        rest = tail;
        match what % 4 {
            0 => {
                estimator.on_sent(now, sequence, usize::from(*what) * 6);
                sequence = sequence.wrapping_add(1);
            }
            1 => {
                let _ = estimator.poll_probe(now);
            }
            2 => {
                if let Some(feedback) = Feedback::parse(rest) {
                    estimator.on_feedback(now, &feedback);
                }
            }
            _ => report(&mut estimator, now, sequence, &mut rest),
        }
        let estimate = estimator.estimate_bps();
        assert!((20_000..=1_000_000_000).contains(&estimate), "{estimate}");
        assert!(estimator.loss_permille() <= 1_000);
    }
}

/// A whole report of the last packets, whose symbols and steps are taken from the input.
fn report(estimator: &mut Estimator, now: std::time::Instant, next: u16, rest: &mut &[u8]) {
    let Some((head, tail)) = rest.split_first_chunk::<4>() else { return };
    *rest = tail;
    let first = next.wrapping_sub(u16::from(head[0] % 32));
    let mut bytes = vec![0x8f, 205, 0, 8, 0, 0, 0, 1, 0, 0, 0, 2];
    bytes.extend(first.to_be_bytes());
    bytes.extend([0, head[1] % 32, 0, 0, head[2], head[3], 0x20, 8, 0x40, head[0]]);
    bytes.extend(tail.iter().chain(&[1; 12]).take(12));
    bytes.resize(36, 1);
    if let Some(feedback) = Feedback::parse(&bytes) {
        estimator.on_feedback(now, &feedback);
    }
}

/// Reports of runs and vectors, and a history of sending.
pub fn corpus() -> Vec<Vec<u8>> {
    let run = vec![0x8f, 205, 0, 6, 0, 0, 0, 1, 0, 0, 0, 2, 0, 5, 0, 4, 0, 0, 9, 1, 0x20, 4, 4, 0, 10, 255, 0, 0];
    let vectors =
        vec![0xaf, 205, 0, 6, 0, 0, 0, 1, 0, 0, 0, 2, 0, 5, 0, 21, 0, 0, 9, 1, 0xbf, 0xff, 0xd8, 0x80, 1, 1, 0, 2];
    let history: Vec<u8> = (0..400_u16).map(|step| [40, 44, 201, 3, 16, 8, 1, 2][usize::from(step % 8)]).collect();
    vec![run, vectors, history]
}
