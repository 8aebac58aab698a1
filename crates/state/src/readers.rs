//! Who reads: a few connections that are kept open beside the writer's or, in memory, the writer's own.
//!
//! The one rule: a read sees one snapshot, with everything in it that was acknowledged before the read began, and it
//! never waits for the flush of the disk. In memory it waits for its turn.
//!
//! Taking a snapshot costs more than finding a row in it (the locks on the write-ahead log are system calls). So a reader
//! keeps its snapshot for the next read as long as nothing is written. Before the writer begins it takes all those
//! snapshots away: none grows old, and none keeps the write-ahead log from being folded into the database.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
};

use parking_lot::Mutex;

use crate::{StoreError, Tx, sqlite::Sqlite};

/// Connections kept for the next read. As many reads as there are threads may run at once; more than this are rare.
const IDLE: usize = 16;

pub(crate) struct Readers {
    closed: AtomicBool,
    source: Source,
}

enum Source {
    Shared(Arc<Mutex<Tx>>),
    Pool(Pool),
}

impl Readers {
    /// Readers that take turns with the writer on its connection.
    pub(crate) fn shared(tx: Arc<Mutex<Tx>>) -> Self {
        Self { closed: AtomicBool::new(false), source: Source::Shared(tx) }
    }

    /// Readers with connections of their own to a file.
    pub(crate) fn pool(file: PathBuf) -> Self {
        let pool = Pool { file, idle: Mutex::default(), epoch: AtomicU64::new(0) };
        Self { closed: AtomicBool::new(false), source: Source::Pool(pool) }
    }

    pub(crate) fn read<T, E>(&self, work: impl FnOnce(&mut Tx) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        if self.closed.load(SeqCst) {
            return Err(StoreError::Closed.into());
        }
        match &self.source {
            Source::Shared(tx) => {
                let mut tx = tx.lock();
                tx.writable(false);
                work(&mut tx)
            }
            Source::Pool(pool) => {
                // A connection that fails, or whose closure panics, is closed rather than kept.
                let mut reader = pool.take()?;
                let outcome = work(&mut reader.tx);
                pool.keep(reader, &self.closed)?;
                outcome
            }
        }
    }

    /// Runs `write`, which may change the database, while no reader keeps a snapshot that is not in use.
    pub(crate) fn while_writing<T>(&self, write: impl FnOnce() -> T) -> T {
        let Source::Pool(pool) = &self.source else { return write() };
        pool.epoch.fetch_add(1, SeqCst);
        pool.idle.lock().retain_mut(|reader| reader.let_go().is_ok());
        let outcome = write();
        pool.epoch.fetch_add(1, SeqCst);
        outcome
    }

    /// Refuses further reads and closes the connections that are not in use.
    pub(crate) fn close(&self) {
        self.closed.store(true, SeqCst);
        if let Source::Pool(pool) = &self.source {
            pool.idle.lock().clear();
        }
    }
}

struct Pool {
    file: PathBuf,
    idle: Mutex<Vec<Reader>>,
    /// Odd while the writer is at work, another even number after each time it was.
    epoch: AtomicU64,
}

struct Reader {
    tx: Tx,
    /// The epoch in which its open snapshot was taken.
    since: Option<u64>,
}

impl Pool {
    /// A reader with a snapshot.
    fn take(&self) -> Result<Reader, StoreError> {
        let kept = self.idle.lock().pop();
        let mut reader = match kept {
            Some(reader) => reader,
            None => Reader { tx: Tx::new(Sqlite::reader(&self.file)?), since: None },
        };
        if reader.since.is_none() {
            reader.since = Some(self.epoch.load(SeqCst));
            reader.tx.begin(false)?;
        }
        Ok(reader)
    }

    fn keep(&self, mut reader: Reader, closed: &AtomicBool) -> Result<(), StoreError> {
        let mut idle = self.idle.lock();
        let epoch = self.epoch.load(SeqCst);
        if reader.since != Some(epoch) || epoch % 2 == 1 {
            drop(idle);
            reader.let_go()?;
            idle = self.idle.lock();
        }
        // Asked under the lock, so that whoever closes finds every reader that was kept.
        if idle.len() < IDLE && !closed.load(SeqCst) {
            idle.push(reader);
        }
        Ok(())
    }
}

impl Reader {
    fn let_go(&mut self) -> Result<(), StoreError> {
        if self.since.take().is_some() { self.tx.commit() } else { Ok(()) }
    }
}
