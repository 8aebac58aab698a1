//! GetContactAttributes: the attributes of a chat (Amazon Connect API Reference, *GetContactAttributes*).

use switchboard_wire::connect::{GetContactAttributesError, GetContactAttributesInput, GetContactAttributesOutput};

use super::contacts;
use crate::ops::{Ctx, Failure};

/// All of them.
pub(super) async fn get_contact_attributes(
    ctx: Ctx,
    input: GetContactAttributesInput,
) -> Result<GetContactAttributesOutput, Failure<GetContactAttributesError>> {
    let contact = ctx.read(|tx| contacts::initial_contact(&ctx, tx, &input.instance_id, &input.initial_contact_id))?;
    Ok(GetContactAttributesOutput { attributes: Some(contact.attributes) })
}
