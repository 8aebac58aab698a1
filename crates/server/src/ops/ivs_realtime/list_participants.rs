//! ListParticipants: who was in one session of a stage (Amazon IVS Real-Time API Reference, *ListParticipants*).

use switchboard_domain::{
    Home,
    stage::{Filter, Participant, ResourceKind},
};
use switchboard_wire::ivs_realtime::{
    ListParticipantsError, ListParticipantsInput, ListParticipantsOutput, ParticipantSummary, ValidationException,
};

use super::{
    lookup::invalid,
    paging::{PAGE, Wanted},
    sessions,
    words::Onto as _,
};
use crate::{
    ops::{Ctx, Failure},
    stages::rows::session_scope,
};

/// One page of the participants that the filter takes, in the order of their ids.
pub(super) async fn list_participants(
    ctx: Ctx,
    input: ListParticipantsInput,
) -> Result<ListParticipantsOutput, Failure<ListParticipantsError>> {
    let filter = filter(&input)?;
    let wanted = Wanted {
        list: format!("ListParticipants/{filter:?}"),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    ctx.read(|tx| {
        let Some((stage, session)) = sessions::find(&ctx, tx, &input.stage_arn, &input.session_id)? else {
            return Ok(ListParticipantsOutput::default());
        };
        let takes = |participant: &Participant| filter.as_ref().is_none_or(|filter| filter.takes(participant));
        let page = wanted.page::<Participant, _>(&ctx, tx, (&session_scope(stage, session), ""), takes)?;
        let participants = page.items.into_iter().map(|(_, row)| summary(row, &ctx.app.home)).collect();
        Ok(ListParticipantsOutput { participants, next_token: page.next })
    })
}

/// The filter that is given: one at most.
fn filter(input: &ListParticipantsInput) -> Result<Option<Filter>, ValidationException> {
    let given = [
        input.filter_by_user_id.clone().map(Filter::UserId),
        input.filter_by_published.map(Filter::Published),
        input.filter_by_state.map(|state| Filter::State(state.onto())),
        input.filter_by_recording_state.map(|state| Filter::RecordingState(state.onto())),
    ];
    let mut given = given.into_iter().flatten();
    match (given.next(), given.next()) {
        (_, Some(_)) => Err(invalid(
            "At most one of filterByUserId, filterByPublished, filterByState and filterByRecordingState can be given.",
        )),
        (one, None) => Ok(one),
    }
}

fn summary(participant: Participant, home: &Home) -> ParticipantSummary {
    let source = participant.source();
    ParticipantSummary {
        state: Some(participant.state.onto()),
        first_join_time: Some(participant.first_joined.as_millis().into()),
        published: Some(participant.published),
        recording_state: Some(participant.recording_state().onto()),
        replication_type: Some(participant.replication_type().onto()),
        replication_state: participant.replication_state().map(|state| state.onto()),
        source_stage_arn: source.map(|(stage, _)| ResourceKind::Stage.arn(stage.as_str(), home).to_string()),
        source_session_id: source.map(|(_, session)| session.to_string()),
        participant_id: Some(participant.id.to_string()),
        user_id: Some(participant.user_id.unwrap_or_default()),
        redundant_ingest: None,
        ingest_configuration_arn: None,
    }
}
