//! Datagrams on their way out: one buffer of bytes, and what goes where.
//!
//! The one rule: bytes are written once, at the place from which the socket sends them. A leg appends a datagram and
//! seals it where it stands; nothing is copied on the way to the kernel, and a buffer that has grown to the size of a
//! batch is used again for the next one.
//!
//! Datagrams of equal length to one destination that follow each other are one [`Run`]: a socket with generic
//! segmentation offload (Linux: `UDP_SEGMENT`, see udp(7)) sends it in one call, and one without sends
//! [`Outbox::datagrams`] one by one.

use std::net::SocketAddr;
use std::ops::Range;

use crate::network::demux::{Path, Transport};

/// The kernel takes no more segments in one call (`UDP_MAX_SEGMENTS` was 64 when the option was made).
const MOST_SEGMENTS: usize = 64;
/// A run is one IP packet until it is cut: 65,535 bytes with its headers, and a little room.
const MOST_BYTES: usize = 65_000;
/// Room that is kept from batch to batch. A key frame to hundreds of viewers takes more, but not every time.
const KEPT_BYTES: usize = 4 * 1024 * 1024;

/// Datagrams to one destination: all of `segment` bytes, but the last, which may be shorter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How they travel. A run of [`Transport::Tcp`] is one message, to be framed by whoever sends it.
    pub transport: Transport,
    /// Our address.
    pub source: SocketAddr,
    /// The client's.
    pub destination: SocketAddr,
    /// Where their bytes stand in [`Outbox::bytes`].
    pub range: Range<usize>,
    /// The length of each, and at least one.
    pub segment: usize,
}

impl Run {
    /// How many datagrams it is.
    pub fn segments(&self) -> usize {
        self.range.len().div_ceil(self.segment)
    }

    fn has_room_for(&self, length: usize) -> bool {
        self.transport == Transport::Udp
            && length <= self.segment
            && self.range.len().is_multiple_of(self.segment)
            && self.range.len() < MOST_SEGMENTS * self.segment
            && self.range.len() + length <= MOST_BYTES
    }

    fn goes(&self, path: &Path) -> bool {
        self.destination == path.source && self.source == path.destination && self.transport == path.transport
    }
}

/// Datagrams to send, in order.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    runs: Vec<Run>,
}

impl Outbox {
    /// Takes everything out; the room stays, within reason.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
        self.runs.clear();
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// What goes where, in order.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The bytes of all runs.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes of one run.
    pub fn contents(&self, run: &Run) -> &[u8] {
        &self.bytes[run.range.clone()]
    }

    /// Every datagram by itself, with its run.
    pub fn datagrams(&self) -> impl Iterator<Item = (&Run, &[u8])> {
        self.runs.iter().flat_map(|run| self.contents(run).chunks(run.segment).map(move |datagram| (run, datagram)))
    }

    /// Adds a datagram for the client at the other end of a path.
    pub fn push(&mut self, path: &Path, datagram: &[u8]) {
        self.append(path, |bytes| {
            bytes.extend_from_slice(datagram);
            true
        });
    }

    /// Adds what `write` appends to the bytes. What it has written is dropped when it says false.
    pub(crate) fn append(&mut self, path: &Path, write: impl FnOnce(&mut Vec<u8>) -> bool) {
        let start = self.bytes.len();
        let written = write(&mut self.bytes);
        if !written || self.bytes.len() <= start {
            self.bytes.truncate(start);
            return;
        }
        let length = self.bytes.len() - start;
        if let Some(run) = self.runs.last_mut()
            && run.goes(path)
            && run.has_room_for(length)
        {
            run.range.end += length;
            return;
        }
        self.runs.push(Run {
            transport: path.transport,
            source: path.destination,
            destination: path.source,
            range: start..start + length,
            segment: length,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(transport: Transport, port: u16) -> Path {
        let source = SocketAddr::from(([203, 0, 113, 1], port));
        Path { transport, source, destination: SocketAddr::from(([192, 0, 2, 1], 4747)) }
    }

    /// The segments of each run after datagrams of these lengths to these ports.
    fn runs(transport: Transport, datagrams: &[(u16, usize)]) -> Vec<usize> {
        let mut outbox = Outbox::default();
        for (index, (port, length)) in datagrams.iter().enumerate() {
            outbox.push(&path(transport, *port), &vec![index as u8; *length]);
        }
        let lengths: Vec<_> = outbox.datagrams().map(|(run, bytes)| (run.destination.port(), bytes.len())).collect();
        assert_eq!(lengths, datagrams, "each comes out as it went in");
        assert!(outbox.datagrams().enumerate().all(|(index, (_, bytes))| bytes[0] == index as u8), "and in order");
        outbox.runs().iter().map(Run::segments).collect()
    }

    #[test]
    fn equal_lengths_to_one_place_are_one_run() {
        type Case = (&'static str, Vec<(u16, usize)>, Vec<usize>);
        let cases: Vec<Case> = vec![
            ("equal", vec![(1, 9), (1, 9), (1, 9)], vec![3]),
            ("a shorter one is the last", vec![(1, 9), (1, 9), (1, 5), (1, 5)], vec![3, 1]),
            ("a longer one starts anew", vec![(1, 9), (1, 10)], vec![1, 1]),
            ("by destination", vec![(1, 9), (2, 9), (1, 9)], vec![1, 1, 1]),
            ("64 at most", vec![(1, 9); 65], vec![64, 1]),
            ("65,000 bytes at most", vec![(1, 1_300); 51], vec![50, 1]),
        ];
        for (name, datagrams, expected) in cases {
            assert_eq!(runs(Transport::Udp, &datagrams), expected, "{name}");
        }
        assert_eq!(runs(Transport::Tcp, &[(1, 9), (1, 9)]), [1, 1], "on TCP each is framed by itself");
    }

    #[test]
    fn what_was_not_written_is_not_sent() {
        let mut outbox = Outbox::default();
        let path = path(Transport::Udp, 1);
        outbox.append(&path, |bytes| {
            bytes.push(1);
            false
        });
        outbox.push(&path, &[]);
        assert!(outbox.is_empty() && outbox.bytes().is_empty());
        outbox.push(&path, &[7]);
        assert_eq!(outbox.contents(&outbox.runs()[0]), [7]);
        outbox.clear();
        assert!(outbox.is_empty());
    }
}
