//! DisconnectParticipant: somebody is put out of a stage and never comes back with the same token (Amazon IVS Real-Time
//! API Reference, *DisconnectParticipant*).

use switchboard_domain::stage::{
    Participant, ParticipantId, Presence, Stage, StageId, configurations::IngestConfiguration, token::IssuedToken,
};
use switchboard_state::{StoreError, Tx};
use switchboard_wire::ivs_realtime::{
    DisconnectParticipantError, DisconnectParticipantInput, DisconnectParticipantOutput,
};

use super::lookup::{self, not_found};
use crate::{
    ops::{Ctx, Failure},
    stages::{ending, rows::session_scope},
};

/// Ingest configurations looked through at once.
const CHUNK: usize = 200;

/// Puts the participant out and bans them. Their stream key, where they publish by one, no longer leads to the stage.
pub(super) async fn disconnect_participant(
    ctx: Ctx,
    input: DisconnectParticipantInput,
) -> Result<DisconnectParticipantOutput, Failure<DisconnectParticipantError>> {
    let reason = input.reason.as_deref().unwrap_or_default();
    tracing::info!(stage_arn = input.stage_arn, participant_id = input.participant_id, reason, "disconnecting");
    ctx.write(move |ctx, tx| {
        let stage = lookup::stage(ctx, tx, &input.stage_arn)?;
        let unknown = || not_found(format!("The participant was not found: {}", input.participant_id));
        let participant: ParticipantId = input.participant_id.parse().map_err(|_| unknown())?;
        let detached = detach_ingest(tx, stage.id, &participant)?;
        if !detached && !is_known(ctx, tx, &stage, &participant)? {
            return Err(unknown().into());
        }
        ending::disconnect(&ctx.app.limits.stage, tx, stage.id, &participant, ctx.now)?;
        Ok(DisconnectParticipantOutput {})
    })
    .await
}

/// Whether the stage knows of them: they are there, they were in the session that goes on, or they hold a token of ours.
// AWS does not say: whether somebody can be disconnected before they ever joined. Whoever holds one of our tokens can:
// that is the only way to take a token back.
fn is_known(ctx: &Ctx, tx: &mut Tx, stage: &Stage, participant: &ParticipantId) -> Result<bool, StoreError> {
    let (scope, id) = (stage.id.as_str(), participant.as_str());
    if tx.get::<Presence>(scope, id)?.is_some() {
        return Ok(true);
    }
    if tx.get::<IssuedToken>(scope, id)?.is_some_and(|token| token.expires > ctx.now) {
        return Ok(true);
    }
    let Some(session) = stage.active_session else { return Ok(false) };
    Ok(tx.get::<Participant>(&session_scope(stage.id, session), id)?.is_some())
}

/// Takes the ingest configuration that publishes as them off the stage. Whether there is one.
fn detach_ingest(tx: &mut Tx, stage: StageId, participant: &ParticipantId) -> Result<bool, StoreError> {
    let mut after: Option<String> = None;
    loop {
        let found = tx.list::<IngestConfiguration>("", after.as_deref(), CHUNK)?;
        let theirs = found.iter().find(|(_, ingest)| ingest.stage == Some(stage) && ingest.is(participant));
        if let Some((id, ingest)) = theirs {
            tx.put("", id, &IngestConfiguration { stage: None, ..ingest.clone() })?;
            return Ok(true);
        }
        match found.last() {
            Some((last, _)) => after = Some(last.clone()),
            None => return Ok(false),
        }
    }
}
