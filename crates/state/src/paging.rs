//! Paging: opaque tokens that say where the next page begins.
//!
//! The one rule: a token is a place in an order ("after this id"), never a count, so pages stay stable while others
//! write: what was there at the start and stays is seen exactly once. It is signed and bound to a scope (the operation
//! and its filters), so a token that was changed, or brought to another list, is refused. The last page has none.

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

/// Bytes of the signature that are kept: enough that nobody guesses one.
const SIGNATURE: usize = 16;
/// The longest cursor: with it a token stays under the thousand characters that some operations allow.
const MAX_CURSOR: usize = 700;

/// The token was not given out for this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is not valid for this request")]
pub struct BadToken;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The token of the next page; None on the last.
    pub next: Option<String>,
}

/// Makes and reads tokens with one key.
#[derive(Debug, Clone)]
pub struct Pager(hmac::Key);

impl Pager {
    /// A pager that signs with `key`; tokens live as long as the key does.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The token for `cursor` (700 bytes at most) in the list that `scope` names.
    #[must_use]
    pub fn encode(&self, scope: &str, cursor: &str) -> String {
        debug_assert!(cursor.len() <= MAX_CURSOR, "a cursor of {} bytes", cursor.len());
        let mut bytes = self.sign(scope, cursor.as_bytes()).to_vec();
        bytes.extend_from_slice(cursor.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The cursor in a token of this scope.
    pub fn decode(&self, scope: &str, token: &str) -> Result<String, BadToken> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| BadToken)?;
        let (signature, cursor) = bytes.split_at_checked(SIGNATURE).ok_or(BadToken)?;
        verify_slices_are_equal(signature, &self.sign(scope, cursor)).map_err(|_| BadToken)?;
        String::from_utf8(cursor.to_vec()).map_err(|_| BadToken)
    }

    /// The cursor of a request that may have a token.
    pub fn after(&self, scope: &str, token: Option<&str>) -> Result<Option<String>, BadToken> {
        token.map(|token| self.decode(scope, token)).transpose()
    }

    /// A page of `limit` items from the `limit + 1` rows that were asked for, each with its cursor.
    #[must_use]
    pub fn page<T>(&self, scope: &str, mut rows: Vec<(String, T)>, limit: usize) -> Page<T> {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|(cursor, _)| self.encode(scope, cursor));
        Page { items: rows.into_iter().map(|(_, item)| item).collect(), next }
    }

    fn sign(&self, scope: &str, cursor: &[u8]) -> [u8; SIGNATURE] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&(scope.len() as u64).to_be_bytes());
        context.update(scope.as_bytes());
        context.update(cursor);
        let mut signature = [0; SIGNATURE];
        signature.copy_from_slice(&context.sign().as_ref()[..SIGNATURE]);
        signature
    }
}
