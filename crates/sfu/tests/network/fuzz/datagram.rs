//! Datagrams that look like STUN, DTLS, RTP or RTCP (RFC 7983), from strangers, from the addresses of those who are in
//! the middle of a call, and from one who is only just joining.
//!
//! The call must go on: anybody can put somebody's address on a datagram.

use std::cell::RefCell;
use std::net::SocketAddr;

use switchboard_sfu::{Event, PeerId};

use super::call::Call;
use crate::link::Conditions;
use crate::world::World;

/// What a datagram looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Stun,
    Dtls,
    Rtp,
    Rtcp,
}

impl Kind {
    fn of(bytes: &[u8]) -> Option<Self> {
        match (*bytes.first()?, bytes.get(1)) {
            (0..4, _) => Some(Self::Stun),
            (20..64, _) => Some(Self::Dtls),
            (128..192, Some(192..224)) => Some(Self::Rtcp),
            (128..192, _) => Some(Self::Rtp),
            _ => None,
        }
    }

    /// Changes as little as makes the bytes be of this kind.
    fn shape(self, bytes: &mut [u8]) {
        if bytes.len() < 2 || Self::of(bytes) == Some(self) {
            return;
        }
        let (first, second) = match self {
            Self::Stun => (bytes[0] & 3, bytes[1]),
            Self::Dtls => (20 + bytes[0] % 7, bytes[1]),
            Self::Rtp => (0x80 | bytes[0] & 0x3f, bytes[1] & 0x9f),
            Self::Rtcp => (0x80 | bytes[0] & 0x3f, 200 + bytes[1] % 8),
        };
        (bytes[0], bytes[1]) = (first, second);
    }
}

/// Of so many datagrams the one who joins is spared, so that it gets on with its handshake.
const JOINER_LIVES_MS: u64 = 60;

struct Attack {
    call: Call,
    joiner: PeerId,
    joined_ms: u64,
}

impl Attack {
    fn new() -> Self {
        let mut call = Call::new();
        let joiner = call.world.simple_publisher(Conditions::GOOD);
        let joined_ms = call.world.elapsed_ms();
        Self { call, joiner, joined_ms }
    }

    fn throw(&mut self, from: u8, contents: &[u8]) {
        let world = &mut self.call.world;
        let source = match from % 4 {
            0 => world.client(self.call.publisher).address,
            1 => world.client(self.call.viewer).address,
            2 => world.client(self.joiner).address,
            _ => SocketAddr::from(([203, 0, 113, from], 9)),
        };
        self.call.throw(source, contents);
        self.call.world.run_ms(1);
        assert!(!self.call.is_over(), "somebody was put out: {:?}", self.call.world.events);
        self.call.check();
        self.join_anew();
    }

    fn join_anew(&mut self) {
        let world = &mut self.call.world;
        let old = world.events_of(self.joiner).iter().any(|event| matches!(event, Event::Left(_)));
        if !old && world.elapsed_ms() < self.joined_ms + JOINER_LIVES_MS {
            return;
        }
        world.shard.close(world.now, self.joiner);
        world.clients.remove(&self.joiner);
        world.events.clear();
        self.joiner = world.simple_publisher(Conditions::GOOD);
        self.joined_ms = world.elapsed_ms();
    }
}

thread_local! {
    static ATTACK: RefCell<Option<Attack>> = const { RefCell::new(None) };
}

/// The first byte says from whom.
pub fn body(kind: Kind, input: &[u8]) {
    let Some((from, contents)) = input.split_first() else { return };
    let mut contents = contents.to_vec();
    kind.shape(&mut contents);
    ATTACK.with_borrow_mut(|attack| attack.get_or_insert_with(Attack::new).throw(*from, &contents));
}

/// What real clients send, from joining on.
pub fn corpus(kind: Kind) -> Vec<Vec<u8>> {
    let mut world = World::new(2);
    world.wiretap = Some(Vec::new());
    let publisher = world.simple_publisher(Conditions::GOOD);
    world.viewer(publisher, Conditions::GOOD);
    world.run_ms(1_500);
    let all = world.wiretap.take().unwrap_or_default();
    let mut corpus: Vec<_> = all.into_iter().filter(|bytes| Kind::of(bytes) == Some(kind)).take(60).collect();
    for (index, bytes) in corpus.iter_mut().enumerate() {
        bytes.insert(0, index as u8);
    }
    assert!(!corpus.is_empty(), "{kind:?}");
    corpus
}
