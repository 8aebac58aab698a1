//! When a publisher's packets were taken, on our clock.
//!
//! A viewer keeps lips and words together by sender reports, which tie each stream's timestamps to a clock. If the clock
//! is the time at which packets came in, the publisher's network makes the two streams drift apart by its delay at
//! that moment. So packets are dated by the publisher's own reports, moved to our clock by the smallest delay seen.
//!
//! The one rule: sound and picture of a publisher are moved by the same amount. Source: RFC 3550 §6.4.1.

use std::time::{Duration, Instant};

use crate::packet::Packet;

/// The smallest delay is forgotten at this rate, so that a clock which runs slower than ours is followed.
const FORGET_PER_S: f64 = 0.000_5;
/// A date further from the arrival than this is not believed.
const DOUBT: Duration = Duration::from_secs(3);

/// The publisher's clock against ours.
#[derive(Debug)]
pub(crate) struct Timeline {
    start: Instant,
    /// Their time of our start, as far as it is known, and when it was last learnt.
    offset_s: Option<(f64, Instant)>,
}

impl Timeline {
    pub(crate) fn new(start: Instant) -> Self {
        Self { start, offset_s: None }
    }

    /// When the packet was taken: its arrival where the publisher has not told its clocks, or told nonsense.
    pub(crate) fn date(&mut self, packet: &Packet) -> Instant {
        let arrival = packet.arrival;
        let Some(theirs_s) = their_time_s(packet) else { return arrival };
        let ours_s = arrival.saturating_duration_since(self.start).as_secs_f64();
        let seen_s = ours_s - theirs_s;
        let offset_s = match self.offset_s {
            None => seen_s,
            Some((offset_s, at)) => {
                let forgotten_s = arrival.saturating_duration_since(at).as_secs_f64() * FORGET_PER_S;
                seen_s.min(offset_s + forgotten_s)
            }
        };
        let early_s = seen_s - offset_s;
        if early_s > DOUBT.as_secs_f64() {
            self.offset_s = None;
            return arrival;
        }
        self.offset_s = Some((offset_s, arrival));
        arrival.checked_sub(Duration::from_secs_f64(early_s)).unwrap_or(arrival)
    }
}

/// The publisher's wall clock at the packet's timestamp, in seconds.
fn their_time_s(packet: &Packet) -> Option<f64> {
    let clock = packet.clock?;
    let ticks = packet.timestamp.wrapping_sub(clock.timestamp) as i32;
    Some(clock.wall.as_secs_f64() + f64::from(ticks) / f64::from(packet.codec.clock_rate_hz()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::SenderClock;
    use crate::testing::{at_ms, audio, packet};

    const WALL: Duration = Duration::from_secs(1_700_000_000);

    /// Taken so many milliseconds after the publisher's first report, arrived at another time.
    fn taken(packet: Packet, taken_ms: u64, arrival_ms: u64) -> Packet {
        let rate = u64::from(packet.codec.clock_rate_hz());
        let clock = Some(SenderClock { wall: WALL, timestamp: 77 });
        Packet { timestamp: 77 + (taken_ms * rate / 1_000) as u32, arrival: at_ms(arrival_ms), clock, ..packet }
    }

    fn date_ms(timeline: &mut Timeline, packet: &Packet) -> i64 {
        let date = timeline.date(packet);
        (date.saturating_duration_since(at_ms(0)).as_secs_f64() * 1_000.0).round() as i64
    }

    #[test]
    fn jitter_does_not_show() {
        let mut timeline = Timeline::new(at_ms(0));
        let (sound, picture) = (|taken_ms, arrival| taken(audio(1), taken_ms, arrival), |a, b| taken(packet(1), a, b));
        assert_eq!(date_ms(&mut timeline, &sound(0, 50)), 50);
        assert_eq!(date_ms(&mut timeline, &picture(20, 150)), 70, "80 ms late");
        assert_eq!(date_ms(&mut timeline, &sound(40, 90)), 90);
        assert_eq!(date_ms(&mut timeline, &picture(60, 300)), 110, "190 ms late");
    }

    #[test]
    fn without_a_clock_or_with_a_wild_one_it_is_the_arrival() {
        let mut timeline = Timeline::new(at_ms(0));
        let plain = Packet { arrival: at_ms(500), ..packet(1) };
        assert_eq!(date_ms(&mut timeline, &plain), 500);
        assert_eq!(date_ms(&mut timeline, &taken(packet(1), 10_000, 600)), 600);
        assert_eq!(date_ms(&mut timeline, &taken(packet(1), 10, 700)), 700, "ten seconds back: start anew");
        assert_eq!(date_ms(&mut timeline, &taken(packet(1), 40, 800)), 800);
        assert_eq!(date_ms(&mut timeline, &taken(packet(1), 70, 900)), 830);
    }
}
