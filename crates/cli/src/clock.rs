//! Time and chance: the only place of this crate that asks for either.

use std::time::{Duration, SystemTime};

use crate::errors::Failure;

/// Now, by the machine's clock.
#[allow(clippy::disallowed_methods, reason = "a signature carries the time it was made at")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// A fresh random UUID.
pub(crate) fn uuid() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    fill(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

/// A random part of `longest`, so that many clients do not try again at the same moment.
pub(crate) fn part_of(longest: Duration) -> Result<Duration, Failure> {
    let mut bytes = [0; 4];
    fill(&mut bytes)?;
    Ok(longest.mul_f64(f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX)))
}

#[allow(clippy::disallowed_methods, reason = "ids and waits must differ from run to run")]
fn fill(bytes: &mut [u8]) -> Result<(), Failure> {
    getrandom::fill(bytes).map_err(|error| Failure::Other(format!("The machine gives no random numbers: {error}")))
}

/// Waits, because a service asked for patience.
#[allow(clippy::disallowed_methods, reason = "there is no event to wait for but the passing of time")]
pub(crate) fn sleep(time: Duration) {
    std::thread::sleep(time);
}
