//! The one writer: a thread that commits whatever is queued together (group commit).
//!
//! The one rule: nobody is answered before the commit. Each write runs behind a savepoint of its own, so one that fails
//! takes nothing with it; the flush of the disk, by far the dearest part, is paid once for all. Nothing waits for a
//! batch to fill: while one is flushed, the next one gathers.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use crate::{Bus, StoreError, Tx, owner::OwnerLock, readers::Readers};

pub(crate) enum Command {
    Run(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

/// A write in the queue, its types forgotten.
pub(crate) trait Job: Send {
    /// Runs it; true when its changes are to be kept.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Answers the caller, now that the fate of the whole batch is known.
    fn answer(self: Box<Self>, batch: Result<(), StoreError>);
}

pub(crate) struct Write<F, T, E> {
    work: F,
    outcome: Result<T, E>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E: From<StoreError>> Write<F, T, E> {
    pub(crate) fn new(work: F, reply: oneshot::Sender<Result<T, E>>) -> Self {
        Self { work, outcome: Err(StoreError::Closed.into()), reply }
    }
}

impl<F, T, E> Job for Write<F, T, E>
where
    F: Fn(&mut Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx) -> bool {
        // Unwind safe: whatever the closure left half done in the transaction is undone.
        self.outcome = catch_unwind(AssertUnwindSafe(|| (self.work)(tx))).unwrap_or_else(|_| {
            tracing::error!("a write panicked and was undone");
            Err(StoreError::Panicked.into())
        });
        self.outcome.is_ok()
    }

    fn answer(self: Box<Self>, batch: Result<(), StoreError>) {
        // A write that failed by itself is told of the batch too: it may have failed over something that an earlier
        // write of the batch did, and that is undone now. A caller that is gone needs no answer.
        let _ = self.reply.send(batch.map_err(E::from).and(self.outcome));
    }
}

#[derive(Default)]
pub(crate) struct Counters {
    writes: AtomicU64,
    commits: AtomicU64,
}

impl Counters {
    /// Writes run and commits made.
    pub(crate) fn get(&self) -> (u64, u64) {
        (self.writes.load(Ordering::Relaxed), self.commits.load(Ordering::Relaxed))
    }
}

pub(crate) struct Writer {
    pub(crate) tx: Arc<Mutex<Tx>>,
    pub(crate) readers: Arc<Readers>,
    pub(crate) bus: Bus,
    pub(crate) counters: Arc<Counters>,
    pub(crate) batch: usize,
    /// Held until the last connection is closed.
    pub(crate) owner: Option<OwnerLock>,
}

impl Writer {
    /// Serves the queue until it is closed and empty.
    pub(crate) fn run(self, mut queue: mpsc::Receiver<Command>) {
        let (mut commands, mut closing) = (Vec::new(), Vec::new());
        while queue.blocking_recv_many(&mut commands, self.batch) > 0 {
            let mut jobs = Vec::with_capacity(commands.len());
            for command in commands.drain(..) {
                match command {
                    Command::Run(job) => jobs.push(job),
                    Command::Close(done) => {
                        queue.close();
                        closing.push(done);
                    }
                }
            }
            if !jobs.is_empty() {
                self.run_batch(jobs);
            }
        }
        let Self { tx, owner, .. } = self;
        // SQLite folds the write-ahead log into the database as its last connection closes; only then may others in.
        drop(tx);
        drop(owner);
        for done in closing {
            let _ = done.send(());
        }
    }

    fn run_batch(&self, mut jobs: Vec<Box<dyn Job>>) {
        let (outcome, topics) = self.readers.while_writing(|| {
            let mut tx = self.tx.lock();
            let outcome = commit(&mut tx, &mut jobs);
            (outcome, tx.take_topics())
        });
        if let Err(error) = &outcome {
            tracing::error!(%error, writes = jobs.len(), "a batch of writes was not committed");
        }
        self.counters.writes.fetch_add(jobs.len() as u64, Ordering::Relaxed);
        self.counters.commits.fetch_add(u64::from(outcome.is_ok()), Ordering::Relaxed);
        for topic in topics {
            self.bus.publish(topic);
        }
        for job in jobs {
            job.answer(outcome.clone());
        }
    }
}

/// One transaction for all. An error is the engine's and ends the batch; what a closure itself answers is in its job.
fn commit(tx: &mut Tx, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    tx.begin(true)?;
    let outcome = jobs.iter_mut().try_for_each(|job| tx.step(|tx| job.run(tx))).and_then(|()| tx.commit());
    if outcome.is_err() {
        tx.rollback();
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::{Counters, Job, Write, Writer};
    use crate::{
        Bus, StoreError, Topic, Tx,
        engine::{Engine, Row, Value},
        readers::Readers,
    };
    use parking_lot::Mutex;
    use std::sync::Arc;
    use tokio::sync::oneshot;

    /// A database whose disk is full when it comes to committing.
    struct Full;

    impl Engine for Full {
        fn begin(&mut self) -> Result<(), StoreError> {
            Ok(())
        }
        fn query(&mut self, _: &'static str, _: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
            Ok(Vec::new())
        }
        fn execute(&mut self, sql: &'static str, _: &[Value<'_>]) -> Result<u64, StoreError> {
            if sql == "COMMIT" { Err(full()) } else { Ok(1) }
        }
        fn script(&mut self, _: &str) -> Result<(), StoreError> {
            Ok(())
        }
    }

    fn full() -> StoreError {
        StoreError::Database("disk full".into())
    }

    #[tokio::test]
    async fn a_failed_commit_is_everybodys_answer_and_nobodys_hint() {
        let tx = Arc::new(Mutex::new(Tx::new(Full)));
        let writer = Writer {
            tx: Arc::clone(&tx),
            readers: Arc::new(Readers::shared(tx)),
            bus: Bus::default(),
            counters: Arc::new(Counters::default()),
            batch: 8,
            owner: None,
        };
        let mut timers = writer.bus.subscribe(Topic::Timers);
        let write = |outcome: Result<(), StoreError>| {
            let (reply, answer) = oneshot::channel();
            let work = move |tx: &mut Tx| {
                tx.notify(Topic::Timers);
                outcome.clone()
            };
            (Box::new(Write::new(work, reply)) as Box<dyn Job>, answer)
        };
        let (kept, kept_answer) = write(Ok(()));
        let (failed, failed_answer) = write(Err(StoreError::ReadOnly));
        writer.run_batch(vec![kept, failed]);

        assert_eq!(kept_answer.await, Ok(Err(full())));
        assert_eq!(failed_answer.await, Ok(Err(full())));
        assert_eq!(writer.counters.get(), (2, 0));
        let woken = tokio::select! { biased; () = timers.changed() => true, () = std::future::ready(()) => false };
        assert!(!woken);
    }
}
