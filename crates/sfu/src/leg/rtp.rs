//! A viewer's leg: the WebRTC library keeps the connection, this keeps the media.
//!
//! The one rule: the library sees no media of a viewer and none of its keys. What comes from the viewer is told apart by
//! its first byte (RFC 7983): STUN and DTLS go to the library, reports are read here; and what goes out is sealed here,
//! to where the library says that the viewer is.

use std::time::{Duration, Instant};

use str0m::Event as RtcEvent;

use super::reports::Reports;
use super::sender::Sender;
use super::stream::Stream;
use super::{LegEvent, SendLeg};
use crate::bandwidth::Estimator;
use crate::calendar::TimeOfDay;
use crate::forward::Rewritten;
use crate::layers::Estimate;
use crate::network::connection::Connection;
use crate::network::demux::Datagram;
use crate::network::outbox::Outbox;
use crate::packet::{Codec, Kind, Packet};
use crate::policy::Policy;
use crate::rtcp::{self, RtcpPacket};
use crate::secrets::KeySlot;
use crate::signalling::peer::{Line, Peer, Role};
use crate::srtp::MOST_REPORT;

/// More packets than this in one report were not lost but never waited for.
const MOST_MISSING: usize = 1_000;
/// An estimate that moved by less than this is not worth another look at the layers.
const TOLD_PERCENT: u64 = 3;

/// Sends to one viewer.
#[derive(Debug)]
pub struct RtpLeg {
    connection: Box<Connection>,
    keys: KeySlot,
    sender: Sender,
    reports: Reports,
    /// What was heard since the last flush.
    heard: Vec<LegEvent>,
    scratch: Vec<RtcEvent>,
    /// Whether the library was given something.
    stirred: bool,
    /// Whether the viewer says itself how much it can take.
    is_told: bool,
    told_bps: u64,
    told_loss: u16,
    /// The last request for a key frame by number: from whom, which.
    last_request: Option<(u32, u8)>,
}

impl RtpLeg {
    /// A leg to the viewer that made this connection.
    pub(crate) fn new(now: Instant, peer: Peer, policy: &Policy, time_of_day: TimeOfDay) -> Self {
        let mut connection = Box::new(peer.connection);
        let streams: Vec<_> = peer.lines.iter().filter_map(|line| Stream::of(&mut connection, line)).collect();
        let adaptive = matches!(peer.role, Role::Viewer { adaptive: true, .. });
        let cname = peer.lines.first().and_then(|line| Some(connection.rtc().media(line.mid)?.cname().to_owned()));
        let feedback = Feedbacks::of(&mut connection, &peer.lines);
        // What is measured decides about the picture. Without one there is nothing to decide, and nothing to try the
        // connection out with.
        let adaptive = adaptive && streams.iter().any(|stream| stream.kind == Kind::Video);
        let measured = adaptive && feedback.arrivals && streams.iter().all(Stream::can_be_measured);
        let estimator = measured.then(|| Estimator::new(policy.initial_estimate_bps, now));
        Self {
            connection,
            keys: peer.keys,
            sender: Sender::new(streams, estimator),
            reports: Reports::new(time_of_day, cname.unwrap_or_default()),
            heard: Vec::new(),
            scratch: Vec::new(),
            stirred: false,
            is_told: adaptive && !measured && feedback.bitrate,
            told_bps: 0,
            told_loss: 0,
            last_request: None,
        }
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn connection_mut(&mut self) -> &mut Connection {
        self.stirred = true;
        &mut self.connection
    }

    /// The round trip to the viewer, once it is known.
    pub(crate) fn round_trip(&self) -> Option<Duration> {
        self.reports.round_trip().or_else(|| self.sender.round_trip())
    }

    /// How many of a thousand packets were lost on the way to the viewer lately.
    pub(crate) fn loss_permille(&self) -> Option<u16> {
        // Reports count what came after all, because it was sent again, as not lost.
        self.sender.loss_permille().or_else(|| self.reports.loss_permille())
    }

    /// Says goodbye.
    pub(crate) fn close(&mut self, now: Instant, out: &mut Outbox) {
        if let Some(path) = self.connection.path() {
            self.reports.goodbye(&path, out, &self.sender.streams);
        }
        self.connection.close();
        self.connection.drain(now, out, &mut self.scratch);
    }

    /// A report of the viewer; or media, which nobody asked it for.
    fn hear(&mut self, now: Instant, datagram: &Datagram<'_>) {
        let mut room = [0; MOST_REPORT];
        let Some(report) = self.reports.open(datagram.contents, &mut room) else { return };
        self.connection.heard(now, datagram);
        for packet in rtcp::packets(report) {
            self.read(now, packet);
        }
    }

    fn read(&mut self, now: Instant, packet: RtcpPacket<'_>) {
        match packet {
            RtcpPacket::Reports(blocks) => {
                for report in rtcp::reports(blocks) {
                    self.take(now, &report);
                }
            }
            RtcpPacket::Nack { ssrc, pairs } => {
                let Some(kind) = self.kind_of(ssrc) else { return };
                let sequences = rtcp::missing(pairs).take(MOST_MISSING).collect();
                self.heard.push(LegEvent::Nack { kind, sequences });
            }
            RtcpPacket::PictureLost { ssrc } if self.kind_of(ssrc) == Some(Kind::Video) => {
                self.heard.push(LegEvent::KeyframeWanted);
            }
            RtcpPacket::IntraRequests { from, entries } => {
                let ours = |(ssrc, _): &(u32, u8)| self.kind_of(*ssrc) == Some(Kind::Video);
                let Some((_, number)) = rtcp::intra_requests(entries).find(ours) else { return };
                // The same number is the same request, sent again to be sure.
                if self.last_request.replace((from, number)) != Some((from, number)) {
                    self.heard.push(LegEvent::KeyframeWanted);
                }
            }
            RtcpPacket::Bitrate { bits_per_second } if self.is_told => {
                self.heard.push(LegEvent::Estimate(Estimate::Told(bits_per_second)));
            }
            RtcpPacket::Arrivals(packet) => {
                if self.sender.arrivals(now, packet) {
                    self.tell_loss();
                    self.tell_estimate();
                }
            }
            RtcpPacket::PictureLost { .. } | RtcpPacket::Bitrate { .. } | RtcpPacket::Other => {}
        }
    }

    fn take(&mut self, now: Instant, report: &rtcp::Report) {
        let has_picture = self.has(Kind::Video);
        let Some(stream) = self.sender.streams.iter_mut().find(|stream| stream.ssrc == report.ssrc) else { return };
        stream.is_known = true;
        // Sound has too few packets to tell a share by, where there is a picture.
        if stream.kind == Kind::Video || !has_picture {
            self.reports.take(now, report);
            self.tell_loss();
        }
    }

    fn kind_of(&self, ssrc: u32) -> Option<Kind> {
        self.sender.streams.iter().find(|stream| stream.ssrc == ssrc).map(|stream| stream.kind)
    }

    fn tell_loss(&mut self) {
        let Some(loss) = self.loss_permille().filter(|loss| *loss != self.told_loss) else { return };
        self.told_loss = loss;
        self.heard.push(LegEvent::Loss(loss));
    }

    fn tell_estimate(&mut self) {
        let Some(estimator) = self.sender.estimator().filter(|estimator| estimator.is_measured()) else { return };
        let bits_per_second = estimator.estimate_bps();
        if bits_per_second.abs_diff(self.told_bps) * 100 <= self.told_bps * TOLD_PERCENT {
            return;
        }
        self.told_bps = bits_per_second;
        self.heard.push(LegEvent::Estimate(Estimate::Measured(bits_per_second)));
    }

    /// Lets the library do what it has to do.
    fn mind_connection(&mut self, now: Instant, out: &mut Outbox) {
        if self.connection.deadline() <= now {
            let _ = self.connection.tick(now);
        }
        self.connection.drain(now, out, &mut self.scratch);
        self.stirred = false;
        self.scratch.clear();
        if self.sender.sealer.is_none() && self.connection.is_connected() {
            self.begin();
        }
    }

    /// The handshake is done.
    fn begin(&mut self) {
        let Some(keys) = self.keys.take() else { return };
        let Ok((media, sealer, opener)) = keys.split() else { return self.connection.give_up() };
        self.sender.sealer = Some(media);
        self.reports.set_keys(sealer, opener);
        self.heard.push(LegEvent::Connected);
    }

    fn send_media(&mut self, now: Instant, out: &mut Outbox) {
        let Some(path) = self.connection.path().filter(|_| self.sender.sealer.is_some()) else {
            return self.sender.forget();
        };
        if self.sender.send(now, &path, out) && self.sender.streams.iter().any(|stream| stream.is_moved) {
            self.reports.hurry(now);
        }
        if self.sender.deadline().is_some_and(|deadline| deadline <= now) {
            self.sender.probe(now, &path, out);
            self.tell_estimate();
        }
        self.reports.send(now, &path, out, &mut self.sender.streams);
    }
}

/// Which reports the viewer has agreed to send for its streams.
#[derive(Clone, Copy, Debug)]
struct Feedbacks {
    arrivals: bool,
    bitrate: bool,
}

impl Feedbacks {
    fn of(connection: &mut Connection, lines: &[Line]) -> Self {
        let rtc = connection.rtc();
        let accepted: Vec<_> =
            lines.iter().filter_map(|line| rtc.media(line.mid)).flat_map(|media| media.remote_pts()).copied().collect();
        let params = || rtc.codec_config().params().iter().filter(|params| accepted.contains(&params.pt()));
        Self {
            arrivals: params().all(|params| params.fb_transport_cc()),
            bitrate: params().any(|params| params.fb_remb()),
        }
    }
}

impl SendLeg for RtpLeg {
    fn takes(&self, codec: Codec) -> bool {
        self.sender.stream(codec.kind()).is_some_and(|stream| stream.format(codec).is_some())
    }

    fn has(&self, kind: Kind) -> bool {
        self.sender.stream(kind).is_some()
    }

    fn first_sequence(&self, kind: Kind) -> u16 {
        self.sender.stream(kind).map_or(0, Stream::first_sequence)
    }

    fn send(&mut self, packet: &Packet, numbers: &Rewritten) {
        let queued = self.sender.stream(packet.codec.kind()).and_then(|stream| stream.queued(packet, numbers, false));
        self.sender.queue(queued);
    }

    fn resend(&mut self, now: Instant, packet: &Packet, numbers: &Rewritten) {
        let round_trip = self.round_trip();
        if self.sender.repairs.grant(now, numbers.sequence as u16, packet.payload.len(), round_trip) {
            let queued =
                self.sender.stream(packet.codec.kind()).and_then(|stream| stream.queued(packet, numbers, true));
            self.sender.queue(queued);
        }
    }

    fn has_estimates(&self) -> bool {
        self.is_told || self.sender.measures()
    }

    fn desire(&mut self, now: Instant, bits_per_second: u64) {
        if let Some(estimator) = self.sender.estimator() {
            estimator.desire(now, bits_per_second);
        }
    }

    fn receive(&mut self, now: Instant, datagram: &Datagram<'_>) {
        if is_media(datagram.contents) {
            return self.hear(now, datagram);
        }
        self.stirred = true;
        let _ = self.connection.receive(now, datagram);
    }

    fn flush(&mut self, now: Instant, out: &mut Outbox, events: &mut Vec<LegEvent>) {
        self.send_media(now, out);
        if self.stirred || self.connection.deadline() <= now {
            self.mind_connection(now, out);
        }
        events.append(&mut self.heard);
    }

    fn deadline(&self) -> Instant {
        let connection = self.connection.deadline();
        [self.reports.deadline(), self.sender.deadline()].into_iter().flatten().fold(connection, Instant::min)
    }
}

/// RFC 7983 §7: the first byte tells.
fn is_media(contents: &[u8]) -> bool {
    contents.first().is_some_and(|first| (128..192).contains(first))
}
