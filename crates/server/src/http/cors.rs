//! Cross-origin requests: ChatJS runs in pages of other origins.
//!
//! Preflights ask for the signature's headers and `x-amz-bearer` by name; `*` would not cover `authorization`
//! (Fetch standard, *CORS-safelisted request-header*), so what is asked for is what is allowed.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::app::App;

const METHODS: HeaderValue = HeaderValue::from_static("GET, PUT, POST, PATCH, DELETE, OPTIONS");
const EXPOSED: HeaderValue = HeaderValue::from_static("x-amzn-errortype, x-amzn-requestid, etag, location, link");
/// One day, the most that browsers keep.
const MAX_AGE_SECONDS: HeaderValue = HeaderValue::from_static("86400");

/// Answers preflights and marks the replies to allowed origins.
pub(super) async fn layer(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(header::ORIGIN).filter(|origin| app.allows_origin(origin)).cloned() else {
        return next.run(request).await;
    };
    let preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut reply = if preflight { answer(request.headers()) } else { next.run(request).await };
    let headers = reply.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    reply
}

fn answer(asked: &HeaderMap) -> Response {
    let mut reply = StatusCode::NO_CONTENT.into_response();
    let headers = reply.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
    if let Some(names) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    reply
}
