//! What the operations on streams share: why a stream was not started or stopped, as the wire says it.

use switchboard_domain::chat::streaming::StreamingError;
use switchboard_wire::connect::{
    InvalidRequestException, LimitExceededException, ResourceNotFoundException, StopContactStreamingError,
};

use super::lookup::not_found;
use crate::ops::Failure;

/// Why no stream was started.
pub(super) fn not_started<E>(error: StreamingError) -> Failure<E>
where
    E: From<InvalidRequestException> + From<LimitExceededException> + From<ResourceNotFoundException>,
{
    match error {
        StreamingError::ChatEnded | StreamingError::NotInitialContact | StreamingError::Endpoint => {
            InvalidRequestException::new(error.to_string()).into()
        }
        StreamingError::TooMany(_) => LimitExceededException::new(error.to_string()).into(),
        StreamingError::Unknown => not_found(error).into(),
    }
}

/// Why no stream was stopped.
pub(super) fn not_stopped(error: StreamingError) -> Failure<StopContactStreamingError> {
    match error {
        StreamingError::ChatEnded
        | StreamingError::NotInitialContact
        | StreamingError::Endpoint
        | StreamingError::TooMany(_) => InvalidRequestException::new(error.to_string()).into(),
        StreamingError::Unknown => not_found(error).into(),
    }
}
