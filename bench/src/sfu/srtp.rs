//! SRTP of one connection, from the keys that DTLS exported.
//!
//! The one rule: one key schedule a direction, kept; per packet there is one seal or one open and nothing else. Only the
//! AEAD profiles are known here, which every server under measurement prefers.
//!
//! Sources: RFC 3711 §4.3 (derivation), RFC 5764 §4.2 (the order of the exported keys), RFC 7714 §8, §9 and §11 (GCM).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use str0m::crypto::{SrtpProvider, dtls::SrtpProfile, from_feature_flags};

/// What sealing adds.
pub(super) const TAG_BYTES: usize = 16;
const SALT_BYTES: usize = 12;
/// The part of an RTCP packet that stays readable.
const RTCP_HEADER_BYTES: usize = 8;
/// The number at the end of an RTCP packet, its highest bit saying that it is encrypted.
const RTCP_INDEX_BYTES: usize = 4;

/// Keys of one direction.
struct Keys {
    rtp: LessSafeKey,
    rtp_salt: [u8; SALT_BYTES],
    rtcp: LessSafeKey,
    rtcp_salt: [u8; SALT_BYTES],
}

/// Both directions of a connection whose DTLS client this is.
pub(super) struct Srtp {
    send: Keys,
    receive: Keys,
    rtcp_index: u32,
}

impl Srtp {
    /// From what DTLS exported: two keys, then two salts, the client's first.
    pub(super) fn new(material: &[u8], profile: SrtpProfile) -> Option<Self> {
        let key_bytes = match profile {
            SrtpProfile::AEAD_AES_128_GCM => 16,
            SrtpProfile::AEAD_AES_256_GCM => 32,
            _ => return None,
        };
        let (client, rest) = material.split_at_checked(key_bytes)?;
        let (server, rest) = rest.split_at_checked(key_bytes)?;
        let (client_salt, rest) = rest.split_at_checked(SALT_BYTES)?;
        let server_salt = rest.get(..SALT_BYTES)?;
        let (send, receive) = (Keys::derive(client, client_salt)?, Keys::derive(server, server_salt)?);
        Some(Self { send, receive, rtcp_index: 0 })
    }

    /// Seals an RTP packet whose header is that long and whose extended sequence number is `index`.
    pub(super) fn seal(&self, index: u64, header: usize, packet: &mut Vec<u8>) -> Option<()> {
        let nonce = rtp_nonce(&self.send.rtp_salt, packet, index)?;
        seal(&self.send.rtp, nonce, header, packet)
    }

    /// Opens an RTP packet; its payload.
    pub(super) fn open<'a>(&self, index: u64, header: usize, packet: &'a mut [u8]) -> Option<&'a mut [u8]> {
        let nonce = rtp_nonce(&self.receive.rtp_salt, packet, index)?;
        let (header, sealed) = packet.split_at_mut_checked(header)?;
        self.receive.rtp.open_in_place(nonce, Aad::from(&*header), sealed).ok()
    }

    /// Seals an RTCP packet.
    pub(super) fn seal_rtcp(&mut self, packet: &mut Vec<u8>) -> Option<()> {
        self.rtcp_index += 1;
        let trailer = (self.rtcp_index | 1 << 31).to_be_bytes();
        let nonce = rtcp_nonce(&self.send.rtcp_salt, packet, self.rtcp_index)?;
        let aad = rtcp_aad(packet, trailer)?;
        let tag =
            self.send.rtcp.seal_in_place_separate_tag(nonce, Aad::from(aad), packet.get_mut(RTCP_HEADER_BYTES..)?);
        packet.extend_from_slice(tag.ok()?.as_ref());
        packet.extend_from_slice(&trailer);
        Some(())
    }

    /// Opens an RTCP packet, in place; its length then.
    pub(super) fn open_rtcp(&self, packet: &mut [u8]) -> Option<usize> {
        let (sealed, trailer) = packet.split_last_chunk_mut::<RTCP_INDEX_BYTES>()?;
        let index = u32::from_be_bytes(*trailer) & !(1 << 31);
        let nonce = rtcp_nonce(&self.receive.rtcp_salt, sealed, index)?;
        let aad = rtcp_aad(sealed, *trailer)?;
        let sealed = sealed.get_mut(RTCP_HEADER_BYTES..)?;
        let open = self.receive.rtcp.open_in_place(nonce, Aad::from(aad), sealed).ok()?;
        Some(RTCP_HEADER_BYTES + open.len())
    }
}

/// Seals what follows the header of a packet and appends the tag.
pub(super) fn seal(key: &LessSafeKey, nonce: Nonce, header: usize, packet: &mut Vec<u8>) -> Option<()> {
    let (head, payload) = packet.split_at_mut_checked(header)?;
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(&*head), payload).ok()?;
    packet.extend_from_slice(tag.as_ref());
    Some(())
}

/// The nonce of an RTP packet.
pub(super) fn rtp_nonce(salt: &[u8; SALT_BYTES], packet: &[u8], index: u64) -> Option<Nonce> {
    let mut nonce = *salt;
    xor(&mut nonce[2..6], packet.get(8..12)?);
    xor(&mut nonce[6..12], &index.to_be_bytes()[2..8]);
    Some(Nonce::assume_unique_for_key(nonce))
}

fn rtcp_nonce(salt: &[u8; SALT_BYTES], packet: &[u8], index: u32) -> Option<Nonce> {
    let mut nonce = *salt;
    xor(&mut nonce[2..6], packet.get(4..8)?);
    xor(&mut nonce[8..12], &index.to_be_bytes());
    Some(Nonce::assume_unique_for_key(nonce))
}

fn rtcp_aad(packet: &[u8], trailer: [u8; RTCP_INDEX_BYTES]) -> Option<[u8; NONCE_LEN]> {
    let mut aad = [0; RTCP_HEADER_BYTES + RTCP_INDEX_BYTES];
    aad[..RTCP_HEADER_BYTES].copy_from_slice(packet.get(..RTCP_HEADER_BYTES)?);
    aad[RTCP_HEADER_BYTES..].copy_from_slice(&trailer);
    Some(aad)
}

fn xor(into: &mut [u8], with: &[u8]) {
    into.iter_mut().zip(with).for_each(|(byte, with)| *byte ^= with);
}

impl Keys {
    fn derive(key: &[u8], salt: &[u8]) -> Option<Self> {
        let session_key = |label| {
            let mut session = vec![0; key.len()];
            derive(key, salt, label, &mut session);
            let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
            Some(LessSafeKey::new(UnboundKey::new(algorithm, &session).ok()?))
        };
        let session_salt = |label| {
            let mut session = [0; SALT_BYTES];
            derive(key, salt, label, &mut session);
            session
        };
        Some(Self {
            rtp: session_key(0)?,
            rtp_salt: session_salt(2),
            rtcp: session_key(3)?,
            rtcp_salt: session_salt(5),
        })
    }
}

/// AES in counter mode over the salt with the label in its place.
fn derive(key: &[u8], salt: &[u8], label: u8, into: &mut [u8]) {
    let provider: &dyn SrtpProvider = from_feature_flags().srtp_provider;
    let mut block = [0; 16];
    block[..salt.len()].copy_from_slice(salt);
    block[7] ^= label;
    for (counter, part) in (0_u16..).zip(into.chunks_mut(16)) {
        block[14..].copy_from_slice(&counter.to_be_bytes());
        // Some implementations of the round ask for room for one block more.
        let mut stream = [0; 32];
        if key.len() == 16 {
            provider.srtp_aes_128_ecb_round(key, &block, &mut stream);
        } else {
            provider.srtp_aes_256_ecb_round(key, &block, &mut stream);
        }
        part.copy_from_slice(&stream[..part.len()]);
    }
}
