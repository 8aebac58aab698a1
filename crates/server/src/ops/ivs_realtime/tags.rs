//! What the operations on tags share: finding what an ARN names.

use switchboard_domain::stage::{
    ResourceKind, Stage,
    configurations::{EncoderConfiguration, IngestConfiguration, PublicKey, StorageConfiguration},
    split,
};
use switchboard_state::{StoreError, Tx};
use switchboard_wire::ivs_realtime::ResourceNotFoundException;

use super::lookup::not_found;
use crate::ops::{Ctx, Failure};

/// The ARN, of something that is here. Its tags are kept under it.
// AWS does not say: whether only stages can be tagged, as the guide has it, or all that have tags in replies, as the
// model has it. All of them can.
pub(super) fn tagged<'a, E>(ctx: &Ctx, tx: &mut Tx, arn: &'a str) -> Result<&'a str, Failure<E>>
where
    E: From<ResourceNotFoundException>,
{
    let is_here = match split(arn, &ctx.app.home) {
        Some((kind, id)) => is_here(tx, kind, &id)?,
        None => false,
    };
    if is_here { Ok(arn) } else { Err(not_found(format!("The resource was not found: {arn}")).into()) }
}

fn is_here(tx: &mut Tx, kind: ResourceKind, id: &str) -> Result<bool, StoreError> {
    Ok(match kind {
        ResourceKind::Stage => tx.get::<Stage>("", id)?.is_some(),
        ResourceKind::PublicKey => tx.get::<PublicKey>("", id)?.is_some(),
        ResourceKind::EncoderConfiguration => tx.get::<EncoderConfiguration>("", id)?.is_some(),
        ResourceKind::StorageConfiguration => tx.get::<StorageConfiguration>("", id)?.is_some(),
        ResourceKind::IngestConfiguration => tx.get::<IngestConfiguration>("", id)?.is_some(),
        // None can be made yet.
        ResourceKind::Composition => false,
    })
}
