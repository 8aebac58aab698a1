//! When a publisher's packets were taken, on our clock.
//!
//! A viewer keeps lips and words together by sender reports, which tie each stream's timestamps to a clock. If the clock
//! is the time at which packets came in, the publisher's network makes the two streams drift apart by its delay at
//! that moment. So packets are dated by their timestamps, and these are tied to our clock in two steps:
//!
//! 1. by the smallest delay with which packets of the stream came ([`Heard`]). That alone is what there is of a publisher
//!    who has not reported yet, or never does: a network delays sound and picture alike, at best.
//! 2. by the publisher's own reports, where it tells that a camera and an encoder took longer than a microphone.
//!
//! The one rule: sound and picture of a publisher are moved by the same amount. Source: RFC 3550 §6.4.1.

use std::time::{Duration, Instant};

use crate::packet::Packet;

/// The smallest delay is forgotten at this rate, so that a clock which runs slower than ours is followed.
const FORGET_PER_S: f64 = 0.000_5;
/// A date further from the arrival than this is not believed.
const DOUBT_S: f64 = 3.0;
/// Streams of one publisher: sound, three layers, and a few that changed their SSRC.
const MOST_STREAMS: usize = 16;

/// The publisher's clocks against ours.
#[derive(Debug)]
pub(crate) struct Timeline {
    start: Instant,
    streams: Vec<Heard>,
}

impl Timeline {
    pub(crate) fn new(start: Instant) -> Self {
        Self { start, streams: Vec::new() }
    }

    /// When a packet of a stream was taken: no later than it came.
    pub(crate) fn date(&mut self, ssrc: u32, packet: &Packet) -> Instant {
        let arrival_s = packet.arrival.saturating_duration_since(self.start).as_secs_f64();
        let place = self.place(ssrc, packet);
        let heard = &mut self.streams[place];
        let heard_s = heard.by_arrival(arrival_s, packet);
        let Some(theirs_s) = their_time_s(packet) else { return self.at(packet, arrival_s, heard_s) };
        let own = learn(&mut heard.told, arrival_s, heard_s - theirs_s);
        let told = self.streams.iter().filter_map(|stream| Some(stream.told?.at(arrival_s)));
        // Clocks that are so far apart are not one clock; then nothing is known but the arrival.
        let shared = told.filter(|told| own - told < DOUBT_S).fold(own, f64::min);
        self.at(packet, arrival_s, theirs_s + shared)
    }

    fn place(&mut self, ssrc: u32, packet: &Packet) -> usize {
        if let Some(place) = self.streams.iter().position(|stream| stream.ssrc == ssrc) {
            return place;
        }
        if self.streams.len() == MOST_STREAMS {
            self.streams.remove(0);
        }
        self.streams.push(Heard { ssrc, newest: (packet.timestamp, 0), delay: None, told: None });
        self.streams.len() - 1
    }

    fn at(&self, packet: &Packet, arrival_s: f64, taken_s: f64) -> Instant {
        let early_s = (arrival_s - taken_s).clamp(0.0, DOUBT_S);
        packet.arrival.checked_sub(Duration::from_secs_f64(early_s)).unwrap_or(packet.arrival)
    }
}

/// One stream's clock.
#[derive(Debug)]
struct Heard {
    ssrc: u32,
    /// The newest timestamp, and how many ticks it is from the first.
    newest: (u32, i64),
    /// Our time less that of its timestamps.
    delay: Option<Offset>,
    /// Our time less that of its reports.
    told: Option<Offset>,
}

impl Heard {
    /// When a packet was taken, if the fastest came without delay.
    fn by_arrival(&mut self, arrival_s: f64, packet: &Packet) -> f64 {
        let (newest, ticks) = self.newest;
        let ticks = ticks + i64::from(packet.timestamp.wrapping_sub(newest) as i32);
        if ticks > self.newest.1 {
            self.newest = (packet.timestamp, ticks);
        }
        let stamp_s = ticks as f64 / f64::from(packet.codec.clock_rate_hz());
        stamp_s + learn(&mut self.delay, arrival_s, arrival_s - stamp_s)
    }
}

/// How far our clock is ahead of another.
#[derive(Clone, Copy, Debug)]
struct Offset {
    seconds: f64,
    learnt_at_s: f64,
}

impl Offset {
    /// What is still thought of it at that time.
    fn at(self, now_s: f64) -> f64 {
        self.seconds + (now_s - self.learnt_at_s).max(0.0) * FORGET_PER_S
    }
}

/// Learns from what was seen: the least counts, unless the clock was set back.
fn learn(offset: &mut Option<Offset>, now_s: f64, seen_s: f64) -> f64 {
    let known_s = offset.map(|offset| offset.at(now_s)).filter(|known_s| seen_s - known_s < DOUBT_S);
    let seconds = known_s.map_or(seen_s, |known_s| known_s.min(seen_s));
    *offset = Some(Offset { seconds, learnt_at_s: now_s });
    seconds
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
    const SOUND: u32 = 1;
    const PICTURE: u32 = 2;

    /// Taken so many milliseconds after the start of the stream, arrived at another time.
    fn taken(packet: Packet, taken_ms: u64, arrival_ms: u64) -> Packet {
        let rate = u64::from(packet.codec.clock_rate_hz());
        let timestamp = u32::MAX.wrapping_add((taken_ms * rate / 1_000) as u32);
        Packet { timestamp, arrival: at_ms(arrival_ms), clock: None, ..packet }
    }

    /// The same, with a report by which the stream started so many milliseconds after `WALL`.
    fn told(packet: Packet, taken_ms: u64, arrival_ms: u64, start_ms: u64) -> Packet {
        let clock = Some(SenderClock { wall: WALL + Duration::from_millis(start_ms), timestamp: u32::MAX });
        Packet { clock, ..taken(packet, taken_ms, arrival_ms) }
    }

    fn date_ms(timeline: &mut Timeline, ssrc: u32, packet: &Packet) -> i64 {
        let date = timeline.date(ssrc, packet);
        (date.saturating_duration_since(at_ms(0)).as_secs_f64() * 1_000.0).round() as i64
    }

    #[test]
    fn jitter_does_not_show() {
        let sound = |taken_ms, arrival_ms| (SOUND, told(audio(1), taken_ms, arrival_ms, 0));
        let picture = |taken_ms, arrival_ms| (PICTURE, told(packet(1), taken_ms, arrival_ms, 0));
        let steps = [
            (sound(0, 50), 50),
            (picture(20, 150), 70), // 80 ms late
            (sound(40, 90), 90),
            (picture(60, 300), 110), // 190 ms late
        ];
        let mut with_reports = Timeline::new(at_ms(0));
        for ((ssrc, packet), expected) in steps {
            assert_eq!(date_ms(&mut with_reports, ssrc, &packet), expected);
        }
    }

    #[test]
    fn without_reports_the_fastest_of_each_stream_counts() {
        let mut timeline = Timeline::new(at_ms(0));
        let mut date = |taken_ms, arrival_ms| date_ms(&mut timeline, PICTURE, &taken(packet(1), taken_ms, arrival_ms));
        assert_eq!(date(0, 500), 500);
        assert_eq!(date(10, 600), 510, "90 ms late");
        assert_eq!(date(20, 510), 510, "a faster one");
        assert_eq!(date(30, 640), 520);
        assert_eq!(date(10, 650), 500, "one that was lost and came again");
    }

    #[test]
    fn the_first_report_goes_on_from_what_was_heard() {
        let mut timeline = Timeline::new(at_ms(0));
        date_ms(&mut timeline, SOUND, &taken(audio(1), 0, 30));
        date_ms(&mut timeline, PICTURE, &taken(packet(1), 0, 130));
        // It is late, which must not count as the delay; and the picture takes 100 ms more than the sound.
        let date = date_ms(&mut timeline, SOUND, &told(audio(1), 40, 170, 0));
        assert_eq!(date, 70);
        let date = date_ms(&mut timeline, PICTURE, &told(packet(1), 40, 190, 0));
        assert_eq!(date, 70, "taken at the same moment");
    }

    #[test]
    fn a_wild_clock_hurts_nobody() {
        let mut timeline = Timeline::new(at_ms(0));
        for step in 0..10 {
            let (taken_ms, late_ms) = (step * 40, (step % 3) * 20);
            let sound = told(audio(1), taken_ms, taken_ms + 100 + late_ms, 0);
            let picture = told(packet(1), taken_ms, taken_ms + 100 + late_ms, 60_000);
            assert_eq!(date_ms(&mut timeline, SOUND, &sound), taken_ms as i64 + 100);
            assert_eq!(date_ms(&mut timeline, PICTURE, &picture), taken_ms as i64 + 100, "a minute ahead");
        }
        let set_right = told(packet(1), 400, 500, 0);
        assert_eq!(date_ms(&mut timeline, PICTURE, &set_right), 500);
        let restarted = taken(packet(1), 0, 9_000);
        assert_eq!(date_ms(&mut timeline, PICTURE, &restarted), 9_000, "an encoder that began anew");
    }
}
