//! StartAttachmentUpload: the participant announces a file and is told where to send it (Participant Service API
//! Reference, *StartAttachmentUpload*).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use switchboard_domain::{
    AttachmentId, Time,
    chat::{
        Chat, Context, TokenKind,
        attachments::{Attachment, AttachmentError, AttachmentRequest},
    },
    instance::StorageResourceType,
};
use switchboard_state::Tx;
use switchboard_wire::{
    connectparticipant::{
        AccessDeniedException, ServiceQuotaExceededException, StartAttachmentUploadError, StartAttachmentUploadInput,
        StartAttachmentUploadOutput, UploadMetadata, ValidationException,
    },
    iso_millis,
};

use super::caller;
use crate::{
    chat::files,
    ids::SystemIds,
    instances,
    ops::{Ctx, Failure},
};

/// What is answered, now and to the same call again.
#[derive(Serialize, Deserialize)]
struct Announced {
    id: AttachmentId,
    ticket: String,
    upload_by: Time,
    headers: BTreeMap<String, String>,
}

/// Keeps what the file is to be, and answers with a URL that takes exactly that.
pub(super) async fn start_attachment_upload(
    ctx: Ctx,
    input: StartAttachmentUploadInput,
) -> Result<StartAttachmentUploadOutput, Failure<StartAttachmentUploadError>> {
    let (ctx, caller) = caller::admit(ctx, &input.connection_token, TokenKind::Connection)?;
    let announced = ctx
        .write_once("StartAttachmentUpload", Some(input.client_token), move |ctx, tx| {
            let chat = caller.chat(ctx, tx)?;
            room_for_one_more(ctx, tx, &chat)?;
            let request = AttachmentRequest {
                name: input.attachment_name.clone(),
                content_type: input.content_type.clone(),
                // The model allows nothing below one.
                size_bytes: input.attachment_size_in_bytes.unsigned_abs(),
                enabled: instances::storage(tx, chat.instance(), StorageResourceType::Attachments)?.is_some(),
            };
            let ids = &mut SystemIds;
            let cx = &mut Context::new(ctx.now, &ctx.app.limits.chat, ids);
            let file = chat.announce_attachment(caller.participant, request, cx).map_err(refused)?;
            files::announce(tx, &file)?;
            let ticket = files::upload_ticket(&ctx.app, &file);
            Ok(Announced { id: file.id, ticket, upload_by: file.upload_by, headers: headers(ctx, &chat, &file) })
        })
        .await?;
    Ok(StartAttachmentUploadOutput {
        attachment_id: Some(announced.id.to_string()),
        upload_metadata: Some(UploadMetadata {
            url: Some(files::url(&ctx.app, &announced.ticket)),
            url_expiry: Some(iso_millis(announced.upload_by.as_millis())),
            headers_to_include: Some(announced.headers),
        }),
    })
}

/// Files that are announced take up place before they count for the chat, so there may not be any number of them.
// AWS does not say: how many files may be announced and not completed. Here as many as may be completed.
fn room_for_one_more(ctx: &Ctx, tx: &mut Tx, chat: &Chat) -> Result<(), Failure<StartAttachmentUploadError>> {
    let most = u64::from(ctx.app.limits.chat.attachments_per_chat) * 2;
    if files::count(tx, chat.id())? < most {
        return Ok(());
    }
    let why = format!("The contact has {most} attachments that are completed or wait to be, the most it may have.");
    Err(ServiceQuotaExceededException::new(why).into())
}

/// The headers that real clients are told to send.
fn headers(ctx: &Ctx, chat: &Chat, file: &Attachment) -> BTreeMap<String, String> {
    [
        ("Content-Type", file.content_type.clone()),
        ("Content-Length", file.size_bytes.to_string()),
        ("Content-Disposition", files::disposition("attachment", &file.name)),
        ("x-amz-acl", "bucket-owner-full-control".to_owned()),
        ("x-amz-meta-account_id", ctx.app.home.account.clone()),
        ("x-amz-meta-contact_id", file.contact.to_string()),
        ("x-amz-meta-initial_contact_id", file.chat.to_string()),
        ("x-amz-meta-organization_id", chat.instance().to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn refused(error: AttachmentError) -> Failure<StartAttachmentUploadError> {
    match error {
        AttachmentError::Speak(error) => caller::mute(error).into(),
        // AWS does not say: which error it is where files are switched off. The caller may not do it: access denied.
        AttachmentError::Disabled => AccessDeniedException::new(error.to_string()).into(),
        AttachmentError::ContentType(_)
        | AttachmentError::Name(_)
        | AttachmentError::Empty
        | AttachmentError::TooLarge { .. } => ValidationException::new(error.to_string()).into(),
        AttachmentError::TooMany(_) => ServiceQuotaExceededException::new(error.to_string()).into(),
    }
}
