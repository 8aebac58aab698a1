//! HTTP: one port for everything.
//!
//! AWS operations answer at their own paths ([`api`]); the chat socket, the attachment URLs and the WHIP endpoints of
//! stages have paths of their own; all that AWS has no operation for is under `/_switchboard/` ([`own`]).

pub(crate) mod api;
mod attachments;
mod cors;
pub(crate) mod own;
mod reply;

use std::sync::Arc;

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{any, get, post},
};

use crate::{
    app::App,
    chat::{files, socket},
    media::whip,
};

/// Every route of the server.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/_switchboard/health", get(own::health))
        .route("/_switchboard/metrics", get(own::metrics))
        .route("/_switchboard/clock/advance", post(own::advance_clock))
        .route("/_switchboard/contacts/{contact_id}/participants", post(own::add_participant))
        .route(socket::PATH, any(socket::upgrade))
        .route(files::PATH, get(attachments::download).put(attachments::upload))
        .merge(whip::routes())
        .fallback(api::handle)
        .layer(from_fn_with_state(app.clone(), cors::layer))
        .with_state(app)
}
