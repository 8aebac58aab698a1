//! What a shard knows of one publisher's media: its layers, who asks for key frames, what it sends and how much.
//!
//! The one rule: a publisher is bothered as little as one viewer would bother it. Requests for a key frame of a layer
//! become one, at most every so often, and none once a key frame has come.
//!
//! Sources: RFC 4585 §6.3.1 (picture loss indication and its restraint); Amazon IVS user guide, "Optimizations" (the
//! layers `hi`, `mid`, `low`).

use std::sync::Arc;
use std::time::Instant;

use crate::id::Key;
use crate::layers::LayerState;
use crate::limits::{Checks, Limit};
use crate::meter::Meter;
use crate::packet::{Codec, Kind, Packet};
use crate::payload::keyframe::{FrameStart, Resolution};
use crate::policy::Policy;
use crate::ring::Ring;

/// What a viewer who comes is sent at once at most: a key frame of 720p, or half a second of 2 Mbit/s.
const MOST_AT_ONCE_BYTES: usize = 128 * 1024;

/// A layer, or the only stream of its kind.
#[derive(Debug)]
pub(crate) struct Layer {
    /// Its rid, empty where there is only one.
    pub(crate) label: String,
    pub(crate) resolution: Option<Resolution>,
    meter: Meter<30>,
    last_packet: Option<Instant>,
    ring: Option<Ring>,
    /// The newest packet.
    newest: u64,
    /// Where the newest key frame begins, unless what it shows is not to be seen any more.
    keyframe: Option<u64>,
    asked_at: Option<Instant>,
    wanted: bool,
}

impl Layer {
    fn new(label: &str, now: Instant) -> Self {
        Self {
            label: label.to_owned(),
            resolution: None,
            meter: Meter::new(now),
            last_packet: None,
            ring: None,
            newest: 0,
            keyframe: None,
            asked_at: None,
            wanted: false,
        }
    }

    /// What it sends, in bits of payload per second.
    pub(crate) fn bits_per_second(&mut self, now: Instant) -> u64 {
        self.meter.bits_per_second(now)
    }
}

/// Sound or picture of a publisher.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) kind: Kind,
    /// Smallest first.
    pub(crate) layers: Vec<Layer>,
    pub(crate) codec: Option<Codec>,
    pub(crate) muted: bool,
    /// Since when nothing comes any more, or will not have come if nothing comes from now on.
    last_packet: Option<Instant>,
    flows: bool,
}

/// One publisher's media.
#[derive(Debug)]
pub(crate) struct Source {
    tracks: Vec<Track>,
    /// Who watches.
    pub(crate) viewers: Vec<Key>,
    /// Whether somebody has watched, who may ask for packets again.
    pub(crate) keeps_packets: bool,
    policy: Arc<Policy>,
    checks: Checks,
    violated: bool,
}

/// A key frame that the publisher must be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) source: Key,
    pub(crate) layer: u8,
}

/// What a packet changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Noticed {
    /// The first packet of its kind, or the first after it had stopped.
    pub(crate) started: bool,
    pub(crate) violated: Option<Limit>,
}

impl Source {
    /// A publisher with these kinds of media, and for each the rids that it offered.
    pub(crate) fn new(tracks: &[(Kind, Vec<String>)], policy: Arc<Policy>, now: Instant) -> Self {
        let track = |(kind, rids): &(Kind, Vec<String>)| {
            let mut labels = rids.clone();
            labels.sort_by_key(|label| rank(label, rids));
            if labels.is_empty() {
                labels.push(String::new());
            }
            let layers = labels.iter().map(|label| Layer::new(label, now)).collect();
            Track { kind: *kind, layers, codec: None, muted: false, last_packet: None, flows: false }
        };
        let tracks = tracks.iter().map(track).collect();
        Self { tracks, viewers: Vec::new(), keeps_packets: false, policy, checks: Checks::new(now), violated: false }
    }

    pub(crate) fn track(&self, kind: Kind) -> Option<&Track> {
        self.tracks.iter().find(|track| track.kind == kind)
    }

    pub(crate) fn track_mut(&mut self, kind: Kind) -> Option<&mut Track> {
        self.tracks.iter_mut().find(|track| track.kind == kind)
    }

    /// The place of the layer with this rid.
    pub(crate) fn layer_of(&self, kind: Kind, label: &str) -> Option<u8> {
        let layers = &self.track(kind)?.layers;
        // A publisher with one stream may or may not name it.
        let place = if layers.len() == 1 { Some(0) } else { layers.iter().position(|layer| layer.label == label) };
        place.map(|place| place as u8)
    }

    /// Takes note of a packet.
    pub(crate) fn notice(&mut self, now: Instant, place: u8, packet: &Packet) -> Noticed {
        let Self { tracks, policy, .. } = self;
        let Some(track) = tracks.iter_mut().find(|track| track.kind == packet.codec.kind()) else {
            return Noticed::default();
        };
        let started = !std::mem::replace(&mut track.flows, true);
        track.last_packet = Some(now);
        track.codec = Some(packet.codec);
        let Some(layer) = track.layers.get_mut(usize::from(place)) else { return Noticed::default() };
        layer.meter.add(now, packet.payload.len());
        layer.last_packet = Some(now);
        layer.newest = layer.newest.max(packet.sequence);
        if let FrameStart::Keyframe(resolution) = packet.start {
            layer.wanted = false;
            layer.keyframe = layer.keyframe.max(Some(packet.sequence)).filter(|_| !track.muted);
            layer.resolution = resolution.or(layer.resolution);
        }
        if self.keeps_packets && packet.codec.kind() == Kind::Video {
            let ring = || Ring::new(policy.retransmit_packets, policy.retransmit_for);
            layer.ring.get_or_insert_with(ring).push(packet);
        }
        let violated = self.checks.check(now, &policy.limits, place, packet);
        let news = violated.filter(|_| !self.violated);
        self.violated |= news.is_some();
        Noticed { started, violated: news }
    }

    /// The layers of the picture, for a viewer to choose from.
    pub(crate) fn layer_states(&mut self, now: Instant, out: &mut Vec<LayerState>) {
        out.clear();
        let pause = self.policy.layer_pause;
        let Some(track) = self.track_mut(Kind::Video) else { return };
        let alone = track.layers.len() == 1;
        for layer in &mut track.layers {
            let live = layer.last_packet.is_some_and(|last| now.saturating_duration_since(last) < pause);
            out.push(LayerState { bitrate_bps: layer.bits_per_second(now), live: live || alone });
        }
    }

    /// Bits per second of the sound.
    pub(crate) fn audio_bps(&mut self, now: Instant) -> u64 {
        self.track_mut(Kind::Audio).map_or(0, |track| track.layers[0].bits_per_second(now))
    }

    /// A packet that went by, for a viewer that missed it.
    pub(crate) fn kept(&self, kind: Kind, layer: u8, sequence: u64, now: Instant) -> Option<&Packet> {
        self.track(kind)?.layers.get(usize::from(layer))?.ring.as_ref()?.get(sequence, now)
    }

    /// The newest key frame of a layer and all that came after it, for a viewer who has no picture yet. Nothing when it
    /// is so old that the publisher may be asked for another, or so much that it would swamp the viewer's connection.
    pub(crate) fn since_keyframe(&self, layer: u8, now: Instant) -> Option<impl Iterator<Item = &Packet>> {
        let layer = self.track(Kind::Video)?.layers.get(usize::from(layer))?;
        let (first, ring) = (layer.keyframe?, layer.ring.as_ref()?);
        let age = now.saturating_duration_since(ring.get(first, now)?.arrival);
        let packets = (first..=layer.newest).filter_map(move |sequence| ring.get(sequence, now));
        let bytes: usize = packets.clone().map(|packet| packet.payload.len()).sum();
        (age <= self.policy.keyframe_interval && bytes <= MOST_AT_ONCE_BYTES).then_some(packets)
    }

    /// Sound or picture is not to be seen from now on, or is again; true if that is news.
    pub(crate) fn mute(&mut self, kind: Kind, muted: bool) -> bool {
        let Some(track) = self.track_mut(kind) else { return false };
        // What came while it was muted is for nobody, also not for those who come later.
        track.layers.iter_mut().for_each(|layer| layer.keyframe = None);
        std::mem::replace(&mut track.muted, muted) != muted
    }

    /// A viewer needs a key frame of a layer. True when the publisher must be asked now; if it was asked lately, it
    /// will be asked again when the time has come and none has arrived.
    pub(crate) fn want_keyframe(&mut self, now: Instant, layer: u8) -> bool {
        let interval = self.policy.keyframe_interval;
        let Some(layer) = self.track_mut(Kind::Video).and_then(|track| track.layers.get_mut(usize::from(layer))) else {
            return false;
        };
        layer.wanted = true;
        if layer.asked_at.is_some_and(|asked| now < asked + interval) {
            return false;
        }
        layer.asked_at = Some(now);
        layer.wanted = false;
        true
    }

    /// Layers whose postponed request is due.
    pub(crate) fn due_keyframes(&mut self, now: Instant) -> impl Iterator<Item = u8> {
        let interval = self.policy.keyframe_interval;
        let mut due = [None; 8];
        if let Some(track) = self.track_mut(Kind::Video) {
            for (place, layer) in track.layers.iter_mut().enumerate().take(due.len()) {
                if layer.wanted && layer.asked_at.is_none_or(|asked| now >= asked + interval) {
                    layer.asked_at = Some(now);
                    layer.wanted = false;
                    due[place] = Some(place as u8);
                }
            }
        }
        due.into_iter().flatten()
    }

    /// Kinds of which nothing has come for too long.
    pub(crate) fn stopped(&mut self, now: Instant) -> impl Iterator<Item = Kind> {
        let after = self.policy.media_stopped_after;
        self.tracks.iter_mut().filter_map(move |track| {
            let silent = track.last_packet.is_some_and(|last| now >= last + after);
            (silent && std::mem::take(&mut track.flows)).then_some(track.kind)
        })
    }

    /// When a postponed request is due, or silence becomes a stop.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let flowing = self.tracks.iter().filter(|track| track.flows);
        let stops = flowing.filter_map(|track| Some(track.last_packet? + self.policy.media_stopped_after)).min();
        let layers = self.track(Kind::Video).map_or(&[][..], |track| &track.layers);
        let wanted = layers.iter().filter(|layer| layer.wanted);
        let asks = wanted.filter_map(|layer| Some(layer.asked_at? + self.policy.keyframe_interval)).min();
        stops.into_iter().chain(asks).min()
    }
}

/// Smallest first by the names in use: IVS's, those of one letter in either custom, and numbers.
fn rank(label: &str, all: &[String]) -> usize {
    let has = |name: &str| all.iter().any(|other| other == name);
    let halves = has("f") || has("q");
    let known = match label {
        "low" | "l" | "q" => Some(0),
        "mid" | "m" => Some(1),
        "h" if halves => Some(1),
        "hi" | "high" | "h" | "f" => Some(2),
        _ => None,
    };
    // AWS does not say what other names mean. The order of the offer is the order of preference (RFC 8853 §5.2), so the
    // first is taken for the best.
    known.unwrap_or_else(|| all.len() - all.iter().position(|other| other == label).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at_ms, keyframe, packet};

    fn source(rids: &[&str], policy: Policy) -> Source {
        let rids = rids.iter().map(|rid| (*rid).to_owned()).collect();
        Source::new(&[(Kind::Audio, vec![]), (Kind::Video, rids)], Arc::new(policy), at_ms(0))
    }

    #[test]
    fn layers_by_their_names() {
        let cases: &[(&[&str], &[&str])] = &[
            (&["hi", "mid", "low"], &["low", "mid", "hi"]),
            (&["low", "mid", "hi"], &["low", "mid", "hi"]),
            (&["q", "h", "f"], &["q", "h", "f"]),
            (&["h", "m", "l"], &["l", "m", "h"]),
            (&["0", "1", "2"], &["2", "1", "0"]),
            (&[], &[""]),
        ];
        for (offered, expected) in cases {
            let source = source(offered, Policy::default());
            let labels: Vec<_> = source.tracks[1].layers.iter().map(|layer| layer.label.as_str()).collect();
            assert_eq!(labels, *expected, "{offered:?}");
        }
    }

    #[test]
    fn requests_for_a_key_frame_become_one() {
        let mut source = source(&["hi", "low"], Policy::default());
        assert!(source.want_keyframe(at_ms(0), 0), "the first is sent");
        assert!(source.want_keyframe(at_ms(1), 1), "another layer has its own");
        for ms in [10, 100, 200] {
            assert!(!source.want_keyframe(at_ms(ms), 0), "postponed at {ms}");
        }
        assert_eq!(source.deadline(), Some(at_ms(500)));
        assert_eq!(source.due_keyframes(at_ms(499)).count(), 0);
        assert_eq!(source.due_keyframes(at_ms(500)).collect::<Vec<_>>(), [0]);
        assert_eq!(source.due_keyframes(at_ms(2_000)).count(), 0, "once");
    }

    #[test]
    fn a_key_frame_answers_all_requests() {
        let mut source = source(&[], Policy::default());
        assert!(source.want_keyframe(at_ms(0), 0));
        assert!(!source.want_keyframe(at_ms(100), 0));
        source.notice(at_ms(200), 0, &keyframe(1));
        assert_eq!(source.deadline(), Some(at_ms(5_200)), "only the end of the media is waited for");
        assert_eq!(source.due_keyframes(at_ms(600)).count(), 0);
    }

    #[test]
    fn media_that_stop_and_go_on() {
        let mut source = source(&[], Policy::default());
        assert!(source.notice(at_ms(0), 0, &packet(1)).started);
        assert!(!source.notice(at_ms(100), 0, &packet(2)).started);
        assert_eq!(source.stopped(at_ms(5_099)).count(), 0);
        assert_eq!(source.stopped(at_ms(5_100)).collect::<Vec<_>>(), [Kind::Video]);
        assert_eq!(source.stopped(at_ms(6_000)).count(), 0, "told once");
        assert_eq!(source.deadline(), None);
        assert!(source.notice(at_ms(7_000), 0, &packet(3)).started);
    }

    #[test]
    fn a_limit_is_reported_once() {
        let limits = crate::policy::Limits { bitrate_bps: Some(10_000), ..Default::default() };
        let mut source = source(&[], Policy { limits, ..Policy::default() });
        let large = Packet { payload: vec![0; 1_200].into(), ..packet(1) };
        let reported = (0..10).filter(|ms| source.notice(at_ms(*ms), 0, &large).violated.is_some()).count();
        assert_eq!(reported, 1);
    }

    #[test]
    fn a_layer_lives_while_it_sends() {
        let mut source = source(&["hi", "low"], Policy::default());
        source.notice(at_ms(0), 1, &packet(1));
        let mut states = Vec::new();
        source.layer_states(at_ms(1_000), &mut states);
        assert_eq!(states.iter().map(|state| state.live).collect::<Vec<_>>(), [false, true]);
        source.layer_states(at_ms(2_000), &mut states);
        assert!(states.iter().all(|state| !state.live));
    }
}
