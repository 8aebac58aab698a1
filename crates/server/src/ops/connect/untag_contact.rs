//! UntagContact: takes tags from a contact (Amazon Connect API Reference, *UntagContact*).

use switchboard_wire::connect::{UntagContactError, UntagContactInput, UntagContactOutput};

use super::contacts;
use crate::ops::{Ctx, Failure};

/// Takes them away; a key that no tag has is no error.
pub(super) async fn untag_contact(
    ctx: Ctx,
    input: UntagContactInput,
) -> Result<UntagContactOutput, Failure<UntagContactError>> {
    ctx.write(move |ctx, tx| {
        let contact = contacts::contact(ctx, tx, &input.instance_id, &input.contact_id)?;
        contacts::edit(tx, contact, |contact| {
            contact.untag(input.tag_keys.iter().map(String::as_str), ctx.now);
            Ok(())
        })?;
        Ok(UntagContactOutput::default())
    })
    .await
}
