//! What an operation fails with: one of its modelled errors, or a fault of ours.
//!
//! The compiler checks the first kind: `?` turns `ResourceNotFoundException` into `Failure<AssociateBotError>` only
//! because the model lists that error for AssociateBot. The second kind becomes the service's own modelled internal
//! error, logged once with the request id, where the reply is made.

use switchboard_state::StoreError;
use switchboard_wire::{
    for_each_connect_exception, for_each_connectparticipant_exception, for_each_ivs_realtime_exception,
};

/// Why an operation with errors `E` did not succeed.
#[derive(Debug)]
pub enum Failure<E> {
    /// An error the model lists.
    Modelled(E),
    /// A fault of ours.
    Internal(StoreError),
}

impl<E> From<StoreError> for Failure<E> {
    fn from(error: StoreError) -> Self {
        Self::Internal(error)
    }
}

macro_rules! modelled {
    ($($exception:path,)+) => {$(
        impl<E: From<$exception>> From<$exception> for Failure<E> {
            fn from(exception: $exception) -> Self {
                Self::Modelled(exception.into())
            }
        }
    )+};
}

for_each_connect_exception!(modelled);
for_each_connectparticipant_exception!(modelled);
for_each_ivs_realtime_exception!(modelled);
