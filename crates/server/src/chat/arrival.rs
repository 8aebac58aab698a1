//! A client arrives with a socket's ticket: it is good once, for somebody who is in an open chat.

use std::sync::Arc;

use switchboard_domain::chat::{Context, Viewer};
use switchboard_state::{Once, StoreError};

use super::{apply::apply, lookup};
use crate::{app::App, ids::SystemIds, tokens::Claims};

/// How long a used ticket is remembered: longer than any ticket is good for.
const REMEMBERED_SECONDS: i64 = 15 * 60;

/// Uses the ticket up and says as whom its holder reads; none when it was used before, or they are not in the chat.
// AWS does not say: whether a socket's URL can be used twice. Ours opens one socket, since it is a credential.
pub(super) async fn arrive(app: &Arc<App>, claims: Claims) -> Result<Option<Viewer>, StoreError> {
    let now = app.clock.now();
    app.state
        .write(move |tx| {
            let Some(chat) = lookup::chat(tx, claims.chat)? else { return Ok(None) };
            let who = chat.participant(claims.participant).filter(|who| who.is_in() && chat.is_open());
            let Some(viewer) = who.map(|who| who.viewer()) else { return Ok(None) };
            let (caller, ticket) = (claims.participant.to_string(), claims.nonce.to_string());
            let first = tx.is_first(Once {
                caller: &caller,
                operation: "OpenSocket",
                token: Some(&ticket),
                now,
                window_seconds: REMEMBERED_SECONDS,
            })?;
            Ok(first.then_some(viewer))
        })
        .await
}

/// A socket has subscribed: a persistent chat now tells its customer that it goes on from another.
pub(super) async fn subscribed(app: &Arc<App>, claims: Claims) -> Result<(), StoreError> {
    let is_persistent = app
        .state
        .read(|tx| Ok::<_, StoreError>(lookup::chat(tx, claims.chat)?.is_some_and(|chat| chat.past().is_some())))?;
    if !is_persistent {
        return Ok(());
    }
    let (now, world) = (app.clock.now(), app.clone());
    app.state
        .write(move |tx| {
            let Some(mut chat) = lookup::chat(tx, claims.chat)? else { return Ok(()) };
            let mut ids = SystemIds;
            let changes = chat.subscribed(claims.participant, &mut Context::new(now, &world.limits.chat, &mut ids));
            if changes.is_empty() { Ok(()) } else { apply(tx, &chat, &changes) }
        })
        .await
}
