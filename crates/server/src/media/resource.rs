//! The resource of a session: what a client does with what its offer made.
//!
//! The one rule: whoever opened a session may change and end it, and nobody else learns that there is one.
//!
//! - `PATCH`: more addresses of the client, or a restart of ICE; `If-Match` says of which ICE session. Where the session
//!   waits for a player's answer to a counter-offer, that answer and nothing else.
//! - `DELETE`: the end.
//! - `POST …/layer`: which of the publisher's layers a viewer wants.
//!
//! Sources: RFC 9725 §4.3 (PATCH, entity tags) and §4.2 (DELETE), draft-ietf-wish-whep, RFC 8840 §9 (trickle fragments), RFC
//! 6585 §3 (428); the Video Layer Selection extension of WHEP (webrtc-http-egress-events).

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use switchboard_domain::stage::LegId;
use switchboard_sfu::Fragment;

use super::{
    answer::fragment_of,
    problem::{Problem, fault, over},
    session::Session,
    whip::{ACCEPT_PATCH, SDP, admitted, answer, bearer, check_type, text},
    wishes::Written,
};
use crate::app::App;

/// The media type of what `PATCH` takes and answers.
pub(super) const FRAGMENT: &str = "application/trickle-ice-sdpfrag";
const JSON: &str = "application/json";

/// `PATCH`: more addresses, or an ICE restart; or the answer to a counter-offer.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Path((stage, session)): Path<(String, String)>,
    request: Request,
) -> Response {
    answer(
        async {
            let (head, body) = request.into_parts();
            let session = found(&app, &stage, &session, &head.headers)?;
            if session.waits_until().is_some() {
                check_type(&head.headers, SDP)?;
                return take_answer(app, session, text(body).await?).await;
            }
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

/// Takes the answer to a counter-offer.
// AWS does not say: when such a session gets its entity tag. With the reply to the answer, when there is an ICE session for
// it to name; the draft shows none with the counter-offer.
async fn take_answer(app: Arc<App>, session: Arc<Session>, sdp: String) -> Result<Response, Problem> {
    // In a task of its own, so that a client that hangs up now leaves nothing half done.
    let taken = tokio::spawn(session.clone().take_answer(app, sdp)).await;
    taken.map_err(|error| {
        tracing::error!(%error, "an answer could not be taken");
        fault()
    })??;
    let headers = [(header::ETAG, session.etag()), (ACCEPT_PATCH, FRAGMENT.to_owned())];
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}

/// `DELETE`: the end.
pub(super) async fn end(
    State(app): State<Arc<App>>,
    Path((stage, session)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    answer(
        async {
            let present = found(&app, &stage, &session, &headers);
            if let Ok(session) = &present {
                session.end().await;
            }
            // Some clients close their connection first (OBS Studio does), and it may have been heard of by now.
            if !give_up(&app, &stage, &session, &headers) {
                present?;
            }
            Ok(StatusCode::OK.into_response())
        }
        .await,
    )
}

/// Whether the session is one that ended with its connection a moment ago. Its viewers wait no longer.
fn give_up(app: &App, stage: &str, session: &str, headers: &HeaderMap) -> bool {
    let (Ok(token), Ok(leg), Ok(stage)) = (bearer(headers), session.parse(), stage.parse()) else { return false };
    let is_given_up = app.media.sessions.give_up(LegId(leg), token);
    if is_given_up {
        app.media.lookouts.wake(stage);
    }
    is_given_up
}

/// The session of that name, if the request comes from whoever opened it.
pub(super) fn found(app: &App, stage: &str, session: &str, headers: &HeaderMap) -> Result<Arc<Session>, Problem> {
    let token = bearer(headers)?;
    let leg = LegId(session.parse().map_err(|_| over())?);
    let session = app.media.sessions.session(leg).filter(|session| session.stage.as_str() == stage);
    let Some(session) = session else {
        // Only whoever has a good token learns that.
        admitted(app, stage, token)?;
        return Err(over());
    };
    // AWS does not say: whether a token that has expired meanwhile may still end what it began. It may: `exp` is for
    // coming in, and who cannot say goodbye would only be missed later.
    if session.token.is(token) {
        return Ok(session);
    }
    let visitor = admitted(app, stage, token)?;
    if !session.is_of(visitor.stage, &visitor.grant) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "The session is another participant's."));
    }
    Ok(session)
}

/// `POST` to the layer of a viewer's session: the layer it wants, or the best of a size; nothing said is whatever is best.
pub(super) async fn select_layer(
    State(app): State<Arc<App>>,
    Path((stage, session)): Path<(String, String)>,
    request: Request,
) -> Response {
    answer(
        async {
            let (head, body) = request.into_parts();
            let session = found(&app, &stage, &session, &head.headers)?;
            check_type(&head.headers, JSON)?;
            let wish: Written = serde_json::from_str(&text(body).await?)
                .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "The body is no selection of a layer."))?;
            if !session.kind.subscribes() {
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "Only viewers select layers."));
            }
            if !session.wish(&app, wish.into()).await {
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "The publisher has no such layer now."));
            }
            Ok(StatusCode::OK.into_response())
        }
        .await,
    )
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

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn what_if_match_may_say() {
        let check = |value: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.extend(value.map(|value| (header::IF_MATCH, HeaderValue::from_static(value))));
            check_match(&headers, "\"now\"").map_err(|problem| problem.into_response().status().as_u16())
        };
        assert_eq!(check(None), Err(428));
        assert_eq!(check(Some("\"before\"")), Err(412));
        assert_eq!(check(Some("\"now\"")), Ok(()));
        assert_eq!(check(Some("*")), Ok(()));
    }
}
