//! StopContactStreaming: a stream ends (Amazon Connect API Reference, *StopContactStreaming*).

use switchboard_domain::{StreamingId, chat::Changes, instance::parse_id};
use switchboard_wire::connect::{StopContactStreamingError, StopContactStreamingInput, StopContactStreamingOutput};

use super::{contacts, lookup::not_found, streaming};
use crate::{
    chat::apply::apply,
    ops::{Ctx, Failure},
    streams,
};

/// Ends the stream. What it has not delivered by then it does not deliver.
pub(super) async fn stop_contact_streaming(
    ctx: Ctx,
    input: StopContactStreamingInput,
) -> Result<StopContactStreamingOutput, Failure<StopContactStreamingError>> {
    ctx.write(move |ctx, tx| {
        let (contact, mut chat) = contacts::with_chat(ctx, tx, &input.instance_id, &input.contact_id)?;
        let stream = parse_id(&input.streaming_id, StreamingId).map_err(not_found)?;
        chat.stop_streaming(contact.id, &stream.to_string()).map_err(streaming::not_stopped)?;
        apply(tx, &chat, &Changes::default())?;
        streams::forget(tx, chat.id(), stream)?;
        Ok(StopContactStreamingOutput::default())
    })
    .await
}
