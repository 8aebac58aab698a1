//! One data directory has one owner: a lock on a file in it, held as long as the process lives.
//!
//! The one rule: the system lets go of the lock when the process ends, however it ends. The file itself stays and means
//! nothing; it only says who owned the directory last.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use crate::StoreError;

pub(crate) struct OwnerLock {
    _file: File,
}

impl OwnerLock {
    /// Makes the directory if it is missing and owns it. Someone else's: refused, or waited for.
    pub(crate) fn take(dir: &Path, wait: bool) -> Result<Self, StoreError> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(StoreError::file(dir))?;
        let path = dir.join("switchboard.lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(StoreError::file(&path))?;
        match if wait { file.lock().map_err(TryLockError::Error) } else { file.try_lock() } {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { dir: dir.to_owned(), owner: owner(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::file(path)(error)),
        }
        sign(&mut file).map_err(StoreError::file(path))?;
        Ok(Self { _file: file })
    }
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    write!(file, "process {}", std::process::id())
}

fn owner(file: &mut File) -> String {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(length) if length > 0 => text,
        _ => "another process".into(),
    }
}
