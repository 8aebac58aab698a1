//! Idempotency: the same call again gets the first answer again, and nothing happens twice.
//!
//! The one rule: same caller, same operation, same client token, within the window. Only successes are remembered, in the
//! transaction that made them; a call that failed may be tried again. AWS documents the habit as *Ensuring idempotency*
//! in its API references.
//!
//! AWS does not say what another request under a used token gets. Here it gets the first answer: the token, not the
//! body, names the call.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use switchboard_domain::Time;

use crate::{
    StoreError, Tx,
    tx::{from_doc, to_doc},
};

const KIND: &str = "first answer";

/// What tells one call from another.
#[derive(Debug, Clone, Copy)]
pub struct Once<'a> {
    /// Who calls: an account, or a participant.
    pub caller: &'a str,
    /// The operation's name.
    pub operation: &'a str,
    /// The client token. None or empty: every call is its own.
    pub token: Option<&'a str>,
    /// The time of this call.
    pub now: Time,
    /// For how long the first answer is remembered.
    pub window_seconds: i64,
}

impl Tx {
    /// The first answer to this call, or else `run` and remember what it answers.
    pub fn once<T, E>(&mut self, call: Once<'_>, run: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E>
    where
        T: Serialize + DeserializeOwned,
        E: From<StoreError>,
    {
        let Some(token) = call.token.filter(|token| !token.is_empty()) else { return run(self) };
        let key = key([call.caller, call.operation, token]);
        if let Some(first) = self.first_answer(&key, call.now)? {
            return Ok(from_doc(KIND, &first)?);
        }
        let answer = run(self)?;
        self.remember(&key, call.now.plus_seconds(call.window_seconds), &to_doc(KIND, &answer)?)?;
        self.forget_expired(call.now)?;
        Ok(answer)
    }

    /// Whether this call is the first of its kind within the window: for what may happen once and has no answer to
    /// repeat.
    pub fn is_first(&mut self, call: Once<'_>) -> Result<bool, StoreError> {
        let mut ran = false;
        self.once::<(), StoreError>(call, |_| {
            ran = true;
            Ok(())
        })?;
        Ok(ran)
    }

    fn first_answer(&mut self, key: &str, now: Time) -> Result<Option<String>, StoreError> {
        let found = self.query_one(
            "SELECT doc FROM answer WHERE key = $1 AND expires_ms > $2",
            &[key.into(), now.as_millis().into()],
        )?;
        found.map(|mut row| row.text()).transpose()
    }

    fn remember(&mut self, key: &str, expires: Time, doc: &str) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO answer (key, expires_ms, doc) VALUES ($1, $2, $3)
             ON CONFLICT (key) DO UPDATE SET expires_ms = excluded.expires_ms, doc = excluded.doc",
            &[key.into(), expires.as_millis().into(), doc.into()],
        )?;
        Ok(())
    }

    /// A few at each call: more than come in, so that they never pile up and no call pays for all.
    fn forget_expired(&mut self, now: Time) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM answer WHERE key IN
             (SELECT key FROM answer WHERE expires_ms <= $1 ORDER BY expires_ms LIMIT 4)",
            &[now.as_millis().into()],
        )?;
        Ok(())
    }
}

/// One key for the three, of one size whatever theirs. Each goes in behind its length, so that no two triples look alike.
fn key(parts: [&str; 3]) -> String {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, &bytes))
}
