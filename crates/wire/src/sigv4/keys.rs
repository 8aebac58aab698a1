//! Secrets, who has them, and the keys that are derived from them.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};

use super::claim::Scope;

/// A secret text. It is compared in constant time and never shown.
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for whoever must sign or print it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether that text is the secret.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), text.as_bytes()).is_ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.is(&other.0)
    }
}

impl Eq for Secret {}

/// What belongs to an access key id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The secret access key.
    pub secret: Secret,
    /// The session token, for a credential that is temporary.
    pub session_token: Option<Secret>,
}

/// Who may sign.
pub trait Credentials {
    /// The credential of an access key id.
    fn find(&self, access_key_id: &str) -> Option<Credential>;
}

impl Credentials for HashMap<String, Credential> {
    fn find(&self, access_key_id: &str) -> Option<Credential> {
        self.get(access_key_id).cloned()
    }
}

/// Derived signing keys, kept because deriving one costs four times what verifying with it does.
///
/// A key lives for a day, a region and a service. Only scopes that passed every check are kept, so a caller can fill
/// this only with access keys that exist; past its bound it starts anew.
#[derive(Debug, Default)]
pub struct SigningKeys {
    by_credential: RwLock<HashMap<Box<str>, Derived>>,
}

#[derive(Debug, Clone)]
struct Derived {
    from: Secret,
    key: Arc<hmac::Key>,
}

impl SigningKeys {
    const MAX: usize = 1_024;

    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The key for a credential, `AKID/YYYYMMDD/region/service/aws4_request`, derived from the secret it has today.
    pub(super) fn signing_key(&self, credential: &str, scope: &Scope<'_>, secret: &Secret) -> Arc<hmac::Key> {
        let kept = self.by_credential.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(derived) = kept.get(credential).filter(|derived| derived.from == *secret) {
            return Arc::clone(&derived.key);
        }
        drop(kept);

        let key = Arc::new(derive(scope, secret));
        let mut kept = self.by_credential.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= Self::MAX {
            kept.clear();
        }
        kept.insert(credential.into(), Derived { from: secret.clone(), key: Arc::clone(&key) });
        key
    }
}

/// `HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), service), "aws4_request")`.
fn derive(scope: &Scope<'_>, secret: &Secret) -> hmac::Key {
    let first = hmac::Key::new(hmac::HMAC_SHA256, &[b"AWS4", secret.expose().as_bytes()].concat());
    [scope.date, scope.region, scope.service, scope.terminator]
        .into_iter()
        .fold(first, |key, part| hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIAL: &str = "AKID/20150830/us-east-1/iam/aws4_request";

    #[test]
    fn secrets_are_not_shown() {
        let credential = Credential { secret: Secret::new("hush"), session_token: Some(Secret::new("hush")) };
        assert!(!format!("{credential:?}").contains("hush"));
    }

    #[test]
    fn a_key_is_kept_until_its_secret_changes() {
        let scope = Scope::parse(CREDENTIAL).unwrap();
        let keys = SigningKeys::new();
        let secret = Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let key = keys.signing_key(CREDENTIAL, &scope, &secret);
        assert!(Arc::ptr_eq(&key, &keys.signing_key(CREDENTIAL, &scope, &secret)));
        let other = keys.signing_key(CREDENTIAL, &scope, &Secret::new("rotated"));
        assert_ne!(hmac::sign(&key, b"").as_ref(), hmac::sign(&other, b"").as_ref());
    }

    #[test]
    fn the_cache_is_bounded() {
        let scope = Scope::parse(CREDENTIAL).unwrap();
        let keys = SigningKeys::new();
        for nth in 0..SigningKeys::MAX + 10 {
            keys.signing_key(&format!("{nth}"), &scope, &Secret::new("s"));
        }
        assert!(keys.by_credential.read().unwrap().len() <= SigningKeys::MAX);
    }
}
