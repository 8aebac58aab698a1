//! Figures of peers, for metrics and for the curious.
//!
//! The one rule: reading them changes nothing and costs a packet nothing; what is not counted anyway is read from the
//! WebRTC library's reports of every second.

use std::time::{Duration, Instant};

use crate::leg::RtpLeg;
use crate::network::connection::Connection;
use crate::packet::{Codec, Kind};
use crate::payload::keyframe::Resolution;
use crate::publisher::Publisher;
use crate::source::Source;
use crate::viewer::Viewer;

/// One layer of a publisher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerStats {
    /// Its rid, empty where there is only one.
    pub label: String,
    /// Bits of payload per second.
    pub bits_per_second: u64,
    /// The size of its picture, where the codec says it.
    pub resolution: Option<Resolution>,
}

/// Figures of one peer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PeerStats {
    /// Whether it is connected.
    pub connected: bool,
    /// Datagrams that came from it.
    pub datagrams_received: u64,
    /// Media packets that went to it, without those sent again.
    pub packets_forwarded: u64,
    /// Their payload.
    pub bytes_forwarded: u64,
    /// Key frames that it was asked for.
    pub keyframe_requests: u64,
    /// A publisher's video layers, smallest first.
    pub layers: Vec<LayerStats>,
    /// What a publisher's picture is coded in; as was agreed on, until the first packet of it has come.
    pub video_codec: Option<Codec>,
    /// How many watch it.
    pub viewers: usize,
    /// What a viewer's connection is thought to carry, in bits per second.
    pub estimated_bps: Option<u64>,
    /// The layer that a viewer sees.
    pub layer: Option<u8>,
    /// Round trip, of the last seconds.
    pub round_trip: Option<Duration>,
    /// Share of packets to it that were lost, 0 to 1.
    pub loss_to_peer: Option<f32>,
    /// Share of packets from it that were lost, 0 to 1.
    pub loss_from_peer: Option<f32>,
}

fn of_connection(connection: &Connection) -> PeerStats {
    let latest = connection.latest_stats();
    PeerStats {
        connected: connection.is_connected(),
        round_trip: latest.and_then(|stats| stats.rtt),
        loss_to_peer: latest.and_then(|stats| stats.egress_loss_fraction),
        loss_from_peer: latest.and_then(|stats| stats.ingress_loss_fraction),
        ..PeerStats::default()
    }
}

pub(crate) fn of_publisher(now: Instant, publisher: &Publisher, source: &mut Source) -> PeerStats {
    let mut stats = of_connection(&publisher.connection);
    stats.keyframe_requests = publisher.keyframe_requests;
    stats.viewers = source.viewers.len();
    let Some(track) = source.track_mut(Kind::Video) else { return stats };
    stats.video_codec = track.codec.or(publisher.expected_video());
    let layer = |layer: &mut crate::source::Layer| LayerStats {
        label: layer.label.clone(),
        bits_per_second: layer.bits_per_second(now),
        resolution: layer.resolution,
    };
    stats.layers = track.layers.iter_mut().map(layer).collect();
    stats
}

pub(crate) fn of_viewer(viewer: &Viewer<RtpLeg>) -> PeerStats {
    let mut stats = of_connection(viewer.leg.connection());
    stats.round_trip = viewer.leg.round_trip();
    stats.loss_to_peer = viewer.leg.loss_permille().map(|permille| f32::from(permille) / 1e3);
    stats.packets_forwarded = viewer.sent.packets;
    stats.bytes_forwarded = viewer.sent.bytes;
    stats.estimated_bps = viewer.estimated_bps();
    stats.layer = viewer.layer();
    stats
}
