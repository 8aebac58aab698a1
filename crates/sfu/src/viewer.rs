//! One viewer of one publisher: which of its packets go out, and when the layer changes.
//!
//! The one rule: the picture starts and changes at a key frame and nowhere else, so that a viewer never sees a frame
//! whose beginning it has not got. Until the key frame of the wanted layer comes, the old layer goes on.

use std::time::{Duration, Instant};

use crate::forward::{Origin, Rewriter};
use crate::id::{Key, ParticipantId};
use crate::layers::{Estimate, LayerState, Selector, Wish};
use crate::leg::SendLeg;
use crate::limits::downloads::Load;
use crate::meter::Meter;
use crate::packet::{Codec, Kind, Packet};
use crate::policy::Policy;
use crate::source::Source;

/// How often the choice of layer is looked at again without a cause.
pub(crate) const REVIEW: Duration = Duration::from_millis(250);
/// A key frame that has not come by then is asked for again.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// What one review or packet changed for a viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It sees this layer now, or no picture.
    Layer(Option<u8>),
    /// It cannot take what the publisher sends.
    CannotTake(Codec),
}

/// How many packets and bytes went to a viewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
}

/// One viewer.
#[derive(Debug)]
pub(crate) struct Viewer<L> {
    /// Whose it is, for those who look it up elsewhere.
    pub(crate) owner: Key,
    pub(crate) leg: L,
    /// Who watches.
    pub(crate) participant: Option<ParticipantId>,
    pub(crate) source: Option<Key>,
    /// Whether packets are queued on the leg.
    pub(crate) queued: bool,
    pub(crate) sent: Sent,
    /// What of it goes by now, where that is limited.
    download: Option<Meter<30>>,
    connected: bool,
    audio: Rewriter,
    audio_flows: bool,
    audio_wanted: bool,
    video: Rewriter,
    current: Option<Origin>,
    target: Option<u8>,
    planned_bps: u64,
    wish: Wish,
    selector: Selector,
    asked: Option<(u8, Instant)>,
    review_at: Instant,
    mismatch: Option<Codec>,
}

impl<L: SendLeg> Viewer<L> {
    pub(crate) fn new(owner: Key, leg: L, source: Key, policy: &Policy, now: Instant) -> Self {
        Self {
            owner,
            participant: None,
            source: Some(source),
            queued: false,
            sent: Sent::default(),
            download: policy.limits.download_bps.map(|_| Meter::new(now)),
            connected: false,
            audio: Rewriter::new(leg.first_sequence(Kind::Audio), Codec::Opus.clock_rate_hz()),
            audio_flows: false,
            audio_wanted: true,
            video: Rewriter::new(leg.first_sequence(Kind::Video), Codec::Vp8.clock_rate_hz()),
            current: None,
            target: None,
            planned_bps: 0,
            wish: Wish::Best,
            selector: Selector::new(policy.pause_video, leg.has_estimates()),
            asked: None,
            review_at: now,
            mismatch: None,
            leg,
        }
    }

    /// The same, for that participant.
    pub(crate) fn of(self, participant: Option<ParticipantId>) -> Self {
        Self { participant, ..self }
    }

    /// What it is sent, in bits of payload per second, where that is limited.
    pub(crate) fn load(&mut self, now: Instant) -> Load {
        let present_bps = self.download.as_mut().map_or(0, |meter| meter.bits_per_second(now));
        Load { present_bps, planned_bps: self.planned_bps }
    }

    /// It may be sent so much and no more.
    pub(crate) fn limit(&mut self, bits_per_second: u64) {
        self.selector.limit(bits_per_second);
    }

    /// The layer that it sees.
    pub(crate) fn layer(&self) -> Option<u8> {
        self.current.map(|origin| origin.layer)
    }

    pub(crate) fn estimated_bps(&self) -> Option<u64> {
        self.selector.estimated_bps()
    }

    /// Packets can be sent from now on.
    pub(crate) fn connect(&mut self, now: Instant) {
        self.connected = true;
        self.review_at = now;
    }

    pub(crate) fn estimate(&mut self, now: Instant, estimate: Estimate) {
        self.selector.estimate(estimate);
        self.review_at = now;
    }

    pub(crate) fn loss(&mut self, permille: u16) {
        self.selector.loss(permille);
    }

    pub(crate) fn wish(&mut self, now: Instant, audio: bool, wish: Wish) {
        self.audio_wanted = audio;
        self.audio_flows &= audio;
        self.wish = wish;
        self.review_at = now;
    }

    /// Turns to another publisher, or to none.
    pub(crate) fn watch(&mut self, now: Instant, source: Option<Key>) {
        self.source = source;
        self.audio_flows = false;
        self.current = None;
        self.target = None;
        self.planned_bps = 0;
        self.asked = None;
        self.mismatch = None;
        self.selector.restart();
        self.review_at = now;
    }

    /// The publisher stopped sending this for a while; it will go on without a gap.
    pub(crate) fn interrupt(&mut self, kind: Kind) {
        match kind {
            Kind::Audio => self.audio_flows = false,
            Kind::Video => {
                self.current = None;
                self.asked = None;
            }
        }
    }

    /// When [`Viewer::review`] is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        (self.connected && self.source.is_some() && self.leg.has(Kind::Video)).then_some(self.review_at)
    }

    /// Sends a packet of the publisher on, or not. Tells when the layer changed with it.
    pub(crate) fn forward(&mut self, origin: Origin, packet: &Packet) -> Option<Change> {
        if !self.connected || self.source != Some(origin.source) {
            return None;
        }
        match packet.codec.kind() {
            Kind::Audio => {
                self.forward_audio(origin, packet);
                None
            }
            Kind::Video => self.forward_video(origin, packet),
        }
    }

    fn forward_audio(&mut self, origin: Origin, packet: &Packet) {
        if !self.audio_wanted {
            return;
        }
        if !self.audio_flows {
            self.audio.switch(origin, packet);
            self.audio_flows = true;
        }
        if packet.payload.is_empty() {
            return self.audio.skip(origin, packet);
        }
        if let Some(numbers) = self.audio.forward(origin, packet) {
            self.leg.send(packet, &numbers);
            self.count(packet);
        }
    }

    fn forward_video(&mut self, origin: Origin, packet: &Packet) -> Option<Change> {
        let mut change = None;
        if self.current != Some(origin) && self.target == Some(origin.layer) && packet.start.is_keyframe() {
            self.video.switch(origin, packet);
            self.current = Some(origin);
            self.asked = None;
            change = Some(Change::Layer(Some(origin.layer)));
        }
        self.current?;
        if packet.payload.is_empty() {
            self.video.skip(origin, packet);
            return change;
        }
        if let Some(numbers) = self.video.forward(origin, packet) {
            self.leg.send(packet, &numbers);
            self.count(packet);
        }
        change
    }

    fn count(&mut self, packet: &Packet) {
        self.queued = true;
        self.sent.packets += 1;
        self.sent.bytes += packet.payload.len() as u64;
        if let Some(download) = &mut self.download {
            download.add(packet.arrival, packet.payload.len());
        }
    }

    /// Looks at the choice of layer again. Returns the layer of which a key frame is needed, and what changed.
    pub(crate) fn review(
        &mut self,
        now: Instant,
        source: &mut Source,
        states: &mut Vec<LayerState>,
    ) -> (Option<u8>, Option<Change>) {
        self.review_at = now + REVIEW;
        let muted = source.track(Kind::Video).is_none_or(|track| track.muted);
        if !self.connected || !self.leg.has(Kind::Video) || muted {
            return (None, None);
        }
        if let Some(change) = self.check_codec(source) {
            return (None, Some(change));
        }
        source.layer_states(now, states);
        let audio_bps = source.audio_bps(now);
        let choice = self.selector.choose(now, states, self.wish, audio_bps);
        self.leg.desire(now, choice.desired_bps);
        self.target = choice.layer;
        let chosen = choice.layer.and_then(|layer| states.get(usize::from(layer)));
        self.planned_bps = audio_bps + chosen.map_or(0, |layer| layer.bitrate_bps);
        if self.target.is_none() {
            let change = self.current.take().map(|_| Change::Layer(None));
            self.asked = None;
            return (None, change);
        }
        (self.needed_keyframe(now), None)
    }

    fn check_codec(&mut self, source: &Source) -> Option<Change> {
        let codec = source.track(Kind::Video)?.codec?;
        if self.leg.takes(codec) {
            self.mismatch = None;
            return None;
        }
        let news = self.mismatch.replace(codec) != Some(codec);
        news.then_some(Change::CannotTake(codec))
    }

    fn needed_keyframe(&mut self, now: Instant) -> Option<u8> {
        let target = self.target?;
        if self.layer() == Some(target) {
            self.asked = None;
            return None;
        }
        let lately = |(layer, at): (u8, Instant)| layer == target && now < at + ASK_AGAIN;
        if self.asked.is_some_and(lately) {
            return None;
        }
        self.asked = Some((target, now));
        Some(target)
    }

    /// The layer of which the viewer itself asks for a key frame.
    pub(crate) fn keyframe_wanted(&self) -> Option<u8> {
        self.layer().or(self.target)
    }

    /// Serves what the viewer missed from the publisher's ring.
    pub(crate) fn repair(&mut self, now: Instant, source: &Source, kind: Kind, sequences: &[u16]) {
        let rewriter = if kind == Kind::Audio { &self.audio } else { &self.video };
        for sequence in sequences {
            let Some((origin, original)) = rewriter.original(*sequence) else { continue };
            if self.source != Some(origin.source) {
                continue;
            }
            let Some(packet) = source.kept(kind, origin.layer, original, now) else { continue };
            let Some(numbers) = rewriter.again(origin, packet) else { continue };
            self.leg.resend(now, packet, &numbers);
            self.queued = true;
        }
    }
}
