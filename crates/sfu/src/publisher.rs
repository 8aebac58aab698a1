//! A publisher's connection: turns what the WebRTC library takes in into packets of a layer.
//!
//! The one rule: a packet that could hurt a viewer's leg stops here. Sources: RFC 8852 (rid), RFC 8853 (simulcast).

use std::time::Instant;

use str0m::Event as RtcEvent;
use str0m::media::{KeyframeRequestKind, Mid, Rid};
use str0m::rtp::{RtpPacket, Ssrc};

use crate::id::Key;
use crate::network::connection::Connection;
use crate::network::demux::Datagram;
use crate::network::outbox::Outbox;
use crate::packet::{Codec, Kind, Packet};
use crate::signalling::peer::{Line, Peer};
use crate::source::Source;
use crate::timeline::Timeline;

/// A larger payload does not fit one datagram with a viewer's headers, and no client sends it: paths carry 1,500 bytes.
const MOST_PAYLOAD: usize = 1_450;
/// Sound, three layers of picture, and a few that changed their SSRC.
const MOST_STREAMS: usize = 16;

/// One stream that was seen.
#[derive(Clone, Copy, Debug)]
struct Stream {
    ssrc: Ssrc,
    kind: Kind,
    layer: u8,
}

/// One publisher.
#[derive(Debug)]
pub(crate) struct Publisher {
    pub(crate) connection: Connection,
    /// Its media in [`crate::stage::Stages`].
    pub(crate) source: Key,
    pub(crate) keyframe_requests: u64,
    lines: Vec<Line>,
    streams: Vec<Stream>,
    timeline: Timeline,
    events: Vec<RtcEvent>,
}

/// What came of a drain.
#[derive(Debug)]
pub(crate) enum Heard {
    Connected,
    Packet(u8, Packet),
}

impl Publisher {
    pub(crate) fn new(peer: Peer, source: Key, now: Instant) -> Self {
        Self {
            connection: peer.connection,
            source,
            keyframe_requests: 0,
            lines: peer.lines,
            streams: Vec::new(),
            timeline: Timeline::new(now),
            events: Vec::new(),
        }
    }

    /// Takes in a datagram and hands out what it brought.
    pub(crate) fn receive(&mut self, now: Instant, datagram: &Datagram<'_>) {
        let _ = self.connection.receive(now, datagram);
    }

    /// Sends what there is to send and tells of what came in.
    pub(crate) fn drain(&mut self, now: Instant, source: &Source, out: &mut Outbox, heard: &mut Vec<Heard>) {
        let mut events = std::mem::take(&mut self.events);
        self.connection.drain(now, out, &mut events);
        for event in events.drain(..) {
            match event {
                RtcEvent::Connected => heard.push(Heard::Connected),
                RtcEvent::RtpPacket(packet) => heard.extend(self.read(packet, source)),
                _ => {}
            }
        }
        self.events = events;
    }

    fn read(&mut self, packet: RtpPacket, source: &Source) -> Option<Heard> {
        if packet.payload.len() > MOST_PAYLOAD {
            return None;
        }
        let ssrc = *packet.header.ssrc;
        let stream = self.stream(packet.header.ssrc, source)?;
        let params = self.connection.rtc().codec_config().params();
        let codec = Codec::of(params.iter().find(|params| params.pt() == packet.header.payload_type)?)?;
        if codec.kind() != stream.kind {
            return None;
        }
        let mut packet = Packet::read(packet, codec);
        packet.taken = self.timeline.date(ssrc, &packet);
        Some(Heard::Packet(stream.layer, packet))
    }

    fn stream(&mut self, ssrc: Ssrc, source: &Source) -> Option<Stream> {
        if let Some(stream) = self.streams.iter().find(|stream| stream.ssrc == ssrc) {
            return Some(*stream);
        }
        let (mid, rid) = {
            let mut direct = self.connection.rtc().direct_api();
            let stream = direct.stream_rx(&ssrc)?;
            (stream.mid(), stream.rid())
        };
        let kind = self.lines.iter().find(|line| line.mid == mid)?.kind;
        let layer = source.layer_of(kind, rid.as_deref().unwrap_or_default())?;
        if self.streams.len() == MOST_STREAMS {
            self.streams.remove(0);
        }
        let stream = Stream { ssrc, kind, layer };
        self.streams.push(stream);
        Some(stream)
    }

    /// Asks the client for a key frame of a layer.
    pub(crate) fn request_keyframe(&mut self, label: &str) {
        let Some(mid) = self.video_line() else { return };
        let rid = (!label.is_empty()).then(|| Rid::from(label));
        let mut direct = self.connection.rtc().direct_api();
        let named = direct.stream_rx_by_mid(mid, rid).is_some();
        if let Some(stream) = direct.stream_rx_by_mid(mid, rid.filter(|_| named)) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
            self.keyframe_requests += 1;
        }
    }

    fn video_line(&self) -> Option<Mid> {
        self.lines.iter().find(|line| line.kind == Kind::Video).map(|line| line.mid)
    }

    /// What its picture is likely to be coded in, before the first packet of it has come.
    pub(crate) fn expected_video(&self) -> Option<Codec> {
        self.lines.iter().find(|line| line.kind == Kind::Video)?.codec
    }
}
