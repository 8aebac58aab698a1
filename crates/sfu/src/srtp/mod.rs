//! SRTP as a viewer's leg needs it: media out, reports out and in.
//!
//! The one rule: a key and a number are used for one packet and never for another. Numbers of media come from the
//! caller, who counts them past 65,535; those of reports are counted here. Keys are set up once, used where they are and
//! never shown; sealing allocates nothing.
//!
//! Sources: RFC 3711 (SRTP, its key derivation and AES in counter mode), RFC 7714 (AES-GCM), RFC 6188 §3 (derivation
//! with 256 bits), RFC 5764 §4.2 (keys from DTLS), RFC 8827 §6.5 (reports are always encrypted).

mod cipher;
mod derive;
mod replay;
mod rtcp;
#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use cipher::Cipher;
pub(crate) use rtcp::{MOST_REPORT, ReportOpener, ReportSealer};

/// How media are protected, as agreed on in the DTLS handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// `SRTP_AES128_CM_HMAC_SHA1_80`.
    Aes128CmSha1,
    /// `SRTP_AEAD_AES_128_GCM`.
    Aes128Gcm,
    /// `SRTP_AEAD_AES_256_GCM`.
    Aes256Gcm,
}

impl Profile {
    const fn key_bytes(self) -> usize {
        match self {
            Self::Aes128CmSha1 | Self::Aes128Gcm => 16,
            Self::Aes256Gcm => 32,
        }
    }

    const fn salt_bytes(self) -> usize {
        match self {
            Self::Aes128CmSha1 => 14,
            Self::Aes128Gcm | Self::Aes256Gcm => 12,
        }
    }
}

/// A key of this kind could not be made: the material is too short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadKeys;

/// The master keys of a connection, as the handshake left them.
pub(crate) struct MasterKeys {
    profile: Profile,
    /// The client's key, the server's, the client's salt, the server's.
    material: Zeroizing<Vec<u8>>,
    /// Whether this side was the client.
    is_client: bool,
}

impl std::fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MasterKeys").field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl MasterKeys {
    pub(crate) fn new(profile: Profile, material: &[u8], is_client: bool) -> Self {
        Self { profile, material: Zeroizing::new(material.to_vec()), is_client }
    }

    /// What seals media and reports, and what opens reports.
    pub(crate) fn split(&self) -> Result<(MediaSealer, ReportSealer, ReportOpener), BadKeys> {
        let (ours, theirs) = (self.master(self.is_client)?, self.master(!self.is_client)?);
        let media = MediaSealer(Cipher::for_media(self.profile, ours)?);
        let reports = ReportSealer::new(Cipher::for_reports(self.profile, ours)?);
        Ok((media, reports, ReportOpener::new(Cipher::for_reports(self.profile, theirs)?)))
    }

    fn master(&self, of_client: bool) -> Result<Master<'_>, BadKeys> {
        let (key, salt) = (self.profile.key_bytes(), self.profile.salt_bytes());
        let (keys, salts) = self.material.split_at_checked(2 * key).ok_or(BadKeys)?;
        let salts = salts.get(..2 * salt).ok_or(BadKeys)?;
        let (client, server) = (keys.split_at(key), salts.split_at(salt));
        Ok(if of_client { Master { key: client.0, salt: server.0 } } else { Master { key: client.1, salt: server.1 } })
    }
}

/// The master key and salt of one direction.
#[derive(Clone, Copy)]
struct Master<'a> {
    key: &'a [u8],
    salt: &'a [u8],
}

/// Seals media of one direction.
pub(crate) struct MediaSealer(Cipher);

impl std::fmt::Debug for MediaSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MediaSealer")
    }
}

impl MediaSealer {
    /// Seals the packet that begins at `start` and ends with the buffer: its first `header` bytes stay readable. `index`
    /// is its sequence number, counted on past 65,535. False if it cannot be sealed; then it must not be sent.
    pub(crate) fn seal(&self, bytes: &mut Vec<u8>, start: usize, header: usize, ssrc: u32, index: u64) -> bool {
        self.0.seal_media(bytes, start, header, ssrc, index)
    }
}
