//! Clients of the load: one publishes or one watches, each over its own connection.
//!
//! The one rule: a viewer opens every packet that it gets, counts by sequence numbers, dates by the kernel's stamp, and
//! reports as browsers do: a receiver report every second, transport feedback ten times a second if it was agreed on.

use std::time::{Duration, Instant};

use super::{
    floor,
    link::{Link, Media, fresh_ssrc},
    picture::{Camera, FRAME, FRAME_TICKS, PACKET_BYTES, mark, read_mark, wall_ns},
    rtcp::{self, Feedback, Received, Sent, extend},
    sdp::{self, Theirs},
    srtp::TAG_BYTES,
    window::Tally,
};
use crate::{Outcome, process::now};

const REPORT: Duration = Duration::from_secs(1);
const FEEDBACK: Duration = Duration::from_millis(100);
/// Fixed header, and one extension of a word with its own header.
const SENT_HEADER_BYTES: usize = 12 + 8;

/// A client.
pub(super) struct Client {
    pub(super) link: Link,
    pub(super) role: Role,
    ssrc: u32,
    theirs: Option<Theirs>,
    gave_up: bool,
    /// When the next thing is due that is neither a frame nor a packet.
    pub(super) due: Instant,
}

/// What a client is there for.
pub(super) enum Role {
    /// To publish.
    Publisher(Publisher),
    /// To watch.
    Viewer(Viewer),
    /// To take what the floor sends.
    Sink,
}

/// What publishes.
pub(super) struct Publisher {
    camera: Camera,
    pub(super) next_frame: Instant,
    sequence: u64,
    timestamp: u32,
    packets: u32,
    octets: u32,
    report_at: Instant,
}

/// What watches.
#[derive(Default)]
pub(super) struct Viewer {
    /// When it asked to be let in, by the wall clock.
    pub(super) asked_ns: u64,
    /// When the first packet came.
    pub(super) first_ns: Option<u64>,
    pub(super) highest: Option<u64>,
    pub(super) received: u64,
    /// Whether it was there when the window was opened, and what it had then.
    pub(super) counted: bool,
    pub(super) highest_then: u64,
    pub(super) received_then: u64,
    stream: Option<u32>,
    lowest: u64,
    reported: (u64, u64),
    transit_ns: i64,
    jitter_ns: f64,
    feedback: Feedback,
    report_at: Option<Instant>,
    feedback_at: Option<Instant>,
}

impl Client {
    pub(super) fn publisher(link: Link, first_frame: Instant) -> Outcome<Self> {
        let publisher = Publisher {
            camera: Camera::new(),
            next_frame: first_frame,
            sequence: 1_000,
            timestamp: 90_000,
            packets: 0,
            octets: 0,
            report_at: first_frame,
        };
        Self::new(link, Role::Publisher(publisher))
    }

    pub(super) fn viewer(link: Link, asked_ns: u64) -> Outcome<Self> {
        Self::new(link, Role::Viewer(Viewer { asked_ns, ..Viewer::default() }))
    }

    pub(super) fn sink(link: Link) -> Outcome<Self> {
        Self::new(link, Role::Sink)
    }

    fn new(link: Link, role: Role) -> Outcome<Self> {
        Ok(Self { link, role, ssrc: fresh_ssrc()?, theirs: None, gave_up: false, due: now() })
    }

    pub(super) fn offer(&self) -> Outcome<String> {
        let publishes = matches!(self.role, Role::Publisher(_));
        Ok(sdp::offer(&self.link.ours(publishes.then_some(self.ssrc))?))
    }

    /// Takes the answer to its offer.
    pub(super) fn accept(&mut self, answer: &str) -> Outcome {
        let theirs = sdp::read(answer)?;
        self.link.connect(&theirs, true);
        self.theirs = Some(theirs);
        Ok(())
    }

    /// Answers a server's offer.
    pub(super) fn answer(&mut self, offer: &str) -> Outcome<String> {
        let theirs = sdp::read(offer)?;
        self.link.connect(&theirs, false);
        let answer = sdp::answer(&self.link.ours(None)?, &theirs);
        self.theirs = Some(theirs);
        Ok(answer)
    }

    /// Its connection has failed: it does nothing any more, and is missed where viewers are counted.
    pub(super) fn give_up(&mut self, error: &dyn std::fmt::Display) {
        if self.gave_up {
            return;
        }
        self.gave_up = true;
        eprintln!("a client gave up: {error}");
    }

    /// Takes in a datagram, with the kernel's time of its arrival.
    pub(super) fn receive(&mut self, datagram: &mut [u8], arrived_ns: u64, tally: &mut Tally) -> Outcome {
        if self.gave_up {
            return Ok(());
        }
        if let (Role::Sink, Some(sent_ns)) = (&self.role, floor::read_mark(datagram)) {
            tally.delivered += 1;
            tally.delay.add(arrived_ns.saturating_sub(sent_ns));
            return Ok(());
        }
        match self.link.receive(datagram)? {
            Some(Media::Rtp) => self.rtp(datagram, arrived_ns, tally),
            Some(Media::Rtcp) => self.rtcp(datagram),
            None => self.due = now(),
        }
        Ok(())
    }

    fn rtcp(&mut self, datagram: &mut [u8]) {
        let Role::Publisher(publisher) = &mut self.role else { return };
        let length = self.link.srtp.as_ref().and_then(|srtp| srtp.open_rtcp(datagram));
        if length.is_some_and(|length| rtcp::wants_key(&datagram[..length])) {
            publisher.camera.want_key();
        }
    }

    fn rtp(&mut self, datagram: &mut [u8], arrived_ns: u64, tally: &mut Tally) {
        let (Role::Viewer(viewer), Some(theirs), Some(srtp)) = (&mut self.role, &self.theirs, &self.link.srtp) else {
            return;
        };
        let Some(header) = Header::read(datagram) else { return };
        if let Some(number) = theirs.extension.and_then(|wanted| header.extension(datagram, wanted)) {
            viewer.feedback.arrived(number, arrived_ns);
        }
        if header.payload_type != theirs.vp8 {
            // Padding that probes the bandwidth, or a packet sent again.
            tally.beside += 1;
            return;
        }
        // A stream starts below 65,536, where extended numbers of this program have their second wrap.
        let sequence = extend(viewer.highest, header.sequence);
        let opened = srtp.open(sequence.wrapping_sub(1 << 16), header.length, datagram);
        let Some(sent_ns) = opened.as_deref().and_then(read_mark) else {
            tally.unopened += 1;
            return;
        };
        viewer.got(sequence, &header, arrived_ns);
        tally.delivered += 1;
        if viewer.counted {
            tally.delay.add(arrived_ns.saturating_sub(sent_ns));
            viewer.dated(arrived_ns, sent_ns);
        }
    }

    /// Does what is due but frames.
    pub(super) fn poll(&mut self, now: Instant) -> Outcome {
        if self.gave_up {
            return Ok(());
        }
        let mut due = self.link.poll(now)?;
        if self.link.srtp.is_some() {
            due = due.min(match &mut self.role {
                Role::Publisher(publisher) => publisher.report(&mut self.link, self.ssrc, now),
                Role::Viewer(viewer) => viewer.report(&mut self.link, self.ssrc, now),
                Role::Sink => due,
            });
        }
        self.due = due;
        Ok(())
    }

    /// Sends a frame if one is due; how late it is, and how many packets it has.
    pub(super) fn film(&mut self, now: Instant) -> Option<(Duration, usize)> {
        let (Role::Publisher(publisher), Some(theirs)) = (&mut self.role, &self.theirs) else { return None };
        if publisher.next_frame > now || self.link.srtp.is_none() {
            return None;
        }
        let late = now - publisher.next_frame;
        // A browser, too, leaves frames out that it has no time for.
        while publisher.next_frame <= now {
            publisher.next_frame += FRAME;
        }
        let packets = publisher.film(&self.link, self.ssrc, theirs);
        Some((late, packets))
    }
}

impl Publisher {
    fn film(&mut self, link: &Link, ssrc: u32, theirs: &Theirs) -> usize {
        let Some(srtp) = &link.srtp else { return 0 };
        let frame = self.camera.shoot();
        self.timestamp = self.timestamp.wrapping_add(FRAME_TICKS);
        let mut packet = Vec::with_capacity(PACKET_BYTES + TAG_BYTES);
        for place in 0..frame.packets {
            self.header(&mut packet, place + 1 == frame.packets, ssrc, theirs);
            packet.resize(PACKET_BYTES, 0);
            frame.fill(place, &mut packet[SENT_HEADER_BYTES..]);
            mark(&mut packet[SENT_HEADER_BYTES..], wall_ns());
            if srtp.seal(self.sequence, SENT_HEADER_BYTES, &mut packet).is_some() {
                link.send(&packet);
            }
            self.sequence += 1;
            self.packets += 1;
            self.octets = self.octets.wrapping_add((PACKET_BYTES - SENT_HEADER_BYTES) as u32);
        }
        frame.packets
    }

    fn header(&self, packet: &mut Vec<u8>, last: bool, ssrc: u32, theirs: &Theirs) {
        let [high, low] = (self.sequence as u16).to_be_bytes();
        packet.clear();
        packet.extend_from_slice(&[0x90, u8::from(last) << 7 | theirs.vp8, high, low]);
        packet.extend_from_slice(&self.timestamp.to_be_bytes());
        packet.extend_from_slice(&ssrc.to_be_bytes());
        // The only stream of its connection: its own number serves for the connection's, too.
        let id = theirs.extension.unwrap_or(15);
        packet.extend_from_slice(&[0xbe, 0xde, 0, 1, id << 4 | 1, high, low, 0]);
    }

    fn report(&mut self, link: &mut Link, ssrc: u32, now: Instant) -> Instant {
        if self.report_at <= now && self.packets > 0 {
            self.report_at = now + REPORT;
            let (timestamp, packets, octets) = (self.timestamp, self.packets, self.octets);
            let sent = Sent { time_ns: wall_ns(), timestamp, packets, octets };
            link.send_rtcp(rtcp::sender_report(ssrc, &sent));
        }
        self.report_at.max(now + Duration::from_millis(10))
    }
}

impl Viewer {
    fn got(&mut self, sequence: u64, header: &Header, arrived_ns: u64) {
        if self.first_ns.is_none() {
            self.first_ns = Some(arrived_ns);
            self.lowest = sequence;
            self.stream = Some(header.ssrc);
        }
        self.highest = self.highest.max(Some(sequence));
        self.received += 1;
    }

    /// RFC 3550 §6.4.1, with the marks in place of timestamps.
    fn dated(&mut self, arrived_ns: u64, sent_ns: u64) {
        let transit_ns = arrived_ns.wrapping_sub(sent_ns) as i64;
        self.jitter_ns += ((transit_ns - self.transit_ns).abs() as f64 - self.jitter_ns) / 16.0;
        self.transit_ns = transit_ns;
    }

    fn report(&mut self, link: &mut Link, sender: u32, now: Instant) -> Instant {
        let (Some(ssrc), Some(highest)) = (self.stream, self.highest) else { return now + FEEDBACK };
        let report_at = *self.report_at.get_or_insert(now);
        if report_at <= now {
            self.report_at = Some(now + REPORT);
            link.send_rtcp(rtcp::receiver_report(sender, &self.received(ssrc, highest)));
        }
        let feedback_at = *self.feedback_at.get_or_insert(now);
        if feedback_at <= now {
            self.feedback_at = Some(now + FEEDBACK);
            if let Some(packet) = self.feedback.report(sender, ssrc) {
                link.send_rtcp(packet);
            }
        }
        self.feedback_at.min(self.report_at).unwrap_or(now)
    }

    fn received(&mut self, ssrc: u32, highest: u64) -> Received {
        let (expected, received) = (highest - self.lowest + 1, self.received);
        let (expected_then, received_then) = std::mem::replace(&mut self.reported, (expected, received));
        let lately = expected - expected_then;
        let lost_lately = lately.saturating_sub(received - received_then);
        Received {
            ssrc,
            fraction_lost: (lost_lately * 256).checked_div(lately).unwrap_or(0).min(255) as u8,
            lost: expected.saturating_sub(received) as u32,
            highest: highest.wrapping_sub(1 << 16) as u32,
            jitter: (self.jitter_ns * 90e-6) as u32,
        }
    }
}

/// What is read of an RTP header.
struct Header {
    payload_type: u8,
    sequence: u16,
    ssrc: u32,
    /// Without and with extensions.
    fixed: usize,
    length: usize,
}

impl Header {
    fn read(packet: &[u8]) -> Option<Self> {
        let fixed = 12 + 4 * usize::from(packet.first()? & 0x0f);
        let extended = packet.first()? & 0x10 != 0;
        let words = if extended { u16::from_be_bytes(*packet.get(fixed + 2..)?.first_chunk()?) } else { 0 };
        Some(Self {
            payload_type: packet.get(1)? & 0x7f,
            sequence: u16::from_be_bytes(*packet.get(2..)?.first_chunk()?),
            ssrc: u32::from_be_bytes(*packet.get(8..)?.first_chunk()?),
            fixed,
            length: if extended { fixed + 4 + 4 * usize::from(words) } else { fixed },
        })
    }

    /// The two bytes of an extension in the one-byte form (RFC 8285 §4.2).
    fn extension(&self, packet: &[u8], wanted: u8) -> Option<u16> {
        let mut rest = packet.get(self.fixed + 4..self.length)?;
        while let [first, after @ ..] = rest {
            let length = usize::from(first & 0x0f) + 1;
            match first >> 4 {
                0 => rest = after,
                id if id == wanted => return Some(u16::from_be_bytes(*after.first_chunk()?)),
                _ => rest = after.get(length..)?,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_is_found_among_others() {
        let mut packet = vec![0x90, 0x80 | 96, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9, 0xbe, 0xde, 0, 2];
        packet.extend_from_slice(&[0x12, 1, 2, 3, 0, 0x31, 0xab, 0xcd, 1, 2]);
        let header = Header::read(&packet).expect("a header");
        assert_eq!((header.payload_type, header.sequence, header.ssrc, header.length), (96, 7, 9, 24));
        assert_eq!(header.extension(&packet, 3), Some(0xabcd));
        assert_eq!(header.extension(&packet, 4), None);
    }
}
