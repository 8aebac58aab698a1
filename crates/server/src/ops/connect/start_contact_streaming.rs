//! StartContactStreaming: tells a chat to an outside endpoint as it happens (Amazon Connect API Reference,
//! *StartContactStreaming*).

use switchboard_domain::{
    StreamingId,
    chat::{Changes, Context},
};
use switchboard_wire::connect::{StartContactStreamingError, StartContactStreamingInput, StartContactStreamingOutput};

use super::{contacts, streaming};
use crate::{
    chat::apply::apply,
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Starts a stream; its first item is whatever comes next.
pub(super) async fn start_contact_streaming(
    ctx: Ctx,
    input: StartContactStreamingInput,
) -> Result<StartContactStreamingOutput, Failure<StartContactStreamingError>> {
    let stream: StreamingId = ctx
        .write(move |ctx, tx| {
            let (contact, mut chat) = contacts::with_chat(ctx, tx, &input.instance_id, &input.contact_id)?;
            let once = format!("StartContactStreaming/{}", contact.id);
            tx.once(ctx.once(&once, Some(&input.client_token)), |tx| {
                let mut ids = SystemIds;
                let mut cx = Context::new(ctx.now, &ctx.app.limits.chat, &mut ids);
                let topic = &input.chat_streaming_configuration.streaming_endpoint_arn;
                let stream = chat
                    .start_streaming(contact.id, topic, &ctx.app.home.region, &mut cx)
                    .map_err(streaming::not_started)?;
                apply(tx, &chat, &Changes::default())?;
                Ok(stream)
            })
        })
        .await?;
    Ok(StartContactStreamingOutput { streaming_id: stream.to_string() })
}
