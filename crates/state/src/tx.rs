//! A transaction: everything that can be asked of the store, as methods spread over this crate's modules.
//!
//! The one rule: a closure sees one unchanging state of the store plus its own changes, and its changes are kept all or
//! not at all. What it wants others to notice ([`Tx::notify`]) goes out only if they are kept.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    StoreError, Topic,
    engine::{Engine, Row, Value},
    memo::Memo,
};

/// One transaction, for reading or for writing. Handed to the closures of [`crate::State::read`] and
/// [`crate::State::write`].
pub struct Tx {
    engine: Box<dyn Engine>,
    writable: bool,
    topics: Vec<Topic>,
    memo: Memo,
}

impl Tx {
    /// Says that `topic` changed, once this transaction is committed.
    pub fn notify(&mut self, topic: Topic) {
        if self.writable {
            self.topics.push(topic);
        }
    }

    pub(crate) fn new(engine: impl Engine + 'static) -> Self {
        Self { engine: Box::new(engine), writable: false, topics: Vec::new(), memo: Memo::default() }
    }

    /// What `find` finds, or what it found when this snapshot was last asked the same `question`.
    pub(crate) fn once_a_snapshot<T: Clone + Send + 'static>(
        &mut self,
        question: [&str; 3],
        find: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.writable {
            return find(self);
        }
        if let Some(answer) = self.memo.recall(question) {
            return Ok(answer);
        }
        let answer = find(self)?;
        self.memo.keep(&answer);
        Ok(answer)
    }

    pub(crate) fn query(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        self.engine.query(sql, params)
    }

    /// The first row found, of a statement that finds one at most.
    pub(crate) fn query_one(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, params)?.pop())
    }

    pub(crate) fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        if !self.writable {
            return Err(StoreError::ReadOnly);
        }
        self.engine.execute(sql, params)
    }
}

/// The life of a transaction, for whoever runs the closures.
impl Tx {
    pub(crate) fn begin(&mut self, writable: bool) -> Result<(), StoreError> {
        self.writable(writable);
        self.engine.begin()
    }

    /// The same connection serves readers and the writer when the store is in memory.
    pub(crate) fn writable(&mut self, writable: bool) {
        self.writable = writable;
    }

    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        self.memo.clear();
        self.engine.execute("COMMIT", &[]).map(drop)
    }

    /// Gives up the whole transaction.
    pub(crate) fn rollback(&mut self) {
        self.topics.clear();
        self.memo.clear();
        // Fails when the engine has already given it up by itself, which is as good.
        let _ = self.engine.execute("ROLLBACK", &[]);
    }

    /// Runs `step`; when it says false its changes and hints are undone, and only those.
    pub(crate) fn step(&mut self, step: impl FnOnce(&mut Self) -> bool) -> Result<(), StoreError> {
        let hints = self.topics.len();
        self.engine.execute("SAVEPOINT step", &[])?;
        if !step(self) {
            self.topics.truncate(hints);
            self.engine.execute("ROLLBACK TO SAVEPOINT step", &[])?;
        }
        self.engine.execute("RELEASE SAVEPOINT step", &[]).map(drop)
    }

    pub(crate) fn take_topics(&mut self) -> Vec<Topic> {
        std::mem::take(&mut self.topics)
    }
}

pub(crate) fn to_doc<T: Serialize + ?Sized>(kind: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Document { kind, reason: error.to_string() })
}

pub(crate) fn from_doc<T: DeserializeOwned>(kind: &'static str, doc: &str) -> Result<T, StoreError> {
    serde_json::from_str(doc).map_err(|error| StoreError::Document { kind, reason: error.to_string() })
}
