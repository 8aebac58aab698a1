//! Parcels: datagrams on their way from the one thread that receives to the shard that they are for.
//!
//! The one rule: parcels are bounded in number and in size, and go back empty to be filled again. So a shard that cannot
//! follow loses datagrams and never makes the server grow; and while it can, nothing is allocated.

use switchboard_sfu::{Datagram, Path, Transport};

use super::tcp::Line;

/// Bytes of one parcel: a second of a publisher at 8 Mbit/s.
const MOST_BYTES: usize = 1024 * 1024;
/// Datagrams of one parcel.
const MOST_DATAGRAMS: usize = 2_048;

/// Datagrams for one shard, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Parcel {
    bytes: Vec<u8>,
    letters: Vec<Letter>,
}

#[derive(Debug)]
struct Letter {
    path: Path,
    /// Where its bytes end; they begin where those of the one before end.
    end: usize,
    /// How to answer, where it came on a TCP connection.
    line: Option<Line>,
}

impl Parcel {
    pub(super) fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// Takes everything out; the room stays.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.letters.clear();
    }

    /// Puts a datagram in. False when there is no room for it.
    pub(super) fn push(&mut self, datagram: &Datagram<'_>, line: Option<Line>) -> bool {
        if self.letters.len() == MOST_DATAGRAMS || self.bytes.len() + datagram.contents.len() > MOST_BYTES {
            return false;
        }
        self.bytes.extend_from_slice(datagram.contents);
        self.letters.push(Letter { path: Path::of(datagram), end: self.bytes.len(), line });
        true
    }

    /// What is in it.
    pub(super) fn datagrams(&self) -> impl Iterator<Item = Datagram<'_>> {
        let mut start = 0;
        self.letters.iter().map(move |letter| {
            let contents = &self.bytes[start..letter.end];
            start = letter.end;
            let Path { transport, source, destination } = letter.path;
            Datagram { transport, source, destination, contents }
        })
    }

    /// The TCP connections that datagrams of it came on.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&Path, &Line)> {
        let framed = self.letters.iter().filter(|letter| letter.path.transport == Transport::Tcp);
        framed.filter_map(|letter| Some((&letter.path, letter.line.as_ref()?)))
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn datagram(port: u16, contents: &[u8]) -> Datagram<'_> {
        let [source, destination] = [port, 4747].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        Datagram { transport: Transport::Udp, source, destination, contents }
    }

    #[test]
    fn what_is_put_in_comes_out_and_no_more_than_there_is_room_for() {
        let mut parcel = Parcel::default();
        for port in 1..=3 {
            assert!(parcel.push(&datagram(port, &vec![7; usize::from(port)]), None));
        }
        let found: Vec<_> = parcel.datagrams().map(|found| (found.source.port(), found.contents.len())).collect();
        assert_eq!(found, [(1, 1), (2, 2), (3, 3)]);

        let large = vec![0; 1_200];
        let fitting = (0..10_000).take_while(|_| parcel.push(&datagram(9, &large), None)).count();
        assert!((800..1_000).contains(&fitting), "{fitting} of 1,200 bytes");
        parcel.clear();
        let fitting = (0..10_000).take_while(|_| parcel.push(&datagram(9, b"few"), None)).count();
        assert_eq!(fitting, MOST_DATAGRAMS);
        parcel.clear();
        assert!(parcel.is_empty() && parcel.datagrams().next().is_none());
    }
}
