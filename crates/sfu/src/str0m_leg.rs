//! A viewer's leg on str0m: it seals, estimates the bandwidth and answers NACK from its own cache.
//!
//! The one rule: packets that are queued leave with the next [`SendLeg::flush`], all of a burst together. Nothing is held
//! back here: what a viewer's connection cannot carry is not sent to it in the first place.
//!
//! What is allocated per packet, and why not here: str0m keeps each packet that may be asked for again in a cache of
//! its own (a header of some hundred bytes; the payload is shared), and makes one buffer per datagram, which becomes
//! the datagram itself. Both are str0m's, and go when another leg takes its place.

use std::time::Instant;

use str0m::Event as RtcEvent;
use str0m::bwe::{Bitrate, BweKind};
use str0m::media::{Mid, Pt};
use str0m::rtp::{ExtensionValues, RtpWrite, Ssrc, Vp8Descriptor, Vp8Patch};

use crate::connection::Connection;
use crate::demux::Datagram;
use crate::forward::Rewritten;
use crate::keyframe::Vp8Ids;
use crate::layers::Estimate;
use crate::leg::{LegEvent, SendLeg};
use crate::outbox::Outbox;
use crate::packet::{Codec, Kind, Packet};
use crate::peer::{Line, Peer, Role};

/// A change of the desired rate by less than this is not worth a probe.
const DESIRE_STEP_PERCENT: u64 = 10;

/// How far the desired rate sinks before a probe.
const PROBE_DIP: u64 = 10;

/// One stream to the viewer.
#[derive(Debug)]
struct Stream {
    kind: Kind,
    ssrc: Ssrc,
    /// What the viewer offered, with the payload type it gave it.
    codecs: Vec<(Codec, Pt)>,
}

impl Stream {
    fn payload_type(&self, codec: Codec) -> Option<Pt> {
        let fitting = self.codecs.iter().filter_map(|(offered, pt)| Some((codec.fits(*offered)?, *pt)));
        fitting.max_by_key(|(score, _)| *score).map(|(_, pt)| pt)
    }
}

/// A leg on str0m.
#[derive(Debug)]
pub struct Str0mLeg {
    connection: Connection,
    streams: Vec<Stream>,
    scratch: Vec<RtcEvent>,
    adaptive: bool,
    desired_bps: u64,
    queued: bool,
}

impl Str0mLeg {
    /// A leg to the viewer that made this connection.
    pub(crate) fn new(peer: Peer) -> Self {
        let adaptive = matches!(peer.role, Role::Viewer { adaptive: true });
        let mut connection = peer.connection;
        let streams = peer.lines.iter().filter_map(|line| stream(&mut connection, line)).collect();
        Self { connection, streams, scratch: Vec::new(), adaptive, desired_bps: 0, queued: false }
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    fn translate(event: RtcEvent) -> Option<LegEvent> {
        match event {
            RtcEvent::Connected => Some(LegEvent::Connected),
            RtcEvent::KeyframeRequest(_) => Some(LegEvent::KeyframeWanted),
            RtcEvent::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => {
                Some(LegEvent::Estimate(Estimate::Measured(estimate.as_u64())))
            }
            RtcEvent::EgressBitrateEstimate(BweKind::Remb { estimate, .. }) => {
                Some(LegEvent::Estimate(Estimate::Told(estimate.as_u64())))
            }
            _ => None,
        }
    }
}

fn stream(connection: &mut Connection, line: &Line) -> Option<Stream> {
    let codecs = offered(connection, line.mid);
    let mut direct = connection.rtc().direct_api();
    let stream = direct.stream_tx_by_mid(line.mid, None)?;
    // The publisher has paced its packets. To pace them again by an estimate that errs would only pile them up here.
    stream.set_unpaced(true);
    let ssrc = stream.ssrc();
    Some(Stream { kind: line.kind, ssrc, codecs })
}

fn offered(connection: &mut Connection, mid: Mid) -> Vec<(Codec, Pt)> {
    let rtc = connection.rtc();
    let Some(media) = rtc.media(mid) else { return Vec::new() };
    let accepted = media.remote_pts();
    let params = rtc.codec_config().params().iter().filter(|params| accepted.contains(&params.pt()));
    params.filter_map(|params| Some((Codec::of(params)?, params.pt()))).collect()
}

impl SendLeg for Str0mLeg {
    fn takes(&self, codec: Codec) -> bool {
        self.streams.iter().any(|stream| stream.kind == codec.kind() && stream.payload_type(codec).is_some())
    }

    fn has(&self, kind: Kind) -> bool {
        self.streams.iter().any(|stream| stream.kind == kind)
    }

    fn first_sequence(&self, kind: Kind) -> u16 {
        // The SSRC was drawn at random, which is all that RFC 3550 asks of the first number too.
        self.streams.iter().find(|stream| stream.kind == kind).map_or(0, |stream| (*stream.ssrc & 0x7fff) as u16)
    }

    fn send(&mut self, packet: &Packet, numbers: &Rewritten) {
        let kind = packet.codec.kind();
        let Some(stream) = self.streams.iter().find(|stream| stream.kind == kind) else { return };
        let Some(pt) = stream.payload_type(packet.codec) else { return };
        let ssrc = stream.ssrc;
        let extensions = ExtensionValues {
            audio_level: packet.hints.audio_level,
            voice_activity: packet.hints.voice_activity,
            video_orientation: packet.hints.orientation,
            ..ExtensionValues::default()
        };
        let mut write =
            RtpWrite::new(pt, numbers.sequence.into(), numbers.timestamp, packet.taken, packet.payload.clone())
                .marker(packet.marker)
                .nackable(kind == Kind::Video)
                .ext_vals(extensions);
        if let Some(patch) = numbers.vp8.and_then(|ids| vp8_patch(&packet.payload, ids)) {
            write = write.vp8_patch(patch);
        }
        if let Some(stream) = self.connection.rtc().direct_api().stream_tx(&ssrc) {
            stream.write_rtp(write);
            self.queued = true;
        }
    }

    fn repairs_itself(&self) -> bool {
        true
    }

    fn resend(&mut self, _packet: &Packet, _numbers: &Rewritten) {
        // Never asked for: it repairs itself, and reports no NACK.
    }

    fn has_estimates(&self) -> bool {
        self.adaptive
    }

    fn desire(&mut self, bits_per_second: u64, probe: bool) {
        if !self.adaptive {
            return;
        }
        // str0m probes when the desired rate rises: let it sink now, and rise again with the next call.
        let desired_bps = if probe { bits_per_second / PROBE_DIP } else { bits_per_second };
        let step = self.desired_bps * DESIRE_STEP_PERCENT / 100;
        if desired_bps.abs_diff(self.desired_bps) <= step {
            return;
        }
        self.desired_bps = desired_bps;
        self.connection.rtc().bwe().set_bitrate(Bitrate::ZERO, Bitrate::from(desired_bps));
    }

    fn receive(&mut self, now: Instant, datagram: &Datagram<'_>) {
        let _ = self.connection.receive(now, datagram);
    }

    fn flush(&mut self, now: Instant, out: &mut Outbox, events: &mut Vec<LegEvent>) {
        if std::mem::take(&mut self.queued) || self.connection.deadline() <= now {
            let _ = self.connection.tick(now);
        }
        self.connection.drain(now, out, &mut self.scratch);
        events.extend(self.scratch.drain(..).filter_map(Self::translate));
        let loss = self.connection.take_loss_to_peer();
        events.extend(loss.map(|share| LegEvent::Loss((share * 1_000.0) as u16)));
    }

    fn deadline(&self) -> Instant {
        self.connection.deadline()
    }
}

/// Where VP8's numbers must change in the payload. A picture number of 7 bits wraps sooner than the one it follows.
fn vp8_patch(payload: &[u8], ids: Vp8Ids) -> Option<Vp8Patch> {
    let descriptor = Vp8Descriptor::parse(payload).ok()?;
    let build = |mask: u16| {
        let mut patch = descriptor.patch();
        if let Some(id) = ids.picture_id {
            patch = patch.picture_id(id & mask);
        }
        if let Some(id) = ids.tl0_picture {
            patch = patch.tl0_pic_idx(id);
        }
        if let Some(id) = ids.key_index {
            patch = patch.key_idx(id);
        }
        patch.build()
    };
    build(0x7fff).or_else(|_| build(0x7f)).ok()
}
