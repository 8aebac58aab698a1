//! What went wrong with a request of WHIP or WHEP, as its client is told.
//!
//! The one rule: a status that the protocol knows, a sentence for people, and the names that AWS has for it: the
//! `errorCode` of the event in the history, and the `code` that the SDKs number such errors by.
//!
//! Sources: RFC 9457 (problem details), RFC 9725 §4.2 and §4.6, draft-ietf-wish-whep (409 with `Retry-After`);
//! `StageErrorCode` of the Web broadcast SDK's reference.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::json;
use switchboard_domain::stage::ErrorCode;
use switchboard_sfu::{FragmentError, JoinError, OfferError};

use super::session::Refused;
use crate::stages::{door, tokens};

/// How soon a client may ask again for what is not there yet.
const RETRY_SECONDS: &str = "1";

/// What went wrong, for the client.
pub(super) struct Problem {
    status: StatusCode,
    detail: String,
    /// The name of the event that the history has of it.
    error_code: Option<ErrorCode>,
    /// Its number in the SDKs.
    code: Option<u32>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), error_code: None, code: None }
    }

    pub(super) fn into_response(self) -> Response {
        let Self { status, detail, error_code, code } = self;
        let mut body = json!({
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "detail": detail,
        });
        if let Some(error_code) = error_code {
            body["errorCode"] = error_code.as_str().into();
        }
        if let Some(code) = code {
            body["code"] = code.into();
        }
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut reply = (status, kind, body.to_string()).into_response();
        let headers = reply.headers_mut();
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
            }
            _ => {}
        }
        reply
    }
}

/// A fault of ours.
pub(super) fn fault() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "The service could not process the request.")
}

/// There is nobody to watch now.
pub(super) fn not_published() -> Problem {
    let problem = Problem::new(StatusCode::CONFLICT, "That participant does not publish now.");
    Problem { error_code: Some(ErrorCode::PublisherNotFound), ..problem }
}

/// There is no session, or not any more.
pub(super) fn over() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no such session, or it is over.")
}

impl From<door::Refused> for Problem {
    fn from(refused: door::Refused) -> Self {
        let status = match &refused {
            door::Refused::Token(tokens::Refused::Malformed(_) | tokens::Refused::Expired) => StatusCode::UNAUTHORIZED,
            door::Refused::Token(tokens::Refused::NoStage) | door::Refused::StageDeleted => StatusCode::NOT_FOUND,
            door::Refused::Token(tokens::Refused::Store(error)) | door::Refused::Store(error) => {
                tracing::error!(%error, "a session could not be opened");
                return fault();
            }
            door::Refused::Disconnected => StatusCode::FORBIDDEN,
            door::Refused::Entry(ErrorCode::PublisherNotFound) => return not_published(),
            door::Refused::Entry(ErrorCode::QuotaExceeded) => StatusCode::SERVICE_UNAVAILABLE,
            door::Refused::Entry(_) => StatusCode::FORBIDDEN,
        };
        let error_code = if let door::Refused::Entry(code) = &refused { Some(*code) } else { None };
        Self { status, detail: refused.to_string(), error_code, code: Some(refused.code()) }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Door(refused) => refused.into(),
            Refused::Offer(error) => {
                let status = if error.is_syntax() { StatusCode::BAD_REQUEST } else { StatusCode::UNPROCESSABLE_ENTITY };
                let is_codec = matches!(error, OfferError::NoCodec | OfferError::H264Required);
                let error_code = is_codec.then_some(ErrorCode::InvalidVideoCodec);
                Self { error_code, ..Self::new(status, error.to_string()) }
            }
            Refused::Join(JoinError::NoSuchPublisher) => not_published(),
            Refused::Over => over(),
            Refused::Unavailable | Refused::Full | Refused::Join(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, refused.to_string())
            }
        }
    }
}

impl From<FragmentError> for Problem {
    fn from(error: FragmentError) -> Self {
        let status = match error {
            FragmentError::Gone => StatusCode::NOT_FOUND,
            FragmentError::Refused => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.to_string())
    }
}
