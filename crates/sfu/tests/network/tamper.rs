//! A client that keeps to the protocol up to the cipher and no further: what it seals may be anything.
//!
//! Garbage that is not sealed with a client's own keys goes no further than the cipher, so only a client can send it.
//! The cryptography of all test clients goes through here; of one of them, the next packet can be exchanged for other
//! bytes just before it is sealed, and what the clients seal can be written down.
//!
//! Only the contents change: headers (and the first eight bytes of RTCP) are written before, and lengths stay.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::sync::Arc;

use str0m::crypto::{
    AeadAes128GcmCipher, AeadAes256GcmCipher, CryptoError, CryptoProvider, SrtpProvider, SupportedAeadAes128Gcm,
    SupportedAeadAes256Gcm, SupportedAes128CmSha1_80, from_feature_flags,
};

/// What is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    Rtp,
    Rtcp,
}

/// Other contents for a packet of one client.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub of: SocketAddr,
    pub what: Sealed,
    pub contents: Vec<u8>,
}

/// What was sealed, in order.
type Notes = Vec<(Sealed, Vec<u8>)>;

thread_local! {
    static SENDING: Cell<Option<SocketAddr>> = const { Cell::new(None) };
    static EXCHANGE: RefCell<Option<Exchange>> = const { RefCell::new(None) };
    static NOTES: RefCell<Option<Notes>> = const { RefCell::new(None) };
}

/// This client is about to seal.
pub fn sending(client: SocketAddr) {
    SENDING.set(Some(client));
}

/// Exchanges the contents of the next packet of this kind.
pub fn exchange(exchange: Exchange) {
    EXCHANGE.set(Some(exchange));
}

/// Whether that has not happened yet.
pub fn is_waiting() -> bool {
    EXCHANGE.with_borrow(Option::is_some)
}

pub fn take_notes() {
    NOTES.set(Some(Vec::new()));
}

/// What was sealed since notes were taken.
pub fn notes() -> Notes {
    NOTES.take().unwrap_or_default()
}

/// The library's own cryptography, but for that.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider { srtp_provider: &Tampering, ..from_feature_flags() })
}

fn contents(header: &[u8], input: &[u8]) -> Vec<u8> {
    let is_rtcp = header.get(1).is_some_and(|kind| (192..224).contains(kind));
    let what = if is_rtcp { Sealed::Rtcp } else { Sealed::Rtp };
    let mut contents = input.to_vec();
    NOTES.with_borrow_mut(|notes| {
        if let Some(notes) = notes {
            notes.push((what, contents.clone()));
        }
    });
    let meant = |exchange: &mut Exchange| exchange.what == what && Some(exchange.of) == SENDING.get();
    if let Some(exchange) = EXCHANGE.with_borrow_mut(|waiting| waiting.take_if(meant)) {
        let length = contents.len().min(exchange.contents.len());
        contents[..length].copy_from_slice(&exchange.contents[..length]);
    }
    contents
}

#[derive(Debug)]
struct Tampering;

fn inner() -> &'static dyn SrtpProvider {
    from_feature_flags().srtp_provider
}

impl SrtpProvider for Tampering {
    fn aes_128_cm_sha1_80(&self) -> &'static dyn SupportedAes128CmSha1_80 {
        inner().aes_128_cm_sha1_80()
    }

    fn aead_aes_128_gcm(&self) -> &'static dyn SupportedAeadAes128Gcm {
        &Tampering
    }

    fn aead_aes_256_gcm(&self) -> &'static dyn SupportedAeadAes256Gcm {
        &Tampering
    }

    fn srtp_aes_128_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        inner().srtp_aes_128_ecb_round(key, input, output);
    }

    fn srtp_aes_256_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        inner().srtp_aes_256_ecb_round(key, input, output);
    }
}

impl SupportedAeadAes128Gcm for Tampering {
    fn create_cipher(&self, key: [u8; 16], encrypt: bool) -> Box<dyn AeadAes128GcmCipher> {
        Box::new(Cipher(inner().aead_aes_128_gcm().create_cipher(key, encrypt)))
    }
}

impl SupportedAeadAes256Gcm for Tampering {
    fn create_cipher(&self, key: [u8; 32], encrypt: bool) -> Box<dyn AeadAes256GcmCipher> {
        Box::new(Cipher(inner().aead_aes_256_gcm().create_cipher(key, encrypt)))
    }
}

#[derive(Debug)]
struct Cipher<T: ?Sized>(Box<T>);

impl AeadAes128GcmCipher for Cipher<dyn AeadAes128GcmCipher> {
    fn encrypt(&mut self, iv: &[u8; 12], aad: &[u8], input: &[u8], output: &mut [u8]) -> Result<(), CryptoError> {
        self.0.encrypt(iv, aad, &contents(aad, input), output)
    }

    fn decrypt(&mut self, iv: &[u8; 12], aads: &[&[u8]], input: &[u8], out: &mut [u8]) -> Result<usize, CryptoError> {
        self.0.decrypt(iv, aads, input, out)
    }
}

impl AeadAes256GcmCipher for Cipher<dyn AeadAes256GcmCipher> {
    fn encrypt(&mut self, iv: &[u8; 12], aad: &[u8], input: &[u8], output: &mut [u8]) -> Result<(), CryptoError> {
        self.0.encrypt(iv, aad, &contents(aad, input), output)
    }

    fn decrypt(&mut self, iv: &[u8; 12], aads: &[&[u8]], input: &[u8], out: &mut [u8]) -> Result<usize, CryptoError> {
        self.0.decrypt(iv, aads, input, out)
    }
}
