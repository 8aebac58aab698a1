//! What nodes share: records, chat logs, timers, first answers, tags, secrets, blobs, and the bus that says "look".
//!
//! The one rule: **what was acknowledged is there.** Every change is made by a closure given to [`State::write`], which
//! answers after the commit reached the disk. Nothing is held back to be written later, and hints reach the [`Bus`]
//! only after the commit they belong to.
//!
//! - [`State::write`] queues a closure for the one writer, which commits whatever is queued at once: writers that
//!   arrive together share one flush of the disk.
//! - [`State::read`] runs a closure at once on the caller's thread, on a snapshot of what is committed.
//! - Both closures get a [`Tx`], whose methods are all that can be asked of the store. They may run more than once (an
//!   engine that runs writers side by side retries them), so they do nothing but read, decide and write.
//! - Durable work for later is a timer that is due now (see `timers.rs`); there is no second outbox.
//!
//! Time and randomness are arguments here, as in the domain. Only this crate knows SQL.

mod blobs;
mod bus;
mod engine;
mod error;
mod idempotency;
mod kinds;
mod log;
mod memo;
mod migrate;
mod owner;
mod paging;
mod readers;
mod records;
mod secrets;
mod sqlite;
mod tags;
mod timers;
mod tx;
mod writer;

use std::{path::PathBuf, sync::Arc, thread};

use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

pub use blobs::{Blob, BlobError, Blobs, Upload};
pub use bus::{Bus, Subscription, Topic};
pub use error::StoreError;
pub use idempotency::Once;
pub use kinds::KINDS;
pub use log::{Direction, LogEnd, LogRow, Span};
pub use paging::{BadToken, Page, Pager};
pub use records::Record;
pub use timers::DueTimer;
pub use tx::Tx;

use owner::OwnerLock;
use readers::Readers;
use sqlite::Sqlite;
use writer::{Command, Counters, Write, Writer};

/// Writes that may wait for the writer; the next caller waits before it queues.
const QUEUE: usize = 1_024;
/// Writes that share one commit to disk at most.
const BATCH: usize = 512;
/// In memory there is no flush to share, and readers wait while a batch runs: keep it short.
const MEMORY_BATCH: usize = 16;

/// Where the state lives.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The directory of the database and the blobs, made when missing. None: memory only, gone when the process ends.
    pub dir: Option<PathBuf>,
    /// Another process may own the directory just now: wait until it leaves (a successor taking over from a server that
    /// is draining) instead of refusing.
    pub wait_for_owner: bool,
}

/// The store. Cheap to clone: every clone is the same store.
#[derive(Clone)]
pub struct State(Arc<Inner>);

struct Inner {
    queue: mpsc::Sender<Command>,
    readers: Arc<Readers>,
    counters: Arc<Counters>,
    bus: Bus,
    blobs: Blobs,
}

/// What the store has done so far, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Writes waiting for the writer now.
    pub queued: usize,
    /// Write closures run.
    pub writes: u64,
    /// Commits made: one for all the writes that were queued together.
    pub commits: u64,
}

impl State {
    /// Opens the store, creating or upgrading it as needed. Blocks on the disk; call it before serving.
    pub fn open(options: Options) -> Result<Self, StoreError> {
        let Some(dir) = options.dir else { return Self::open_memory() };
        let owner = OwnerLock::take(&dir, options.wait_for_owner)?;
        let file = dir.join("switchboard.db");
        let mut engine = Sqlite::writer(&file)?;
        migrate::migrate(&mut engine)?;
        let blobs = Blobs::in_dir(&dir.join("blobs"))?;
        let tx = Arc::new(Mutex::new(Tx::new(engine)));
        Self::start(tx, Readers::pool(file), blobs, Some(owner), BATCH)
    }

    fn open_memory() -> Result<Self, StoreError> {
        let mut engine = Sqlite::memory()?;
        migrate::migrate(&mut engine)?;
        let tx = Arc::new(Mutex::new(Tx::new(engine)));
        Self::start(Arc::clone(&tx), Readers::shared(tx), Blobs::in_memory(), None, MEMORY_BATCH)
    }

    fn start(
        tx: Arc<Mutex<Tx>>,
        readers: Readers,
        blobs: Blobs,
        owner: Option<OwnerLock>,
        batch: usize,
    ) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let (bus, counters) = (Bus::default(), Arc::new(Counters::default()));
        let readers = Arc::new(readers);
        let writer = Writer {
            tx,
            readers: Arc::clone(&readers),
            bus: bus.clone(),
            counters: Arc::clone(&counters),
            batch,
            owner,
        };
        thread::Builder::new()
            .name("state-writer".into())
            .spawn(move || writer.run(jobs))
            .map_err(|error| StoreError::Database(format!("no thread for the writer: {error}")))?;
        Ok(Self(Arc::new(Inner { queue, readers, counters, bus, blobs })))
    }

    /// Runs `work` alone in a transaction and answers once its changes are on disk.
    ///
    /// An `Err` or a panic undoes what this closure did and nothing else. When the commit itself fails, every closure of
    /// the batch is answered with that error and nothing of it was kept. Once queued the closure runs, even when the
    /// caller stops waiting for its answer.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&mut Tx) -> Result<T, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Write::new(work, reply));
        self.0.queue.send(Command::Run(job)).await.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Runs `work` at once, on this thread, on a snapshot of everything committed so far. Writing is refused.
    ///
    /// Made for the short reads of a request (a record by its key takes microseconds), so it is not `async`: do not
    /// call it from within another read or write, and do not scan a whole table in one.
    pub fn read<T, E>(&self, work: impl FnOnce(&mut Tx) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        self.0.readers.read(work)
    }

    /// Where commits say which topics changed.
    #[must_use]
    pub fn bus(&self) -> &Bus {
        &self.0.bus
    }

    /// The files that are too large for a row.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    /// What the store has done so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let Inner { queue, counters, .. } = &*self.0;
        let (writes, commits) = counters.get();
        Stats { queued: queue.max_capacity() - queue.capacity(), writes, commits }
    }

    /// Finishes what is queued, folds the write-ahead log into the database and lets go of the directory. Every later
    /// read and write on any clone answers [`StoreError::Closed`].
    pub async fn close(&self) {
        self.0.readers.close();
        let (done, closed) = oneshot::channel();
        if self.0.queue.send(Command::Close(done)).await.is_ok() {
            // An error here means that the writer is already gone, which is what was asked for.
            let _ = closed.await;
        }
    }
}
