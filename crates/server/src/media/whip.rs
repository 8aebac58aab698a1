//! WHIP and WHEP: how clients come to publish and to watch, over plain HTTP.
//!
//! The one rule: every request but a preflight shows a participant token, and the token says who and where; the path
//! must agree with it.
//!
//! - `POST /whip/{stage}` and `/whip/{stage}/publish/{participantId}`: publish.
//! - `POST /whip/{stage}/subscribe/{participantId}`: watch that participant.
//! - `PATCH` and `DELETE /whip/{stage}/sessions/{session}`: more addresses or an ICE restart; the end.
//!
//! Sources: RFC 9725 (WHIP), draft-ietf-wish-whep (WHEP), RFC 8840 §9 (trickle fragments), RFC 9457 (problem details);
//! AWS's sample programs for the paths under the stage's WHIP endpoint.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, patch},
};
use serde_json::json;
use switchboard_domain::stage::{Client, ErrorCode, LegId, WHIP_PATH};
use switchboard_sfu::{Fragment, FragmentError, JoinError};

use super::session::{Opened, Refused, Session, Wanted};
use crate::{
    app::App,
    stages::{
        door::{self, Visitor},
        tokens,
    },
};

const SDP: &str = "application/sdp";
const FRAGMENT: &str = "application/trickle-ice-sdpfrag";
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");
/// Offers of browsers are 4 to 12 KB.
const LARGEST_BODY_BYTES: usize = 64 * 1024;
/// How soon a client may ask again for what is not there yet.
const RETRY_SECONDS: &str = "1";

/// The routes of every stage's WHIP endpoint.
pub(super) fn routes() -> Router<Arc<App>> {
    let path = |rest: &str| format!("{WHIP_PATH}/{{stage}}{rest}");
    Router::new()
        .route(&path(""), get(nothing).post(publish).options(describe))
        .route(&path("/publish/{participant}"), get(nothing).post(publish_as).options(describe))
        .route(&path("/subscribe/{participant}"), get(describe_subscribe).post(subscribe).options(describe))
        .route(&path("/sessions/{session}"), patch(change).get(nothing).delete(end).options(describe_session))
}

/// `GET`: there is nothing to read.
async fn nothing() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// `OPTIONS` of an endpoint, other than a preflight.
async fn describe() -> Response {
    ([(ACCEPT_POST, SDP)], StatusCode::OK).into_response()
}

/// `OPTIONS` of a session.
async fn describe_session() -> Response {
    ([(ACCEPT_PATCH, FRAGMENT)], StatusCode::OK).into_response()
}

/// `GET` and `HEAD` where one subscribes: players find out by it that this is such a place.
async fn describe_subscribe() -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, SDP)], Body::empty()).into_response()
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

fn created(app: &App, Opened { session, answer }: Opened) -> Response {
    let location = format!("{}{WHIP_PATH}/{}/sessions/{}", app.public_url, session.stage, session.leg);
    let headers = [
        (header::CONTENT_TYPE, SDP.to_owned()),
        (header::LOCATION, location),
        (header::ETAG, session.etag()),
        (ACCEPT_PATCH, FRAGMENT.to_owned()),
    ];
    let mut reply = (StatusCode::CREATED, headers, answer).into_response();
    let links = app.config.ice_servers.iter().filter_map(|server| HeaderValue::from_str(server.link()).ok());
    for link in links {
        reply.headers_mut().append(header::LINK, link);
    }
    reply
}

/// `PATCH`: more addresses, or an ICE restart.
async fn change(
    State(app): State<Arc<App>>,
    Path((stage, session)): Path<(String, String)>,
    request: Request,
) -> Response {
    answer(
        async {
            let (head, body) = request.into_parts();
            let session = found(&app, &stage, &session, &head.headers)?;
            check_type(&head.headers, FRAGMENT)?;
            check_match(&head.headers, &session.etag())?;
            let fragment = Fragment::parse(&text(body).await?).map_err(Problem::from)?;
            let Some(sdp) = session.patch(&app, fragment).await? else {
                return Ok(StatusCode::NO_CONTENT.into_response());
            };
            let headers = [(header::CONTENT_TYPE, FRAGMENT.to_owned()), (header::ETAG, session.etag())];
            Ok((StatusCode::OK, headers, fragment_of(&sdp)).into_response())
        }
        .await,
    )
}

/// `DELETE`: the end.
async fn end(
    State(app): State<Arc<App>>,
    Path((stage, session)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    answer(
        async {
            found(&app, &stage, &session, &headers)?.end().await;
            Ok(StatusCode::OK.into_response())
        }
        .await,
    )
}

/// The session of that name, if the request comes from whoever opened it.
fn found(app: &App, stage: &str, session: &str, headers: &HeaderMap) -> Result<Arc<Session>, Problem> {
    let token = bearer(headers)?;
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "There is no such session, or it is over.");
    let leg = LegId(session.parse().map_err(|_| unknown())?);
    let session = app.media.session(leg).filter(|session| session.stage.as_str() == stage);
    let Some(session) = session else {
        // Only whoever has a good token learns that.
        admitted(app, stage, token)?;
        return Err(unknown());
    };
    // AWS does not say: whether a token that has expired meanwhile may still end what it began. It may: `exp` is for
    // coming in, and who cannot say goodbye would only be missed later.
    if session.token == token {
        return Ok(session);
    }
    let visitor = admitted(app, stage, token)?;
    if !session.is_of(visitor.stage, &visitor.grant) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "The session is another participant's."));
    }
    Ok(session)
}

/// What the client says it is.
pub(super) fn client(headers: &HeaderMap) -> Client {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    agent.map(Client::from_user_agent).unwrap_or_default()
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
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

fn check_type(headers: &HeaderMap, wanted: &str) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim();
    if given.eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("The body must be {wanted}.")))
}

fn check_match(headers: &HeaderMap, etag: &str) -> Result<(), Problem> {
    let Some(given) = headers.get(header::IF_MATCH) else {
        return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "If-Match is needed."));
    };
    let given = given.to_str().unwrap_or_default();
    if given.split(',').map(str::trim).any(|tag| tag == "*" || tag == etag) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::PRECONDITION_FAILED, "If-Match names an ICE session that is over."))
}

async fn text(body: Body) -> Result<String, Problem> {
    let bytes = to_bytes(body, LARGEST_BODY_BYTES)
        .await
        .map_err(|_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large."))?;
    String::from_utf8(bytes.into()).map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "The body is not UTF-8."))
}

/// What of an answer goes back after an ICE restart: the new credentials, and the addresses under the first section.
fn fragment_of(sdp: &str) -> String {
    let mut sections = 0;
    let mut of_session = Vec::new();
    let mut of_first = Vec::new();
    for line in sdp.lines().map(str::trim_end) {
        sections += usize::from(line.starts_with("m="));
        let is_new = !of_session.contains(&line);
        if line == "a=ice-lite" || line.starts_with("a=ice-ufrag:") || line.starts_with("a=ice-pwd:") {
            of_session.extend(is_new.then_some(line));
        }
        let belongs = ["m=", "a=mid:", "a=candidate:", "a=end-of-candidates"];
        if sections == 1 && belongs.iter().any(|start| line.starts_with(start)) {
            of_first.push(line);
        }
    }
    of_session.iter().chain(&of_first).flat_map(|line| [line, "\r\n"]).collect()
}

fn answer(result: Result<Response, Problem>) -> Response {
    result.unwrap_or_else(Problem::into_response)
}

/// What went wrong, for the client.
pub(super) struct Problem {
    status: StatusCode,
    detail: String,
    /// The name of the event that the history has of it.
    code: Option<ErrorCode>,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), code: None }
    }

    pub(super) fn into_response(self) -> Response {
        let Self { status, detail, code } = self;
        let mut body = json!({
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "detail": detail,
        });
        if let Some(code) = code {
            body["errorCode"] = code.as_str().into();
        }
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut reply = (status, kind, body.to_string()).into_response();
        let headers = reply.headers_mut();
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
            }
            _ => {}
        }
        reply
    }
}

fn fault() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "The service could not process the request.")
}

fn not_published() -> Problem {
    let problem = Problem::new(StatusCode::CONFLICT, "That participant does not publish now.");
    Problem { code: Some(ErrorCode::PublisherNotFound), ..problem }
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
        let code = if let door::Refused::Entry(code) = &refused { Some(*code) } else { None };
        Self { status, detail: refused.to_string(), code }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Door(refused) => refused.into(),
            Refused::Offer(error) => {
                let status = if error.is_syntax() { StatusCode::BAD_REQUEST } else { StatusCode::UNPROCESSABLE_ENTITY };
                Self::new(status, error.to_string())
            }
            Refused::Join(JoinError::NoSuchPublisher) => not_published(),
            Refused::Unavailable | Refused::Join(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, refused.to_string()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_answers_with_credentials_and_addresses() {
        let sdp = "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\na=ice-lite\r\na=group:BUNDLE 0 1\r\n\
                   m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\n\
                   a=candidate:1 1 udp 1 192.0.2.1 4747 typ host\r\na=end-of-candidates\r\na=rtcp-mux\r\n\
                   m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\n";
        let expected = "a=ice-lite\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n\
                        a=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 4747 typ host\r\na=end-of-candidates\r\n";
        assert_eq!(fragment_of(sdp), expected);
    }

    #[test]
    fn what_if_match_may_say() {
        let check = |value: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.extend(value.map(|value| (header::IF_MATCH, HeaderValue::from_static(value))));
            check_match(&headers, "\"now\"").map_err(|problem| problem.status.as_u16())
        };
        assert_eq!(check(None), Err(428));
        assert_eq!(check(Some("\"before\"")), Err(412));
        assert_eq!(check(Some("\"now\"")), Ok(()));
        assert_eq!(check(Some("*")), Ok(()));
    }

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
