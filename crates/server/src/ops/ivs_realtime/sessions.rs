//! What the operations on sessions share: finding one of a stage, and showing one.

use switchboard_domain::stage::{ResourceKind, Session, SessionId, Stage, StageId};
use switchboard_state::{StoreError, Tx};
use switchboard_wire::ivs_realtime::{ResourceNotFoundException, StageSession};

use super::lookup::{self, not_found};
use crate::ops::{Ctx, Failure};

/// The session of that stage.
pub(super) fn get<E>(ctx: &Ctx, tx: &mut Tx, stage_arn: &str, id: &str) -> Result<(Stage, Session), Failure<E>>
where
    E: From<ResourceNotFoundException>,
{
    let stage = lookup::stage(ctx, tx, stage_arn)?;
    let session = tx.get(stage.id.as_str(), id)?;
    let session = session.ok_or_else(|| not_found(format!("The stage session was not found: {id}")))?;
    Ok((stage, session))
}

/// Stage and session, for lists, which have no "not found": `None` lists nothing.
// AWS does not say: what its lists answer for a stage or a session that is not there. Their errors have no "not found",
// so the list is empty.
pub(super) fn find(
    ctx: &Ctx,
    tx: &mut Tx,
    stage_arn: &str,
    id: &str,
) -> Result<Option<(StageId, SessionId)>, StoreError> {
    let Some(stage) = lookup::find::<Stage>(ctx, tx, ResourceKind::Stage, stage_arn)? else { return Ok(None) };
    Ok(tx.get::<Session>(stage.id.as_str(), id)?.map(|session| (stage.id, session.id)))
}

/// A session as replies show it.
pub(super) fn shown(session: &Session) -> StageSession {
    StageSession {
        session_id: Some(session.id.to_string()),
        start_time: Some(session.started.as_millis().into()),
        end_time: session.ended.map(|ended| ended.as_millis().into()),
    }
}
