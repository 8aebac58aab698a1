//! Credentials of roles and sign-ons that are good for a while, kept in `~/.aws/cli/cache`.
//!
//! One rule: the files are those of the AWS command line, by name and content, so that each program takes what the other
//! has fetched. A name is the SHA-1 of what was asked for, as JSON; what it holds is the answer. Files are their
//! owner's only, and a file that cannot be read or written is as good as none.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::errors::Failure;
use crate::{clock, paramfile};

/// What is good for less than that is fetched anew.
const LEAST: Duration = Duration::from_secs(15 * 60);

/// One file of the cache.
pub(super) struct Entry {
    path: PathBuf,
    provider: &'static str,
}

impl Entry {
    /// The file for what was asked for: a JSON text of its members.
    pub(super) fn of(asked: &str, provider: &'static str) -> Self {
        let name = digest(&SHA1_FOR_LEGACY_USE_ONLY, asked.as_bytes()).as_ref().iter().fold(
            String::new(),
            |mut name, byte| {
                // A string takes everything.
                let _ = write!(name, "{byte:02x}");
                name
            },
        );
        Self { path: paramfile::expand(&format!("~/.aws/cli/cache/{name}.json")), provider }
    }

    /// What it holds, if it is still good.
    pub(super) fn read(&self) -> Option<Credentials> {
        let text = fs::read_to_string(&self.path).ok()?;
        let kept: Value = serde_json::from_str(&text).ok()?;
        let member = |name: &str| kept["Credentials"][name].as_str().map(str::to_owned);
        let ends = time(&member("Expiration")?)?;
        if ends < clock::now() + LEAST {
            return None;
        }
        let (key, secret) = (member("AccessKeyId")?, member("SecretAccessKey")?);
        Some(Credentials::new(key, secret, member("SessionToken"), Some(ends), self.provider))
    }

    /// Keeps credentials that come to an end.
    pub(super) fn write(&self, credentials: &Credentials) -> io::Result<()> {
        let Some(ends) = credentials.expiry() else { return Ok(()) };
        let ends = OffsetDateTime::from(ends).replace_nanosecond(0).map_err(io::Error::other)?;
        let kept = json!({
            "Credentials": {
                "AccessKeyId": credentials.access_key_id(),
                "SecretAccessKey": credentials.secret_access_key(),
                "SessionToken": credentials.session_token(),
                "Expiration": ends.format(&Rfc3339).map_err(io::Error::other)?,
            },
            "ProviderType": self.provider,
        });
        if let Some(folder) = self.path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let new = self.path.with_extension(format!("json.{}", std::process::id()));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(kept.to_string().as_bytes())?;
        fs::rename(&new, &self.path)
    }
}

/// A time as services and both programs write it.
pub(super) fn time(text: &str) -> Option<SystemTime> {
    let text = text.strip_suffix("UTC").map_or_else(|| text.to_owned(), |text| format!("{text}Z"));
    OffsetDateTime::parse(&text, &Rfc3339).ok().map(SystemTime::from)
}

/// When credentials end, as those say that hand them over.
pub(super) fn expiration(text: &str) -> Result<SystemTime, Failure> {
    time(text).ok_or_else(|| Failure::Other(format!("Unknown string format: {text}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_several_forms() {
        let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for text in ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20UTC", "2023-11-14T22:13:20+00:00"] {
            assert_eq!(time(text), Some(expected), "{text}");
        }
        assert_eq!(time("tomorrow"), None);
    }

    #[test]
    fn what_is_kept_is_found_until_it_ends() {
        let folder = std::env::temp_dir().join(format!("switchboard-cache-{}", std::process::id()));
        let entry = Entry { path: folder.join("a/b.json"), provider: "test" };
        assert!(entry.read().is_none());
        let lasting = |minutes: u64| {
            let ends = clock::now() + Duration::from_secs(60 * minutes);
            Credentials::new("a", "b", Some("c".to_owned()), Some(ends), "test")
        };
        entry.write(&lasting(60)).expect("it can be written");
        let found = entry.read().expect("it is good");
        assert_eq!((found.access_key_id(), found.secret_access_key(), found.session_token()), ("a", "b", Some("c")));
        entry.write(&lasting(14)).expect("it can be written");
        assert!(entry.read().is_none());
        fs::remove_dir_all(folder).expect("it goes away");
    }

    #[test]
    fn names_are_those_that_the_other_program_gives() {
        let entry = Entry::of("{\"RoleArn\": \"arn:aws:iam::1:role/r\"}", "assume-role");
        assert!(entry.path.ends_with("296af0900b5a5e948c19d3110989c909c2d4a0a9.json"), "{}", entry.path.display());
    }
}
