//! The driver: many stages and their peers on one thread, datagrams in, datagrams and events out.
//!
//! The owner hands in batches of datagrams with the time at which they came, and lets [`Shard::tick`] run when
//! [`Shard::deadline`] has come. After either it sends what [`Shard::drain_transmits`] gives and reads
//! [`Shard::poll_event`] empty. All datagrams to one viewer from one batch stand together, so that they can leave in one
//! call.
//!
//! An owner in a hurry does both in parts: it takes in ([`Shard::take_in`], [`Shard::take_time`]), lets out what waits for
//! some viewers ([`Shard::flush`]), sends that, and takes in what has come meanwhile before it goes on to the others.
//!
//! The one rule: no sockets, no clock, no locks, and nothing that waits. A shard belongs to one thread; peers are made
//! elsewhere by an [`crate::Acceptor`] and moved in.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use crate::calendar::TimeOfDay;
use crate::deadlines::Deadlines;
use crate::event::{Event, LeftReason};
use crate::id::{Key, PeerId, Slab, StageId};
use crate::layers::Wish;
use crate::leg::{LegEvent, RtpLeg, SendLeg};
use crate::network::connection::Ended;
use crate::network::demux::{Datagram, Demux, Found, Whereabouts};
use crate::network::outbox::Outbox;
use crate::packet::Kind;
use crate::policy::Policy;
use crate::publisher::{Heard, Publisher};
use crate::signalling::fragment::{Fragment, FragmentError};
use crate::signalling::peer::{Peer, Role};
use crate::source::{Ask, Source};
use crate::stage::{News, Stages};
use crate::stats::{self, PeerStats};
use crate::viewer::Viewer;

/// Requests cause packets and packets cause requests, but not for long.
const SETTLE_ROUNDS: u32 = 8;

/// Why a peer could not be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The id is in use.
    #[error("a peer with this id is already there")]
    IdTaken,
    /// Another connection drew the same name; make the peer anew.
    #[error("the connection's name is already taken")]
    NameTaken,
    /// The publisher that it wants to watch is not there.
    #[error("the publisher is not there")]
    NoSuchPublisher,
    /// A viewer's connection given as a publisher's, or the reverse.
    #[error("the connection was made for the other role")]
    WrongRole,
}

/// What the trickle fragment led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Patched {
    /// Addresses were noted.
    Trickled,
    /// ICE was restarted.
    Restarted {
        /// The new answer, from which the fragment for the client is cut.
        sdp: String,
        /// The name that the client's datagrams will bear from now on.
        ufrag: String,
    },
}

#[derive(Debug)]
enum Seat {
    Publisher(Box<Publisher>),
    Viewer(Key),
}

#[derive(Debug)]
struct Member {
    id: PeerId,
    stage: StageId,
    seat: Seat,
    datagrams: u64,
}

/// Stages and peers of one thread.
#[derive(Debug)]
pub struct Shard {
    policy: Arc<Policy>,
    time_of_day: TimeOfDay,
    members: Slab<Member>,
    by_id: BTreeMap<PeerId, Key>,
    demux: Demux,
    stages: Stages<RtpLeg>,
    deadlines: Deadlines,
    out: Outbox,
    events: VecDeque<(PeerId, Event)>,
    /// Members that did something in this batch and whose state must be looked at.
    touched: Vec<Key>,
    asks: Vec<Ask>,
    heard: Vec<Heard>,
    leg_events: Vec<LegEvent>,
    dropped: u64,
}

impl Shard {
    /// A shard without peers. The time of day is for the reports that viewers get.
    pub fn new(policy: Arc<Policy>, time_of_day: TimeOfDay) -> Self {
        Self {
            time_of_day,
            members: Slab::new(),
            by_id: BTreeMap::new(),
            demux: Demux::default(),
            stages: Stages::new(&policy),
            policy,
            deadlines: Deadlines::default(),
            out: Outbox::default(),
            events: VecDeque::new(),
            touched: Vec::new(),
            asks: Vec::new(),
            heard: Vec::new(),
            leg_events: Vec::new(),
            dropped: 0,
        }
    }

    /// Takes in a publisher.
    pub fn publish(&mut self, now: Instant, stage: StageId, id: PeerId, peer: Peer) -> Result<(), JoinError> {
        self.check_join(id, &peer, peer.role == Role::Publisher)?;
        let tracks: Vec<_> = peer.lines.iter().map(|line| (line.kind, line.layers.clone())).collect();
        let ufrag = peer.connection.ufrag().to_owned();
        let source = Source::new(&tracks, self.policy.clone(), now);
        let source = self.stages.add_source(self.members.vacant_key(), source);
        let seat = Seat::Publisher(Box::new(Publisher::new(peer, source, now)));
        self.seat(now, &ufrag, Member { id, stage, seat, datagrams: 0 });
        Ok(())
    }

    /// Takes in a viewer of a publisher, which may be one of another stage (a replica).
    pub fn subscribe(
        &mut self,
        now: Instant,
        stage: StageId,
        id: PeerId,
        publisher: PeerId,
        peer: Peer,
    ) -> Result<(), JoinError> {
        self.check_join(id, &peer, peer.role != Role::Publisher)?;
        let source = self.source_of(publisher).ok_or(JoinError::NoSuchPublisher)?;
        let ufrag = peer.connection.ufrag().to_owned();
        let participant = peer.participant;
        let leg = RtpLeg::new(now, peer, &self.policy, self.time_of_day);
        let viewer = Viewer::new(self.members.vacant_key(), leg, source, &self.policy, now);
        let viewer = self.stages.add_viewer(viewer.of(participant));
        self.seat(now, &ufrag, Member { id, stage, seat: Seat::Viewer(viewer), datagrams: 0 });
        Ok(())
    }

    fn check_join(&self, id: PeerId, peer: &Peer, right_role: bool) -> Result<(), JoinError> {
        if !right_role {
            return Err(JoinError::WrongRole);
        }
        if self.by_id.contains_key(&id) {
            return Err(JoinError::IdTaken);
        }
        if self.demux.has_ufrag(peer.connection.ufrag()) {
            return Err(JoinError::NameTaken);
        }
        Ok(())
    }

    fn seat(&mut self, now: Instant, ufrag: &str, member: Member) {
        let id = member.id;
        let key = self.members.insert(member);
        self.by_id.insert(id, key);
        self.demux.add_ufrag(ufrag, key);
        self.deadlines.arm(key, now);
    }

    /// Turns a viewer to another publisher, as when its own has come back on a new connection.
    pub fn watch(&mut self, now: Instant, viewer: PeerId, publisher: PeerId) -> Result<(), JoinError> {
        let source = self.source_of(publisher).ok_or(JoinError::NoSuchPublisher)?;
        let key = self.viewer_of(viewer).ok_or(JoinError::WrongRole)?;
        self.stages.watch(now, key, source);
        self.touch(viewer);
        self.settle(now);
        Ok(())
    }

    /// What a viewer wants: sound or not, and which picture.
    pub fn wish(&mut self, now: Instant, viewer: PeerId, audio: bool, video: Wish) {
        if let Some(key) = self.viewer_of(viewer) {
            self.stages.wish(now, key, audio, video);
            self.touch(viewer);
            self.settle(now);
        }
    }

    /// The place of a publisher's layer, for [`Wish::UpTo`].
    pub fn layer(&self, publisher: PeerId, label: &str) -> Option<u8> {
        self.stages.source(self.source_of(publisher)?)?.layer_of(Kind::Video, label)
    }

    /// Mutes or unmutes a publisher.
    pub fn set_muted(&mut self, now: Instant, publisher: PeerId, kind: Kind, muted: bool) {
        if let Some(source) = self.source_of(publisher) {
            self.stages.set_muted(now, source, kind, muted);
            self.settle(now);
        }
    }

    /// Whether a publisher is muted; `None` when it has nothing of that kind.
    pub fn is_muted(&self, publisher: PeerId, kind: Kind) -> Option<bool> {
        Some(self.stages.source(self.source_of(publisher)?)?.track(kind)?.muted)
    }

    /// Puts a peer out. It gets a goodbye; no event follows.
    pub fn close(&mut self, now: Instant, id: PeerId) {
        let Some(key) = self.by_id.get(&id).copied() else { return };
        self.remove(now, key);
        self.settle(now);
    }

    /// Puts everybody of a stage out, and names them.
    pub fn close_stage(&mut self, now: Instant, stage: StageId) -> Vec<PeerId> {
        let belongs = |key: &Key| self.members.get(*key).is_some_and(|member| member.stage == stage);
        let peers: Vec<_> = self.by_id.iter().filter(|(_, key)| belongs(key)).map(|(id, _)| *id).collect();
        for id in &peers {
            self.close(now, *id);
        }
        peers
    }

    /// Takes in a trickle fragment: more of the client's addresses, or an ICE restart.
    pub fn patch(&mut self, now: Instant, id: PeerId, fragment: &Fragment) -> Result<Patched, FragmentError> {
        let key = self.by_id.get(&id).copied().ok_or(FragmentError::Gone)?;
        let Self { members, stages, demux, .. } = self;
        let member = members.get_mut(key).ok_or(FragmentError::Gone)?;
        let connection = match &mut member.seat {
            Seat::Publisher(publisher) => &mut publisher.connection,
            Seat::Viewer(viewer) => stages.viewer_mut(*viewer).ok_or(FragmentError::Gone)?.leg.connection_mut(),
        };
        let Some((ufrag, password)) = &fragment.credentials else { return Ok(Patched::Trickled) };
        if ufrag == connection.remote_ufrag() {
            return Ok(Patched::Trickled);
        }
        let before = connection.ufrag().to_owned();
        let sdp = connection.restart_ice(ufrag, password, |name| demux.has_ufrag(name))?;
        let ufrag = connection.ufrag().to_owned();
        demux.remove_ufrag(&before);
        demux.add_ufrag(&ufrag, key);
        self.touched.push(key);
        self.wake(now, key);
        self.settle(now);
        Ok(Patched::Restarted { sdp, ufrag })
    }

    /// Takes in a batch of datagrams, and seals all that comes of it.
    pub fn receive<'a>(&mut self, now: Instant, batch: impl IntoIterator<Item = Datagram<'a>>) {
        self.take_in(now, batch);
        self.settle(now);
    }

    /// Takes in a batch of datagrams. What it brought viewers waits for [`Shard::flush`].
    pub fn take_in<'a>(&mut self, now: Instant, batch: impl IntoIterator<Item = Datagram<'a>>) {
        for datagram in batch {
            match self.demux.find(&datagram) {
                Found::Peer(key) => self.deliver(now, key, &datagram),
                Found::Claims(key) if self.authenticates(now, key, &datagram) => {
                    self.demux.add_path(&datagram, key);
                    self.deliver(now, key, &datagram);
                }
                Found::Claims(_) | Found::Nobody => self.dropped += 1,
            }
        }
    }

    /// Lets time pass, and seals all that comes of it.
    pub fn tick(&mut self, now: Instant) {
        self.take_time(now);
        self.settle(now);
    }

    /// Lets time pass. What it brought viewers waits for [`Shard::flush`].
    pub fn take_time(&mut self, now: Instant) {
        while let Some(key) = self.deadlines.pop_due(now) {
            self.touched.push(key);
            self.wake(now, key);
        }
    }

    /// Seals what waits for so many viewers, those first who wait longest, and looks after all who did something. Whether
    /// others still wait.
    pub fn flush(&mut self, now: Instant, viewers: usize) -> bool {
        self.flush_viewers(now, viewers);
        self.send_asks(now);
        self.tell_news(now);
        self.look_after(now);
        self.stages.has_queued()
    }

    /// When to call [`Shard::tick`] next.
    pub fn deadline(&mut self) -> Option<Instant> {
        self.deadlines.next()
    }

    /// Datagrams to send, in order; see [`Outbox`] for how. What `into` held is dropped. Its room is swapped in for the
    /// next batch: an owner that hands in the same outbox each time makes two of them and no more.
    pub fn drain_transmits(&mut self, into: &mut Outbox) {
        into.clear();
        std::mem::swap(into, &mut self.out);
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<(PeerId, Event)> {
        self.events.pop_front()
    }

    /// Who came to be here and who no longer is, for whoever hands datagrams out to several shards. Told at once, since a
    /// client may answer as soon as [`Shard::drain_transmits`] has been sent.
    pub fn drain_whereabouts(&mut self) -> impl Iterator<Item = Whereabouts> {
        self.demux.drain_changes()
    }

    /// Datagrams that belonged to nobody.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// How many peers there are.
    pub fn peers(&self) -> usize {
        self.by_id.len()
    }

    fn authenticates(&self, now: Instant, key: Key, datagram: &Datagram<'_>) -> bool {
        match self.members.get(key).map(|member| &member.seat) {
            Some(Seat::Publisher(publisher)) => publisher.connection.authenticates(now, datagram),
            Some(Seat::Viewer(viewer)) => {
                self.stages.viewer(*viewer).is_some_and(|viewer| viewer.leg.connection().authenticates(now, datagram))
            }
            None => false,
        }
    }

    fn deliver(&mut self, now: Instant, key: Key, datagram: &Datagram<'_>) {
        let Self { members, stages, .. } = self;
        let Some(member) = members.get_mut(key) else { return };
        member.datagrams += 1;
        self.touched.push(key);
        match &mut member.seat {
            Seat::Publisher(publisher) => publisher.receive(now, datagram),
            Seat::Viewer(viewer) => {
                if let Some(viewer) = stages.viewer_mut(*viewer) {
                    viewer.leg.receive(now, datagram);
                }
            }
        }
        self.drain(now, key);
    }

    fn wake(&mut self, now: Instant, key: Key) {
        let Self { members, stages, .. } = self;
        match members.get_mut(key).map(|member| &mut member.seat) {
            Some(Seat::Publisher(publisher)) => {
                stages.tick_source(now, publisher.source);
                let _ = publisher.connection.tick(now);
            }
            Some(Seat::Viewer(viewer)) => {
                let due = stages.viewer(*viewer).and_then(|viewer| viewer.deadline());
                if due.is_some_and(|due| due <= now) {
                    stages.review(now, *viewer);
                }
            }
            None => return,
        }
        self.drain(now, key);
    }

    /// Takes out what one member has to send and to tell.
    fn drain(&mut self, now: Instant, key: Key) {
        let Self { members, stages, out, heard, leg_events, events, .. } = self;
        let Some(member) = members.get_mut(key) else { return };
        match &mut member.seat {
            Seat::Publisher(publisher) => {
                let Some(source) = stages.source(publisher.source) else { return };
                publisher.drain(now, source, out, heard);
                for heard in heard.drain(..) {
                    match heard {
                        Heard::Connected => events.push_back((member.id, Event::Connected)),
                        Heard::Packet(layer, packet) => stages.packet(now, publisher.source, layer, &packet),
                    }
                }
            }
            Seat::Viewer(viewer_key) => {
                let viewer_key = *viewer_key;
                let Some(viewer) = stages.viewer_mut(viewer_key) else { return };
                viewer.leg.flush(now, out, leg_events);
                for event in leg_events.drain(..) {
                    stages.leg_event(now, viewer_key, event);
                }
            }
        }
    }

    /// Goes on until nobody has anything to send: packets to viewers, requests to publishers, then the news.
    fn settle(&mut self, now: Instant) {
        for _ in 0..SETTLE_ROUNDS {
            if !self.flush(now, usize::MAX) {
                return;
            }
        }
    }

    fn flush_viewers(&mut self, now: Instant, viewers: usize) {
        for _ in 0..viewers {
            let Some(viewer) = self.stages.next_queued() else { return };
            let Some(owner) = self.stages.viewer(viewer).map(|viewer| viewer.owner) else { continue };
            self.touched.push(owner);
            self.drain(now, owner);
        }
    }

    fn send_asks(&mut self, now: Instant) {
        let mut asks = std::mem::take(&mut self.asks);
        self.stages.take_asks(&mut asks);
        for ask in asks.drain(..) {
            self.send_ask(now, ask);
        }
        self.asks = asks;
    }

    fn send_ask(&mut self, now: Instant, ask: Ask) {
        let Self { members, stages, .. } = self;
        let Some(owner) = stages.owner_of(ask.source) else { return };
        let Some(Seat::Publisher(publisher)) = members.get_mut(owner).map(|member| &mut member.seat) else { return };
        let layers = stages.source(ask.source).and_then(|source| source.track(Kind::Video));
        let Some(layer) = layers.and_then(|track| track.layers.get(usize::from(ask.layer))) else { return };
        publisher.request_keyframe(&layer.label);
        let _ = publisher.connection.tick(now);
        self.touched.push(owner);
        self.drain(now, owner);
    }

    fn tell_news(&mut self, now: Instant) {
        while let Some((owner, news)) = self.stages.poll_news() {
            let Some(member) = self.members.get(owner) else { continue };
            let id = member.id;
            let event = match news {
                News::Started(kind) => Event::MediaStarted(kind),
                News::Stopped(kind) => Event::MediaStopped(kind),
                News::Violated(limit) => Event::LimitExceeded(limit),
                News::Connected => Event::Connected,
                News::Layer(layer) => Event::LayerSelected(layer.map(|layer| self.label_for(owner, layer))),
                News::CannotTake(codec) => Event::CannotTake(codec),
                News::SourceGone => Event::SourceGone,
            };
            self.events.push_back((id, event));
            if matches!(news, News::Violated(_)) {
                self.remove(now, owner);
                self.events.push_back((id, Event::Left(LeftReason::LimitExceeded)));
            }
        }
    }

    /// Sets the next deadlines of those that did something, and takes out those that are gone.
    fn look_after(&mut self, now: Instant) {
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        for key in touched.drain(..) {
            let Some((ended, deadline)) = self.state_of(key) else { continue };
            match ended {
                None => self.deadlines.arm(key, deadline),
                Some(why) => self.leave(now, key, why),
            }
        }
        self.touched = touched;
        // Those who left may have left viewers behind.
        self.tell_last_news();
    }

    fn tell_last_news(&mut self) {
        while let Some((owner, news)) = self.stages.poll_news() {
            if let (Some(member), News::SourceGone) = (self.members.get(owner), news) {
                self.events.push_back((member.id, Event::SourceGone));
            }
        }
    }

    fn state_of(&self, key: Key) -> Option<(Option<Ended>, Instant)> {
        match &self.members.get(key)?.seat {
            Seat::Publisher(publisher) => {
                let connection = &publisher.connection;
                let asks = self.stages.source(publisher.source).and_then(Source::deadline);
                let deadline = asks.map_or(connection.deadline(), |asks| asks.min(connection.deadline()));
                Some((connection.ended(), deadline))
            }
            Seat::Viewer(viewer) => {
                let viewer = self.stages.viewer(*viewer)?;
                let deadline = viewer.leg.deadline();
                let deadline = viewer.deadline().map_or(deadline, |review| review.min(deadline));
                Some((viewer.leg.connection().ended(), deadline))
            }
        }
    }

    fn leave(&mut self, now: Instant, key: Key, why: Ended) {
        let reason = match why {
            Ended::Silent => LeftReason::Silent,
            Ended::NeverConnected => LeftReason::NeverConnected,
            Ended::ByPeer => LeftReason::ClosedByPeer,
            Ended::Broken => LeftReason::Failed,
        };
        if let Some(id) = self.remove(now, key) {
            self.events.push_back((id, Event::Left(reason)));
        }
    }

    /// Says goodbye to a member and forgets it.
    fn remove(&mut self, now: Instant, key: Key) -> Option<PeerId> {
        let member = self.members.remove(key)?;
        match member.seat {
            Seat::Publisher(mut publisher) => {
                let mut ignored = Vec::new();
                publisher.connection.close();
                publisher.connection.drain(now, &mut self.out, &mut ignored);
                self.demux.remove(key, publisher.connection.ufrag());
                self.stages.remove_source(now, publisher.source);
            }
            Seat::Viewer(viewer) => {
                if let Some(mut leg) = self.stages.remove_viewer(viewer) {
                    leg.close(now, &mut self.out);
                    self.demux.remove(key, leg.connection().ufrag());
                }
            }
        }
        self.deadlines.remove(key);
        self.by_id.remove(&member.id);
        Some(member.id)
    }

    fn touch(&mut self, id: PeerId) {
        self.touched.extend(self.by_id.get(&id));
    }

    fn source_of(&self, id: PeerId) -> Option<Key> {
        match &self.members.get(*self.by_id.get(&id)?)?.seat {
            Seat::Publisher(publisher) => Some(publisher.source),
            Seat::Viewer(_) => None,
        }
    }

    fn viewer_of(&self, id: PeerId) -> Option<Key> {
        match &self.members.get(*self.by_id.get(&id)?)?.seat {
            Seat::Viewer(viewer) => Some(*viewer),
            Seat::Publisher(_) => None,
        }
    }

    fn label_for(&self, owner: Key, layer: u8) -> String {
        let source = match self.members.get(owner).map(|member| &member.seat) {
            Some(Seat::Viewer(viewer)) => self.stages.viewer(*viewer).and_then(|viewer| viewer.source),
            _ => None,
        };
        let track = source.and_then(|source| self.stages.source(source)?.track(Kind::Video));
        track
            .and_then(|track| track.layers.get(usize::from(layer)))
            .map_or_else(String::new, |layer| layer.label.clone())
    }

    /// Figures of a peer.
    pub fn stats(&mut self, now: Instant, id: PeerId) -> Option<PeerStats> {
        let key = *self.by_id.get(&id)?;
        let Self { members, stages, .. } = self;
        let member = members.get(key)?;
        let mut stats = match &member.seat {
            Seat::Publisher(publisher) => stats::of_publisher(now, publisher, stages.source_mut(publisher.source)?),
            Seat::Viewer(viewer) => stats::of_viewer(stages.viewer(*viewer)?),
        };
        stats.datagrams_received = member.datagrams;
        Some(stats)
    }
}
