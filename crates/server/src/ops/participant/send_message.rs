//! SendMessage: the participant says something (Participant Service API Reference, *SendMessage*).

use switchboard_domain::chat::{Context, TokenKind, content::MessageError, send::SendError};
use switchboard_wire::{
    connectparticipant::{SendMessageError, SendMessageInput, SendMessageOutput, ValidationException},
    iso_millis,
};

use super::caller;
use crate::{
    chat::apply::apply,
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// Appends the message, and answers with its place in the chat: the same on every socket and in the transcript.
pub(crate) async fn send_message(
    ctx: Ctx,
    input: SendMessageInput,
) -> Result<SendMessageOutput, Failure<SendMessageError>> {
    let (ctx, caller) = caller::admit(ctx, &input.connection_token, TokenKind::Connection)?;
    let SendMessageInput { content_type, content, client_token, .. } = input;
    let (id, at) = ctx
        .write_once("SendMessage", client_token, move |ctx, tx| {
            let mut chat = caller.chat(ctx, tx)?;
            let ids = &mut SystemIds;
            let cx = &mut Context::new(ctx.now, &ctx.app.limits.chat, ids);
            let sent = chat.send_message(caller.participant, &content_type, content.clone(), cx).map_err(refused)?;
            apply(tx, &chat, &sent.changes)?;
            Ok((sent.id, sent.at))
        })
        .await?;
    Ok(SendMessageOutput {
        id: Some(id.to_string()),
        absolute_time: Some(iso_millis(at.as_millis())),
        // For messages that a processor looks at first; here none does.
        message_metadata: None,
    })
}

fn refused(error: SendError) -> Failure<SendMessageError> {
    match error {
        SendError::Speak(error) => caller::mute(error).into(),
        SendError::Message(
            error @ (MessageError::UnknownType(_)
            | MessageError::Unsupported(_)
            | MessageError::Empty
            | MessageError::TooLong { .. }
            | MessageError::NotJson(_)),
        ) => ValidationException::new(error.to_string()).into(),
    }
}
