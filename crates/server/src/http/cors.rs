//! Cross-origin requests: ChatJS runs in pages of other origins.
//!
//! Preflights ask for the signature's headers and `x-amz-bearer` by name; `*` would not cover `authorization`
//! (Fetch standard, *CORS-safelisted request-header*), so what is asked for is what is allowed.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use crate::app::App;

const METHODS: HeaderValue = HeaderValue::from_static("GET, PUT, POST, PATCH, DELETE, OPTIONS");
const EXPOSED: HeaderValue =
    HeaderValue::from_static("x-amzn-errortype, x-amzn-requestid, etag, location, link, accept-patch, retry-after");
/// One day, the most that browsers keep.
const MAX_AGE_SECONDS: HeaderValue = HeaderValue::from_static("86400");

/// The page's origin, if the request comes from one and it may call this server.
pub(super) fn origin(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(header::ORIGIN).filter(|origin| app.allows_origin(origin)).cloned()
}

/// The answer to a preflight, if the request is one.
pub(super) fn preflight(request: &Request) -> Option<Response> {
    let asks = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    (request.method() == Method::OPTIONS && asks).then(|| answer(request.headers()))
}

/// The answer to a preflight, with what the resource says of itself where it answers OPTIONS too, as those of WHIP do.
pub(super) fn join(mut own: Response, preflight: Response) -> Response {
    if !own.status().is_success() {
        return preflight;
    }
    own.headers_mut().extend(preflight.into_parts().0.headers);
    own
}

/// Lets the page at `origin` read the reply.
pub(super) fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
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
