//! The AWS operations: from a request to its operation and back.
//!
//! Route by method and raw path, read the body within its bound, prove who asks, decode, call the handler, encode.
//! Every reply carries `x-amzn-requestid`; every error names itself in `x-amzn-errortype`.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{HttpBody as _, to_bytes},
    extract::Request,
    http::{HeaderMap, StatusCode, header::ORIGIN, request::Parts as Head},
    response::Response,
};
use bytes::Bytes;
use switchboard_wire::{Auth, ErrorReply, Faults, Found, Meta, Parts, sigv4};
use tokio::time::timeout;

use super::reply;
use crate::{
    app::App,
    ids::request_id,
    ops::{Ctx, Served},
};

/// The header that carries a participant's or a connection's token.
const BEARER: &str = "x-amz-bearer";
/// A body that takes longer to arrive is given up.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// Answers one request for an AWS operation.
pub(super) async fn handle(app: &Arc<App>, found: Found, request: Request) -> Response {
    let id = request_id();
    let guarded = (found.meta.service == "ivs-realtime").then(|| request.headers().contains_key(ORIGIN));
    let mut reply = serve(app, found, request, &id).await.unwrap_or_else(reply::error);
    reply::stamp(reply.headers_mut(), &id);
    if let Some(from_page) = guarded {
        reply::guard(reply.headers_mut(), from_page);
    }
    reply
}

/// Answers a request that is for no operation and nothing of our own.
pub(crate) async fn unknown() -> Response {
    let mut reply = reply::error(ErrorReply::unknown_operation());
    reply::stamp(reply.headers_mut(), &request_id());
    reply
}

/// The operation that a request is for.
pub(super) fn find(app: &App, request: &Request) -> Option<Found> {
    let (uri, headers) = (request.uri(), request.headers());
    let signed_for = || sigv4::unverified_service(headers, uri.query().unwrap_or_default());
    app.router.find(request.method().as_str(), uri.path(), signed_for)
}

async fn serve(app: &Arc<App>, found: Found, request: Request, id: &str) -> Result<Response, ErrorReply> {
    let (head, body) = request.into_parts();
    let meta = found.meta;
    let watch = app.telemetry.start(meta);
    let result = async {
        let body = read(app, body).await?;
        let caller = authenticate(app, meta, &head, &body)?;
        let ctx = Ctx { app: app.clone(), now: app.clock.now(), caller };
        if let Some(throttle) = &app.throttle {
            throttle.admit(app, meta, &head.headers, ctx.now)?;
        }
        let parts = Parts {
            labels: &found.labels,
            raw_query: head.uri.query().unwrap_or_default(),
            headers: &head.headers,
            body: &body,
        };
        let serving = app.table.call(meta, ctx, &parts).ok_or_else(ErrorReply::unknown_operation)?;
        Ok(serving.map_err(|faults| refusal(meta, &faults))?.await)
    }
    .await;
    let served = result.unwrap_or_else(Served::Refused);
    if let Served::Fault(_, why) = &served {
        tracing::error!(request_id = id, service = meta.service, operation = meta.name, error = %why, "operation failed");
    }
    match served {
        Served::Success(body) => {
            watch.succeeded();
            let status = StatusCode::from_u16(meta.status).unwrap_or(StatusCode::OK);
            Ok(reply::json(status, if meta.empty_body { Vec::new() } else { body }))
        }
        Served::Refused(error) | Served::Fault(error, _) => {
            watch.failed(error.code, error.status);
            tracing::debug!(
                request_id = id,
                service = meta.service,
                operation = meta.name,
                code = error.code,
                "refused"
            );
            Err(error)
        }
    }
}

/// The whole body, within the bounds of size and time.
async fn read(app: &App, body: axum::body::Body) -> Result<Bytes, ErrorReply> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    match timeout(BODY_TIMEOUT, to_bytes(body, app.config.max_body_bytes)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(ErrorReply::message("RequestEntityTooLargeException", 413, "The request body is too large.")),
        Err(_) => Err(ErrorReply::message("RequestTimeoutException", 408, "The request body did not arrive in time.")),
    }
}

/// Who asks. What a bearer token allows is the operation's to say; here it must only be there.
fn authenticate(app: &App, meta: &Meta, head: &Head, body: &[u8]) -> Result<Arc<str>, ErrorReply> {
    match meta.auth {
        Auth::Bearer if bearer(&head.headers).is_none() => {
            Err(ErrorReply::message("AccessDeniedException", 403, "Access denied"))
        }
        Auth::Bearer => Ok("participant".into()),
        Auth::SigV4 => signer(app, meta.signing_name, head, body),
    }
}

/// The token that a request carries.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get(BEARER).map(|value| value.as_bytes()).filter(|token| !token.is_empty())
}

/// The access key id that signed the request.
pub(super) fn signer(app: &App, service: &str, head: &Head, body: &[u8]) -> Result<Arc<str>, ErrorReply> {
    let request = sigv4::Request {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &head.headers,
        body,
    };
    if app.config.insecure_any_credentials {
        return Ok(sigv4::unverified_access_key_id(&request).unwrap_or_else(|| "anonymous".to_owned()).into());
    }
    let expected = sigv4::Expected { region: &app.home.region, service };
    let now_s = app.clock.system_now().as_millis().div_euclid(1_000);
    match sigv4::verify(&request, &expected, &app.keys, &app.signing_keys, now_s) {
        Ok(access_key_id) => Ok(access_key_id.into()),
        Err(refusal) => Err(refusal.reply()),
    }
}

/// A request that does not decode: not the protocol at all, or a constraint of the model is broken.
fn refusal(meta: &Meta, faults: &Faults) -> ErrorReply {
    match faults.malformed() {
        Some(why) => ErrorReply::serialization(why),
        None => ErrorReply::of_operation(meta, meta.validation_error, 400, &faults.message()),
    }
}
