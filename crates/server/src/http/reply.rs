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

/// What IVS puts on its replies, as the samples of its commands show it.
const GUARDS: [(HeaderName, &str); 6] = [
    (
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        "Access-Control-Allow-Origin,Access-Control-Expose-Headers,Cache-Control,Content-Length,Content-Security-Policy,\
         Content-Type,date,Strict-Transport-Security,x-amz-apigw-id,x-amzn-errormessage,x-amzn-errortype,\
         x-amzn-requestid,x-amzn-trace-id,X-Content-Type-Options,X-Frame-Options",
    ),
    (header::CACHE_CONTROL, "no-store, no-cache"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'self'; upgrade-insecure-requests;"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age:47304000; includeSubDomains"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Puts the headers on a reply that the model of IVS lists for its errors and some of its outputs. To a page of another
/// origin it is the CORS layer that says what it may read.
pub(super) fn guard(headers: &mut HeaderMap, from_page: bool) {
    for (name, value) in GUARDS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !from_page {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
}
