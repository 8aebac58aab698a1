//! What an instance leaves behind when it is gone: chats that are open, and everything kept of all its chats.
//!
//! The one rule: chats end at once and are forgotten later, so that whoever was in one reads how it ended, and what was
//! under way (a delivery, an upload) comes to its own end first. Both are done a few chats at a time.

use std::sync::Arc;

use switchboard_domain::{
    AttachmentId, ChatId, ContactId, InstanceId, Time,
    chat::{Chat, Contact, Context, DisconnectReason, attachments::Attachment},
};
use switchboard_state::{DueTimer, StoreError, Tx};

use crate::{
    alarm::Alarm,
    app::App,
    chat::{
        apply::{Active, Associated, apply},
        lookup,
    },
    ids::SystemIds,
    streams,
};

/// Chats that end, or are looked through, in one transaction.
const CHATS_AT_ONCE: usize = 32;
/// For how long chats are kept: longer than any delivery goes on and any upload may take.
const KEPT_SECONDS: i64 = 2 * 60 * 60;

/// An instance is gone: its chats are to end now, and to be forgotten later.
pub(super) fn leave(tx: &mut Tx, instance: InstanceId, now: Time) -> Result<(), StoreError> {
    Alarm::Instance(instance).set(tx, now)?;
    Alarm::Leftovers { instance, after: None }.set(tx, now.plus_seconds(KEPT_SECONDS))
}

/// Ends chats of an instance that is gone; the alarm comes again until none is left.
///
/// AWS does not say: what becomes of them. Whoever is in one is told that it is over, as after `StopContact`.
pub(super) fn end_chats(app: &App, tx: &mut Tx, instance: InstanceId, now: Time) -> Result<(), StoreError> {
    let scope = instance.to_string();
    let open = tx.list::<Active>(&scope, None, CHATS_AT_ONCE)?;
    for (chat, Active {}) in &open {
        end_chat(app, tx, chat, now)?;
        // The end takes the chat off this list; one that cannot be read must not bring the alarm back for ever.
        tx.delete::<Active>(&scope, chat)?;
    }
    if open.len() < CHATS_AT_ONCE { Ok(()) } else { Alarm::Instance(instance).set(tx, now) }
}

fn end_chat(app: &App, tx: &mut Tx, id: &str, now: Time) -> Result<(), StoreError> {
    let Ok(id) = id.parse::<ChatId>() else { return Ok(()) };
    let Some(mut chat) = lookup::chat(tx, id)? else { return Ok(()) };
    let mut ids = SystemIds;
    let changes = chat.finish(Some(DisconnectReason::Api), &mut Context::new(now, &app.limits.chat, &mut ids));
    apply(tx, &chat, &changes)
}

/// The alarm has come to forget the chats of an instance that is gone, those after that one.
///
/// Chats are not listed by their instance, so all are looked through: instances go rarely.
pub(crate) async fn forget(
    app: &Arc<App>,
    timer: DueTimer,
    instance: InstanceId,
    after: Option<ChatId>,
) -> Result<(), StoreError> {
    let forget = move |tx: &mut Tx| match tx.take_timer(&timer.id, timer.due)? {
        true => forget_some(tx, instance, after, timer.due),
        false => Ok(Vec::new()),
    };
    for file in app.state.write(forget).await? {
        if let Err(error) = app.state.blobs().delete(&file.to_string()).await {
            // Nothing names the bytes any more, so all they cost is their place.
            tracing::warn!(attachment_id = %file, %error, "the bytes of a forgotten attachment could not be deleted");
        }
    }
    Ok(())
}

/// Forgets those of the next chats that are the instance's, and sets the alarm for the rest. The files that are left to
/// delete.
fn forget_some(
    tx: &mut Tx,
    instance: InstanceId,
    after: Option<ChatId>,
    due: Time,
) -> Result<Vec<AttachmentId>, StoreError> {
    let after = after.map(|chat| chat.to_string());
    let chats = tx.list::<Chat>("", after.as_deref(), CHATS_AT_ONCE)?;
    let mut files = Vec::new();
    for (_, chat) in chats.iter().filter(|(_, chat)| chat.instance() == instance) {
        files.extend(forget_chat(tx, chat)?);
    }
    if let Some((_, last)) = chats.get(CHATS_AT_ONCE - 1) {
        Alarm::Leftovers { instance, after: Some(last.id()) }.set(tx, due)?;
    }
    Ok(files)
}

/// Forgets a chat with everything that is kept of it, but for the bytes of its files.
fn forget_chat(tx: &mut Tx, chat: &Chat) -> Result<Vec<AttachmentId>, StoreError> {
    let id = chat.id().to_string();
    let files = tx.list::<Attachment>(&id, None, usize::MAX)?.into_iter().map(|(_, file)| file.id).collect();
    tx.delete_all::<Attachment>(&id)?;
    for stream in chat.streams() {
        streams::forget(tx, chat.id(), stream.id)?;
    }
    for segment in chat.contacts() {
        forget_contact(tx, segment.contact)?;
    }
    tx.delete_log(chat.id())?;
    tx.delete::<Chat>("", &id)?;
    Ok(files)
}

/// Forgets a contact and its tree, which is all of one instance.
fn forget_contact(tx: &mut Tx, id: ContactId) -> Result<(), StoreError> {
    let Some(contact) = lookup::contact(tx, id)? else { return Ok(()) };
    tx.delete_all::<Associated>(&contact.association.to_string())?;
    tx.delete::<Contact>("", &id.to_string()).map(drop)
}
