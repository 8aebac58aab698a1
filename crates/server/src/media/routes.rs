//! Which shard a datagram is for.
//!
//! The one rule: only what a shard has told is known here. A name is a shard's from before its client is told of it, and
//! an address from before the answer that lets the client go on, so nothing that a client may send is too early. What
//! is for nobody costs two look-ups and nothing else.

use std::collections::HashMap;

use switchboard_sfu::{Datagram, FastHash, Path, Whereabouts, stun_ufrag};

/// A shard's number.
pub(super) type ShardIndex = usize;

/// Where each address and each name belongs.
#[derive(Debug, Default)]
pub(super) struct Routes {
    by_path: HashMap<Path, ShardIndex, FastHash>,
    by_name: HashMap<Box<str>, ShardIndex, FastHash>,
}

impl Routes {
    /// The shard that a datagram is for. A request that names somebody goes to where they are, whatever its address was
    /// used for before.
    pub(super) fn find(&self, datagram: &Datagram<'_>) -> Option<ShardIndex> {
        let named = stun_ufrag(datagram.contents).and_then(|name| self.by_name.get(name));
        named.or_else(|| self.by_path.get(&Path::of(datagram))).copied()
    }

    /// Takes in what a shard tells.
    pub(super) fn learn(&mut self, shard: ShardIndex, news: Whereabouts) {
        match news {
            Whereabouts::Named(name) => {
                self.by_name.insert(name, shard);
            }
            Whereabouts::Found(path) => {
                self.by_path.insert(path, shard);
            }
            // It may be another's by now.
            Whereabouts::Unnamed(name) if self.by_name.get(&name) == Some(&shard) => {
                self.by_name.remove(&name);
            }
            Whereabouts::Lost(path) if self.by_path.get(&path) == Some(&shard) => {
                self.by_path.remove(&path);
            }
            Whereabouts::Unnamed(_) | Whereabouts::Lost(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use switchboard_sfu::Transport;

    use super::*;

    /// A STUN binding request (RFC 8489) with that user name.
    fn request(name: &str) -> Vec<u8> {
        let name = format!("{name}:theirs");
        let padded = name.len().next_multiple_of(4);
        let mut bytes = vec![0, 1, 0, (padded + 4) as u8, 0x21, 0x12, 0xa4, 0x42];
        bytes.extend([0; 12]);
        bytes.extend([0, 6, 0, name.len() as u8]);
        bytes.extend(name.as_bytes());
        bytes.resize(24 + padded, 0);
        bytes
    }

    fn datagram(port: u16, contents: &[u8]) -> Datagram<'_> {
        let [source, destination] = [port, 4747].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        Datagram { transport: Transport::Udp, source, destination, contents }
    }

    #[test]
    fn by_name_first_then_by_address() {
        let mut routes = Routes::default();
        let (one, other) = (request("one"), request("other"));
        assert_eq!(routes.find(&datagram(1, &one)), None);
        routes.learn(0, Whereabouts::Named("one".into()));
        routes.learn(1, Whereabouts::Named("other".into()));
        assert_eq!(routes.find(&datagram(1, &one)), Some(0));
        assert_eq!(routes.find(&datagram(1, b"media")), None, "a name alone opens no address");

        let path = Path::of(&datagram(1, b""));
        routes.learn(0, Whereabouts::Found(path));
        assert_eq!(routes.find(&datagram(1, b"media")), Some(0));
        assert_eq!(routes.find(&datagram(1, &other)), Some(1), "somebody else from the same port");

        routes.learn(1, Whereabouts::Found(path));
        routes.learn(0, Whereabouts::Lost(path));
        assert_eq!(routes.find(&datagram(1, b"media")), Some(1), "it had moved before it was lost");
        routes.learn(1, Whereabouts::Lost(path));
        routes.learn(1, Whereabouts::Unnamed("other".into()));
        assert_eq!(routes.find(&datagram(1, &other)), None);
    }
}
