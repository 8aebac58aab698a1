//! One stream to a viewer: sound or picture, and what is sent again of it.
//!
//! The one rule: a number goes out with one content and no other. What is sent again goes under a name and numbers of its
//! own where the viewer takes that (RFC 4588); where it does not, it is byte for byte what it was, for to seal two
//! contents under one number would give away how packets are authenticated (RFC 7714 §8.2). So packets of such a stream
//! carry nothing that changes: no number over the connection, and always the name of their line.

use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::media::{Mid, Pt};

use super::header::{Extensions, Header};
use super::once::Once;
use crate::forward::Rewritten;
use crate::network::connection::Connection;
use crate::packet::{Codec, Hints, Kind, Packet};
use crate::payload::keyframe::Vp8Ids;
use crate::signalling::peer::Line;

/// A timestamp that means a moment so far from what the viewer was told is told anew.
const MOVED: Duration = Duration::from_millis(1);

/// A codec that the viewer takes, by the payload types that it gave it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Format {
    codec: Codec,
    payload_type: Pt,
    /// For what is sent again.
    repair: Option<Pt>,
}

/// A packet that waits to be sealed.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub(super) kind: Kind,
    pub(super) format: Format,
    /// Whether the viewer asked for it again.
    pub(super) again: bool,
    pub(super) marker: bool,
    pub(super) sequence: u64,
    pub(super) timestamp: u32,
    /// When it was taken, by its timestamp.
    pub(super) taken: Instant,
    pub(super) vp8: Option<Vp8Ids>,
    pub(super) hints: Hints,
    pub(super) payload: Arc<[u8]>,
}

/// The last packet that went out for the first time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last {
    pub(super) timestamp: u32,
    pub(super) taken: Instant,
}

impl Last {
    /// Whether a later timestamp means another moment than it would by this one.
    fn is_moved(self, later: Self, kind: Kind) -> bool {
        let ticks = later.timestamp.wrapping_sub(self.timestamp) as i32;
        let expected_s = f64::from(ticks) / kind.clock_rate_hz();
        let after_s = later.taken.saturating_duration_since(self.taken).as_secs_f64();
        let before_s = self.taken.saturating_duration_since(later.taken).as_secs_f64();
        (after_s - before_s - expected_s).abs() > MOVED.as_secs_f64()
    }
}

/// A packet's place in what the receiver counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) header: Header,
    /// Its number, counted on past 65,535.
    pub(super) index: u64,
    /// The number that it had first, when that is part of the payload.
    pub(super) original: Option<u16>,
}

/// One stream.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) kind: Kind,
    pub(super) ssrc: u32,
    pub(super) extensions: Extensions,
    /// Whether the viewer has reported that it gets it.
    pub(super) is_known: bool,
    pub(super) packets: u32,
    pub(super) octets: u32,
    pub(super) last: Option<Last>,
    /// By which the viewer was told what timestamps mean.
    told: Option<Last>,
    /// Whether that does not hold any more.
    pub(super) is_moved: bool,
    /// That of the last packet.
    format: Option<Format>,
    sent: Once,
    repair_ssrc: Option<u32>,
    next_repair: u64,
    formats: Vec<Format>,
}

impl Stream {
    pub(super) fn of(connection: &mut Connection, line: &Line) -> Option<Self> {
        let rtc = connection.rtc();
        let media = rtc.media(line.mid)?;
        let extensions = Extensions::of(media.remote_extmap(), line.mid);
        let accepted = media.remote_pts();
        let params = rtc.codec_config().params().iter().filter(|params| accepted.contains(&params.pt()));
        let format = |params: &str0m::format::PayloadParams| {
            Some(Format { codec: Codec::of(params)?, payload_type: params.pt(), repair: params.resend() })
        };
        let formats = params.filter_map(format).collect();
        let (ssrc, repair_ssrc) = names(connection, line.mid)?;
        Some(Self {
            kind: line.kind,
            ssrc,
            extensions,
            is_known: false,
            packets: 0,
            octets: 0,
            last: None,
            told: None,
            is_moved: false,
            format: None,
            sent: Once::default(),
            repair_ssrc,
            next_repair: u64::from(first_sequence(repair_ssrc.unwrap_or(0))),
            formats,
        })
    }

    /// The viewer is told what timestamps mean now.
    pub(super) fn tell(&mut self) {
        (self.told, self.is_moved) = (self.last, false);
    }

    pub(super) fn format(&self, codec: Codec) -> Option<Format> {
        // Nearly always it is what the last packet was.
        if let Some(format) = self.format.filter(|format| format.codec == codec) {
            return Some(format);
        }
        let fitting = self.formats.iter().filter_map(|format| Some((codec.fits(format.codec)?, *format)));
        fitting.max_by_key(|(score, _)| *score).map(|(_, format)| format)
    }

    pub(super) fn first_sequence(&self) -> u16 {
        first_sequence(self.ssrc)
    }

    /// Whether everything that goes out can be numbered over the connection: see the rule above.
    pub(super) fn can_be_measured(&self) -> bool {
        let repairs = self.repair_ssrc.is_some() && self.formats.iter().all(|format| format.repair.is_some());
        self.extensions.has_transport() && (repairs || self.kind == Kind::Audio)
    }

    pub(super) fn queued(&self, packet: &Packet, numbers: &Rewritten, again: bool) -> Option<Queued> {
        Some(Queued {
            kind: self.kind,
            format: self.format(packet.codec)?,
            again,
            marker: packet.marker,
            sequence: numbers.sequence,
            timestamp: numbers.timestamp,
            taken: match numbers.late_ticks {
                0 => packet.taken,
                late => packet.taken + Duration::from_secs_f64(f64::from(late) / self.kind.clock_rate_hz()),
            },
            vp8: numbers.vp8,
            hints: packet.hints,
            payload: packet.payload.clone(),
        })
    }

    /// Where a packet goes, and takes note that it does; `None` when its number is used up.
    pub(super) fn place(&mut self, queued: &Queued, transport: Option<u16>) -> Option<Place> {
        let repair = self.repair_ssrc.zip(queued.format.repair);
        let mut header = Header {
            payload_type: *queued.format.payload_type,
            marker: queued.marker,
            padded: false,
            sequence: queued.sequence as u16,
            timestamp: queued.timestamp,
            ssrc: self.ssrc,
            named: !self.is_known || repair.is_none(),
            transport: transport.filter(|_| self.kind == Kind::Audio || repair.is_some()),
            hints: queued.hints,
        };
        if !queued.again {
            if !self.sent.take(queued.sequence) {
                return None;
            }
            self.packets = self.packets.wrapping_add(1);
            self.octets = self.octets.wrapping_add(queued.payload.len() as u32);
            let is_newest = self.last.is_none_or(|last| last.timestamp.wrapping_sub(queued.timestamp) as i32 <= 0);
            if is_newest {
                let Queued { timestamp, taken, format, .. } = *queued;
                let last = Last { timestamp, taken };
                self.is_moved |= self.told.is_none_or(|told| told.is_moved(last, self.kind));
                (self.last, self.format) = (Some(last), Some(format));
            }
            return Some(Place { header, index: queued.sequence, original: None });
        }
        let Some((ssrc, payload_type)) = repair else {
            return Some(Place { header, index: queued.sequence, original: None });
        };
        let index = self.next_repair();
        (header.ssrc, header.payload_type, header.sequence) = (ssrc, *payload_type, index as u16);
        Some(Place { header, index, original: Some(queued.sequence as u16) })
    }

    /// Where a packet of padding goes; `None` where the viewer takes none, or nothing has been sent yet.
    pub(super) fn padding(&mut self, transport: u16) -> Option<Place> {
        let last = self.last?;
        let (ssrc, payload_type) = self.repair_ssrc.zip(self.format?.repair)?;
        let index = self.next_repair();
        let header = Header {
            payload_type: *payload_type,
            marker: false,
            padded: true,
            sequence: index as u16,
            timestamp: last.timestamp,
            ssrc,
            named: !self.is_known,
            transport: Some(transport),
            hints: Hints::default(),
        };
        Some(Place { header, index, original: None })
    }

    fn next_repair(&mut self) -> u64 {
        let index = self.next_repair;
        self.next_repair += 1;
        index
    }
}

/// The names that the answer announced: of the stream, and of what is sent again of it.
fn names(connection: &mut Connection, mid: Mid) -> Option<(u32, Option<u32>)> {
    let mut direct = connection.rtc().direct_api();
    let stream = direct.stream_tx_by_mid(mid, None)?;
    Some((*stream.ssrc(), stream.rtx().map(|ssrc| *ssrc)))
}

/// SSRCs were drawn at random, which is all that RFC 3550 asks of the first number too. Below 32,768, so that the
/// receiver counts the wraps right whichever packet it gets first (RFC 3711 §3.3.1).
fn first_sequence(ssrc: u32) -> u16 {
    (ssrc & 0x7fff) as u16
}
