//! Files of chats: where their records and bytes are kept, and the URLs that bytes come and go by.
//!
//! The one rule: a file's record is there before its bytes and says what they must be; the bytes are a blob under the
//! file's id. A URL is good by itself, as the presigned ones of the real service are: it carries a ticket for one file,
//! one way, until it expires. A file that is announced and never completed is forgotten.

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use switchboard_domain::{
    AttachmentId, ChatId, ParticipantId, Time,
    chat::{
        Chat,
        attachments::{Attachment, AttachmentState},
    },
};
use switchboard_state::{BlobError, DueTimer, StoreError, Tx};

use super::lookup;
use crate::{alarm::Alarm, app::App, tokens::Purpose};

/// Where bytes are sent to and fetched from.
pub(crate) const PATH: &str = "/_switchboard/attachments/{ticket}";

/// How long after its URL has expired a file may still be completed.
// AWS does not say: when a file that was uploaded can no longer be completed. An hour is ample for a client that is on.
const COMPLETE_WITHIN_SECONDS: i64 = 60 * 60;

/// The URL of a ticket.
pub(crate) fn url(app: &App, ticket: &str) -> String {
    format!("{}{}", app.public_url, PATH.replace("{ticket}", ticket))
}

/// A ticket to send a file's bytes.
pub(crate) fn upload_ticket(app: &App, file: &Attachment) -> String {
    app.tokens.issue_for(Purpose::Upload, file.chat, file.sender.participant, file.id.0, file.upload_by)
}

/// A ticket to fetch a file's bytes: `purpose` says whether to save or to show them.
pub(crate) fn download_ticket(
    app: &App,
    file: &Attachment,
    purpose: Purpose,
    reader: ParticipantId,
    expires: Time,
) -> String {
    app.tokens.issue_for(purpose, file.chat, reader, file.id.0, expires)
}

/// The file of that id that was sent, or is to be sent, in that chat.
pub(crate) fn find(tx: &mut Tx, chat: ChatId, file: AttachmentId) -> Result<Option<Attachment>, StoreError> {
    tx.get(&chat.to_string(), &file.to_string())
}

/// The file of that id in the chat or in those that it continues, as far back as they can be reached.
pub(crate) fn find_in_reach(
    app: &App,
    tx: &mut Tx,
    chat: &Chat,
    file: AttachmentId,
) -> Result<Option<Attachment>, StoreError> {
    let most_back = app.limits.chat.past_contacts.unwrap_or(u32::MAX);
    let (mut id, mut past) = (chat.id(), chat.past());
    for _ in 0..=most_back {
        if let Some(found) = find(tx, id, file)? {
            return Ok(Some(found));
        }
        let Some(before) = past else { return Ok(None) };
        id = before.chat;
        past = lookup::chat(tx, id)?.and_then(|chat| chat.past());
    }
    Ok(None)
}

/// How many files the chat has, completed or not.
pub(crate) fn count(tx: &mut Tx, chat: ChatId) -> Result<u64, StoreError> {
    tx.count::<Attachment>(&chat.to_string())
}

/// Keeps a file that is announced, for as long as it may be completed.
pub(crate) fn announce(tx: &mut Tx, file: &Attachment) -> Result<(), StoreError> {
    save(tx, file)?;
    alarm(file).set(tx, file.upload_by.plus_seconds(COMPLETE_WITHIN_SECONDS))
}

/// Keeps a file that is completed, for good.
pub(crate) fn complete(tx: &mut Tx, file: &Attachment) -> Result<(), StoreError> {
    save(tx, file)?;
    alarm(file).cancel(tx)
}

fn save(tx: &mut Tx, file: &Attachment) -> Result<(), StoreError> {
    tx.put(&file.chat.to_string(), &file.id.to_string(), file)
}

fn alarm(file: &Attachment) -> Alarm {
    Alarm::Upload { chat: file.chat, attachment: file.id }
}

/// How many bytes of the file have come: all that were sent, or none.
pub(crate) async fn uploaded_bytes(app: &App, file: AttachmentId) -> Result<Option<u64>, StoreError> {
    match app.state.blobs().open(&file.to_string()).await {
        Ok(blob) => Ok(blob.map(|blob| blob.size_bytes())),
        Err(error) => Err(fault(file, &error)),
    }
}

/// Forgets a file that was not completed in time: its record, and then its bytes.
pub(crate) async fn forget(
    app: &Arc<App>,
    timer: DueTimer,
    chat: ChatId,
    file: AttachmentId,
) -> Result<(), StoreError> {
    let is_forgotten = app
        .state
        .write(move |tx| {
            let is_announced = find(tx, chat, file)?.is_some_and(|file| file.state == AttachmentState::Announced);
            if !tx.take_timer(&timer.id, timer.due)? || !is_announced {
                return Ok(false);
            }
            tx.delete::<Attachment>(&chat.to_string(), &file.to_string())
        })
        .await?;
    if is_forgotten && let Err(error) = app.state.blobs().delete(&file.to_string()).await {
        // Nothing names the bytes any more, so all they cost is their place.
        tracing::warn!(attachment_id = %file, %error, "the bytes of a forgotten attachment could not be deleted");
    }
    Ok(())
}

fn fault(file: AttachmentId, error: &BlobError) -> StoreError {
    StoreError::File { path: file.to_string().into(), reason: error.to_string() }
}

/// `attachment; filename="…"`, or `inline; …`: the name as far as plain ASCII can say it, and as it is where that is not
/// all (RFC 6266, with the coding of RFC 8187).
pub(crate) fn disposition(what: &str, name: &str) -> String {
    const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    let is_plain = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%' | '/');
    let plain: String = name.chars().map(|c| if is_plain(&c) { c } else { '_' }).collect();
    let simple = format!("{what}; filename=\"{plain}\"");
    if plain == name { simple } else { format!("{simple}; filename*=UTF-8''{}", utf8_percent_encode(name, ATTRIBUTE)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_said_in_ascii_and_exactly() {
        for (name, header) in [
            ("notes.txt", r#"attachment; filename="notes.txt""#),
            ("a b.txt", r#"attachment; filename="a b.txt""#),
            ("100%.txt", r#"attachment; filename="100_.txt"; filename*=UTF-8''100%25.txt"#),
            ("naïve.pdf", r#"attachment; filename="na_ve.pdf"; filename*=UTF-8''na%C3%AFve.pdf"#),
            (r#"a"b\c/d.csv"#, r#"attachment; filename="a_b_c_d.csv"; filename*=UTF-8''a%22b%5Cc%2Fd.csv"#),
            ("a\r\nb: c.txt", r#"attachment; filename="a__b: c.txt"; filename*=UTF-8''a%0D%0Ab%3A%20c.txt"#),
        ] {
            assert_eq!(disposition("attachment", name), header);
        }
    }
}
