//! UpdateContactAttributes: adds to the attributes of a chat, or gives them new values, also after its end (Amazon
//! Connect API Reference, *UpdateContactAttributes*).

use switchboard_wire::connect::{
    UpdateContactAttributesError, UpdateContactAttributesInput, UpdateContactAttributesOutput,
};

use super::contacts;
use crate::ops::{Ctx, Failure};

/// Adds them; those that are not named stay.
pub(super) async fn update_contact_attributes(
    ctx: Ctx,
    input: UpdateContactAttributesInput,
) -> Result<UpdateContactAttributesOutput, Failure<UpdateContactAttributesError>> {
    ctx.write(move |ctx, tx| {
        let contact = contacts::initial_contact(ctx, tx, &input.instance_id, &input.initial_contact_id)?;
        contacts::edit(tx, contact, |contact| {
            contact.update_attributes(input.attributes.clone(), &ctx.app.limits.chat, ctx.now)
        })?;
        Ok(UpdateContactAttributesOutput::default())
    })
    .await
}
