//! What a viewer is told about its streams, and what it tells.
//!
//! The one rule: the clocks of sound and picture are told against one and the same clock, by which the viewer plays them
//! in step: the time of day. When what a viewer was told does not hold any more, it is told anew at once.
//!
//! Source: RFC 3550 §6.3 (how often) and §6.4.1 (sender reports; the round trip from them).

use std::time::{Duration, Instant};

use super::stream::{Last, Stream};
use crate::calendar::TimeOfDay;
use crate::network::demux::Path;
use crate::network::outbox::Outbox;
use crate::packet::Kind;
use crate::rtcp::{self, Report, SenderReport};
use crate::srtp::{MOST_REPORT, ReportOpener, ReportSealer};

/// Browsers report as often while they send a picture. RFC 3550 allows it from 360 kbit/s on, where it is less than a
/// thousandth.
const EVERY: Duration = Duration::from_secs(1);
/// However much there is to tell.
const SELDOM: Duration = Duration::from_millis(100);
/// A longer round trip is a mistake.
const LONGEST_TRIP: Duration = Duration::from_secs(30);

/// Both ways of reporting.
#[derive(Debug)]
pub(super) struct Reports {
    time_of_day: TimeOfDay,
    cname: String,
    keys: Option<(ReportSealer, ReportOpener)>,
    next: Option<Instant>,
    last: Option<Instant>,
    round_trip: Option<Duration>,
    loss: Option<f32>,
}

impl Reports {
    pub(super) fn new(time_of_day: TimeOfDay, cname: String) -> Self {
        Self { time_of_day, cname, keys: None, next: None, last: None, round_trip: None, loss: None }
    }

    pub(super) fn set_keys(&mut self, sealer: ReportSealer, opener: ReportOpener) {
        self.keys = Some((sealer, opener));
    }

    /// There is something new to tell: a stream that begins, or timestamps that mean something else from now on.
    pub(super) fn hurry(&mut self, now: Instant) {
        let soon = self.last.map_or(now, |last| now.max(last + SELDOM));
        self.next = Some(self.next.map_or(soon, |next| next.min(soon)));
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.next
    }

    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// Of a thousand packets so many were lost, over the last few reports.
    pub(super) fn loss_permille(&self) -> Option<u16> {
        self.loss.map(|share| (share * 1e3) as u16)
    }

    /// Reports, if it is time.
    pub(super) fn send(&mut self, now: Instant, path: &Path, out: &mut Outbox, streams: &mut [Stream]) {
        if self.next.is_none_or(|next| now < next) {
            return;
        }
        let ntp = self.time_of_day.ntp(now);
        let Some((sealer, _)) = &mut self.keys else { return };
        (self.last, self.next) = (Some(now), Some(now + EVERY));
        streams.iter_mut().for_each(Stream::tell);
        let streams = &*streams;
        let begun = || streams.iter().filter_map(|stream| Some((stream, stream.last?)));
        if begun().next().is_none() {
            return;
        }
        out.append(path, |bytes| {
            let start = bytes.len();
            for (stream, last) in begun() {
                let timestamp = timestamp(now, stream.kind, last);
                let Stream { ssrc, packets, octets, .. } = *stream;
                rtcp::sender_report(bytes, &SenderReport { ssrc, ntp, timestamp, packets, octets });
            }
            rtcp::names(bytes, begun().map(|(stream, _)| stream.ssrc), &self.cname);
            sealer.seal(bytes, start)
        });
    }

    /// Says that the streams end.
    pub(super) fn goodbye(&mut self, path: &Path, out: &mut Outbox, streams: &[Stream]) {
        let (Some((sealer, _)), Some(first)) = (&mut self.keys, streams.first()) else { return };
        out.append(path, |bytes| {
            let start = bytes.len();
            // A compound begins with a report; this one has nothing to report but its name.
            let (ssrc, packets, octets) = (first.ssrc, first.packets, first.octets);
            rtcp::sender_report(bytes, &SenderReport { ssrc, ntp: 0, timestamp: 0, packets, octets });
            rtcp::names(bytes, std::iter::once(ssrc), &self.cname);
            rtcp::goodbye(bytes, streams.iter().map(|stream| stream.ssrc));
            sealer.seal(bytes, start)
        });
    }

    /// Opens a report of the viewer.
    pub(super) fn open<'a>(&mut self, packet: &[u8], room: &'a mut [u8; MOST_REPORT]) -> Option<&'a [u8]> {
        self.keys.as_mut()?.1.open(packet, room)
    }

    /// Takes in what the viewer says of one of its streams.
    pub(super) fn take(&mut self, now: Instant, report: &Report) {
        // Between two reports there may be a few dozen packets: too few to tell a share by.
        let share = f32::from(report.lost_of_256) / 256.0;
        self.loss = Some(self.loss.map_or(share, |loss| (loss + share) / 2.0));
        let Some((told, ago)) = report.last_sender_report else { return };
        let trip = ((self.time_of_day.ntp(now) >> 16) as u32).wrapping_sub(told).wrapping_sub(ago);
        // What is a little below zero was measured by two clocks.
        let trip = if trip > u32::MAX / 2 { 0 } else { trip };
        let trip = Duration::from_secs_f64(f64::from(trip) / 65_536.0);
        if trip < LONGEST_TRIP {
            self.round_trip = Some(trip);
        }
    }
}

/// What the stream's clock shows now.
fn timestamp(now: Instant, kind: Kind, last: Last) -> u32 {
    let since_s = now.saturating_duration_since(last.taken).as_secs_f64();
    last.timestamp.wrapping_add((since_s * kind.clock_rate_hz()) as u64 as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at_ms;

    #[test]
    fn both_clocks_at_one_moment() {
        // A picture taken at 100 ms that was long under way, and a sound taken at 400 ms that was not: at 500 ms both
        // clocks have gone on by as much as there was time since.
        let cases = [(Kind::Video, 100, 400 * 90), (Kind::Audio, 400, 100 * 48)];
        for (kind, taken_ms, ticks) in cases {
            let last = Last { timestamp: u32::MAX, taken: at_ms(taken_ms) };
            assert_eq!(timestamp(at_ms(500), kind, last), (ticks - 1) as u32, "{kind:?}");
        }
    }

    #[test]
    fn the_round_trip() {
        let day = TimeOfDay { at: at_ms(0), since_1970: Duration::from_secs(1_767_225_600) };
        let mut reports = Reports::new(day, "name".to_owned());
        let sent = (day.ntp(at_ms(10_000)) >> 16) as u32;
        let report = |ago| Report { ssrc: 1, lost_of_256: 3, last_sender_report: Some((sent, ago)) };
        reports.take(at_ms(10_150), &report(65_536 / 10));
        let trip = reports.round_trip().expect("measured");
        assert!((49..=51).contains(&trip.as_millis()), "{trip:?}");
        reports.take(at_ms(10_150), &report(65_536));
        assert_eq!(reports.round_trip(), Some(Duration::ZERO), "its clock runs fast");
        reports.take(at_ms(90_000), &report(1));
        assert_eq!(reports.round_trip(), Some(Duration::ZERO), "a minute is a mistake");
        assert_eq!(reports.loss_permille(), Some(11));
    }
}
