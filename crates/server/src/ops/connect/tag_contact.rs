//! TagContact: adds tags to a contact, or gives them new values (Amazon Connect API Reference, *TagContact*).

use switchboard_wire::connect::{TagContactError, TagContactInput, TagContactOutput};

use super::contacts;
use crate::ops::{Ctx, Failure};

/// Adds them; those that are not named stay.
pub(super) async fn tag_contact(
    ctx: Ctx,
    input: TagContactInput,
) -> Result<TagContactOutput, Failure<TagContactError>> {
    ctx.write(move |ctx, tx| {
        let contact = contacts::contact(ctx, tx, &input.instance_id, &input.contact_id)?;
        contacts::edit(tx, contact, |contact| contact.tag(input.tags.clone(), &ctx.app.limits.chat, ctx.now))?;
        Ok(TagContactOutput::default())
    })
    .await
}
