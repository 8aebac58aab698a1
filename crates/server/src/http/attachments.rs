//! The bytes of attachments: sent with PUT, fetched with GET, at URLs that carry a ticket.
//!
//! The one rule: what comes in is what was announced, or it does not come in: the type, and the size to the byte. Real
//! clients send the headers of StartAttachmentUpload, fetch with none, and show no token either way (Amazon Connect API
//! Reference, *Working with attachments*).

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, BodyDataStream},
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures_util::StreamExt as _;
use switchboard_domain::{AttachmentId, chat::attachments::Attachment};
use switchboard_state::{BlobError, StoreError};
use switchboard_wire::ErrorReply;
use tokio::time::timeout;
use tokio_util::io::ReaderStream;

use super::{
    ranges::{Wanted, wanted},
    reply,
};
use crate::{
    app::App,
    chat::files,
    ids::request_id,
    tokens::{Claims, Purpose},
};

/// Bytes that take longer to arrive are given up.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// So is a sender that says nothing for this long.
const SILENCE: Duration = Duration::from_secs(60);
/// Read from the disk at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// `PUT`: takes the bytes of an attachment that was announced.
pub(super) async fn upload(State(app): State<Arc<App>>, Path(ticket): Path<String>, request: Request) -> Response {
    answer(receive(&app, &ticket, request).await)
}

/// `GET`: gives the bytes of an attachment that is in a chat.
pub(super) async fn download(State(app): State<Arc<App>>, Path(ticket): Path<String>, headers: HeaderMap) -> Response {
    answer(send(&app, &ticket, headers.get(header::RANGE).and_then(|range| range.to_str().ok())).await)
}

fn answer(result: Result<Response, ErrorReply>) -> Response {
    let mut reply = result.unwrap_or_else(reply::error);
    reply::stamp(reply.headers_mut(), &request_id());
    reply
}

async fn receive(app: &App, ticket: &str, request: Request) -> Result<Response, ErrorReply> {
    let claims = opened(app, ticket).filter(|claims| claims.purpose == Purpose::Upload).ok_or_else(denied)?;
    let file = announced(app, claims)?;
    check(request.headers(), &file)?;
    let body = request.into_body().into_data_stream();
    match timeout(PATIENCE, store(app, claims, &file, body)).await {
        Ok(stored) => stored.map(|()| StatusCode::OK.into_response()),
        Err(_) => Err(too_slow()),
    }
}

async fn send(app: &App, ticket: &str, range: Option<&str>) -> Result<Response, ErrorReply> {
    let claims = opened(app, ticket).ok_or_else(denied)?;
    let disposition = match claims.purpose {
        Purpose::Download => "attachment",
        Purpose::View => "inline",
        Purpose::Participant | Purpose::Connection | Purpose::Socket | Purpose::Upload => return Err(denied()),
    };
    let file = found(app, claims)?;
    let blob = app.state.blobs().open(&file.id.to_string()).await.map_err(|error| fault(&file, &error))?;
    let blob = blob.ok_or_else(denied)?;
    let size_bytes = blob.size_bytes();
    let (status, part) = match wanted(range, size_bytes) {
        Wanted::Whole => (StatusCode::OK, 0..size_bytes),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Wanted::Nothing => return Ok(beyond(size_bytes)),
    };
    let reader = blob.reader(part.clone()).await.map_err(|error| fault(&file, &error))?;
    let mut reply = Response::new(Body::from_stream(ReaderStream::with_capacity(reader, CHUNK_BYTES)));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_LENGTH, (part.end - part.start).into());
    if status == StatusCode::PARTIAL_CONTENT {
        let place = format!("bytes {}-{}/{size_bytes}", part.start, part.end - 1);
        headers.insert(header::CONTENT_RANGE, value(&place, "bytes */*"));
    }
    headers.insert(header::CONTENT_TYPE, value(&file.content_type, "application/octet-stream"));
    headers.insert(header::CONTENT_DISPOSITION, value(&files::disposition(disposition, &file.name), disposition));
    // The type is the sender's word: no browser is to make more of the bytes than that.
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(reply)
}

/// What a ticket says. Why one is no good is nobody's business.
fn opened(app: &App, ticket: &str) -> Option<Claims> {
    app.tokens.open(ticket, app.clock.now())
}

fn found(app: &App, claims: Claims) -> Result<Attachment, ErrorReply> {
    let file = app.state.read(|tx| files::find(tx, claims.chat, AttachmentId(claims.subject)));
    file.map_err(|error: StoreError| internal(claims.subject, &error))?.ok_or_else(denied)
}

/// The file, whose bytes may still come: once it is in the chat, what was sent is what everybody sees.
fn announced(app: &App, claims: Claims) -> Result<Attachment, ErrorReply> {
    let file = found(app, claims)?;
    if file.may_upload(app.clock.now()) { Ok(file) } else { Err(denied()) }
}

/// Whether the headers are those that StartAttachmentUpload asked for, as far as they say something about the bytes.
// AWS does not say: how an upload that is not as announced is refused. The real URLs are S3's, which signs these
// headers, so its two answers are given.
fn check(headers: &HeaderMap, file: &Attachment) -> Result<(), ErrorReply> {
    let said = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(length) = said(header::CONTENT_LENGTH) else {
        return Err(ErrorReply::message("MissingContentLength", 411, "Content-Length is required."));
    };
    let as_announced = length.parse() == Ok(file.size_bytes)
        && said(header::CONTENT_TYPE).is_some_and(|kind| kind.eq_ignore_ascii_case(&file.content_type));
    if as_announced {
        return Ok(());
    }
    let why = "Content-Type and Content-Length must be those of HeadersToInclude.";
    Err(ErrorReply::message("SignatureDoesNotMatch", 403, why))
}

async fn store(app: &App, claims: Claims, file: &Attachment, mut body: BodyDataStream) -> Result<(), ErrorReply> {
    let blobs = app.state.blobs();
    let mut upload = blobs.upload(&file.id.to_string(), file.size_bytes).await.map_err(|error| fault(file, &error))?;
    let mut received: u64 = 0;
    while let Some(chunk) = timeout(SILENCE, body.next()).await.map_err(|_| too_slow())? {
        let chunk = chunk.map_err(|_| incomplete())?;
        received += chunk.len() as u64;
        upload.write(&chunk).await.map_err(|error| fault(file, &error))?;
    }
    if received != file.size_bytes {
        return Err(incomplete());
    }
    // It may have been completed while these bytes were under way, with others that came before.
    announced(app, claims)?;
    upload.finish().await.map(drop).map_err(|error| fault(file, &error))
}

fn value(text: &str, otherwise: &'static str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(otherwise))
}

fn beyond(size_bytes: u64) -> Response {
    let why = "The requested range is not satisfiable";
    let mut reply = reply::error(ErrorReply::message("InvalidRange", 416, why));
    reply.headers_mut().insert(header::CONTENT_RANGE, value(&format!("bytes */{size_bytes}"), "bytes */*"));
    reply
}

fn denied() -> ErrorReply {
    ErrorReply::message("AccessDenied", 403, "Access denied")
}

fn incomplete() -> ErrorReply {
    ErrorReply::message("IncompleteBody", 400, "The body does not have the number of bytes that Content-Length says.")
}

fn too_slow() -> ErrorReply {
    ErrorReply::message("RequestTimeout", 408, "The body did not arrive in time.")
}

fn fault(file: &Attachment, error: &BlobError) -> ErrorReply {
    match error {
        BlobError::TooLarge { .. } => incomplete(),
        BlobError::BadKey | BlobError::Io(_) => internal(file.id, error),
    }
}

fn internal(file: impl std::fmt::Display, error: &dyn std::error::Error) -> ErrorReply {
    tracing::error!(attachment_id = %file, %error, "the bytes of an attachment could not be read or written");
    ErrorReply::message("InternalError", 500, "The service could not process the request.")
}
