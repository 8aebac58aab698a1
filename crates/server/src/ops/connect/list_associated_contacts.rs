//! ListAssociatedContacts: every contact of the tree that a contact is part of, the chats that it continues and that
//! continue it among them (Amazon Connect API Reference, *ListAssociatedContacts*).

use switchboard_domain::{chat::Contact, instance::ConnectResource};
use switchboard_wire::connect::{
    AssociatedContactSummary, Channel, ListAssociatedContactsError, ListAssociatedContactsInput,
    ListAssociatedContactsOutput,
};

use super::{contacts, paging::Wanted, words::OnWire as _};
use crate::{
    chat::lookup,
    ops::{Ctx, Failure},
};

/// What a page holds where the request does not say.
// AWS does not say: how many. The most it allows.
const PAGE: usize = 100;

/// One page of them, in the order of their beginnings.
pub(super) async fn list_associated_contacts(
    ctx: Ctx,
    input: ListAssociatedContactsInput,
) -> Result<ListAssociatedContactsOutput, Failure<ListAssociatedContactsError>> {
    ctx.read(|tx| {
        let contact = contacts::contact(&ctx, tx, &input.instance_id, &input.contact_id)?;
        let wanted = Wanted {
            list: format!("ListAssociatedContacts/{}", contact.association),
            token: input.next_token.as_deref(),
            max_results: input.max_results,
            default: PAGE,
        };
        let page = wanted.page(&ctx, |after, limit| lookup::associated(tx, contact.association, after, limit))?;
        Ok(ListAssociatedContactsOutput {
            contact_summary_list: Some(page.items.into_iter().map(|contact| summary(&ctx, &contact)).collect()),
            next_token: page.next,
        })
    })
}

fn summary(ctx: &Ctx, contact: &Contact) -> AssociatedContactSummary {
    AssociatedContactSummary {
        contact_id: Some(contact.id.to_string()),
        contact_arn: Some(ConnectResource::Contact(contact.instance, contact.id).arn(&ctx.app.home).to_string()),
        initiation_timestamp: Some(contact.initiated_at.as_millis().into()),
        disconnect_timestamp: contact.disconnected_at.map(|at| at.as_millis().into()),
        initial_contact_id: Some(contact.chat.to_string()),
        previous_contact_id: contact.previous.map(|id| id.to_string()),
        related_contact_id: contact.related.map(|id| id.to_string()),
        initiation_method: Some(contact.initiation_method.on_wire()),
        channel: Some(Channel::Chat),
    }
}
