//! Contacts as requests name them: an instance, and an id in it.
//!
//! The one rule: `InstanceId` and `ContactId` must fit together. A contact of another instance is not found, whatever
//! else is wrong with the request.

use switchboard_domain::{
    ContactId,
    chat::{Chat, Contact, contact_edit::EditError, persistent::Found},
    instance::{Instance, UnknownReference, parse_id},
};
use switchboard_state::{StoreError, Tx};
use switchboard_wire::connect::{InvalidRequestException, ResourceNotFoundException};

use super::lookup::{active_instance, not_found};
use crate::{
    chat::{
        apply::save_contact,
        lookup::{self, chat_of},
    },
    ops::{Ctx, Failure},
};

/// The contact of that instance, whether or not it has ended.
pub(super) fn contact<E>(ctx: &Ctx, tx: &mut Tx, instance: &str, contact: &str) -> Result<Contact, Failure<E>>
where
    E: From<ResourceNotFoundException> + From<InvalidRequestException>,
{
    let instance = active_instance(ctx, tx, instance)?;
    find(tx, &instance, contact)?.ok_or_else(|| unknown(contact).into())
}

/// The contact of that instance and the chat that it is part of, whether or not they have ended.
pub(super) fn with_chat<E>(ctx: &Ctx, tx: &mut Tx, instance: &str, contact: &str) -> Result<(Contact, Chat), Failure<E>>
where
    E: From<ResourceNotFoundException> + From<InvalidRequestException>,
{
    let contact = self::contact(ctx, tx, instance, contact)?;
    match chat_of(tx, contact.id)? {
        Some(chat) => Ok((contact, chat)),
        None => Err(unknown(&contact.id.to_string()).into()),
    }
}

/// The chat of a contact that goes on: for what cannot be done to one that has ended.
// AWS does not say: what CreateParticipant and UpdateParticipantRoleConfig answer for a contact that has ended. It is
// there, so it is not "not found": the request comes at the wrong time, InvalidRequestException.
pub(super) fn open_chat<E>(ctx: &Ctx, tx: &mut Tx, instance: &str, contact: &str) -> Result<Chat, Failure<E>>
where
    E: From<ResourceNotFoundException> + From<InvalidRequestException>,
{
    let (contact, chat) = with_chat(ctx, tx, instance, contact)?;
    if contact.has_ended() {
        return Err(InvalidRequestException::new(format!("The contact {} has ended.", contact.id)).into());
    }
    Ok(chat)
}

/// The contact that carries the attributes of the chat: its first.
// AWS does not say: what Get- and UpdateContactAttributes do with the id of a later contact of a chat. Attributes belong
// to the whole chat, so any of its contacts leads to them.
pub(super) fn initial_contact<E>(ctx: &Ctx, tx: &mut Tx, instance: &str, contact: &str) -> Result<Contact, Failure<E>>
where
    E: From<ResourceNotFoundException> + From<InvalidRequestException>,
{
    let contact = self::contact(ctx, tx, instance, contact)?;
    Ok(initial_of(tx, contact)?)
}

/// The first contact of the chat that `contact` is part of.
pub(super) fn initial_of(tx: &mut Tx, contact: Contact) -> Result<Contact, StoreError> {
    if contact.is_initial() {
        return Ok(contact);
    }
    Ok(lookup::contact(tx, ContactId(contact.chat.0))?.unwrap_or(contact))
}

/// The contact that `id` names, if it belongs to that instance.
pub(super) fn find(tx: &mut Tx, instance: &Instance, id: &str) -> Result<Option<Contact>, StoreError> {
    let Ok(id) = parse_id(id, ContactId) else { return Ok(None) };
    Ok(lookup::contact(tx, id)?.filter(|contact| contact.instance == instance.id))
}

/// A contact with its chat, and the first contact of that.
pub(super) struct Whole {
    pub(super) contact: Contact,
    pub(super) initial: Contact,
    pub(super) chat: Chat,
}

impl Whole {
    /// The contact that `id` names, if it belongs to that instance, with all that goes with it.
    pub(super) fn find(tx: &mut Tx, instance: &Instance, id: &str) -> Result<Option<Self>, StoreError> {
        let Some(contact) = find(tx, instance, id)? else { return Ok(None) };
        let initial = initial_of(tx, contact.clone())?;
        Ok(lookup::chat(tx, contact.chat)?.map(|chat| Self { contact, initial, chat }))
    }

    /// Without its chat, as decisions about another chat want it.
    pub(super) const fn found(&self) -> Found<'_> {
        Found { contact: &self.contact, initial: &self.initial }
    }
}

/// Changes the record of a contact.
pub(super) fn edit<E>(
    tx: &mut Tx,
    mut contact: Contact,
    change: impl FnOnce(&mut Contact) -> Result<(), EditError>,
) -> Result<(), Failure<E>>
where
    E: From<InvalidRequestException>,
{
    change(&mut contact).map_err(refused)?;
    Ok(save_contact(tx, &contact)?)
}

/// Why a record cannot be changed so, as the wire says it.
// AWS does not say: which of the two 400s a broken rule is, InvalidRequestException or InvalidParameterException. It is
// the first, as for the constraints of the model.
pub(super) fn refused(error: EditError) -> InvalidRequestException {
    match error {
        EditError::AttributeKey(_)
        | EditError::AttributesTooLarge { .. }
        | EditError::Nothing
        | EditError::AudioOnly(_)
        | EditError::ReferenceType { .. }
        | EditError::ReferenceValue(_)
        | EditError::ReferencesTooLarge { .. }
        | EditError::SegmentAttribute(_)
        | EditError::TagKey(_)
        | EditError::TooManyTags(_) => InvalidRequestException::new(error.to_string()),
    }
}

fn unknown(contact: &str) -> ResourceNotFoundException {
    not_found(UnknownReference(contact.to_owned()))
}
