//! What can go wrong in the store. None of it is the caller's fault: a server answers with its internal error.

use std::{io, path::PathBuf};

/// A fault of the store. Cheap to clone, for all the writes of a batch whose commit failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed.
    #[error("the database failed: {0}")]
    Database(String),
    /// A document does not fit the type it is read or written as.
    #[error("a stored {kind} does not fit its type: {reason}")]
    Document {
        /// What it is, such as `instance` or `chat item`.
        kind: &'static str,
        /// What does not fit.
        reason: String,
    },
    /// A file or directory of the store cannot be used.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// Another process owns the directory.
    #[error("{} is in use by {owner}; two servers cannot share one data directory", dir.display())]
    InUse {
        /// The data directory.
        dir: PathBuf,
        /// Who owns it, as far as it says.
        owner: String,
    },
    /// A newer version of this program has been here.
    #[error("the database has schema version {found}, this program knows up to {known}: start a newer program")]
    Newer {
        /// The version of the database.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// A read tried to write.
    #[error("a read may not write")]
    ReadOnly,
    /// The closure of a write panicked; nothing of it was kept.
    #[error("a write panicked")]
    Panicked,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { path, reason: error.to_string() }
    }
}
