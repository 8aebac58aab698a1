//! Who gets what: the publishers and viewers of all stages of one shard.
//!
//! A publisher belongs to one stage, a viewer watches one publisher. A publisher that is replicated to another stage is
//! watched from there like from its own, which is why the stages of a shard are kept together and not one by one.
//!
//! The one rule: a packet is read once and handed to those who watch; nothing here looks at how it comes in or goes
//! out. Publishers are asked for key frames through [`Stages::take_asks`], legs are known by [`SendLeg`] alone.

use std::collections::VecDeque;
use std::time::Instant;

use crate::forward::Origin;
use crate::id::{Key, Slab};
use crate::layers::{LayerState, Wish};
use crate::leg::{LegEvent, SendLeg};
use crate::limits::Limit;
use crate::limits::downloads::Downloads;
use crate::packet::{Codec, Kind, Packet};
use crate::policy::Policy;
use crate::source::{Ask, Source};
use crate::viewer::{Change, Viewer};

/// What happened to a publisher's media or to a viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// The first packet of its kind came in, or the first after a stop.
    Started(Kind),
    /// None came for a while.
    Stopped(Kind),
    /// The publisher, or what the viewer would have to be sent, broke a limit.
    Violated(Limit),
    /// The viewer can be sent to.
    Connected,
    /// The viewer sees another layer, or no picture.
    Layer(Option<u8>),
    /// The viewer cannot take what the publisher sends.
    CannotTake(Codec),
    /// The viewer's publisher left.
    SourceGone,
}

/// Publishers and viewers of one shard.
#[derive(Debug)]
pub(crate) struct Stages<L> {
    sources: Slab<(Key, Source)>,
    viewers: Slab<Viewer<L>>,
    downloads: Downloads,
    /// Viewers with something to send, the one that waits longest first.
    queued: VecDeque<Key>,
    asks: Vec<Ask>,
    /// By the owner's key.
    news: VecDeque<(Key, News)>,
    states: Vec<LayerState>,
}

impl<L: SendLeg> Stages<L> {
    pub(crate) fn new(policy: &Policy) -> Self {
        Self {
            sources: Slab::new(),
            viewers: Slab::new(),
            downloads: Downloads::new(policy.limits.download_bps),
            queued: VecDeque::new(),
            asks: Vec::new(),
            news: VecDeque::new(),
            states: Vec::new(),
        }
    }

    pub(crate) fn add_source(&mut self, owner: Key, source: Source) -> Key {
        self.sources.insert((owner, source))
    }

    pub(crate) fn source(&self, key: Key) -> Option<&Source> {
        self.sources.get(key).map(|(_, source)| source)
    }

    pub(crate) fn source_mut(&mut self, key: Key) -> Option<&mut Source> {
        self.sources.get_mut(key).map(|(_, source)| source)
    }

    /// The publisher left: its viewers stay, with nothing to see.
    pub(crate) fn remove_source(&mut self, now: Instant, key: Key) {
        let Some((_, source)) = self.sources.remove(key) else { return };
        self.asks.retain(|ask| ask.source != key);
        for viewer in source.viewers {
            let Some(viewer) = self.viewers.get_mut(viewer) else { continue };
            viewer.watch(now, None);
            self.news.push_back((viewer.owner, News::SourceGone));
        }
    }

    pub(crate) fn add_viewer(&mut self, viewer: Viewer<L>) -> Key {
        let (participant, source) = (viewer.participant, viewer.source);
        let key = self.viewers.insert(viewer);
        if let Some(participant) = participant {
            self.downloads.enter(participant, key);
        }
        if let Some(source) = source {
            self.enter(key, source);
        }
        key
    }

    fn enter(&mut self, key: Key, source: Key) {
        let Self { sources, viewers, .. } = self;
        let Some((_, source)) = sources.get_mut(source).filter(|_| viewers.get(key).is_some()) else { return };
        source.viewers.push(key);
        // Once needed, the ring stays: a publisher's viewers come and go.
        source.keeps_packets = true;
    }

    pub(crate) fn viewer(&self, key: Key) -> Option<&Viewer<L>> {
        self.viewers.get(key)
    }

    pub(crate) fn viewer_mut(&mut self, key: Key) -> Option<&mut Viewer<L>> {
        self.viewers.get_mut(key)
    }

    pub(crate) fn remove_viewer(&mut self, key: Key) -> Option<L> {
        let viewer = self.viewers.remove(key)?;
        self.queued.retain(|queued| *queued != key);
        self.leave(key, viewer.source);
        if let Some(participant) = viewer.participant {
            self.downloads.leave(participant, key);
        }
        Some(viewer.leg)
    }

    /// Turns a viewer to another publisher.
    pub(crate) fn watch(&mut self, now: Instant, key: Key, source: Key) {
        let Some(viewer) = self.viewers.get_mut(key) else { return };
        let before = viewer.source;
        viewer.watch(now, Some(source));
        self.leave(key, before);
        self.enter(key, source);
        self.review(now, key);
    }

    fn leave(&mut self, viewer: Key, source: Option<Key>) {
        if let Some(source) = source.and_then(|source| self.source_mut(source)) {
            source.viewers.retain(|other| *other != viewer);
        }
    }

    /// Mutes or unmutes a publisher: what is muted does not leave this server.
    pub(crate) fn set_muted(&mut self, now: Instant, key: Key, kind: Kind, muted: bool) {
        let Some((_, source)) = self.sources.get_mut(key) else { return };
        if !source.mute(kind, muted) {
            return;
        }
        for viewer in source.viewers.clone() {
            if let Some(viewer) = self.viewers.get_mut(viewer) {
                viewer.interrupt(kind);
            }
            if !muted {
                self.review(now, viewer);
            }
        }
    }

    pub(crate) fn wish(&mut self, now: Instant, key: Key, audio: bool, wish: Wish) {
        if let Some(viewer) = self.viewers.get_mut(key) {
            viewer.wish(now, audio, wish);
            self.review(now, key);
        }
    }

    /// A packet of a publisher came in.
    pub(crate) fn packet(&mut self, now: Instant, key: Key, layer: u8, packet: &Packet) {
        let Self { sources, viewers, queued, news, .. } = self;
        let Some((owner, source)) = sources.get_mut(key) else { return };
        let noticed = source.notice(now, layer, packet);
        if noticed.started {
            news.push_back((*owner, News::Started(packet.codec.kind())));
        }
        if let Some(limit) = noticed.violated {
            news.push_back((*owner, News::Violated(limit)));
        }
        if source.track(packet.codec.kind()).is_none_or(|track| track.muted) {
            return;
        }
        let origin = Origin { source: key, layer };
        for viewer_key in &source.viewers {
            let Some(viewer) = viewers.get_mut(*viewer_key) else { continue };
            let was_queued = viewer.queued;
            if let Some(Change::Layer(layer)) = viewer.forward(origin, packet) {
                news.push_back((viewer.owner, News::Layer(layer)));
            }
            if viewer.queued && !was_queued {
                queued.push_back(*viewer_key);
            }
        }
    }

    /// A leg heard from its viewer.
    pub(crate) fn leg_event(&mut self, now: Instant, key: Key, event: LegEvent) {
        let Some(viewer) = self.viewers.get_mut(key) else { return };
        match event {
            LegEvent::Connected => {
                viewer.connect(now);
                self.news.push_back((viewer.owner, News::Connected));
                self.review(now, key);
            }
            LegEvent::KeyframeWanted => {
                if let (Some(source), Some(layer)) = (viewer.source, viewer.keyframe_wanted()) {
                    self.ask(now, source, layer);
                }
            }
            LegEvent::Estimate(estimate) => {
                viewer.estimate(now, estimate);
                self.review(now, key);
            }
            LegEvent::Loss(permille) => viewer.loss(permille),
            LegEvent::Nack { kind, sequences } => self.repair(now, key, kind, &sequences),
        }
    }

    fn repair(&mut self, now: Instant, key: Key, kind: Kind, sequences: &[u16]) {
        let Some(viewer) = self.viewers.get_mut(key) else { return };
        let Some((_, source)) = viewer.source.and_then(|source| self.sources.get(source)) else { return };
        let was_queued = viewer.queued;
        viewer.repair(now, source, kind, sequences);
        if viewer.queued && !was_queued {
            self.queued.push_back(key);
        }
    }

    /// Looks again at what a viewer should get.
    pub(crate) fn review(&mut self, now: Instant, key: Key) {
        self.mind_download(now, key);
        let Self { sources, viewers, news, states, .. } = self;
        let Some(viewer) = viewers.get_mut(key) else { return };
        let Some(source_key) = viewer.source else { return };
        let Some((_, source)) = sources.get_mut(source_key) else { return };
        let (needed, change) = viewer.review(now, source, states);
        match change {
            Some(Change::Layer(layer)) => news.push_back((viewer.owner, News::Layer(layer))),
            Some(Change::CannotTake(codec)) => news.push_back((viewer.owner, News::CannotTake(codec))),
            None => {}
        }
        if let Some(layer) = needed
            && !self.show(now, key, layer)
        {
            self.ask(now, source_key, layer);
        }
    }

    /// Sees to it that its participant is not sent too much.
    fn mind_download(&mut self, now: Instant, key: Key) {
        let Self { viewers, downloads, news, .. } = self;
        let Some(participant) = viewers.get(key).and_then(|viewer| viewer.participant) else { return };
        let load_of =
            |viewer| viewers.get_mut(viewer).map(|viewer: &mut Viewer<L>| viewer.load(now)).unwrap_or_default();
        let Some(share) = downloads.share(now, participant, key, load_of) else { return };
        if let Some(viewer) = viewers.get_mut(key) {
            viewer.limit(share.most_bps);
        }
        if let Some((last, bits_per_second)) = share.too_much
            && let Some(last) = viewers.get(last)
        {
            news.push_back((last.owner, News::Violated(Limit::Download { bits_per_second })));
        }
    }

    /// Gives a viewer who has no picture yet the newest there is, without bothering the publisher. False when it must be
    /// asked for another; so too when the viewer only changes layers, for the past of the new one they have seen.
    fn show(&mut self, now: Instant, key: Key, layer: u8) -> bool {
        let Self { sources, viewers, news, queued, .. } = self;
        let Some(viewer) = viewers.get_mut(key).filter(|viewer| viewer.layer().is_none()) else { return false };
        let Some(origin) = viewer.source.map(|source| Origin { source, layer }) else { return false };
        let Some((_, source)) = sources.get(origin.source) else { return false };
        let Some(packets) = source.since_keyframe(layer, now) else { return false };
        let was_queued = viewer.queued;
        for packet in packets {
            if let Some(Change::Layer(layer)) = viewer.forward(origin, packet) {
                news.push_back((viewer.owner, News::Layer(layer)));
            }
        }
        if viewer.queued && !was_queued {
            queued.push_back(key);
        }
        true
    }

    fn ask(&mut self, now: Instant, source: Key, layer: u8) {
        let Some((_, publisher)) = self.sources.get_mut(source) else { return };
        if publisher.want_keyframe(now, layer) {
            self.asks.push(Ask { source, layer });
        }
    }

    /// Sends the requests whose time has come, and tells of media that stopped.
    pub(crate) fn tick_source(&mut self, now: Instant, key: Key) {
        let Some((owner, source)) = self.sources.get_mut(key) else { return };
        self.news.extend(source.stopped(now).map(|kind| (*owner, News::Stopped(kind))));
        self.asks.extend(source.due_keyframes(now).map(|layer| Ask { source: key, layer }));
    }

    /// The next viewer with something to send.
    pub(crate) fn next_queued(&mut self) -> Option<Key> {
        let key = self.queued.pop_front()?;
        if let Some(viewer) = self.viewers.get_mut(key) {
            viewer.queued = false;
        }
        Some(key)
    }

    /// Whether there is one.
    pub(crate) fn has_queued(&self) -> bool {
        !self.queued.is_empty()
    }

    /// Key frames that publishers must be asked for.
    pub(crate) fn take_asks(&mut self, into: &mut Vec<Ask>) {
        into.append(&mut self.asks);
    }

    pub(crate) fn poll_news(&mut self) -> Option<(Key, News)> {
        self.news.pop_front()
    }

    /// Whose media these are.
    pub(crate) fn owner_of(&self, source: Key) -> Option<Key> {
        self.sources.get(source).map(|(owner, _)| *owner)
    }
}

#[cfg(test)]
#[path = "stage_tests.rs"]
mod tests;
