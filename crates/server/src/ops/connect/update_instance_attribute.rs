//! UpdateInstanceAttribute: switches something on or off in the instance (Amazon Connect API Reference,
//! *UpdateInstanceAttribute*).

use switchboard_domain::instance::AttributeError;
use switchboard_wire::connect::{InvalidRequestException, UpdateInstanceAttributeError, UpdateInstanceAttributeInput};

use super::{
    lookup::{self, out_of_form},
    words::OffWire as _,
};
use crate::{
    instances,
    ops::{Ctx, Failure},
};

/// Sets one attribute. Calls in and out are also what DescribeInstance says of them.
pub(super) async fn update_instance_attribute(
    ctx: Ctx,
    input: UpdateInstanceAttributeInput,
) -> Result<(), Failure<UpdateInstanceAttributeError>> {
    let attribute = input.attribute_type.off_wire();
    ctx.write_once("UpdateInstanceAttribute", input.client_token, move |ctx, tx| {
        let mut instance = lookup::active_instance(ctx, tx, &input.instance_id)?;
        instance.attributes.set(attribute, &input.value).map_err(refusal)?;
        Ok(instances::save(tx, &instance)?)
    })
    .await
}

fn refusal(error: AttributeError) -> Failure<UpdateInstanceAttributeError> {
    match error {
        AttributeError::Value => out_of_form(error).into(),
        AttributeError::NotAllowed(_) => InvalidRequestException::new(error.to_string()).into(),
    }
}
