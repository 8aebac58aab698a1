//! What one message to the system holds: a run of datagrams to one client, or one of them.

use std::net::SocketAddr;

use switchboard_sfu::{Outbox, Transport};

/// How far an outbox has been sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The run.
    pub(super) run: usize,
    /// How many of its bytes are sent.
    pub(super) sent: usize,
    /// Whether the system did not take the run in one piece, so that its datagrams go one by one.
    pub(super) one_by_one: bool,
}

impl Cursor {
    /// Goes past a piece.
    pub(super) fn pass(&mut self, outbox: &Outbox, piece: &Piece<'_>) {
        self.sent += piece.contents.len();
        if outbox.runs().get(self.run).is_none_or(|run| self.sent >= run.range.len()) {
            self.pass_run();
        }
    }

    /// Goes past all of a run.
    pub(super) fn pass_run(&mut self) {
        *self = Self { run: self.run + 1, ..Self::default() };
    }
}

/// What one message holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) destination: SocketAddr,
    pub(super) contents: &'a [u8],
    /// The length of each of its datagrams but the last, which may be shorter.
    pub(super) segment: usize,
}

impl Piece<'_> {
    /// How many datagrams it is.
    pub(super) fn datagrams(&self) -> usize {
        self.contents.len().div_ceil(self.segment.max(1))
    }
}

/// How runs become pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// A run is a piece: the system cuts it.
    Runs,
    /// A datagram is a piece.
    Datagrams,
}

/// The pieces from a place in the outbox on, as long as they go by UDP from the same address of ours.
pub(super) fn pieces(outbox: &Outbox, from: Cursor, cut: Cut) -> impl Iterator<Item = Piece<'_>> {
    let first = outbox.runs().get(from.run).map(|run| run.source);
    let mut cursor = from;
    std::iter::from_fn(move || {
        let run = outbox.runs().get(cursor.run)?;
        if run.transport != Transport::Udp || Some(run.source) != first {
            return None;
        }
        let rest = outbox.contents(run).get(cursor.sent..)?;
        let is_whole = cut == Cut::Runs && !cursor.one_by_one;
        let length = if is_whole { rest.len() } else { rest.len().min(run.segment) };
        let piece = Piece { destination: run.destination, contents: &rest[..length], segment: run.segment };
        cursor.pass(outbox, &piece);
        Some(piece)
    })
}
