//! What the operations on replication share: the stages and the participant that a request names.

use switchboard_domain::stage::{ParticipantId, ReplicationRefused, StageId};
use switchboard_state::Tx;
use switchboard_wire::ivs_realtime::{
    ConflictException, ResourceNotFoundException, ServiceQuotaExceededException, ValidationException,
};

use super::lookup::{self, invalid, not_found};
use crate::ops::{Ctx, Failure};

/// What a request names.
pub(super) struct Named {
    /// `sourceStageArn`.
    pub(super) source: StageId,
    /// `destinationStageArn`.
    pub(super) destination: StageId,
    /// `participantId`.
    pub(super) participant: ParticipantId,
}

/// Finds both stages; the participant may be anybody.
pub(super) fn named<E>(
    ctx: &Ctx,
    tx: &mut Tx,
    source: &str,
    destination: &str,
    participant: &str,
) -> Result<Named, Failure<E>>
where
    E: From<ResourceNotFoundException>,
{
    let source = lookup::stage(ctx, tx, source)?.id;
    let destination = lookup::stage(ctx, tx, destination)?.id;
    let unknown = |_| not_found(format!("The participant was not found: {participant}"));
    Ok(Named { source, destination, participant: participant.parse().map_err(unknown)? })
}

/// The error for a replication that does not start.
pub(super) fn refusal<E>(error: ReplicationRefused) -> Failure<E>
where
    E: From<ConflictException>
        + From<ResourceNotFoundException>
        + From<ServiceQuotaExceededException>
        + From<ValidationException>,
{
    let why = error.to_string();
    match error {
        ReplicationRefused::SameStage | ReplicationRefused::Attributes(_) | ReplicationRefused::IsReplica => {
            invalid(why).into()
        }
        // AWS does not say: which error a participant gets who is there and does not publish. What is to be replicated is
        // not there.
        ReplicationRefused::NotPublishing => not_found(why).into(),
        ReplicationRefused::AlreadyThere => ConflictException::new(why).into(),
        ReplicationRefused::Quota(_) => ServiceQuotaExceededException::new(why).into(),
    }
}
