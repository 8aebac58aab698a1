//! TagResource: adds tags to an instance or something in it (Amazon Connect API Reference, *TagResource*).

use switchboard_domain::tags::Tags;
use switchboard_wire::connect::{TagResourceError, TagResourceInput};

use super::{lookup::out_of_form, tags};
use crate::ops::{Ctx, Failure};

/// Adds tags. A key that is there gets the new value.
pub(super) async fn tag_resource(ctx: Ctx, input: TagResourceInput) -> Result<(), Failure<TagResourceError>> {
    let added = Tags::new(input.tags).map_err(out_of_form)?;
    ctx.write(move |ctx, tx| {
        let arn = tags::tagged(ctx, tx, &input.resource_arn)?;
        let all = Tags::from(tx.tags(&arn)?).with(added.clone()).map_err(out_of_form)?;
        Ok(tx.tag(&arn, all.as_map())?)
    })
    .await
}
