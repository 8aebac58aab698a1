//! Error replies: `x-amzn-errortype` names the error, the body carries its members.

use crate::{Encode, Meta, encode::Object};

/// A structure that the model marks as an error.
pub trait Exception: Encode {
    /// Its name, as in `x-amzn-errortype`.
    const CODE: &'static str;
    /// Its HTTP status.
    const STATUS: u16;
}

/// An error, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorReply {
    /// The name for `x-amzn-errortype`.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Vec<u8>,
}

impl ErrorReply {
    /// A modelled error with its members.
    #[must_use]
    pub fn modelled<E: Exception>(error: &E) -> Self {
        let mut body = Vec::new();
        error.encode(&mut body);
        Self { code: E::CODE, status: E::STATUS, body }
    }

    /// An error that has only a message.
    #[must_use]
    pub fn message(code: &'static str, status: u16, message: &str) -> Self {
        Self::with_member("message", code, status, message)
    }

    /// An error of that operation that has only a message, in the member where its errors have theirs.
    #[must_use]
    pub fn of_operation(meta: &Meta, code: &'static str, status: u16, message: &str) -> Self {
        Self::with_member(meta.message_member, code, status, message)
    }

    fn with_member(member: &str, code: &'static str, status: u16, message: &str) -> Self {
        let mut body = Vec::new();
        let mut object = Object::begin(&mut body);
        object.member(member, &message.to_owned());
        object.end();
        Self { code, status, body }
    }

    /// No operation answers at that method and path.
    #[must_use]
    pub fn unknown_operation() -> Self {
        Self::message("UnknownOperationException", 404, "The requested operation is not recognized by the service.")
    }

    /// The body is not what the protocol says.
    #[must_use]
    pub fn serialization(message: &str) -> Self {
        Self::message("SerializationException", 400, message)
    }
}
