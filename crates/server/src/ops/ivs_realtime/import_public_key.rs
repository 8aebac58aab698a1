//! ImportPublicKey: a key whose private half may sign tokens (Amazon IVS Real-Time API Reference, *ImportPublicKey*).

use switchboard_domain::stage::{ResourceId, ResourceKind, configurations::PublicKey};
use switchboard_state::{StoreError, Tx};
use switchboard_wire::ivs_realtime::{
    ConflictException, ImportPublicKeyError, ImportPublicKeyInput, ImportPublicKeyOutput,
};

use super::{public_keys, resources};
use crate::{
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Keys looked through at once.
const CHUNK: usize = 200;

/// Keeps the key as it is given.
// AWS does not say: what a second import of a key answers, though it names the error that fits: ConflictException.
pub(super) async fn import_public_key(
    ctx: Ctx,
    input: ImportPublicKeyInput,
) -> Result<ImportPublicKeyOutput, Failure<ImportPublicKeyError>> {
    let fingerprint = public_keys::fingerprint(&input.public_key_material)?;
    let tags = resources::tags(input.tags)?;
    let (name, material) = (input.name.unwrap_or_default(), input.public_key_material);
    ctx.write(move |ctx, tx| {
        if let Some(id) = imported(tx, &fingerprint)? {
            return Err(ConflictException::new(format!("The key was imported before, as {id}.")).into());
        }
        let id = ResourceId::fresh(&mut SystemIds);
        let (name, material, fingerprint) = (name.clone(), material.clone(), fingerprint.clone());
        let key = PublicKey { id, name, material, fingerprint };
        let quota = (ResourceKind::PublicKey, ctx.app.limits.stage.public_keys);
        let arn = resources::keep(ctx, tx, quota, (id.as_str(), &key), &tags)?;
        let shown = public_keys::shown(key, arn.to_string(), tags.as_map().clone());
        Ok(ImportPublicKeyOutput { public_key: Some(shown) })
    })
    .await
}

fn imported(tx: &mut Tx, fingerprint: &str) -> Result<Option<String>, StoreError> {
    let mut after: Option<String> = None;
    loop {
        let found = tx.list::<PublicKey>("", after.as_deref(), CHUNK)?;
        if let Some((id, _)) = found.iter().find(|(_, key)| key.fingerprint == fingerprint) {
            return Ok(Some(id.clone()));
        }
        match found.last() {
            Some((last, _)) => after = Some(last.clone()),
            None => return Ok(None),
        }
    }
}
