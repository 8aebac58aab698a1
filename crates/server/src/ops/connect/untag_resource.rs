//! UntagResource: takes tags from an instance or something in it (Amazon Connect API Reference, *UntagResource*).

use switchboard_wire::connect::{UntagResourceError, UntagResourceInput};

use super::tags;
use crate::ops::{Ctx, Failure};

/// Takes the tags of those keys away. Keys that are not there are no error, as in AWS.
pub(super) async fn untag_resource(ctx: Ctx, input: UntagResourceInput) -> Result<(), Failure<UntagResourceError>> {
    ctx.write(move |ctx, tx| {
        let arn = tags::tagged(ctx, tx, &input.resource_arn)?;
        Ok(tx.untag(&arn, &input.tag_keys)?)
    })
    .await
}
