//! A customer is asked to sign in, through our own API: what the *Authenticate Customer* block of a flow does in AWS.
//!
//! The one rule: the session is the chat's own ([`switchboard_domain::chat::auth_sessions`]). Here it is only begun and
//! ended; the customer's side of it are GetAuthenticationUrl and CancelParticipantAuthentication.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::Uri,
    response::Response,
};
use serde::Deserialize;
use serde_json::json;
use switchboard_domain::{ResourceId, chat::auth_sessions::AuthOutcome};
use switchboard_wire::iso_millis;

use super::own::{answer, decide, invalid, signed};
use crate::app::App;

/// `POST /_switchboard/contacts/{contactId}/authentication {"signInPage": "https://…"}`: asks the customer to sign in
/// there.
pub(super) async fn ask(State(app): State<Arc<App>>, Path(contact): Path<String>, request: Request) -> Response {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Ask {
        sign_in_page: String,
    }
    answer(async {
        let Ask { sign_in_page } = signed(&app, request).await?;
        if !is_page(&sign_in_page) {
            return Err(invalid("signInPage must be an http or https URL."));
        }
        let session = decide(&app, &contact, move |chat, cx| {
            chat.set_sign_in_page(Some(sign_in_page.clone()));
            chat.ask_to_sign_in(cx)
        })
        .await?;
        Ok(json!({ "sessionId": session.id.to_string(), "expiry": iso_millis(session.expires_at.as_millis()) }))
    })
    .await
}

/// `POST /_switchboard/contacts/{contactId}/authentication/{sessionId} {"outcome": "SUCCEEDED"}`: tells how it went.
pub(super) async fn finish(
    State(app): State<Arc<App>>,
    Path((contact, session)): Path<(String, String)>,
    request: Request,
) -> Response {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Finish {
        outcome: Outcome,
    }
    #[derive(Deserialize, Clone, Copy)]
    #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
    enum Outcome {
        Succeeded,
        Failed,
        TimedOut,
    }
    answer(async {
        let Finish { outcome } = signed(&app, request).await?;
        let outcome = match outcome {
            Outcome::Succeeded => AuthOutcome::Succeeded,
            Outcome::Failed => AuthOutcome::Failed,
            Outcome::TimedOut => AuthOutcome::TimedOut,
        };
        let session: ResourceId = session.parse().map_err(|_| invalid("The session id is no UUID."))?;
        decide(&app, &contact, move |chat, cx| chat.finish_sign_in(session, outcome, cx).map(|changes| ((), changes)))
            .await?;
        Ok(json!({}))
    })
    .await
}

fn is_page(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.authority().is_some())
}
