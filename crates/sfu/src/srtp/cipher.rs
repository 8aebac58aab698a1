//! The two ways in which packets are sealed: AES-GCM, and AES in counter mode with a check sum of SHA-1.
//!
//! The one rule: the bytes are encrypted where they stand, with a key whose schedule was set up once. Sources: RFC 7714
//! §8 and §9 (GCM), RFC 3711 §4.1.1 and §4.2 (counter mode and authentication).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{EncryptingKey, EncryptionContext};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;

use super::derive::{self, Labels, counter_mode, derive};
use super::{BadKeys, Master, Profile};

const SHA1_TAG: usize = 10;
/// The first eight bytes of a report are not encrypted.
pub(super) const REPORT_HEADER: usize = 8;
/// The flag "encrypted" and the number of the report.
pub(super) const TRAILER: usize = 4;
pub(super) const ENCRYPTED: u32 = 0x8000_0000;

/// One direction of media, or of reports.
pub(super) enum Cipher {
    Gcm(Gcm),
    CounterMode(Box<CounterMode>),
}

pub(super) struct Gcm {
    key: LessSafeKey,
    salt: [u8; 12],
}

pub(super) struct CounterMode {
    key: EncryptingKey,
    authentication: hmac::Key,
    salt: [u8; 14],
}

impl Cipher {
    pub(super) fn for_media(profile: Profile, master: Master<'_>) -> Result<Self, BadKeys> {
        Self::new(profile, master, derive::MEDIA)
    }

    pub(super) fn for_reports(profile: Profile, master: Master<'_>) -> Result<Self, BadKeys> {
        Self::new(profile, master, derive::REPORTS)
    }

    fn new(profile: Profile, master: Master<'_>, labels: Labels) -> Result<Self, BadKeys> {
        match profile {
            Profile::Aes128Gcm => Self::gcm(&*derive::<16>(master, labels.encryption)?, *derive(master, labels.salt)?),
            Profile::Aes256Gcm => Self::gcm(&*derive::<32>(master, labels.encryption)?, *derive(master, labels.salt)?),
            Profile::Aes128CmSha1 => Ok(Self::CounterMode(Box::new(CounterMode {
                key: counter_mode(&*derive::<16>(master, labels.encryption)?)?,
                authentication: hmac::Key::new(
                    hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                    &*derive::<20>(master, labels.authentication)?,
                ),
                salt: *derive(master, labels.salt)?,
            }))),
        }
    }

    /// AES-GCM with these session keys.
    pub(super) fn gcm(key: &[u8], salt: [u8; 12]) -> Result<Self, BadKeys> {
        let algorithm = if key.len() == 32 { &AES_256_GCM } else { &AES_128_GCM };
        let key = LessSafeKey::new(UnboundKey::new(algorithm, key).map_err(|_| BadKeys)?);
        Ok(Self::Gcm(Gcm { key, salt }))
    }

    /// See [`super::MediaSealer::seal`].
    pub(super) fn seal_media(&self, bytes: &mut Vec<u8>, start: usize, header: usize, ssrc: u32, index: u64) -> bool {
        match self {
            Self::Gcm(gcm) => {
                let nonce = gcm.media_nonce(ssrc, index);
                let Some((header, payload)) =
                    bytes.get_mut(start..).and_then(|packet| packet.split_at_mut_checked(header))
                else {
                    return false;
                };
                let Ok(tag) = gcm.key.seal_in_place_separate_tag(nonce, Aad::from(&*header), payload) else {
                    return false;
                };
                bytes.extend_from_slice(tag.as_ref());
                true
            }
            Self::CounterMode(cipher) => {
                let Some(payload) = bytes.get_mut(start + header..) else { return false };
                // The check sum covers the count of wraps, which is not sent.
                cipher.crypt(payload, ssrc, index)
                    && cipher.sign(bytes, start, &((index >> 16) as u32).to_be_bytes(), 0)
            }
        }
    }

    /// Seals the report that begins at `start` and ends with the buffer.
    pub(super) fn seal_report(&self, bytes: &mut Vec<u8>, start: usize, ssrc: u32, index: u32) -> bool {
        let trailer = (ENCRYPTED | index).to_be_bytes();
        let Some((header, payload)) =
            bytes.get_mut(start..).and_then(|packet| packet.split_at_mut_checked(REPORT_HEADER))
        else {
            return false;
        };
        match self {
            Self::Gcm(gcm) => {
                let aad = report_aad(header, trailer);
                let nonce = gcm.report_nonce(ssrc, index);
                let Ok(tag) = gcm.key.seal_in_place_separate_tag(nonce, Aad::from(&aad), payload) else { return false };
                bytes.extend_from_slice(tag.as_ref());
                bytes.extend_from_slice(&trailer);
                true
            }
            Self::CounterMode(cipher) => {
                cipher.crypt(payload, ssrc, u64::from(index)) && cipher.sign(bytes, start, &trailer, TRAILER)
            }
        }
    }

    /// Which report this is, and how long without what protects it; `None` if it is too short to be one, or not
    /// encrypted.
    pub(super) fn report_index(&self, packet: &[u8]) -> Option<(u32, u32)> {
        let after = match self {
            Self::Gcm(_) => 0,
            Self::CounterMode(_) => SHA1_TAG,
        };
        let ssrc = u32::from_be_bytes(*packet.get(4..)?.first_chunk()?);
        let trailer = u32::from_be_bytes(*packet.get(..packet.len().checked_sub(after)?)?.last_chunk()?);
        (trailer & ENCRYPTED != 0).then_some((ssrc, trailer & !ENCRYPTED))
    }

    /// Opens a report into `into`, and says how long it is.
    pub(super) fn open_report(&self, packet: &[u8], into: &mut [u8], ssrc: u32, index: u32) -> Option<usize> {
        let protected = match self {
            Self::Gcm(_) => packet.len().checked_sub(TRAILER)?,
            Self::CounterMode(_) => packet.len().checked_sub(TRAILER + SHA1_TAG)?,
        };
        let copy = into.get_mut(..protected)?;
        copy.copy_from_slice(&packet[..protected]);
        let (header, payload) = copy.split_at_mut_checked(REPORT_HEADER)?;
        match self {
            Self::Gcm(gcm) => {
                let aad = report_aad(header, *packet.last_chunk()?);
                let nonce = gcm.report_nonce(ssrc, index);
                let opened = gcm.key.open_in_place(nonce, Aad::from(&aad), payload).ok()?;
                Some(REPORT_HEADER + opened.len())
            }
            Self::CounterMode(cipher) => {
                let (signed, tag) = packet.split_at_checked(protected + TRAILER)?;
                let expected = hmac::sign(&cipher.authentication, signed);
                verify_slices_are_equal(expected.as_ref().get(..SHA1_TAG)?, tag).ok()?;
                cipher.crypt(payload, ssrc, u64::from(index)).then_some(protected)
            }
        }
    }
}

/// The first eight bytes and the trailer: what GCM authenticates of an encrypted report (RFC 7714 §9.3).
fn report_aad(header: &[u8], trailer: [u8; TRAILER]) -> [u8; REPORT_HEADER + TRAILER] {
    let mut aad = [0; REPORT_HEADER + TRAILER];
    aad[..REPORT_HEADER].copy_from_slice(&header[..REPORT_HEADER]);
    aad[REPORT_HEADER..].copy_from_slice(&trailer);
    aad
}

impl Gcm {
    /// RFC 7714 §8.1: two zero bytes, SSRC, count of wraps, sequence number.
    fn media_nonce(&self, ssrc: u32, index: u64) -> Nonce {
        let number = (u128::from(ssrc) << 48) | u128::from(index & 0xffff_ffff_ffff);
        self.nonce(number)
    }

    /// RFC 7714 §9.1: two zero bytes, SSRC, two zero bytes, number of the report.
    fn report_nonce(&self, ssrc: u32, index: u32) -> Nonce {
        self.nonce((u128::from(ssrc) << 48) | u128::from(index))
    }

    fn nonce(&self, number: u128) -> Nonce {
        let mut nonce = self.salt;
        for (byte, other) in nonce.iter_mut().zip(&number.to_be_bytes()[4..]) {
            *byte ^= other;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

impl CounterMode {
    /// Encrypts or decrypts. RFC 3711 §4.1.1: the counter begins at salt, SSRC and number, each in its place, XORed.
    fn crypt(&self, payload: &mut [u8], ssrc: u32, index: u64) -> bool {
        let mut counter = ((u128::from(ssrc) << 64) | (u128::from(index & 0xffff_ffff_ffff) << 16)).to_be_bytes();
        for (byte, salt) in counter.iter_mut().zip(self.salt) {
            *byte ^= salt;
        }
        self.key.less_safe_encrypt(payload, EncryptionContext::Iv128(counter.into())).is_ok()
    }

    /// Signs the packet with `more` behind it, of which only the first `sent` bytes stay.
    fn sign(&self, bytes: &mut Vec<u8>, start: usize, more: &[u8; 4], sent: usize) -> bool {
        let end = bytes.len();
        bytes.extend_from_slice(more);
        let tag = hmac::sign(&self.authentication, &bytes[start..]);
        bytes.truncate(end + sent);
        let Some(tag) = tag.as_ref().get(..SHA1_TAG) else { return false };
        bytes.extend_from_slice(tag);
        true
    }
}

/// The bytes of the tag of GCM and of counter mode, for tests that take packets apart.
#[cfg(test)]
pub(super) const TAGS: (usize, usize) = (16, SHA1_TAG);
