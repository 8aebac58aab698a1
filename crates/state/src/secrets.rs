//! Secrets: random keys that are made once and shared by every node and every restart.
//!
//! The one rule: the first one stays. They sign what clients keep (page tokens, connection tokens), which must outlive a
//! restart.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{StoreError, Tx};

impl Tx {
    /// The secret called `name`; `fresh` becomes it if there is none yet.
    pub fn secret(&mut self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, StoreError> {
        let found = self.query_one("SELECT value FROM secret WHERE name = $1", &[name.into()])?;
        let Some(mut row) = found else {
            let value = BASE64_STANDARD.encode(fresh);
            self.execute("INSERT INTO secret (name, value) VALUES ($1, $2)", &[name.into(), value.into()])?;
            return Ok(fresh.to_vec());
        };
        // The decoding error would quote the secret; it stays out.
        let unreadable = || StoreError::Document { kind: "secret", reason: format!("{name} is not base64") };
        BASE64_STANDARD.decode(row.text()?).map_err(|_| unreadable())
    }
}
