//! UntagResource: takes tags from a resource (Amazon IVS Real-Time API Reference, *UntagResource*).

use switchboard_wire::ivs_realtime::{UntagResourceError, UntagResourceInput, UntagResourceOutput};

use super::tags;
use crate::ops::{Ctx, Failure};

/// Takes the tags of those keys away. Keys that are not there are no error.
pub(super) async fn untag_resource(
    ctx: Ctx,
    input: UntagResourceInput,
) -> Result<UntagResourceOutput, Failure<UntagResourceError>> {
    ctx.write(move |ctx, tx| {
        let arn = tags::tagged(ctx, tx, &input.resource_arn)?;
        tx.untag(arn, &input.tag_keys)?;
        Ok(UntagResourceOutput {})
    })
    .await
}
