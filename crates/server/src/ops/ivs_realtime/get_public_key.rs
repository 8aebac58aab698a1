//! GetPublicKey: an imported key (Amazon IVS Real-Time API Reference, *GetPublicKey*).

use switchboard_domain::stage::{ResourceKind, configurations::PublicKey};
use switchboard_wire::ivs_realtime::{GetPublicKeyError, GetPublicKeyInput, GetPublicKeyOutput};

use super::{lookup, public_keys};
use crate::ops::{Ctx, Failure};

/// The key, as it was imported.
pub(super) async fn get_public_key(
    ctx: Ctx,
    input: GetPublicKeyInput,
) -> Result<GetPublicKeyOutput, Failure<GetPublicKeyError>> {
    ctx.read(|tx| {
        let key: PublicKey = lookup::get(&ctx, tx, ResourceKind::PublicKey, &input.arn)?;
        let tags = tx.tags(&input.arn)?;
        Ok(GetPublicKeyOutput { public_key: Some(public_keys::shown(key, input.arn.clone(), tags)) })
    })
}
