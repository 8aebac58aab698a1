//! HTTP: one port for everything.
//!
//! AWS operations answer at their own paths ([`api`]); the chat socket, the attachment URLs and the WHIP endpoints of
//! stages have paths of their own; all that AWS has no operation for is under `/_switchboard/` ([`own`]).

pub(crate) mod api;
mod attachments;
mod cors;
mod door;
pub(crate) mod own;
mod ranges;
mod reply;
mod sign_in;

pub(crate) use door::Door;

use std::sync::Arc;

use axum::{
    Router,
    routing::{any, get, post},
};

use crate::{
    app::App,
    chat::{files, socket},
    media,
};

/// Everything that the server answers.
pub(crate) fn door(app: Arc<App>) -> Door {
    let own = Router::new()
        .route("/_switchboard/health", get(own::health))
        .route("/_switchboard/metrics", get(own::metrics))
        .route("/_switchboard/clock/advance", post(own::advance_clock))
        .route("/_switchboard/contacts/{contact_id}/participants", post(own::add_participant))
        .route("/_switchboard/contacts/{contact_id}/authentication", post(sign_in::ask))
        .route("/_switchboard/contacts/{contact_id}/authentication/{session_id}", post(sign_in::finish))
        .route("/_switchboard/instances/{instance_id}/fail", post(own::fail_instance))
        .route(socket::PATH, any(socket::upgrade))
        .route(files::PATH, get(attachments::download).put(attachments::upload))
        .merge(media::routes(&app))
        .fallback(api::unknown)
        .with_state(app.clone());
    Door::new(app, own)
}
