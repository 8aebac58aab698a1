//! StopContact: ends a contact, whatever its state (Amazon Connect API Reference, *StopContact*).

use switchboard_domain::chat::{Context, leave::StopError};
use switchboard_wire::connect::{
    ContactNotFoundException, InvalidRequestException, StopContactError, StopContactInput, StopContactOutput,
};

use super::{contacts, lookup::not_found};
use crate::{
    chat::apply::apply,
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Ends the chat; everybody in it is told.
pub(super) async fn stop_contact(
    ctx: Ctx,
    input: StopContactInput,
) -> Result<StopContactOutput, Failure<StopContactError>> {
    ctx.write(move |ctx, tx| {
        let (contact, mut chat) = contacts::with_chat(ctx, tx, &input.instance_id, &input.contact_id)?;
        let mut ids = SystemIds;
        let mut cx = Context::new(ctx.now, &ctx.app.limits.chat, &mut ids);
        let changes = chat.stop(contact.id, input.disconnect_reason.is_some(), &mut cx).map_err(refused)?;
        apply(tx, &chat, &changes)?;
        Ok(StopContactOutput::default())
    })
    .await
}

// AWS does not say: which of its errors stands for a contact that is unknown, and which for one that has ended. "The
// contact with the specified ID is not active or does not exist" fits the second, so 404 is for the first.
fn refused(error: StopError) -> Failure<StopContactError> {
    match error {
        StopError::UnknownContact => not_found(error).into(),
        StopError::AlreadyEnded => ContactNotFoundException::new(error.to_string()).into(),
        StopError::ReasonNotAllowed => InvalidRequestException::new(error.to_string()).into(),
    }
}
