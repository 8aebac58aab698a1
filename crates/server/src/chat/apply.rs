//! Carries out what a decision about a chat changed: one function for all decisions.
//!
//! The one rule: the chat is saved and its changes are carried out in the transaction that decided.

use serde::{Deserialize, Serialize};
use switchboard_domain::{
    ContactId, ItemId,
    chat::{Changes, Chat, Contact, ContactChange, Item, ReceiptUpdate, TimerChange},
};
use switchboard_state::{LogRow, Record, StoreError, Tx};

use super::{lookup, passing};
use crate::{alarm::Alarm, streams};

/// Saves the chat and everything that its decision changed.
pub(crate) fn apply(tx: &mut Tx, chat: &Chat, changes: &Changes) -> Result<(), StoreError> {
    tx.put("", &chat.id().to_string(), chat)?;
    for item in &changes.items {
        append(tx, item)?;
    }
    if changes.items.iter().any(|item| !item.stored) {
        passing::note(tx, chat.id(), chat.last_at())?;
    }
    for update in &changes.receipts {
        note_receipt(tx, chat, update)?;
    }
    for change in &changes.timers {
        set_timer(tx, chat, change)?;
    }
    for change in &changes.contacts {
        change_contact(tx, change)?;
    }
    let instance = chat.instance().to_string();
    if changes.ended {
        tx.delete::<Active>(&instance, &chat.id().to_string())?;
    } else if chat.last_seq() == 0 {
        tx.put(&instance, &chat.id().to_string(), &Active {})?;
    }
    if !changes.items.is_empty() {
        streams::wake(tx, chat)?;
    }
    Ok(())
}

fn append(tx: &mut Tx, item: &Item) -> Result<(), StoreError> {
    let row = LogRow { seq: item.seq.cast_signed(), at: item.at, id: item.id, stored: item.stored, doc: item };
    tx.append_item(item.chat, &row)
}

fn note_receipt(tx: &mut Tx, chat: &Chat, update: &ReceiptUpdate) -> Result<(), StoreError> {
    let Some(LogRow { doc: mut message, .. }) = tx.item::<Item>(chat.id(), update.message)? else { return Ok(()) };
    message.note_receipt(update.receipt.clone());
    tx.update_item_doc::<Item>(chat.id(), update.message, &message).map(drop)
}

fn set_timer(tx: &mut Tx, chat: &Chat, change: &TimerChange) -> Result<(), StoreError> {
    let alarm = |timer| Alarm::Chat { chat: chat.id(), timer };
    match *change {
        TimerChange::Set { timer, due_at } => alarm(timer).set(tx, due_at),
        TimerChange::Cancel { timer } => alarm(timer).cancel(tx),
    }
}

fn change_contact(tx: &mut Tx, change: &ContactChange) -> Result<(), StoreError> {
    match lookup::contact(tx, change.contact())? {
        Some(contact) => save_contact(tx, &change.apply(contact)),
        None => Ok(()),
    }
}

/// Keeps a contact's record, new or changed, and a new one's place in its tree.
pub(crate) fn save_contact(tx: &mut Tx, contact: &Contact) -> Result<(), StoreError> {
    tx.put("", &contact.id.to_string(), contact)?;
    let place = format!("{:015}/{}", contact.initiated_at.as_millis(), contact.id);
    tx.insert(&contact.association.to_string(), &place, &Associated { contact: contact.id }).map(drop)
}

/// A contact in its tree (`ContactAssociationId`), where the oldest comes first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Associated {
    /// Which contact.
    pub(crate) contact: ContactId,
}

impl Record for Associated {
    const KIND: &'static str = "associated-contact";
}

/// A chat that is going on, counted per instance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Active {}

impl Record for Active {
    const KIND: &'static str = "active-chat";
}

/// A message of the chat.
pub(crate) fn message(tx: &mut Tx, chat: &Chat, id: ItemId) -> Result<Option<Item>, StoreError> {
    Ok(tx.item::<Item>(chat.id(), id)?.map(|row| row.doc))
}
