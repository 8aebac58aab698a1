//! Sending: what a shard has to say goes out in as few calls as can be.
//!
//! The one rule: a shard never waits for the network. What the network does not take at once is kept until it does, up to
//! a bound; what comes then is dropped, as networks do, and counted.
//!
//! Runs of equal datagrams to one client are cut by the system (generic segmentation offload), and many runs go out in
//! one call ([`call`]). Every shard sends through the same sockets: the kernel needs no lock for that.

mod call;
mod pieces;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, VecDeque},
    io,
    sync::Arc,
};

use rustix::io::Errno;
use switchboard_sfu::{Outbox, Path, Run, Shard, Transport};
use tokio::io::Interest;

use self::{
    call::{Caller, Way},
    pieces::{Cursor, Cut, pieces},
};
use super::{
    figures::Figures,
    sockets::{Port, watch},
    tcp::Line,
};

/// What may wait for the network: as much as the socket's own buffer takes.
const MOST_WAITING_BYTES: usize = 4 * 1024 * 1024;
/// Outboxes that are kept to be filled again.
const MOST_SPARE: usize = 4;

/// All that one shard sends.
#[derive(Debug)]
pub(super) struct Outgoing {
    ports: Arc<[Port]>,
    caller: Caller,
    cut: Cut,
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
    /// The socket that takes nothing now.
    full: Option<usize>,
    spare: Vec<Outbox>,
    lines: HashMap<Path, Line>,
    figures: Figures,
}

/// What the network has not taken yet.
#[derive(Debug)]
struct Waiting {
    outbox: Outbox,
    cursor: Cursor,
}

/// A socket takes nothing more now: its number.
#[derive(Debug)]
struct Full(usize);

impl Outgoing {
    pub(super) fn new(ports: Arc<[Port]>, figures: Figures) -> Self {
        let cut = if ports.iter().all(|port| port.segments) { Cut::Runs } else { Cut::Datagrams };
        Self {
            ports,
            caller: Caller::new(),
            cut,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            full: None,
            spare: Vec::new(),
            lines: HashMap::new(),
            figures,
        }
    }

    /// What goes that way back goes by that TCP connection.
    pub(super) fn learn(&mut self, path: &Path, line: &Line) {
        let known = self.lines.get(path);
        if known.is_some_and(|known| known.is_same(line)) {
            return;
        }
        self.lines.retain(|_, line| line.is_open());
        self.lines.insert(*path, line.clone());
    }

    /// Sends all that a shard has to send.
    pub(super) fn send(&mut self, shard: &mut Shard) {
        let mut outbox = self.spare.pop().unwrap_or_default();
        shard.drain_transmits(&mut outbox);
        self.post(outbox);
    }

    fn post(&mut self, outbox: Outbox) {
        let bytes = outbox.bytes().len();
        if self.waiting.is_empty() {
            let mut cursor = Cursor::default();
            match self.write(&outbox, &mut cursor) {
                Ok(()) => self.keep_spare(outbox),
                Err(Full(port)) => {
                    self.full = Some(port);
                    self.waiting_bytes += bytes;
                    self.waiting.push_back(Waiting { outbox, cursor });
                }
            }
        } else if outbox.is_empty() {
            self.keep_spare(outbox);
        } else if self.waiting_bytes + bytes <= MOST_WAITING_BYTES {
            self.waiting_bytes += bytes;
            self.waiting.push_back(Waiting { outbox, cursor: Cursor::default() });
        } else {
            let datagrams = outbox.runs().iter().map(Run::segments).sum::<usize>();
            self.figures.congested.inc_by(datagrams as u64);
            self.keep_spare(outbox);
        }
    }

    /// Waits until what is kept can go out; for ever when nothing is.
    pub(super) async fn room(&self) {
        let Some(port) = self.full.and_then(|port| self.ports.get(port)) else {
            return std::future::pending().await;
        };
        let writable = async { watch(&port.socket, Interest::WRITABLE)?.writable().await.map(drop) };
        if let Err(error) = writable.await {
            tracing::warn!(%error, "a socket does not tell when it can be written to");
        }
    }

    /// Sends what was kept, as far as the network takes it.
    pub(super) fn resume(&mut self) {
        self.full = None;
        while let Some(Waiting { outbox, mut cursor }) = self.waiting.pop_front() {
            if let Err(Full(port)) = self.write(&outbox, &mut cursor) {
                self.full = Some(port);
                self.waiting.push_front(Waiting { outbox, cursor });
                return;
            }
            self.waiting_bytes -= outbox.bytes().len();
            self.keep_spare(outbox);
        }
    }

    fn keep_spare(&mut self, mut outbox: Outbox) {
        if self.spare.len() < MOST_SPARE {
            outbox.clear();
            self.spare.push(outbox);
        }
    }

    /// Sends an outbox from the cursor on, and moves it along.
    fn write(&mut self, outbox: &Outbox, cursor: &mut Cursor) -> Result<(), Full> {
        while let Some(run) = outbox.runs().get(cursor.run) {
            if run.transport == Transport::Tcp {
                self.write_line(run, outbox.contents(run));
                cursor.pass_run();
                continue;
            }
            let Some(number) = self.ports.iter().position(|port| port.told.has(run.source)) else {
                self.fail(run.segments(), run, &io::ErrorKind::AddrNotAvailable.into());
                cursor.pass_run();
                continue;
            };
            match self.write_datagrams(outbox, cursor, number) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(Full(number)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.skip(outbox, cursor, &error),
            }
        }
        Ok(())
    }

    /// Makes one call, and moves the cursor past what it sent.
    fn write_datagrams(&mut self, outbox: &Outbox, cursor: &mut Cursor, number: usize) -> io::Result<()> {
        let (port, from) = (&self.ports[number], *cursor);
        let ours = outbox.runs().get(from.run).map(|run| run.source);
        let source = ours.and_then(|ours| port.source(ours));
        let way = Way { socket: &port.socket, is_mapped: port.is_mapped, source };
        let count = self.caller.send(way, pieces(outbox, from, self.cut))?;
        let (mut datagrams, mut bytes) = (0, 0);
        for piece in pieces(outbox, from, self.cut).take(count) {
            (datagrams, bytes) = (datagrams + piece.datagrams(), bytes + piece.contents.len());
            cursor.pass(outbox, &piece);
        }
        self.figures.sent.count(datagrams, bytes);
        if count == 0 {
            // No system says so; were it to, this must not go round in circles.
            return Err(io::ErrorKind::WriteZero.into());
        }
        Ok(())
    }

    /// Deals with the first piece, which the system did not take.
    fn skip(&mut self, outbox: &Outbox, cursor: &mut Cursor, error: &io::Error) {
        let Some(piece) = pieces(outbox, *cursor, self.cut).next() else { return };
        if piece.datagrams() < 2 {
            self.fail(1, &outbox.runs()[cursor.run], error);
            cursor.pass(outbox, &piece);
        } else if Errno::from_io_error(error) == Some(Errno::IO) {
            tracing::info!(%error, "the network does not cut datagrams; from now on this is done here");
            self.cut = Cut::Datagrams;
        } else {
            // Perhaps they are too long for that client's network to be cut, and still go one by one.
            cursor.one_by_one = true;
        }
    }

    fn fail(&self, datagrams: usize, run: &Run, error: &io::Error) {
        self.figures.failed.inc_by(datagrams as u64);
        tracing::debug!(%error, destination = %run.destination, datagrams, "datagrams were not sent");
    }

    fn write_line(&mut self, run: &Run, contents: &[u8]) {
        let path = Path { transport: run.transport, source: run.destination, destination: run.source };
        let outcome = self.lines.get(&path).map(|line| line.write(contents));
        match outcome {
            Some(true) => self.figures.sent.count(1, contents.len()),
            // A client that reads too slowly, or has gone.
            Some(false) | None => {
                self.figures.congested.inc();
            }
        }
    }
}
