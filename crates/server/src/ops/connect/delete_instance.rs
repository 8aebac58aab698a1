//! DeleteInstance: the end of a contact centre and everything in it (Amazon Connect API Reference, *DeleteInstance*).

use switchboard_wire::connect::{DeleteInstanceError, DeleteInstanceInput, InvalidRequestException};

use super::lookup;
use crate::{
    instances,
    ops::{Ctx, Failure},
};

/// Forgets the instance. From then on it is not found; whoever is in one of its chats is told that it is over.
pub(super) async fn delete_instance(ctx: Ctx, input: DeleteInstanceInput) -> Result<(), Failure<DeleteInstanceError>> {
    ctx.write_once("DeleteInstance", input.client_token, move |ctx, tx| {
        let instance = lookup::instance(ctx, tx, &input.instance_id)?;
        instance.deletable().map_err(|error| InvalidRequestException::new(error.to_string()))?;
        instances::remove(&ctx.app, tx, &instance, ctx.now)?;
        Ok(instances::count_change(&ctx.app, tx, ctx.now)?)
    })
    .await
}
