//! SendEvent: the participant is typing, or a message has reached them (Participant Service API Reference,
//! *SendEvent*).

use switchboard_domain::{
    ItemId, Time,
    chat::{
        Context, TokenKind,
        events::{EventError, SentEvent},
    },
};
use switchboard_state::Tx;
use switchboard_wire::{
    connectparticipant::{ConflictException, SendEventError, SendEventInput, SendEventOutput, ValidationException},
    iso_millis,
};

use super::caller::{self, Caller};
use crate::{
    chat::apply::{apply, message},
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Tells the event to everybody in the chat, and notes a receipt on its message.
pub(super) async fn send_event(ctx: Ctx, input: SendEventInput) -> Result<SendEventOutput, Failure<SendEventError>> {
    let (ctx, caller) = caller::admit(ctx, &input.connection_token, TokenKind::Connection)?;
    let SendEventInput { content_type, content, client_token, .. } = input;
    // AWS does not say: whether another event under a used ClientToken is the first one again. ChatJS gives each of its
    // receipts the same token, and they must all count, so here the token stands for this event only.
    let call = format!("SendEvent {content_type} {}", content.as_deref().unwrap_or_default());
    let (id, at) = ctx
        .write(move |ctx, tx| {
            tx.once(ctx.once(&call, client_token.as_deref()), |tx| {
                tell(caller, ctx, tx, &content_type, content.as_deref())
            })
        })
        .await?;
    Ok(SendEventOutput { id: Some(id.to_string()), absolute_time: Some(iso_millis(at.as_millis())) })
}

fn tell(
    caller: Caller,
    ctx: &Ctx,
    tx: &mut Tx,
    content_type: &str,
    content: Option<&str>,
) -> Result<(ItemId, Time), Failure<SendEventError>> {
    let mut chat = caller.chat(ctx, tx)?;
    let event = SentEvent::parse(content_type, content).map_err(refused)?;
    let about = match event.message() {
        Some(id) => message(tx, &chat, id)?,
        None => None,
    };
    let ids = &mut SystemIds;
    let cx = &mut Context::new(ctx.now, &ctx.app.limits.chat, ids);
    let sent = chat.send_event(caller.participant, event, about.as_ref(), cx).map_err(refused)?;
    apply(tx, &chat, &sent.changes)?;
    Ok((sent.id, sent.at))
}

fn refused(error: EventError) -> Failure<SendEventError> {
    match error {
        EventError::Speak(error) => caller::mute(error).into(),
        EventError::UnknownType(_) | EventError::NoMessageId(_) | EventError::UnknownMessage(_) => {
            ValidationException::new(error.to_string()).into()
        }
        EventError::ReceiptsOff => ConflictException::new(error.to_string()).into(),
    }
}
