//! UpdateContact: a contact's name, description, references and segment attributes (Amazon Connect API Reference,
//! *UpdateContact*).

use std::collections::BTreeMap;

use switchboard_domain::chat::{contact, contact_edit::ContactUpdate};
use switchboard_wire::{
    Map,
    connect::{InvalidRequestException, Reference, UpdateContactError, UpdateContactInput, UpdateContactOutput},
};

use super::{contacts, segment_attributes, words::OffWire as _};
use crate::ops::{Ctx, Failure};

/// Changes what is given, on a contact that goes on or has ended.
pub(super) async fn update_contact(
    ctx: Ctx,
    input: UpdateContactInput,
) -> Result<UpdateContactOutput, Failure<UpdateContactError>> {
    let (instance, contact) = (input.instance_id.clone(), input.contact_id.clone());
    let update = asked(input);
    ctx.write(move |ctx, tx| {
        let contact = contacts::contact(ctx, tx, &instance, &contact)?;
        let update = update.clone()?;
        contacts::edit(tx, contact, |contact| contact.update(update, &ctx.app.limits.chat, ctx.now))?;
        Ok(UpdateContactOutput::default())
    })
    .await
}

fn asked(input: UpdateContactInput) -> Result<ContactUpdate, InvalidRequestException> {
    let audio_only = [
        input.queue_info.is_some().then_some("QueueInfo"),
        input.user_info.is_some().then_some("UserInfo"),
        input.customer_endpoint.is_some().then_some("CustomerEndpoint"),
        input.system_endpoint.is_some().then_some("SystemEndpoint"),
    ];
    Ok(ContactUpdate {
        name: input.name,
        description: input.description,
        references: input.references.map(references),
        segment_attributes: input.segment_attributes.map(segment_attributes::given).transpose()?,
        audio_only: audio_only.into_iter().flatten().next(),
    })
}

/// `Status`, `StatusReason` and `Arn` are the system's to set, for kinds of reference that cannot be set here.
fn references(given: Map<Reference>) -> BTreeMap<String, contact::Reference> {
    let read = |reference: Reference| contact::Reference { kind: reference.r#type.off_wire(), value: reference.value };
    given.into_iter().map(|(name, reference)| (name, read(reference))).collect()
}
