//! Why a request is not believed, in AWS's words.
//!
//! Codes and statuses: API references, *Common Errors*; the codes that services with restJson1 send end in `Exception`
//! and come with 403 (observed), but for an expired presigned URL.

use crate::ErrorReply;

/// A signature that was not accepted. Its `Display` is the message for the caller.
///
/// The message can repeat what the caller sent, so it belongs in the reply and not in a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request is not signed at all.
    #[error("Missing Authentication Token")]
    Missing,
    /// The signature lacks a part, or a part is not readable.
    #[error("{0}")]
    Incomplete(String),
    /// The access key does not exist, or the session token is not its own.
    #[error("The security token included in the request is invalid.")]
    Unrecognized,
    /// The signature is for another time, scope, set of headers or request.
    #[error("{0}")]
    Invalid(String),
    /// The presigned URL has expired.
    #[error("{0}")]
    Expired(String),
}

impl Refusal {
    /// The signature is not the one that the secret gives; says what should have been signed.
    pub(super) fn mismatch(canonical: &[u8], to_sign: &[u8]) -> Self {
        Self::Invalid(format!(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for \
             this request should have been\n'{}'\n\nThe String-to-Sign should have been\n'{}'\n",
            String::from_utf8_lossy(canonical),
            String::from_utf8_lossy(to_sign)
        ))
    }

    /// The name for `x-amzn-errortype`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationTokenException",
            Self::Incomplete(_) => "IncompleteSignatureException",
            Self::Unrecognized => "UnrecognizedClientException",
            Self::Invalid(_) => "InvalidSignatureException",
            Self::Expired(_) => "RequestExpired",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Missing | Self::Incomplete(_) | Self::Unrecognized | Self::Invalid(_) => 403,
            Self::Expired(_) => 400,
        }
    }

    /// The reply.
    #[must_use]
    pub fn reply(&self) -> ErrorReply {
        ErrorReply::message(self.code(), self.status(), &self.to_string())
    }
}
