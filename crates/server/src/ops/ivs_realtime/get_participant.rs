//! GetParticipant: somebody in one session of a stage (Amazon IVS Real-Time API Reference, *GetParticipant*).

use switchboard_domain::{
    Home,
    stage::{Participant, ResourceKind},
};
use switchboard_wire::ivs_realtime::{
    GetParticipantError, GetParticipantInput, GetParticipantOutput, Participant as Shown,
};

use super::{lookup::not_found, sessions, words::Onto as _};
use crate::{
    ops::{Ctx, Failure},
    stages::rows::session_scope,
};

/// The participant, from their first join in the session on. A token alone makes nobody.
pub(super) async fn get_participant(
    ctx: Ctx,
    input: GetParticipantInput,
) -> Result<GetParticipantOutput, Failure<GetParticipantError>> {
    ctx.read(|tx| {
        let (stage, session) = sessions::get(&ctx, tx, &input.stage_arn, &input.session_id)?;
        let id = &input.participant_id;
        let participant = tx.get::<Participant>(&session_scope(stage.id, session.id), id)?;
        let participant = participant.ok_or_else(|| not_found(format!("The participant was not found: {id}")))?;
        Ok(GetParticipantOutput { participant: Some(shown(participant, &ctx.app.home)) })
    })
}

fn shown(participant: Participant, home: &Home) -> Shown {
    let source = participant.source();
    Shown {
        state: Some(participant.state.onto()),
        first_join_time: Some(participant.first_joined.as_millis().into()),
        published: Some(participant.published),
        recording_state: Some(participant.recording_state().onto()),
        // Nothing is recorded, so there is no place where it would be.
        recording_s3_bucket_name: Some(String::new()),
        recording_s3_prefix: Some(String::new()),
        protocol: Some(participant.protocol.onto()),
        replication_type: Some(participant.replication_type().onto()),
        replication_state: participant.replication_state().map(|state| state.onto()),
        source_stage_arn: source.map(|(stage, _)| ResourceKind::Stage.arn(stage.as_str(), home).to_string()),
        source_session_id: source.map(|(_, session)| session.to_string()),
        participant_id: Some(participant.id.to_string()),
        user_id: Some(participant.user_id.unwrap_or_default()),
        attributes: Some(participant.attributes),
        browser_name: participant.client.browser_name,
        browser_version: participant.client.browser_version,
        os_name: participant.client.os_name,
        os_version: participant.client.os_version,
        sdk_version: participant.client.sdk_version,
        isp_name: participant.client.isp_name,
        redundant_ingest: None,
        ingest_configuration_arn: None,
    }
}
