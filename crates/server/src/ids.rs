//! Ids and keys: the only place that draws from the system's randomness.

use std::sync::{
    LazyLock,
    atomic::{AtomicU64, Ordering},
};

use aws_lc_rs::rand::SystemRandom;
use switchboard_domain::Ids;
use uuid::{Builder, Uuid};

/// Fresh ids: random UUIDs, version 4.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemIds;

impl Ids for SystemIds {
    fn next(&mut self) -> Uuid {
        Builder::from_random_bytes(random_bytes()).into_uuid()
    }
}

/// A fresh `x-amzn-requestid`: unlike any other, but no secret, so it costs no call into the system.
pub(crate) fn request_id() -> String {
    static FIRST: LazyLock<u128> = LazyLock::new(|| u128::from_be_bytes(random_bytes()));
    static TAKEN: AtomicU64 = AtomicU64::new(0);
    // An odd factor visits every number once before any comes again, and neighbours look unlike.
    const STRIDE: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
    let taken = u128::from(TAKEN.fetch_add(1, Ordering::Relaxed));
    let id = FIRST.wrapping_add(taken.wrapping_mul(STRIDE));
    let id = Builder::from_random_bytes(id.to_be_bytes()).into_uuid();
    id.hyphenated().encode_lower(&mut Uuid::encode_buffer()).to_owned()
}

/// The same source, for signatures.
#[allow(clippy::disallowed_methods, reason = "the shell's one source of randomness")]
pub(crate) fn system_random() -> SystemRandom {
    SystemRandom::new()
}

/// Bytes that nobody can guess.
#[allow(clippy::disallowed_methods, reason = "the shell's one source of randomness")]
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // A server without randomness keeps none of its promises, so it does not run.
    getrandom::fill(&mut bytes).expect("the system's random number generator works");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_fresh_uuids_of_version_4() {
        let [one, two] = [SystemIds.next(), SystemIds.next()];
        assert_ne!(one, two);
        assert_eq!((one.get_version_num(), one.get_variant()), (4, uuid::Variant::RFC4122));
        assert_eq!(request_id().len(), 36);
        assert_ne!(random_bytes::<16>(), random_bytes::<16>());
    }
}
