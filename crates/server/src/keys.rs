//! Access keys: who may sign.
//!
//! They come from the settings. Without any, one is made at the first start and kept in the data directory, readable
//! by its owner only; a server that keeps its state in memory makes one at each start.

use std::{
    collections::HashMap,
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    str::FromStr,
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use switchboard_wire::sigv4::{Credential, Credentials, Secret};

use crate::{config::Config, ids::random_bytes};

/// The file in the data directory.
const FILE: &str = "access-key";
const OWNER_ONLY: u32 = 0o600;
const OWNER_ONLY_DIR: u32 = 0o700;

/// An access key id and its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// The public half.
    pub id: String,
    /// The secret half.
    pub secret: Secret,
}

/// A text that is not `ID:SECRET`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not ID:SECRET: the id is 1 to 128 letters, digits or underscores, and the secret is not empty")]
pub struct NotAnAccessKey;

/// The file of the access key is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The system does not let us.
    #[error("{}: {error}", path.display())]
    File {
        /// Which file or directory.
        path: PathBuf,
        /// What it says.
        error: io::Error,
    },
    /// It holds something else.
    #[error("{}: {NotAnAccessKey}", .0.display())]
    Spoilt(PathBuf),
}

impl KeysError {
    fn unreadable(path: &Path, error: io::Error) -> Self {
        Self::File { path: path.to_owned(), error }
    }
}

impl FromStr for AccessKey {
    type Err = NotAnAccessKey;

    fn from_str(text: &str) -> Result<Self, NotAnAccessKey> {
        let (id, secret) = text.split_once(':').ok_or(NotAnAccessKey)?;
        let is_id =
            (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let is_secret = !secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_id || !is_secret {
            return Err(NotAnAccessKey);
        }
        Ok(Self { id: id.to_owned(), secret: Secret::new(secret) })
    }
}

impl AccessKey {
    /// A fresh one that looks as AWS's do: `AKIA` and 16 characters, 40 characters of secret.
    fn generate() -> Self {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let letters = random_bytes::<16>().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
        let id = "AKIA".chars().chain(letters).collect();
        Self { id, secret: Secret::new(BASE64.encode(random_bytes::<30>())) }
    }

    /// Reads the one that a server keeps in `dir`; none when it was started with keys of its own, or never.
    ///
    /// # Errors
    /// The file is there but cannot be read or holds something else.
    pub fn kept_in(dir: &Path) -> Result<Option<Self>, KeysError> {
        let path = dir.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(KeysError::unreadable(&path, error)),
        };
        restrict(&path).map_err(|error| KeysError::unreadable(&path, error))?;
        text.trim().parse().map(Some).map_err(|_| KeysError::Spoilt(path))
    }

    fn kept_or_made_in(dir: &Path) -> Result<Self, KeysError> {
        if let Some(kept) = Self::kept_in(dir)? {
            return Ok(kept);
        }
        let made = Self::generate();
        make_dir(dir).and_then(|()| made.keep_in(dir)).map_err(|error| KeysError::unreadable(dir, error))?;
        Ok(made)
    }

    /// Keeps it in `dir`, whole or not at all.
    fn keep_in(&self, dir: &Path) -> io::Result<()> {
        let (path, draft) = (dir.join(FILE), dir.join("access-key.new"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(OWNER_ONLY).open(&draft)?;
        writeln!(file, "{}:{}", self.id, self.secret.expose())?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        fs::File::open(dir)?.sync_all()
    }
}

/// Makes the directory when it is missing, for its owner only.
fn make_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(OWNER_ONLY_DIR).create(dir)
}

/// Takes away what others may do with the file, should somebody have given it to them.
fn restrict(path: &Path) -> io::Result<()> {
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    tracing::warn!(path = %path.display(), "others could read the access key; its file is now its owner's only");
    fs::set_permissions(path, Permissions::from_mode(OWNER_ONLY))
}

/// Every access key of this server. There is at least one.
#[derive(Debug, Clone)]
pub(crate) struct AccessKeys {
    first: AccessKey,
    by_id: HashMap<String, Credential>,
}

impl AccessKeys {
    /// The keys of the settings, else the one kept in the data directory, else a fresh one.
    ///
    /// # Errors
    /// The kept key cannot be read, or a fresh one not be kept.
    pub(crate) fn load(config: &Config) -> Result<Self, KeysError> {
        Self::of(&config.access_keys, config.data.as_deref())
    }

    fn of(configured: &[AccessKey], dir: Option<&Path>) -> Result<Self, KeysError> {
        if let Some(first) = configured.first() {
            return Ok(Self::with(first.clone(), configured));
        }
        let first = match dir {
            None => AccessKey::generate(),
            Some(dir) => AccessKey::kept_or_made_in(dir)?,
        };
        Ok(Self::with(first.clone(), &[first]))
    }

    fn with(first: AccessKey, keys: &[AccessKey]) -> Self {
        let credential = |key: &AccessKey| Credential { secret: key.secret.clone(), session_token: None };
        Self { first, by_id: keys.iter().map(|key| (key.id.clone(), credential(key))).collect() }
    }

    /// The one to show to whoever wants to call this server.
    pub(crate) const fn first(&self) -> &AccessKey {
        &self.first
    }
}

impl Credentials for AccessKeys {
    fn find(&self, access_key_id: &str) -> Option<Credential> {
        self.by_id.get(access_key_id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    /// A directory that is gone with the test.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new() -> Self {
            let dir = env::temp_dir().join(crate::ids::request_id());
            fs::create_dir(&dir).unwrap();
            Self(dir)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn keys_are_read_from_their_text() {
        let key: AccessKey = "AKID_1:se:cret/+=".parse().unwrap();
        assert_eq!((key.id.as_str(), key.secret.expose()), ("AKID_1", "se:cret/+="));
        assert!(!format!("{key:?}").contains("cret/"));
        for wrong in ["", "AKID", ":secret", "AKID:", "AK ID:secret", "A/B:secret", "AKID:sec ret", "AKID:s\u{e9}"] {
            assert_eq!(wrong.parse::<AccessKey>(), Err(NotAnAccessKey), "{wrong}");
        }
    }

    #[test]
    fn configured_keys_are_the_only_ones() {
        let scratch = Scratch::new();
        let configured = ["A:1", "B:2"].map(|text| text.parse().unwrap());
        let keys = AccessKeys::of(&configured, Some(&scratch.0)).unwrap();
        assert_eq!(keys.first().id, "A");
        assert_eq!(keys.find("B").unwrap().secret, Secret::new("2"));
        assert_eq!(keys.find("C"), None);
        assert_eq!(AccessKey::kept_in(&scratch.0).unwrap(), None);
    }

    #[test]
    fn a_fresh_key_is_kept_for_its_owner_only() {
        let scratch = Scratch::new();
        let dir = scratch.0.join("made");
        let keys = AccessKeys::of(&[], Some(&dir)).unwrap();
        let (id, secret) = (&keys.first().id, keys.first().secret.expose());
        assert!(id.starts_with("AKIA") && id.len() == 20 && secret.len() == 40);
        let path = dir.join(FILE);
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);

        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let again = AccessKeys::of(&[], Some(&dir)).unwrap();
        assert_eq!(again.first(), keys.first());
        assert_eq!(mode(), 0o600);
    }

    #[test]
    fn memory_has_another_key_each_time() {
        let [one, two] = [AccessKeys::of(&[], None).unwrap(), AccessKeys::of(&[], None).unwrap()];
        assert_ne!(one.first(), two.first());
        assert!(one.find(&one.first().id).is_some());
    }

    #[test]
    fn a_spoilt_file_is_named() {
        let scratch = Scratch::new();
        fs::write(scratch.0.join(FILE), "nonsense").unwrap();
        let error = AccessKeys::of(&[], Some(&scratch.0)).unwrap_err();
        assert!(error.to_string().contains("access-key: not ID:SECRET"), "{error}");
    }
}
