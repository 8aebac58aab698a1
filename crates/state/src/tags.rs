//! Tags: names and values on anything that has an ARN.
//!
//! The one rule: they belong to the ARN, not to the record, so every kind of resource is tagged by the same code. Whoever
//! deletes a resource deletes its tags. Limits (how many, how long) are the operation's business.

use std::collections::BTreeMap;

use crate::{StoreError, Tx};

impl Tx {
    /// The tags of `arn`, in the order of their keys.
    pub fn tags(&mut self, arn: &str) -> Result<BTreeMap<String, String>, StoreError> {
        // No kind of record has an empty name.
        self.once_a_snapshot(["", "tags", arn], |tx| {
            let found = tx.query("SELECT key, value FROM tag WHERE arn = $1 ORDER BY key", &[arn.into()])?;
            found.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
        })
    }

    /// Adds tags to `arn`, or gives those that it has new values.
    pub fn tag(&mut self, arn: &str, tags: &BTreeMap<String, String>) -> Result<(), StoreError> {
        for (key, value) in tags {
            self.execute(
                "INSERT INTO tag (arn, key, value) VALUES ($1, $2, $3)
                 ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value",
                &[arn.into(), key.as_str().into(), value.as_str().into()],
            )?;
        }
        Ok(())
    }

    /// Takes tags from `arn`; those it does not have are no error.
    pub fn untag<K: AsRef<str>>(&mut self, arn: &str, keys: &[K]) -> Result<(), StoreError> {
        for key in keys {
            self.execute("DELETE FROM tag WHERE arn = $1 AND key = $2", &[arn.into(), key.as_ref().into()])?;
        }
        Ok(())
    }

    /// Takes all tags from `arn`.
    pub fn delete_tags(&mut self, arn: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM tag WHERE arn = $1", &[arn.into()]).map(drop)
    }

    /// Takes all tags from `arn` and from everything within it: every ARN that goes on with a slash.
    pub fn delete_tags_within(&mut self, arn: &str) -> Result<(), StoreError> {
        self.delete_tags(arn)?;
        let stem = format!("{arn}/");
        let characters = i64::try_from(stem.chars().count()).unwrap_or(i64::MAX);
        self.execute("DELETE FROM tag WHERE substr(arn, 1, $1) = $2", &[characters.into(), stem.into()]).map(drop)
    }
}
