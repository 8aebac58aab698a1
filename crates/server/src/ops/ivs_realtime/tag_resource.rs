//! TagResource: adds tags to a resource (Amazon IVS Real-Time API Reference, *TagResource*).

use switchboard_domain::tags::Tags;
use switchboard_wire::ivs_realtime::{TagResourceError, TagResourceInput, TagResourceOutput};

use super::{lookup::invalid, resources, tags};
use crate::ops::{Ctx, Failure};

/// Adds tags. A key that is there gets the new value.
pub(super) async fn tag_resource(
    ctx: Ctx,
    input: TagResourceInput,
) -> Result<TagResourceOutput, Failure<TagResourceError>> {
    let added = resources::tags(Some(input.tags))?;
    ctx.write(move |ctx, tx| {
        let arn = tags::tagged(ctx, tx, &input.resource_arn)?;
        let all = Tags::from(tx.tags(arn)?).with(added.clone()).map_err(invalid)?;
        tx.tag(arn, all.as_map())?;
        Ok(TagResourceOutput {})
    })
    .await
}
