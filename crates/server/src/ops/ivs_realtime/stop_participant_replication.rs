//! StopParticipantReplication: somebody no longer appears on another stage (Amazon IVS Real-Time API Reference,
//! *StopParticipantReplication*).

use switchboard_wire::ivs_realtime::{
    StopParticipantReplicationError, StopParticipantReplicationInput, StopParticipantReplicationOutput,
};

use super::{lookup::not_found, replication};
use crate::{
    ops::{Ctx, Failure},
    stages::replicas,
};

/// Ends the replication.
// AWS does not say: what a replication that is over already answers. As one that never was: it is not there.
pub(super) async fn stop_participant_replication(
    ctx: Ctx,
    input: StopParticipantReplicationInput,
) -> Result<StopParticipantReplicationOutput, Failure<StopParticipantReplicationError>> {
    ctx.write(move |ctx, tx| {
        let (source, destination) = (&input.source_stage_arn, &input.destination_stage_arn);
        let named = replication::named(ctx, tx, source, destination, &input.participant_id)?;
        let found = replicas::find(tx, named.source, &named.participant, named.destination)?;
        let found = found.filter(|replication| replication.goes_on());
        let found = found.ok_or_else(|| not_found("The participant is not replicated to the destination stage."))?;
        replicas::end(&ctx.app.limits.stage, tx, found, ctx.now)?;
        Ok(StopParticipantReplicationOutput::default())
    })
    .await
}
