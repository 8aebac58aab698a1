//! Replies in the form of restJson1: request id, error name, JSON.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use switchboard_wire::ErrorReply;

/// The header that carries a request's id.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
/// The header that names an error.
pub(super) const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// A JSON reply with that body.
pub(super) fn json(status: StatusCode, body: Vec<u8>) -> Response {
    let mut reply = Response::new(Body::from(body));
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

/// An error as AWS sends it.
pub(super) fn error(error: ErrorReply) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = json(status, error.body);
    reply.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(error.code));
    reply
}

/// Puts the request's id on the reply.
pub(super) fn stamp(headers: &mut HeaderMap, request_id: &str) {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
}
