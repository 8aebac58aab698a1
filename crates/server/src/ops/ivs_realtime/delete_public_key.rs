//! DeletePublicKey: tokens signed with the key let nobody in any more (Amazon IVS Real-Time API Reference, *DeletePublicKey*).

use switchboard_domain::stage::{ResourceKind, configurations::PublicKey};
use switchboard_wire::ivs_realtime::{DeletePublicKeyError, DeletePublicKeyInput, DeletePublicKeyOutput};

use super::{lookup, resources};
use crate::ops::{Ctx, Failure};

/// Forgets the key and its tags. Whoever is on a stage stays there.
pub(super) async fn delete_public_key(
    ctx: Ctx,
    input: DeletePublicKeyInput,
) -> Result<DeletePublicKeyOutput, Failure<DeletePublicKeyError>> {
    ctx.write(move |ctx, tx| {
        let kind = ResourceKind::PublicKey;
        let found: PublicKey = lookup::get(ctx, tx, kind, &input.arn)?;
        resources::forget::<PublicKey, _>(ctx, tx, kind, found.id.as_str())?;
        Ok(DeletePublicKeyOutput {})
    })
    .await
}
