//! The keys of a viewer's media, taken from its DTLS handshake.
//!
//! The WebRTC library does the handshake and keeps what comes of it to itself, but lets one choose who does the
//! cryptography. [`provider`] gives it its own, with one thing changed: of a handshake that was begun within
//! [`with_slot`] the keys go into a [`KeySlot`] and nowhere else. The library then has no keys for this connection, so
//! it can neither send nor read media on it, and no packet of its own can ever use a number that one of ours has used.
//!
//! Why the slot is handed over through the thread: the library wants a provider that lives for ever (`&'static dyn
//! DtlsProvider`), which therefore cannot know a connection. But `new_dtls` is called in one place, the constructor of
//! `Rtc` (str0m 0.25, `Rtc::new_from_config`), which `RtcConfig::build` calls and returns from; all on the caller's
//! thread, and exactly once. Later offers on the same connection (a restart of ICE) keep the handshake that there is.
//! [`with_slot`] checks that the slot was taken, and leaves nothing behind for the next connection.
//!
//! The one rule: keys are never printed, taken once, and wiped from memory when they have been used.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion, SrtpProfile,
};
use str0m::crypto::{CryptoError, CryptoProvider, from_feature_flags};

use crate::srtp::{MasterKeys, Profile};

thread_local! {
    /// Where the keys of the next handshake go that is begun on this thread.
    static NEXT: RefCell<Option<KeySlot>> = const { RefCell::new(None) };
}

/// Where the keys of one connection will be, once its handshake is done.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeySlot(Arc<Mutex<Option<MasterKeys>>>);

impl KeySlot {
    /// The keys, if they are there: once. Whoever has them wipes them by dropping them.
    pub(crate) fn take(&self) -> Option<MasterKeys> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, keys: MasterKeys) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(keys);
    }
}

/// Empties [`NEXT`], even when a panic of the library goes through.
struct Emptied;

impl Drop for Emptied {
    fn drop(&mut self) {
        NEXT.take();
    }
}

/// Makes a connection whose keys go into the slot. `None` if no handshake or more than one was begun.
pub(crate) fn with_slot<T>(make: impl FnOnce() -> T) -> Option<(T, KeySlot)> {
    let slot = KeySlot::default();
    let emptied = Emptied;
    NEXT.set(Some(slot.clone()));
    let made = make();
    let taken = NEXT.take().is_none();
    drop(emptied);
    taken.then_some((made, slot))
}

/// The library's own cryptography, but for the keys of connections made within [`with_slot`].
pub(crate) fn provider() -> Arc<CryptoProvider> {
    static OURS: Tapped = Tapped;
    Arc::new(CryptoProvider { dtls_provider: &OURS, ..from_feature_flags() })
}

#[derive(Debug)]
struct Tapped;

impl DtlsProvider for Tapped {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        dtls_version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let inner = from_feature_flags().dtls_provider.new_dtls(cert, now, dtls_version, mtu)?;
        Ok(match NEXT.take() {
            Some(slot) => Box::new(TappedInstance { inner, slot, past: now }),
            None => inner,
        })
    }
}

/// One handshake and the connection after it.
#[derive(Debug)]
struct TappedInstance {
    inner: Box<dyn DtlsInstance>,
    slot: KeySlot,
    /// A moment that is over at any time at which this is asked for something.
    past: Instant,
}

impl DtlsInstance for TappedInstance {
    fn set_active(&mut self, active: bool) {
        self.inner.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.inner.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        match self.inner.poll_output(buf) {
            DtlsOutput::KeyingMaterial(material, profile) => {
                if let Some(profile) = known(profile) {
                    self.slot.put(MasterKeys::new(profile, &material, self.inner.is_active()));
                }
                // "Ask again at once": there may be more.
                DtlsOutput::Timeout(self.past)
            }
            output => output,
        }
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.inner.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.inner.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.inner.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.inner.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.inner.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.inner.close()
    }
}

fn known(profile: SrtpProfile) -> Option<Profile> {
    Some(match profile {
        SrtpProfile::AES128_CM_SHA1_80 => Profile::Aes128CmSha1,
        SrtpProfile::AEAD_AES_128_GCM => Profile::Aes128Gcm,
        SrtpProfile::AEAD_AES_256_GCM => Profile::Aes256Gcm,
        _ => return None,
    })
}
