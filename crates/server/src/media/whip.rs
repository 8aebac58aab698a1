//! WHIP and WHEP: how clients come to publish and to watch, over plain HTTP.
//!
//! The one rule: every request but a preflight shows a participant token, and the token says who and where; the path
//! must agree with it.
//!
//! - `POST /whip/{stage}` and `/whip/{stage}/publish/{participantId}`: publish.
//! - `POST /whip/{stage}/subscribe/{participantId}`: watch that participant.
//! - The same without a stage, and `POST /`: sent on to the stage of the token.
//! - `/whip/{stage}/sessions/{session}`: what came of it ([`resource`]).
//!
//! Sources: RFC 9725 (WHIP), draft-ietf-wish-whep (WHEP) and its extensions (webrtc-http-egress-events), RFC 9457 (problem details); AWS's sample programs for the paths
//! under the stage's WHIP endpoint; *OBS and WHIP support* in the Amazon IVS Real-Time User Guide for the redirect.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, patch, post},
};
use switchboard_domain::stage::{Client, WHIP_PATH};

use super::{
    problem::{Problem, fault, not_published},
    resource,
    session::{Opened, Session, Wanted},
    sse,
};
use crate::{
    app::App,
    http::api,
    stages::door::{self, Visitor},
};

pub(super) const SDP: &str = "application/sdp";
const LAYER_EXTENSION: &str = "urn:ietf:params:whep:ext:core:layer";
const EVENTS_EXTENSION: &str = "urn:ietf:params:whep:ext:core:server-sent-events";
pub(super) const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");
/// Offers of browsers are 4 to 12 KB.
const LARGEST_BODY_BYTES: usize = 64 * 1024;

/// The routes of every stage's WHIP endpoint.
pub(super) fn routes() -> Router<Arc<App>> {
    let path = |rest: &str| format!("{WHIP_PATH}/{{stage}}{rest}");
    let session = path("/sessions/{session}");
    let mut router = Router::new()
        .route(&path(""), get(nothing).post(publish).options(describe))
        .route(&path("/publish/{participant}"), get(nothing).post(publish_as).options(describe))
        .route(&path("/subscribe/{participant}"), get(describe_subscribe).post(subscribe).options(describe))
        .route(&session, patch(resource::change).get(nothing).delete(resource::end).options(describe_session))
        .route(&format!("{session}/layer"), post(resource::select_layer))
        .route(&format!("{session}/sse"), post(sse::open))
        .route(&format!("{session}/sse/{{stream}}"), get(sse::read).delete(sse::close));
    // A stage's id is longer than these words, so they are none.
    for rest in ["", "/publish/{participant}", "/subscribe/{participant}"] {
        router = router.route(&format!("{WHIP_PATH}{rest}"), get(nothing).post(send_on).options(describe));
    }
    router.route("/", post(send_on).options(describe).fallback(api::unknown))
}

/// `GET`: there is nothing to read.
async fn nothing() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// `OPTIONS` of an endpoint.
async fn describe() -> Response {
    ([(ACCEPT_POST, SDP)], StatusCode::OK).into_response()
}

/// `OPTIONS` of a session.
async fn describe_session() -> Response {
    ([(ACCEPT_PATCH, format!("{}, {SDP}", resource::FRAGMENT))], StatusCode::OK).into_response()
}

/// `GET` and `HEAD` where one subscribes: players find out by it that this is such a place.
async fn describe_subscribe() -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, SDP)], Body::empty()).into_response()
}

/// `POST` to a place that names no stage: the token does. 307 keeps method, body and, on one host, the token.
async fn send_on(State(app): State<Arc<App>>, request: Request) -> Response {
    let path = request.uri().path();
    let rest = path.strip_prefix(WHIP_PATH).unwrap_or_default().to_owned();
    let sent_on = bearer(request.headers()).and_then(|token| Ok(door::admit(&app, token)?)).map(|visitor| {
        let location = format!("{}{WHIP_PATH}/{}{rest}", app.public_url, visitor.stage);
        (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response()
    });
    answer(sent_on)
}

async fn publish(State(app): State<Arc<App>>, Path(stage): Path<String>, request: Request) -> Response {
    answer(offer(app, &stage, (None, false), request).await)
}

async fn publish_as(
    State(app): State<Arc<App>>,
    Path((stage, participant)): Path<(String, String)>,
    request: Request,
) -> Response {
    answer(offer(app, &stage, (Some(participant), false), request).await)
}

async fn subscribe(
    State(app): State<Arc<App>>,
    Path((stage, participant)): Path<(String, String)>,
    request: Request,
) -> Response {
    answer(offer(app, &stage, (Some(participant), true), request).await)
}

/// Opens a session for an offer. The participant of the path is who publishes, or who is to be watched.
async fn offer(
    app: Arc<App>,
    stage: &str,
    (participant, watches): (Option<String>, bool),
    request: Request,
) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    let token = bearer(&head.headers)?.to_owned();
    let visitor = admitted(&app, stage, &token)?;
    let wanted = match participant {
        Some(publisher) if watches => Wanted::Watch(publisher.parse().map_err(|_| not_published())?),
        Some(other) if other != visitor.grant.participant.as_str() => {
            return Err(Problem::new(StatusCode::FORBIDDEN, "The token is another participant's."));
        }
        _ => Wanted::Publish,
    };
    check_type(&head.headers, SDP)?;
    let offer = text(body).await?;
    let client = client(&head.headers);
    // In a task of its own, so that a client that hangs up now leaves nothing half done.
    let opened = tokio::spawn(Session::open(app.clone(), visitor, token, wanted, client, offer)).await;
    let opened = opened.map_err(|error| {
        tracing::error!(%error, "a session could not be opened");
        fault()
    })?;
    Ok(created(&app, opened?))
}

fn created(app: &App, Opened { session, sdp, is_countered }: Opened) -> Response {
    let location = format!("{}{WHIP_PATH}/{}/sessions/{}", app.public_url, session.stage, session.leg);
    let headers = [(header::CONTENT_TYPE, SDP.to_owned()), (header::LOCATION, location.clone())];
    let mut reply = if is_countered {
        // There is no ICE session yet that an entity tag could name.
        (StatusCode::NOT_ACCEPTABLE, headers, [(ACCEPT_PATCH, SDP)], sdp).into_response()
    } else {
        let more = [(header::ETAG, session.etag()), (ACCEPT_PATCH, resource::FRAGMENT.to_owned())];
        (StatusCode::CREATED, headers, more, sdp).into_response()
    };
    let mut links: Vec<String> = app.config.ice_servers.iter().map(|server| server.link().to_owned()).collect();
    if session.kind.subscribes() {
        links.push(format!("<{location}/layer>; rel=\"{LAYER_EXTENSION}\""));
        links.push(format!("<{location}/sse>; rel=\"{EVENTS_EXTENSION}\"; events=\"{}\"", sse::EVENTS));
    }
    for link in links.iter().filter_map(|link| HeaderValue::from_str(link).ok()) {
        reply.headers_mut().append(header::LINK, link);
    }
    reply
}

/// What the client says it is.
pub(super) fn client(headers: &HeaderMap) -> Client {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    agent.map(Client::from_user_agent).unwrap_or_default()
}

pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.split_once(' ')).filter(|(how, _)| how.eq_ignore_ascii_case("bearer"));
    token
        .map(|(_, token)| token.trim())
        .ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "A participant token is needed: Authorization: Bearer."))
}

/// Who shows that token, if it is good for that stage.
pub(super) fn admitted(app: &App, stage: &str, token: &str) -> Result<Visitor, Problem> {
    let visitor = door::admit(app, token)?;
    if visitor.stage.as_str() != stage {
        return Err(Problem::new(StatusCode::FORBIDDEN, "The token is for another stage."));
    }
    Ok(visitor)
}

pub(super) fn check_type(headers: &HeaderMap, wanted: &str) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim();
    if given.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("The body must be {wanted}.")))
}

pub(super) async fn text(body: Body) -> Result<String, Problem> {
    let bytes = to_bytes(body, LARGEST_BODY_BYTES)
        .await
        .map_err(|_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large."))?;
    String::from_utf8(bytes.into()).map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "The body is not UTF-8."))
}

pub(super) fn answer(result: Result<Response, Problem>) -> Response {
    result.unwrap_or_else(Problem::into_response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_compared_without_parameters() {
        let check = |value: &'static str| {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(value))]);
            check_type(&headers, SDP).is_ok()
        };
        assert!(check("application/sdp") && check("Application/SDP; charset=utf-8"));
        assert!(!check("application/json") && !check(""));
    }
}
