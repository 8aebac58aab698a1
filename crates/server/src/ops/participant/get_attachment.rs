//! GetAttachment: where to fetch a file of the chat (Participant Service API Reference, *GetAttachment*).

use switchboard_domain::chat::{TokenKind, attachments::FetchError};
use switchboard_wire::{
    connectparticipant::{
        GetAttachmentError, GetAttachmentInput, GetAttachmentOutput, UrlContentDisposition, ValidationException,
    },
    iso_millis,
};

use super::caller;
use crate::{
    chat::files,
    ops::{Ctx, Failure},
    tokens::Purpose,
};

/// A URL for the file, which needs no token and works for a short time.
pub(super) async fn get_attachment(
    ctx: Ctx,
    input: GetAttachmentInput,
) -> Result<GetAttachmentOutput, Failure<GetAttachmentError>> {
    let (ctx, caller) = caller::admit(ctx, &input.connection_token, TokenKind::Connection)?;
    let app = &ctx.app;
    let file = ctx.read(|tx| {
        let chat = caller.chat(&ctx, tx)?;
        let found = match input.attachment_id.parse() {
            Ok(id) => files::find_in_reach(app, tx, &chat, id)?,
            Err(_) => None,
        };
        let file = found.ok_or_else(|| refused(FetchError::Unknown))?;
        // It was found on the way back from this chat, so it is of this one or of one that this one continues.
        chat.may_fetch(caller.participant, &file, &[file.chat]).map_err(refused)?;
        Ok(file)
    })?;
    let seconds = input.url_expiry_in_seconds.map_or(app.limits.chat.download_url_seconds, i64::from);
    let expires = ctx.now.plus_seconds(seconds);
    let purpose = match input.url_content_disposition.unwrap_or_default() {
        UrlContentDisposition::Attachment => Purpose::Download,
        UrlContentDisposition::Inline => Purpose::View,
    };
    let ticket = files::download_ticket(app, &file, purpose, caller.participant, expires);
    Ok(GetAttachmentOutput {
        url: Some(files::url(app, &ticket)),
        url_expiry: Some(iso_millis(expires.as_millis())),
        attachment_size_in_bytes: file.size_bytes.cast_signed(),
    })
}

fn refused(error: FetchError) -> Failure<GetAttachmentError> {
    match error {
        FetchError::ChatEnded | FetchError::NotConnected | FetchError::CustomBot => caller::denied().into(),
        // AWS does not say: which error it is where there is no such file, or none yet. No other fits in its list.
        FetchError::Unknown | FetchError::NotReady | FetchError::Rejected => {
            ValidationException::new(error.to_string()).into()
        }
    }
}
