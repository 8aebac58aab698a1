//! Blobs: files too large for a row, one by one in a directory, or in memory when the store is.
//!
//! The one rule: a blob is there whole or not at all. It is written beside its place, flushed and then moved there. A row
//! that names a blob is written after it, so a crash leaves at worst a blob that nobody names.

use std::{
    collections::HashMap,
    fs as blocking_fs,
    io::{self, Cursor, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::{
    fs::{self, File},
    io::{AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
};

use crate::StoreError;

/// What a blob cannot be.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// Keys are 1 to 200 of `A-Z a-z 0-9 - _ .` and do not begin with a dot.
    #[error("not a key for a blob")]
    BadKey,
    /// More bytes came than were allowed.
    #[error("more than {max_bytes} bytes")]
    TooLarge {
        /// How many were allowed.
        max_bytes: u64,
    },
    /// The system failed.
    #[error("the blob cannot be read or written: {0}")]
    Io(#[from] io::Error),
}

/// All blobs. Cheap to clone: every clone is the same set.
#[derive(Debug, Clone)]
pub struct Blobs(Arc<Place>);

#[derive(Debug)]
enum Place {
    Memory(Mutex<HashMap<String, Arc<[u8]>>>),
    Dir { path: PathBuf, uploads: AtomicU64 },
}

impl Blobs {
    pub(crate) fn in_memory() -> Self {
        Self(Arc::new(Place::Memory(Mutex::default())))
    }

    /// Opens the directory and clears away what unfinished uploads left: its owner is alone, so none goes on now.
    pub(crate) fn in_dir(dir: &Path) -> Result<Self, StoreError> {
        blocking_fs::create_dir_all(dir).map_err(StoreError::file(dir))?;
        for entry in blocking_fs::read_dir(dir).map_err(StoreError::file(dir))? {
            let entry = entry.map_err(StoreError::file(dir))?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                blocking_fs::remove_file(entry.path()).map_err(StoreError::file(entry.path()))?;
            }
        }
        Ok(Self(Arc::new(Place::Dir { path: dir.to_owned(), uploads: AtomicU64::new(0) })))
    }

    /// Begins a blob of at most `max_bytes`. It is there once [`Upload::finish`] returned, in place of an earlier one;
    /// an upload that is dropped before leaves nothing.
    pub async fn upload(&self, key: &str, max_bytes: u64) -> Result<Upload, BlobError> {
        check(key)?;
        let target = match &*self.0 {
            Place::Memory(_) => Target::Memory(Vec::new()),
            Place::Dir { path, uploads } => {
                let path = path.join(format!(".{}", uploads.fetch_add(1, Ordering::Relaxed)));
                Target::File(File::create_new(&path).await?, Unfinished(path))
            }
        };
        Ok(Upload { blobs: self.clone(), key: key.to_owned(), target, written: 0, max_bytes })
    }

    /// The blob, if there is one.
    pub async fn open(&self, key: &str) -> Result<Option<Blob>, BlobError> {
        check(key)?;
        match &*self.0 {
            Place::Memory(blobs) => Ok(blobs
                .lock()
                .get(key)
                .map(|bytes| Blob { size_bytes: bytes.len() as u64, content: Content::Memory(Arc::clone(bytes)) })),
            Place::Dir { path, .. } => {
                let Some(file) = found(File::open(path.join(key)).await)? else { return Ok(None) };
                Ok(Some(Blob { size_bytes: file.metadata().await?.len(), content: Content::File(file) }))
            }
        }
    }

    /// Removes the blob. False when there was none.
    pub async fn delete(&self, key: &str) -> Result<bool, BlobError> {
        check(key)?;
        match &*self.0 {
            Place::Memory(blobs) => Ok(blobs.lock().remove(key).is_some()),
            Place::Dir { path, .. } => Ok(found(fs::remove_file(path.join(key)).await)?.is_some()),
        }
    }
}

/// A blob on its way in.
#[derive(Debug)]
pub struct Upload {
    blobs: Blobs,
    key: String,
    target: Target,
    written: u64,
    max_bytes: u64,
}

#[derive(Debug)]
enum Target {
    Memory(Vec<u8>),
    File(File, Unfinished),
}

/// A file that goes away unless it is moved to its place.
#[derive(Debug)]
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Fails once the file has moved. What a failure leaves behind is cleared away at the next start.
        let _ = blocking_fs::remove_file(&self.0);
    }
}

impl Upload {
    /// Adds bytes at the end.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<(), BlobError> {
        self.written += chunk.len() as u64;
        if self.written > self.max_bytes {
            return Err(BlobError::TooLarge { max_bytes: self.max_bytes });
        }
        match &mut self.target {
            Target::Memory(bytes) => bytes.extend_from_slice(chunk),
            Target::File(file, _) => file.write_all(chunk).await?,
        }
        Ok(())
    }

    /// Puts the blob in its place, on disk for good, and says its size.
    pub async fn finish(self) -> Result<u64, BlobError> {
        match (&*self.blobs.0, self.target) {
            (Place::Dir { path, .. }, Target::File(mut file, unfinished)) => {
                file.flush().await?;
                file.sync_all().await?;
                fs::rename(&unfinished.0, path.join(&self.key)).await?;
                // The new name is an entry of the directory, which is flushed by itself.
                File::open(path).await?.sync_all().await?;
            }
            (Place::Memory(blobs), Target::Memory(bytes)) => {
                blobs.lock().insert(self.key, bytes.into());
            }
            // An upload is made by the place that it goes to.
            (Place::Dir { .. }, Target::Memory(_)) | (Place::Memory(_), Target::File(..)) => {
                return Err(io::Error::from(io::ErrorKind::Unsupported).into());
            }
        }
        Ok(self.written)
    }
}

/// A blob that was found. It stays readable even when it is deleted or replaced meanwhile.
#[derive(Debug)]
pub struct Blob {
    size_bytes: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Memory(Arc<[u8]>),
    File(File),
}

impl Blob {
    /// Its size.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Its bytes from `range.start` up to `range.end`, as far as there are any.
    pub async fn reader(self, range: Range<u64>) -> Result<Pin<Box<dyn AsyncRead + Send>>, BlobError> {
        let length = range.end.saturating_sub(range.start);
        Ok(match self.content {
            Content::Memory(bytes) => {
                let mut cursor = Cursor::new(bytes);
                cursor.set_position(range.start);
                Box::pin(cursor.take(length))
            }
            Content::File(mut file) => {
                file.seek(SeekFrom::Start(range.start)).await?;
                Box::pin(file.take(length))
            }
        })
    }

    /// All its bytes.
    pub async fn bytes(self) -> Result<Vec<u8>, BlobError> {
        let size_bytes = self.size_bytes;
        let mut bytes = Vec::new();
        self.reader(0..size_bytes).await?.read_to_end(&mut bytes).await?;
        Ok(bytes)
    }
}

fn check(key: &str) -> Result<(), BlobError> {
    let fits = (1..=200).contains(&key.len())
        && !key.starts_with('.')
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if fits { Ok(()) } else { Err(BlobError::BadKey) }
}

fn found<T>(outcome: io::Result<T>) -> io::Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
