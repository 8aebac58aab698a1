//! Our own API, under `/_switchboard/`: what AWS has no operation for.

use std::{error::Error, sync::Arc};

use axum::{
    Json,
    body::to_bytes,
    extract::{Path, Request, State},
    http::{StatusCode, header, request::Parts as Head},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::json;
use switchboard_domain::{
    ChatId, ContactId, InstanceId,
    chat::{
        Changes, Chat, Context,
        participants::{AddError, AddStaff, Added, StaffRole},
    },
};
use switchboard_state::StoreError;
use switchboard_wire::{ErrorReply, iso_millis};

use super::{api, reply};
use crate::{
    app::App,
    chat::{apply::apply, lookup},
    ids::SystemIds,
    instances,
    telemetry::METRICS_TYPE,
    tokens::Purpose,
};

/// Bodies of this API are small.
const LARGEST_BODY_BYTES: usize = 64 * 1024;

/// `GET /_switchboard/health`: the server answers, and its state can be read.
pub(super) async fn health(State(app): State<Arc<App>>) -> Response {
    match app.state.read(|tx| tx.next_due()) {
        Ok(_) => Json(json!({ "status": "ok" })).into_response(),
        Err(error) => {
            tracing::error!(%error, "the state cannot be read");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "the state cannot be read" }))).into_response()
        }
    }
}

/// `GET /_switchboard/metrics`: Prometheus text.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    app.telemetry.set_open_sockets(app.seats.total());
    ([(header::CONTENT_TYPE, METRICS_TYPE)], app.telemetry.render()).into_response()
}

/// `POST /_switchboard/clock/advance {"seconds": N}`: moves the server's time, where that is switched on.
pub(super) async fn advance_clock(State(app): State<Arc<App>>, request: Request) -> Response {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Advance {
        seconds: u32,
    }
    answer(async {
        let Advance { seconds } = signed(&app, request).await?;
        if !app.config.movable_clock {
            return Err(ErrorReply::message("AccessDeniedException", 403, "Start the server with --movable-clock."));
        }
        app.clock.advance(i64::from(seconds) * 1_000);
        Ok(json!({ "now": iso_millis(app.clock.now().as_millis()) }))
    })
    .await
}

/// `POST /_switchboard/contacts/{contactId}/participants {"role": "AGENT", "displayName": "…"}`: asks an agent or a
/// supervisor into a chat and hands out their participant token. AWS's agent desktop does this privately.
pub(super) async fn add_participant(
    State(app): State<Arc<App>>,
    Path(contact): Path<String>,
    request: Request,
) -> Response {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Add {
        role: Role,
        display_name: String,
        #[serde(default)]
        user_id: Option<String>,
        /// A supervisor who only listens.
        #[serde(default)]
        silent: bool,
    }
    #[derive(Deserialize, Clone, Copy)]
    #[serde(rename_all = "UPPERCASE")]
    enum Role {
        Agent,
        Supervisor,
    }
    answer(async {
        let add: Add = signed(&app, request).await?;
        let role = match (add.role, add.silent) {
            (Role::Agent, false) => StaffRole::Agent,
            (Role::Supervisor, true) => StaffRole::SilentSupervisor,
            (Role::Supervisor, false) => StaffRole::BargedSupervisor,
            (Role::Agent, true) => return Err(invalid("Only a SUPERVISOR can be silent.")),
        };
        let staff = AddStaff { role, display_name: add.display_name, user: add.user_id };
        let (chat, Added { participant, expires_at, .. }) = add_staff(&app, &contact, staff).await?;
        Ok(json!({
            "participantId": participant.to_string(),
            "participantToken": app.tokens.issue(Purpose::Participant, chat, participant, expires_at),
            "expiry": iso_millis(expires_at.as_millis()),
        }))
    })
    .await
}

/// Asks somebody of the contact centre into the chat of that contact.
pub(crate) async fn add_staff(app: &Arc<App>, contact: &str, staff: AddStaff) -> Result<(ChatId, Added), ErrorReply> {
    decide(app, contact, move |chat, cx| {
        let mut added = chat.add_staff(staff.clone(), cx)?;
        let changes = std::mem::take(&mut added.changes);
        Ok::<_, AddError>(((chat.id(), added), changes))
    })
    .await
}

/// `POST /_switchboard/instances/{instanceId}/fail {"reason": "…"}`: the creation of an instance that is under way fails.
/// AWS has causes of its own for that; nothing here can go wrong by itself.
pub(super) async fn fail_instance(
    State(app): State<Arc<App>>,
    Path(instance): Path<String>,
    request: Request,
) -> Response {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fail {
        reason: String,
    }
    answer(async {
        let Fail { reason } = signed(&app, request).await?;
        let unknown = || ErrorReply::message("ResourceNotFoundException", 404, "No instance of that id was found.");
        let instance: InstanceId = instance.parse().map_err(|_| unknown())?;
        let now = app.clock.now();
        match app.state.write(move |tx| instances::fail(tx, instance, &reason, now)).await {
            Ok(Some(Ok(()))) => Ok(json!({})),
            Ok(Some(Err(error))) => Err(invalid(&error.to_string())),
            Ok(None) => Err(unknown()),
            Err(error) => Err(internal(&error)),
        }
    })
    .await
}

/// Runs a decision on the chat of a contact, which may be any of its chain, and carries out what it changes.
pub(super) async fn decide<T, E>(
    app: &Arc<App>,
    contact: &str,
    decision: impl Fn(&mut Chat, &mut Context<'_>) -> Result<(T, Changes), E> + Send + Sync + 'static,
) -> Result<T, ErrorReply>
where
    T: Send + 'static,
    E: Error + Send + 'static,
{
    let contact: ContactId = contact.parse().map_err(|_| not_found())?;
    let (now, world) = (app.clock.now(), app.clone());
    let decided = app
        .state
        .write(move |tx| {
            let Some(mut chat) = lookup::chat_of(tx, contact)? else { return Ok(None) };
            let mut ids = SystemIds;
            let decided = decision(&mut chat, &mut Context::new(now, &world.limits.chat, &mut ids));
            if let Ok((_, changes)) = &decided {
                apply(tx, &chat, changes)?;
            }
            Ok::<_, StoreError>(Some(decided))
        })
        .await;
    match decided {
        Ok(Some(Ok((value, _)))) => Ok(value),
        Ok(Some(Err(error))) => Err(invalid(&error.to_string())),
        Ok(None) => Err(not_found()),
        Err(error) => Err(internal(&error)),
    }
}

fn internal(error: &StoreError) -> ErrorReply {
    tracing::error!(%error, "a request to the server's own API failed");
    ErrorReply::message("InternalServiceException", 500, "The service could not process the request.")
}

fn not_found() -> ErrorReply {
    ErrorReply::message("ResourceNotFoundException", 404, "No contact of that id was found.")
}

pub(super) fn invalid(why: &str) -> ErrorReply {
    ErrorReply::message("InvalidRequestException", 400, why)
}

/// The JSON body of a request that is signed as one for `connect` would be.
pub(super) async fn signed<T: serde::de::DeserializeOwned>(app: &App, request: Request) -> Result<T, ErrorReply> {
    let (head, body): (Head, _) = request.into_parts();
    let body = to_bytes(body, LARGEST_BODY_BYTES)
        .await
        .map_err(|_| ErrorReply::message("RequestEntityTooLargeException", 413, "The request body is too large."))?;
    api::signer(app, "connect", &head, &body)?;
    serde_json::from_slice(&body).map_err(|error| invalid(&error.to_string()))
}

pub(super) async fn answer(result: impl Future<Output = Result<serde_json::Value, ErrorReply>>) -> Response {
    match result.await {
        Ok(body) => reply::json(StatusCode::OK, body.to_string().into_bytes()),
        Err(error) => reply::error(error),
    }
}
