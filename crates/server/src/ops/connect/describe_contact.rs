//! DescribeContact: one contact, while it goes on and long after (Amazon Connect API Reference, *DescribeContact*).

use switchboard_domain::{
    chat::{Chat, Contact, contact},
    instance::ConnectResource,
};
use switchboard_wire::connect::{
    self as wire, AgentInfo, Channel, DescribeContactError, DescribeContactInput, DescribeContactOutput, QueueInfo,
};

use super::{chat_metrics, contacts, segment_attributes, words::OnWire as _};
use crate::ops::{Ctx, Failure};

/// All that is known of it.
pub(super) async fn describe_contact(
    ctx: Ctx,
    input: DescribeContactInput,
) -> Result<DescribeContactOutput, Failure<DescribeContactError>> {
    let (contact, initial, chat) = ctx.read(|tx| {
        let (contact, chat) = contacts::with_chat(&ctx, tx, &input.instance_id, &input.contact_id)?;
        let initial = contacts::initial_of(tx, contact.clone())?;
        Ok::<_, Failure<DescribeContactError>>((contact, initial, chat))
    })?;
    let chat_metrics = chat_metrics::of(&ctx, &contact, &chat).await?;
    let contact = wire::Contact { chat_metrics, ..show(&ctx, contact, initial, &chat) };
    Ok(DescribeContactOutput { contact: Some(contact) })
}

fn show(ctx: &Ctx, contact: Contact, initial: Contact, chat: &Chat) -> wire::Contact {
    wire::Contact {
        arn: Some(ConnectResource::Contact(contact.instance, contact.id).arn(&ctx.app.home).to_string()),
        id: Some(contact.id.to_string()),
        initial_contact_id: is_one_of_several(&contact, chat).then(|| contact.chat.to_string()),
        previous_contact_id: contact.previous.map(|id| id.to_string()),
        contact_association_id: Some(contact.association.to_string()),
        related_contact_id: contact.related.map(|id| id.to_string()),
        initiation_method: Some(contact.initiation_method.on_wire()),
        name: contact.name,
        description: contact.description,
        channel: Some(Channel::Chat),
        queue_info: contact.queue.map(queue),
        agent_info: contact.agent.map(agent),
        initiation_timestamp: Some(contact.initiated_at.as_millis().into()),
        connected_to_system_timestamp: contact.connected_at.map(|at| at.as_millis().into()),
        disconnect_timestamp: contact.disconnected_at.map(|at| at.as_millis().into()),
        disconnect_reason: contact.disconnect_reason.map(|reason| reason.to_string()),
        last_update_timestamp: Some(contact.updated_at.as_millis().into()),
        customer_id: contact.customer_id,
        tags: (!contact.tags.is_empty()).then_some(contact.tags),
        segment_attributes: segment_attributes::shown(contact.segment_attributes),
        attributes: (!initial.attributes.is_empty()).then_some(initial.attributes),
        ..wire::Contact::default()
    }
}

/// `InitialContactId` is for a contact that is related to others.
fn is_one_of_several(contact: &Contact, chat: &Chat) -> bool {
    !contact.is_initial() || chat.contacts().len() > 1
}

fn queue(queue: contact::QueueInfo) -> QueueInfo {
    QueueInfo { id: Some(queue.id), enqueue_timestamp: Some(queue.enqueued_at.as_millis().into()) }
}

fn agent(agent: contact::AgentInfo) -> AgentInfo {
    AgentInfo {
        id: agent.id,
        connected_to_agent_timestamp: Some(agent.connected_at.as_millis().into()),
        ..AgentInfo::default()
    }
}
