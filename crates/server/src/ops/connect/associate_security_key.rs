//! AssociateSecurityKey: a public key that encrypts what customers enter (Amazon Connect API Reference,
//! *AssociateSecurityKey*).

use switchboard_domain::instance::{Family, PublicKey, SecurityKey};
use switchboard_wire::connect::{AssociateSecurityKeyError, AssociateSecurityKeyInput, AssociateSecurityKeyOutput};

use super::{
    associations,
    lookup::{self, out_of_form},
};
use crate::{
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Adds a key to those of the instance, under a fresh id.
pub(super) async fn associate_security_key(
    ctx: Ctx,
    input: AssociateSecurityKeyInput,
) -> Result<AssociateSecurityKeyOutput, Failure<AssociateSecurityKeyError>> {
    let key = PublicKey::parse(&input.key).map_err(out_of_form)?;
    let association_id = ctx
        .write_once("AssociateSecurityKey", input.client_token, move |ctx, tx| {
            let instance = lookup::active_instance(ctx, tx, &input.instance_id)?;
            let scope = Family::SecurityKeys.scope(instance.id);
            // All of them: the quota keeps them few.
            let present: Vec<_> =
                tx.list::<SecurityKey>(&scope, None, usize::MAX)?.into_iter().map(|(_, key)| key).collect();
            let limits = &ctx.app.limits.instance;
            let added = SecurityKey::associate(key.clone(), &present, limits, ctx.now, &mut SystemIds)
                .map_err(associations::refusal)?;
            tx.put(&scope, &added.association_id.to_string(), &added)?;
            Ok(added.association_id)
        })
        .await?;
    Ok(AssociateSecurityKeyOutput { association_id: Some(association_id.to_string()) })
}
