//! DescribeInstanceAttribute: whether something is switched on in the instance (Amazon Connect API Reference,
//! *DescribeInstanceAttribute*).

use switchboard_wire::connect::{
    DescribeInstanceAttributeError, DescribeInstanceAttributeInput, DescribeInstanceAttributeOutput,
};

use super::{attributes, lookup, words::OffWire as _};
use crate::ops::{Ctx, Failure};

/// One attribute; each has a value, set or not.
pub(super) async fn describe_instance_attribute(
    ctx: Ctx,
    input: DescribeInstanceAttributeInput,
) -> Result<DescribeInstanceAttributeOutput, Failure<DescribeInstanceAttributeError>> {
    let attribute = input.attribute_type.off_wire();
    ctx.read(|tx| {
        let instance = lookup::active_instance(&ctx, tx, &input.instance_id)?;
        let on = instance.attributes.get(attribute);
        Ok(DescribeInstanceAttributeOutput { attribute: Some(attributes::shown(attribute, on)) })
    })
}
