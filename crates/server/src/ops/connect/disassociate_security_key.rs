//! DisassociateSecurityKey: a public key is no longer used (Amazon Connect API Reference, *DisassociateSecurityKey*).

use switchboard_domain::{
    ResourceId,
    instance::{Family, SecurityKey, parse_id},
};
use switchboard_wire::connect::{DisassociateSecurityKeyError, DisassociateSecurityKeyInput};

use super::lookup::{self, not_found};
use crate::ops::{Ctx, Failure};

/// Takes a key from those of the instance.
pub(super) async fn disassociate_security_key(
    ctx: Ctx,
    input: DisassociateSecurityKeyInput,
) -> Result<(), Failure<DisassociateSecurityKeyError>> {
    ctx.write_once("DisassociateSecurityKey", input.client_token, move |ctx, tx| {
        let instance = lookup::active_instance(ctx, tx, &input.instance_id)?;
        let id = parse_id(&input.association_id, ResourceId).map_err(not_found)?;
        if tx.delete::<SecurityKey>(&Family::SecurityKeys.scope(instance.id), &id.to_string())? {
            return Ok(());
        }
        Err(not_found(format!("The security key {id} is not associated with the instance.")).into())
    })
    .await
}
