//! Finding chats: by their own id, or by any contact of their chain. Ids are global: none needs its instance.

use switchboard_domain::{
    ChatId, ContactId,
    chat::{Chat, Contact},
};
use switchboard_state::{StoreError, Tx};

use super::apply::Associated;

/// The chat of that id.
pub(crate) fn chat(tx: &mut Tx, id: ChatId) -> Result<Option<Chat>, StoreError> {
    tx.get("", &id.to_string())
}

/// The contact of that id.
pub(crate) fn contact(tx: &mut Tx, id: ContactId) -> Result<Option<Contact>, StoreError> {
    tx.get("", &id.to_string())
}

/// The contacts of a tree after that place, each with its own, the oldest first.
pub(crate) fn associated(
    tx: &mut Tx,
    root: ContactId,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, Contact)>, StoreError> {
    let mut found = Vec::new();
    for (place, Associated { contact: id }) in tx.list(&root.to_string(), after, limit)? {
        if let Some(contact) = contact(tx, id)? {
            found.push((place, contact));
        }
    }
    Ok(found)
}

/// The chat that a contact is part of.
pub(crate) fn chat_of(tx: &mut Tx, id: ContactId) -> Result<Option<Chat>, StoreError> {
    match contact(tx, id)? {
        Some(contact) => chat(tx, contact.chat),
        None => Ok(None),
    }
}
