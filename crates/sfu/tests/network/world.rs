//! One server, its clients and the time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use str0m::format::Codec;
use switchboard_sfu::{
    Acceptor, Address, Datagram, Event, Identity, Kinds, Outbox, ParticipantId, PeerId, Policy, Role, Shard, StageId,
    TimeOfDay, Transport,
};

use crate::client::{Client, REPORTS_S, Setup};
use crate::link::{Conditions, Dice};
use crate::media::{Camera, start};

pub const STAGE: StageId = StageId(1);
/// The time of day at which all worlds begin: 2026-01-01T00:00:00Z.
pub const TODAY: Duration = Duration::from_secs(1_767_225_600);
const TICK: Duration = Duration::from_millis(1);

/// A datagram under way; the number keeps the order of those that arrive together.
type Under = Reverse<(Instant, u64, SocketAddr, SocketAddr, Vec<u8>)>;

pub struct World {
    pub now: Instant,
    pub shard: Shard,
    pub acceptor: Acceptor,
    pub clients: BTreeMap<PeerId, Client>,
    pub events: Vec<(Instant, PeerId, Event)>,
    pub dice: Dice,
    /// What came to the server lately, for those who want to tamper with it.
    pub wiretap: Option<Vec<Vec<u8>>>,
    pub server: SocketAddr,
    /// Told when the server's code begins to run (true) and when it is done, for those who measure it.
    pub on_server: fn(bool),
    /// How often clients report, of sound and of picture.
    pub reports_s: (u64, u64),
    under_way: BinaryHeap<Under>,
    numbered: u64,
    outbox: Outbox,
    next_id: u64,
}

fn identity() -> Identity {
    static IDENTITY: OnceLock<Identity> = OnceLock::new();
    IDENTITY.get_or_init(|| Identity::generate().expect("a certificate")).clone()
}

impl World {
    pub fn new(seed: u64) -> Self {
        Self::with_policy(seed, Policy::default())
    }

    pub fn with_policy(seed: u64, policy: Policy) -> Self {
        let policy = Arc::new(policy);
        let server = SocketAddr::from(([192, 0, 2, 1], 4747));
        let addresses = [Address { transport: Transport::Udp, address: server }];
        Self {
            now: start(),
            shard: Shard::new(policy.clone(), TimeOfDay { at: start(), since_1970: TODAY }),
            acceptor: Acceptor::new(identity(), addresses, policy),
            clients: BTreeMap::new(),
            events: Vec::new(),
            dice: Dice::new(seed),
            wiretap: None,
            server,
            on_server: |_| (),
            reports_s: REPORTS_S,
            under_way: BinaryHeap::new(),
            numbered: 0,
            outbox: Outbox::default(),
            next_id: 1,
        }
    }

    fn new_client(&mut self, setup: Setup) -> (PeerId, Client, String) {
        let id = self.next_id;
        self.next_id += 1;
        let address = SocketAddr::from(([10, 0, (id >> 8) as u8, id as u8], 5_000));
        let (client, offer) = Client::new(self.now, address, self.server, setup);
        (PeerId(id), client, offer)
    }

    /// A publisher with sound and these layers.
    pub fn publish(
        &mut self,
        codec: Codec,
        conditions: Conditions,
        layers: Vec<(Option<&'static str>, Camera)>,
    ) -> PeerId {
        let (id, mut client, offer) =
            self.new_client(Setup { codec, conditions, audio: true, layers, reports_s: self.reports_s });
        let (peer, answer) = self.acceptor.accept(self.now, Role::Publisher, &offer).expect("a good offer");
        client.accept(&answer.sdp);
        self.shard.publish(self.now, STAGE, id, peer).expect("joins");
        self.clients.insert(id, client);
        id
    }

    /// A publisher of one VP8 picture.
    pub fn simple_publisher(&mut self, conditions: Conditions) -> PeerId {
        self.publish(Codec::Vp8, conditions, vec![(None, Camera::new(Codec::Vp8, 0, 1_000_000))])
    }

    /// A publisher with the layers of IVS.
    pub fn simulcast_publisher(&mut self, conditions: Conditions) -> PeerId {
        let camera = |layer, bits_per_second| Camera::new(Codec::Vp8, layer, bits_per_second);
        let layers = vec![
            (Some("hi"), camera(2, 1_700_000)),
            (Some("mid"), camera(1, 700_000)),
            (Some("low"), camera(0, 200_000)),
        ];
        self.publish(Codec::Vp8, conditions, layers)
    }

    /// A viewer of one publisher.
    pub fn watch(&mut self, codec: Codec, publisher: PeerId, conditions: Conditions) -> PeerId {
        self.watch_as(None, codec, publisher, Kinds::BOTH, conditions)
    }

    /// A viewer of one publisher that is known to send so much.
    pub fn watch_what_is_sent(
        &mut self,
        codec: Codec,
        publisher: PeerId,
        sends: Kinds,
        conditions: Conditions,
    ) -> PeerId {
        self.watch_as(None, codec, publisher, sends, conditions)
    }

    /// The same, as one of a participant's.
    pub fn watch_as(
        &mut self,
        participant: Option<ParticipantId>,
        codec: Codec,
        publisher: PeerId,
        sends: Kinds,
        conditions: Conditions,
    ) -> PeerId {
        let (id, mut client, offer) =
            self.new_client(Setup { codec, conditions, audio: true, layers: vec![], reports_s: self.reports_s });
        let role = Role::Viewer { adaptive: true, sends };
        (self.on_server)(true);
        let (peer, answer) = self.acceptor.accept(self.now, role, &offer).expect("a good offer");
        let peer = match participant {
            Some(participant) => peer.of(participant),
            None => peer,
        };
        self.shard.subscribe(self.now, STAGE, id, publisher, peer).expect("joins");
        (self.on_server)(false);
        client.accept(&answer.sdp);
        self.clients.insert(id, client);
        id
    }

    /// A viewer of one publisher that is made an offer, and takes so long to answer it, with that change.
    pub fn asked_viewer(
        &mut self,
        publisher: PeerId,
        sends: Kinds,
        answers_after_ms: u64,
        change: impl Fn(String) -> String,
    ) -> PeerId {
        let role = Role::Viewer { adaptive: true, sends };
        let picture = self.shard.stats(self.now, publisher).expect("a publisher").video_codec;
        let counter = self.acceptor.counter(self.now, role, picture).expect("an offer");
        self.run_ms(answers_after_ms);
        let reports_s = self.reports_s;
        let setup = Setup { codec: Codec::Vp8, conditions: Conditions::GOOD, audio: true, layers: vec![], reports_s };
        let (id, mut client, _) = self.new_client(setup);
        let answer = change(client.answer(self.now, counter.sdp()));
        let answer = counter.read(&answer).expect("a good answer");
        let peer = counter.complete(self.now, answer).expect("an agreement");
        self.shard.subscribe(self.now, STAGE, id, publisher, peer).expect("joins");
        self.clients.insert(id, client);
        id
    }

    pub fn viewer(&mut self, publisher: PeerId, conditions: Conditions) -> PeerId {
        self.watch(Codec::Vp8, publisher, conditions)
    }

    pub fn client(&mut self, id: PeerId) -> &mut Client {
        self.clients.get_mut(&id).expect("the client is there")
    }

    /// Lets so many milliseconds pass.
    pub fn run_ms(&mut self, ms: u64) {
        for _ in 0..ms {
            self.now += TICK;
            self.step();
        }
    }

    /// Lets time pass until something is so; fails if it is not in time.
    #[track_caller]
    pub fn run_until(&mut self, most_ms: u64, what: &str, mut is_so: impl FnMut(&mut Self) -> bool) {
        for _ in 0..most_ms {
            if is_so(self) {
                return;
            }
            self.run_ms(1);
        }
        panic!("{what}: not within {most_ms} ms; events: {:?}", self.events);
    }

    fn step(&mut self) {
        self.arrive();
        (self.on_server)(true);
        if self.shard.deadline().is_some_and(|deadline| deadline <= self.now) {
            self.shard.tick(self.now);
        }
        (self.on_server)(false);
        self.depart();
        while let Some((id, event)) = self.shard.poll_event() {
            self.events.push((self.now, id, event));
        }
    }

    /// Hands over everything that arrives now: to the server in one batch.
    fn arrive(&mut self) {
        let mut batch = Vec::new();
        while self.under_way.peek().is_some_and(|Reverse((at, ..))| *at <= self.now) {
            let Some(Reverse((_, _, from, to, contents))) = self.under_way.pop() else { break };
            if to == self.server {
                batch.push((self.translated(from), contents));
            } else if let Some(client) = self.clients.values_mut().find(|client| client.address == to) {
                client.receive(self.now, &contents);
                // Drained before the next one, as the library demands.
                let mut out = Vec::new();
                client.poll(self.now, &mut out);
                self.send_up(out, to);
            }
        }
        if let Some(wiretap) = &mut self.wiretap {
            wiretap.extend(batch.iter().map(|(_, contents)| contents.clone()));
        }
        let server = self.server;
        let datagrams = batch.iter().map(|(source, contents)| Datagram {
            transport: Transport::Udp,
            source: *source,
            destination: server,
            contents,
        });
        (self.on_server)(true);
        self.shard.receive(self.now, datagrams);
        (self.on_server)(false);
    }

    /// The address that the server sees.
    fn translated(&self, from: SocketAddr) -> SocketAddr {
        let inside = self.clients.values().find(|client| client.address == from);
        inside.and_then(|client| client.outside).unwrap_or(from)
    }

    fn depart(&mut self) {
        let mut outbox = std::mem::take(&mut self.outbox);
        self.shard.drain_transmits(&mut outbox);
        for (run, contents) in outbox.datagrams() {
            let reached = |client: &&mut Client| client.outside.unwrap_or(client.address) == run.destination;
            let Some(client) = self.clients.values_mut().find(reached) else { continue };
            for at in client.down.carry(self.now, contents.len(), &mut self.dice) {
                self.numbered += 1;
                let under = (at, self.numbered, self.server, client.address, contents.to_vec());
                self.under_way.push(Reverse(under));
            }
        }
        self.outbox = outbox;
        let ids: Vec<_> = self.clients.keys().copied().collect();
        for id in ids {
            let mut out = Vec::new();
            let client = self.client(id);
            let address = client.address;
            let now = self.now;
            self.client(id).poll(now, &mut out);
            self.send_up(out, address);
        }
    }

    fn send_up(&mut self, datagrams: Vec<Vec<u8>>, from: SocketAddr) {
        let Some(client) = self.clients.values_mut().find(|client| client.address == from) else { return };
        for contents in datagrams {
            for at in client.up.carry(self.now, contents.len(), &mut self.dice) {
                self.numbered += 1;
                self.under_way.push(Reverse((at, self.numbered, from, self.server, contents.clone())));
            }
        }
    }

    /// Events of a peer so far.
    pub fn events_of(&self, id: PeerId) -> Vec<Event> {
        self.events.iter().filter(|(_, of, _)| *of == id).map(|(.., event)| event.clone()).collect()
    }

    pub fn has_event(&self, id: PeerId, event: &Event) -> bool {
        self.events.iter().any(|(_, of, other)| *of == id && other == event)
    }

    pub fn elapsed_ms(&self) -> u64 {
        (self.now - start()).as_millis() as u64
    }
}
