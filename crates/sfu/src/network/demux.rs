//! Whose datagram is this? One port serves everybody.
//!
//! The one rule: what belongs to nobody costs a look into two tables and nothing more: no allocation, no answer, no
//! peer's state. A peer's address is learnt only from a STUN request that the peer itself has authenticated.
//!
//! Sources: RFC 7983 (telling STUN, DTLS and RTP apart), RFC 8489 §5 and §14 (STUN header and attributes), RFC 8445
//! §7.2.2 (`USERNAME` is the receiver's fragment, a colon, the sender's).

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::net::SocketAddr;

use str0m::net::Protocol;

use crate::id::Key;

/// A client has a few addresses at a time: two families, two networks. The oldest makes room for a newer one.
const PATHS_PER_PEER: usize = 8;

/// How a datagram travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// One datagram each.
    Udp,
    /// Framed on a TCP connection (RFC 4571).
    Tcp,
}

impl From<Protocol> for Transport {
    fn from(protocol: Protocol) -> Self {
        if protocol == Protocol::Udp { Self::Udp } else { Self::Tcp }
    }
}

/// Something that came in.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// How it travelled.
    pub transport: Transport,
    /// The client's address.
    pub source: SocketAddr,
    /// Ours: one of the addresses that the answers name.
    pub destination: SocketAddr,
    /// The bytes.
    pub contents: &'a [u8],
}

/// The five things that tell one conversation from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    /// How it travels.
    pub transport: Transport,
    /// The client's address.
    pub source: SocketAddr,
    /// Ours.
    pub destination: SocketAddr,
}

impl Path {
    /// The way that a datagram came.
    pub fn of(datagram: &Datagram<'_>) -> Self {
        Self { transport: datagram.transport, source: datagram.source, destination: datagram.destination }
    }
}

/// What the tables say about a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It comes from where this peer is known to be.
    Peer(Key),
    /// It names this peer, which must check that it may.
    Claims(Key),
    /// Nobody's.
    Nobody,
}

/// What changed in the tables, for whoever hands datagrams out to several shards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// A peer of this name is here.
    Named(Box<str>),
    /// It is no longer.
    Unnamed(Box<str>),
    /// A peer has proved that it is at the other end of this path.
    Found(Path),
    /// Nobody here is there any longer.
    Lost(Path),
}

/// The two tables: by address, and by name for those whose address is not known yet.
#[derive(Debug, Default)]
pub struct Demux {
    by_path: HashMap<Path, Key, FastHash>,
    by_ufrag: HashMap<Box<str>, Key, FastHash>,
    paths: HashMap<Key, Vec<Path>, FastHash>,
    changes: Vec<Whereabouts>,
}

impl Demux {
    /// Whose it is.
    pub fn find(&self, datagram: &Datagram<'_>) -> Found {
        let known = self.by_path.get(&Path::of(datagram)).copied();
        // A client can come back from the same port as somebody else: its name decides.
        match stun_ufrag(datagram.contents).and_then(|ufrag| self.by_ufrag.get(ufrag)).copied() {
            Some(named) if known != Some(named) => Found::Claims(named),
            _ => known.map_or(Found::Nobody, Found::Peer),
        }
    }

    /// Whether a name is taken.
    pub fn has_ufrag(&self, ufrag: &str) -> bool {
        self.by_ufrag.contains_key(ufrag)
    }

    /// Makes a peer known by name.
    pub fn add_ufrag(&mut self, ufrag: &str, key: Key) {
        self.by_ufrag.insert(ufrag.into(), key);
        self.changes.push(Whereabouts::Named(ufrag.into()));
    }

    /// Forgets a name, after a restart of ICE.
    pub fn remove_ufrag(&mut self, ufrag: &str) {
        if let Some((name, _)) = self.by_ufrag.remove_entry(ufrag) {
            self.changes.push(Whereabouts::Unnamed(name));
        }
    }

    /// Makes a peer known by address; it has proved that it is there.
    pub fn add_path(&mut self, datagram: &Datagram<'_>, key: Key) {
        let path = Path::of(datagram);
        match self.by_path.insert(path, key) {
            Some(before) if before != key => {
                if let Some(paths) = self.paths.get_mut(&before) {
                    paths.retain(|other| *other != path);
                }
            }
            Some(_) => {}
            None => self.changes.push(Whereabouts::Found(path)),
        }
        let paths = self.paths.entry(key).or_default();
        if paths.contains(&path) {
            return;
        }
        if paths.len() == PATHS_PER_PEER {
            let oldest = paths.remove(0);
            self.by_path.remove(&oldest);
            self.changes.push(Whereabouts::Lost(oldest));
        }
        paths.push(path);
    }

    /// Forgets a peer altogether.
    pub fn remove(&mut self, key: Key, ufrag: &str) {
        self.remove_ufrag(ufrag);
        for path in self.paths.remove(&key).unwrap_or_default() {
            if self.by_path.get(&path) == Some(&key) {
                self.by_path.remove(&path);
                self.changes.push(Whereabouts::Lost(path));
            }
        }
    }

    /// What has changed since the last call, in order.
    pub fn drain_changes(&mut self) -> impl Iterator<Item = Whereabouts> {
        self.changes.drain(..)
    }
}

const STUN_HEADER: usize = 20;
const STUN_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const STUN_USERNAME: u16 = 0x0006;

/// The receiver's part of the user name in a STUN binding request. Public, so that a server with several shards can
/// tell which one to ask before any of them knows the sender.
pub fn stun_ufrag(datagram: &[u8]) -> Option<&str> {
    let (header, mut rest) = datagram.split_at_checked(STUN_HEADER)?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if header[..2] != [0, 1] || header[4..8] != STUN_COOKIE || length != rest.len() {
        return None;
    }
    while let Some((head, tail)) = rest.split_at_checked(4) {
        let kind = u16::from_be_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let value = tail.get(..length)?;
        if kind == STUN_USERNAME {
            return std::str::from_utf8(value).ok()?.split_once(':').map(|(ours, _)| ours);
        }
        rest = tail.get(length.next_multiple_of(4)..)?;
    }
    None
}

/// A quick hash for keys that no stranger chooses: names are ours, and an address is entered only once authenticated.
#[derive(Clone, Copy, Debug, Default)]
pub struct FastHash;

impl BuildHasher for FastHash {
    type Hasher = FastHasher;

    fn build_hasher(&self) -> FastHasher {
        FastHasher(0)
    }
}

/// Multiplies and turns, a word at a time.
#[derive(Debug)]
pub struct FastHasher(u64);

impl FastHasher {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for FastHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.mix(u64::from(value));
    }

    fn write_u16(&mut self, value: u16) {
        self.mix(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.mix(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }

    fn finish(&self) -> u64 {
        // The table takes its index from the low bits and its tag from the high ones: mix them.
        self.0 ^ (self.0 >> 29)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding_request(username: &str) -> Vec<u8> {
        let mut attributes = vec![0x80, 0x22, 0, 3, b'a', b'b', b'c', 0];
        attributes.extend([0, 6, 0, username.len() as u8]);
        attributes.extend(username.as_bytes());
        attributes.resize(attributes.len().next_multiple_of(4), 0);
        let mut request = vec![0, 1, 0, attributes.len() as u8];
        request.extend(STUN_COOKIE);
        request.extend([7; 12]);
        request.extend(attributes);
        request
    }

    fn datagram(port: u16, contents: &[u8]) -> Datagram<'_> {
        Datagram {
            transport: Transport::Udp,
            source: SocketAddr::from(([192, 0, 2, 1], port)),
            destination: SocketAddr::from(([198, 51, 100, 1], 4747)),
            contents,
        }
    }

    #[test]
    fn the_name_in_a_binding_request() {
        let request = binding_request("ours:theirs");
        assert_eq!(stun_ufrag(&request), Some("ours"));
        assert_eq!(stun_ufrag(&binding_request("nocolon")), None);
        for cut in 0..request.len() {
            assert_eq!(stun_ufrag(&request[..cut]), None, "cut at {cut}");
        }
        let mut response = request;
        response[0] = 1;
        assert_eq!(stun_ufrag(&response), None);
    }

    #[test]
    fn by_address_then_by_name() {
        let (first, second) = (Key(1), Key(2));
        let mut demux = Demux::default();
        demux.add_ufrag("ours", first);
        let request = binding_request("ours:theirs");
        assert_eq!(demux.find(&datagram(1, b"media")), Found::Nobody);
        assert_eq!(demux.find(&datagram(1, &request)), Found::Claims(first));
        demux.add_path(&datagram(1, &request), first);
        assert_eq!(demux.find(&datagram(1, b"media")), Found::Peer(first));
        assert_eq!(demux.find(&datagram(1, &request)), Found::Peer(first));
        assert_eq!(demux.find(&datagram(2, b"media")), Found::Nobody);

        // Another peer comes from the same port.
        demux.add_ufrag("other", second);
        let claim = binding_request("other:theirs");
        assert_eq!(demux.find(&datagram(1, &claim)), Found::Claims(second));
        demux.add_path(&datagram(1, &claim), second);
        assert_eq!(demux.find(&datagram(1, b"media")), Found::Peer(second));
        demux.remove(first, "ours");
        assert_eq!(demux.find(&datagram(1, b"media")), Found::Peer(second));
        demux.remove(second, "other");
        assert_eq!(demux.find(&datagram(1, &claim)), Found::Nobody);

        let path = Path::of(&datagram(1, b""));
        let changes: Vec<_> = demux.drain_changes().collect();
        let expected = [
            Whereabouts::Named("ours".into()),
            Whereabouts::Found(path),
            Whereabouts::Named("other".into()),
            Whereabouts::Unnamed("ours".into()),
            Whereabouts::Unnamed("other".into()),
            Whereabouts::Lost(path),
        ];
        assert_eq!(changes, expected, "the path changed hands without getting lost");
    }

    #[test]
    fn a_peer_has_few_addresses() {
        let mut demux = Demux::default();
        for port in 1..=20 {
            demux.add_path(&datagram(port, b""), Key(1));
        }
        assert_eq!(demux.find(&datagram(12, b"")), Found::Nobody);
        assert_eq!(demux.find(&datagram(13, b"")), Found::Peer(Key(1)));
        let lost = demux.drain_changes().filter(|change| matches!(change, Whereabouts::Lost(_))).count();
        assert_eq!(lost, 12);
        demux.remove(Key(1), "none");
        assert!(demux.by_path.is_empty() && demux.paths.is_empty());
    }
}
