//! Session keys from master keys: RFC 3711 §4.3, without ever deriving anew (a key derivation rate of zero).
//!
//! The one rule: each purpose has its own label, and so its own key.

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use zeroize::Zeroizing;

use super::{BadKeys, Master};

/// What a key is for: the labels of RFC 3711 §4.3.2, media first.
#[derive(Clone, Copy)]
pub(super) struct Labels {
    pub(super) encryption: u8,
    pub(super) authentication: u8,
    pub(super) salt: u8,
}

pub(super) const MEDIA: Labels = Labels { encryption: 0, authentication: 1, salt: 2 };
pub(super) const REPORTS: Labels = Labels { encryption: 3, authentication: 4, salt: 5 };

/// Where the label stands in the 14 bytes of the salt: the number of the packet, 6 bytes, follows and is zero.
const LABEL_AT: usize = 7;

/// The session key of a label: the key stream of AES in counter mode. A salt of 12 bytes (RFC 7714 §11) is filled up
/// with zeros on the right.
pub(super) fn derive<const N: usize>(master: Master<'_>, label: u8) -> Result<Zeroizing<[u8; N]>, BadKeys> {
    let mut counter = [0; 16];
    counter.get_mut(..master.salt.len()).ok_or(BadKeys)?.copy_from_slice(master.salt);
    counter[LABEL_AT] ^= label;
    let mut out = Zeroizing::new([0; N]);
    counter_mode(master.key)?
        .less_safe_encrypt(&mut *out, EncryptionContext::Iv128(counter.into()))
        .map_err(|_| BadKeys)?;
    Ok(out)
}

/// AES in counter mode with a key of 16 or 32 bytes.
pub(super) fn counter_mode(key: &[u8]) -> Result<EncryptingKey, BadKeys> {
    let algorithm = if key.len() == 32 { &AES_256 } else { &AES_128 };
    let key = UnboundCipherKey::new(algorithm, key).map_err(|_| BadKeys)?;
    EncryptingKey::ctr(key).map_err(|_| BadKeys)
}
