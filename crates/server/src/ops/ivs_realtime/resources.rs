//! What all kinds of resources share: they are counted, kept with their tags, and deleted with them.

use switchboard_domain::{
    Arn,
    stage::{ResourceKind, admit},
    tags::{TagError, Tags},
};
use switchboard_state::{Record, Tx};
use switchboard_wire::{
    Map,
    ivs_realtime::{ServiceQuotaExceededException, ValidationException},
};

use super::lookup::invalid;
use crate::ops::{Ctx, Failure};

/// The tags of a request.
pub(super) fn tags(given: Option<Map<String>>) -> Result<Tags, ValidationException> {
    Tags::new(given.unwrap_or_default()).map_err(|error: TagError| invalid(error))
}

/// Keeps a new resource with its tags, if there may be one more of its kind. Its ARN.
pub(super) fn keep<R, E>(
    ctx: &Ctx,
    tx: &mut Tx,
    (kind, limit): (ResourceKind, Option<u32>),
    (id, record): (&str, &R),
    tags: &Tags,
) -> Result<Arn, Failure<E>>
where
    R: Record,
    E: From<ServiceQuotaExceededException>,
{
    if limit.is_some() {
        let full = admit(plural(kind), limit, tx.count::<R>("")?);
        full.map_err(|error| ServiceQuotaExceededException::new(error.to_string()))?;
    }
    let arn = kind.arn(id, &ctx.app.home);
    tx.put("", id, record)?;
    tx.tag(&arn.to_string(), tags.as_map())?;
    Ok(arn)
}

/// Deletes a resource with its tags.
pub(super) fn forget<R: Record, E>(ctx: &Ctx, tx: &mut Tx, kind: ResourceKind, id: &str) -> Result<(), Failure<E>> {
    tx.delete::<R>("", id)?;
    Ok(tx.delete_tags(&kind.arn(id, &ctx.app.home).to_string())?)
}

const fn plural(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Stage => "stages",
        ResourceKind::PublicKey => "public keys",
        ResourceKind::EncoderConfiguration => "encoder configurations",
        ResourceKind::StorageConfiguration => "storage configurations",
        ResourceKind::IngestConfiguration => "ingest configurations",
        ResourceKind::Composition => "compositions",
    }
}
