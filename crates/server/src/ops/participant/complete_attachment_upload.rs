//! CompleteAttachmentUpload: the file is all there and goes into the chat (Participant Service API Reference,
//! *CompleteAttachmentUpload*).
//!
//! ChatJS calls this whether or not its upload was taken, so whether the bytes are there is checked here.

use switchboard_domain::{
    AttachmentId,
    chat::{Context, TokenKind, attachments::CompleteError},
};
use switchboard_wire::connectparticipant::{
    CompleteAttachmentUploadError, CompleteAttachmentUploadInput, CompleteAttachmentUploadOutput, ConflictException,
    ServiceQuotaExceededException, ValidationException,
};

use super::caller;
use crate::{
    chat::{apply::apply, files},
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// No scanner looks at files: what is complete may be fetched at once.
const SCANNED: bool = false;

/// Shows the file to everybody in the chat.
pub(super) async fn complete_attachment_upload(
    ctx: Ctx,
    input: CompleteAttachmentUploadInput,
) -> Result<CompleteAttachmentUploadOutput, Failure<CompleteAttachmentUploadError>> {
    let (ctx, caller) = caller::admit(ctx, &input.connection_token, TokenKind::Connection)?;
    let id = only_one(&input.attachment_ids).map_err(refused)?;
    // Bytes that are there stay there, so they may be counted before the transaction.
    let uploaded_bytes = files::uploaded_bytes(&ctx.app, id).await?;
    ctx.write_once("CompleteAttachmentUpload", Some(input.client_token), move |ctx, tx| {
        let mut chat = caller.chat(ctx, tx)?;
        let mut file = files::find(tx, chat.id(), id)?.ok_or_else(|| refused(CompleteError::Unknown))?;
        let ids = &mut SystemIds;
        let cx = &mut Context::new(ctx.now, &ctx.app.limits.chat, ids);
        let changes =
            chat.complete_attachment(caller.participant, &mut file, uploaded_bytes, SCANNED, cx).map_err(refused)?;
        files::complete(tx, &file)?;
        apply(tx, &chat, &changes)?;
        Ok(())
    })
    .await?;
    Ok(CompleteAttachmentUploadOutput {})
}

/// The model allows exactly one.
fn only_one(ids: &[String]) -> Result<AttachmentId, CompleteError> {
    match ids {
        [id] => id.parse().map_err(|_| CompleteError::Unknown),
        _ => Err(CompleteError::Unknown),
    }
}

fn refused(error: CompleteError) -> Failure<CompleteAttachmentUploadError> {
    match error {
        CompleteError::Speak(error) => caller::mute(error).into(),
        CompleteError::Unknown | CompleteError::NotUploaded | CompleteError::WrongSize { .. } => {
            ValidationException::new(error.to_string()).into()
        }
        CompleteError::AlreadyCompleted => ConflictException::new(error.to_string()).into(),
        CompleteError::TooMany(_) => ServiceQuotaExceededException::new(error.to_string()).into(),
    }
}
