//! ListParticipantReplicas: where somebody appears or appeared besides their own stage (Amazon IVS Real-Time API
//! Reference, *ListParticipantReplicas*).

use switchboard_domain::{
    Home,
    stage::{ParticipantId, Replication, ResourceKind, Stage, StageId},
};
use switchboard_wire::ivs_realtime::{
    ListParticipantReplicasError, ListParticipantReplicasInput, ListParticipantReplicasOutput, ParticipantReplica,
};

use super::{
    lookup,
    paging::{PAGE, Wanted, everything},
    words::Onto as _,
};
use crate::{
    ops::{Ctx, Failure},
    stages::replicas,
};

/// One page of the replicas, in the order of their stages: those that are over too.
pub(super) async fn list_participant_replicas(
    ctx: Ctx,
    input: ListParticipantReplicasInput,
) -> Result<ListParticipantReplicasOutput, Failure<ListParticipantReplicasError>> {
    let wanted = Wanted {
        list: "ListParticipantReplicas".to_owned(),
        token: input.next_token.as_deref(),
        max_results: input.max_results,
        default: PAGE,
    };
    ctx.read(|tx| {
        let stage = lookup::find::<Stage>(&ctx, tx, ResourceKind::Stage, &input.source_stage_arn)?;
        let (Some(stage), Ok(participant)) = (stage, input.participant_id.parse::<ParticipantId>()) else {
            return Ok(ListParticipantReplicasOutput::default());
        };
        let place = (stage.id.as_str(), &*replicas::prefix(&participant));
        let page = wanted.page::<Replication, _>(&ctx, tx, place, everything)?;
        let replicas = page.items.into_iter().map(|(_, replication)| shown(&replication, &ctx.app.home)).collect();
        Ok(ListParticipantReplicasOutput { replicas, next_token: page.next })
    })
}

fn shown(replication: &Replication, home: &Home) -> ParticipantReplica {
    let arn = |stage: StageId| ResourceKind::Stage.arn(stage.as_str(), home).to_string();
    ParticipantReplica {
        source_stage_arn: arn(replication.source),
        participant_id: replication.participant.to_string(),
        source_session_id: replication.source_session.to_string(),
        destination_stage_arn: arn(replication.destination),
        destination_session_id: replication.destination_session.to_string(),
        replication_state: replication.state.onto(),
    }
}
