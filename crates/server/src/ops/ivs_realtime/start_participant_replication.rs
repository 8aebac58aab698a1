//! StartParticipantReplication: somebody who publishes to a stage appears on another (Amazon IVS Real-Time API
//! Reference, *StartParticipantReplication*).

use switchboard_domain::stage::{Presence, Replication, ReplicationRefused};
use switchboard_wire::ivs_realtime::{
    StartParticipantReplicationError, StartParticipantReplicationInput, StartParticipantReplicationOutput,
};

use super::replication::{self, refusal};
use crate::{
    ops::{Ctx, Failure},
    stages::replicas::{self, Wanted},
};

/// Shows the participant on the destination too.
pub(super) async fn start_participant_replication(
    ctx: Ctx,
    input: StartParticipantReplicationInput,
) -> Result<StartParticipantReplicationOutput, Failure<StartParticipantReplicationError>> {
    ctx.write(move |ctx, tx| {
        let (source, destination) = (&input.source_stage_arn, &input.destination_stage_arn);
        let named = replication::named(ctx, tx, source, destination, &input.participant_id)?;
        let (participant, limits) = (&named.participant, &ctx.app.limits.stage);
        let at_source = tx.get::<Presence>(named.source.as_str(), participant.as_str())?;
        let at_destination = tx.get::<Presence>(named.destination.as_str(), participant.as_str())?;
        let active = replicas::going_on(tx, named.source, participant)?.len();
        let wanted = Wanted {
            source: named.source,
            destination: named.destination,
            reconnect_window_seconds: input.reconnect_window_seconds.unwrap_or_default(),
            attributes: input.attributes.clone().unwrap_or_default(),
        };
        let stages = (named.source, named.destination);
        let (here, there) = (at_source.as_ref(), at_destination.as_ref());
        let active = u64::try_from(active).unwrap_or(u64::MAX);
        Replication::admit(stages, &wanted.attributes, here, there, active, limits).map_err(refusal)?;
        let at_source = at_source.ok_or_else(|| refusal(ReplicationRefused::NotPublishing))?;
        replicas::start(limits, tx, &wanted, &at_source, ctx.now)?;
        Ok(StartParticipantReplicationOutput::default())
    })
    .await
}
