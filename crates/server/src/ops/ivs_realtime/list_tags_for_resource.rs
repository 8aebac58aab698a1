//! ListTagsForResource: the tags of a resource (Amazon IVS Real-Time API Reference, *ListTagsForResource*).

use switchboard_wire::ivs_realtime::{ListTagsForResourceError, ListTagsForResourceInput, ListTagsForResourceOutput};

use super::tags;
use crate::ops::{Ctx, Failure};

/// All its tags; an empty map when it has none.
pub(super) async fn list_tags_for_resource(
    ctx: Ctx,
    input: ListTagsForResourceInput,
) -> Result<ListTagsForResourceOutput, Failure<ListTagsForResourceError>> {
    ctx.read(|tx| {
        let arn = tags::tagged(&ctx, tx, &input.resource_arn)?;
        Ok(ListTagsForResourceOutput { tags: tx.tags(arn)? })
    })
}
