//! StartChatContact: a chat begins and waits for its customer (Amazon Connect API Reference, *StartChatContact*).

use serde::{Deserialize, Serialize};
use switchboard_domain::{
    ContactId,
    chat::{
        Chat, Claims, Contact, Context,
        persistent::{Found, PersistentError, PersistentSource, RehydrationType},
        start::{Related, StartChat, StartError},
    },
    instance::{
        FlowReference, Instance,
        contents::{Flow, FlowState, FlowStatus, FlowType},
    },
};
use switchboard_state::{StoreError, Tx};
use switchboard_wire::connect::{
    DisconnectOnCustomerExitParticipantType, InvalidRequestException, LimitExceededException, ParticipantConfiguration,
    PersistentChat, ResponseMode, StartChatContactError, StartChatContactInput, StartChatContactOutput,
};

use super::{
    contacts, contents,
    lookup::{self, not_found},
    segment_attributes,
    words::OffWire as _,
};
use crate::{
    chat::{
        apply::{Active, apply, save_contact},
        credentials, lookup as chats,
    },
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// What is remembered of a call, to answer the same call again. The token is made anew each time, and kept nowhere.
#[derive(Serialize, Deserialize)]
struct Started {
    contact: ContactId,
    customer: Claims,
    continued_from: Option<ContactId>,
}

/// Begins the chat and hands out the customer's token.
pub(crate) async fn start_chat_contact(
    ctx: Ctx,
    input: StartChatContactInput,
) -> Result<StartChatContactOutput, Failure<StartChatContactError>> {
    let started = ctx
        .write(move |ctx, tx| {
            let instance = lookup::active_instance(ctx, tx, &input.instance_id)?;
            let once = format!("StartChatContact/{}", instance.id);
            tx.once(ctx.once(&once, input.client_token.as_deref()), |tx| start(ctx, tx, &instance, &input))
        })
        .await?;
    Ok(StartChatContactOutput {
        contact_id: Some(started.contact.to_string()),
        participant_id: Some(started.customer.participant.to_string()),
        participant_token: Some(credentials::token(&ctx.app, &started.customer)),
        continued_from_contact_id: started.continued_from.map(|contact| contact.to_string()),
    })
}

fn start(
    ctx: &Ctx,
    tx: &mut Tx,
    instance: &Instance,
    input: &StartChatContactInput,
) -> Result<Started, Failure<StartChatContactError>> {
    let asked = FlowReference::parse(&input.contact_flow_id, instance.id, &ctx.app.home).map_err(not_found)?;
    let flow: Flow = contents::find(ctx, tx, instance, &asked.id.to_string())?;
    check_flow(&flow, asked.saved)?;

    let source = source(tx, instance, input.persistent_chat.as_ref())?;
    let related = input.related_contact_id.as_deref().map(|id| Named::load(tx, instance, id)).transpose()?;
    let request = StartChat {
        persistent: source
            .as_ref()
            .map(|(rehydration, named)| PersistentSource { rehydration: *rehydration, found: Named::with_chat(named) }),
        related: related
            .as_ref()
            .map(|named| named.as_ref().map_or(Related::Unknown, |named| Related::Contact(named.found()))),
        active_chats: active_chats(ctx, tx, instance)?,
        ..request(instance, input)?
    };

    let mut ids = SystemIds;
    let started = request.decide(&mut Context::new(ctx.now, &ctx.app.limits.chat, &mut ids)).map_err(refused)?;
    save_contact(tx, &started.contact)?;
    apply(tx, &started.chat, &started.changes)?;
    Ok(Started {
        contact: started.contact.id,
        customer: started.chat.participant_claims(started.participant),
        continued_from: started.continued_from,
    })
}

/// Everything in the request that needs no look-up.
fn request<'a>(instance: &Instance, input: &StartChatContactInput) -> Result<StartChat<'a>, InvalidRequestException> {
    let exits = input.disconnect_on_customer_exit.iter().flatten();
    let mode =
        input.participant_configuration.as_ref().and_then(|ParticipantConfiguration { response_mode }| *response_mode);
    let message = input.initial_message.as_ref();
    Ok(StartChat {
        attributes: input.attributes.clone().unwrap_or_default(),
        initial_message: message.map(|message| (message.content_type.clone(), message.content.clone())),
        duration_minutes: input.chat_duration_in_minutes.map(i64::from),
        content_types: input.supported_messaging_content_types.clone().unwrap_or_default(),
        segment_attributes: segment_attributes::given(input.segment_attributes.clone().unwrap_or_default())?,
        customer_id: input.customer_id.clone(),
        agent_leaves_with_customer: exits.into_iter().any(|who| *who == DisconnectOnCustomerExitParticipantType::Agent),
        incremental_responses: mode == Some(ResponseMode::Incremental),
        ..StartChat::new(instance.id, input.contact_flow_id.clone(), input.participant_details.display_name.clone())
    })
}

// AWS does not say: what a flow answers that is there and cannot begin a chat: one of another type, an archived one, one
// that is not published, or the saved draft of one that is. Nothing is missing, so it is InvalidRequestException.
fn check_flow(flow: &Flow, draft: bool) -> Result<(), InvalidRequestException> {
    let why = if flow.flow_type != FlowType::ContactFlow {
        "must be of type CONTACT_FLOW to begin a chat"
    } else if flow.state == FlowState::Archived {
        "is archived"
    } else if draft || flow.status() != FlowStatus::Published {
        "must be published to begin a chat"
    } else {
        return Ok(());
    };
    Err(InvalidRequestException::new(format!("ContactFlowId: the flow {why}.")))
}

/// Counted only where there is a quota: the count reads a row for each.
fn active_chats(ctx: &Ctx, tx: &mut Tx, instance: &Instance) -> Result<u64, StoreError> {
    match ctx.app.limits.chat.active_chats {
        Some(_) => tx.count::<Active>(&instance.id.to_string()),
        None => Ok(0),
    }
}

/// What `PersistentChat` names. Both of its members say what to continue, so neither can be left out.
fn source(
    tx: &mut Tx,
    instance: &Instance,
    given: Option<&PersistentChat>,
) -> Result<Option<(RehydrationType, Option<Named>)>, Failure<StartChatContactError>> {
    let Some(PersistentChat { rehydration_type, source_contact_id }) = given else { return Ok(None) };
    let (Some(rehydration), Some(source)) = (rehydration_type, source_contact_id) else {
        return Err(
            InvalidRequestException::new("PersistentChat must have RehydrationType and SourceContactId.").into()
        );
    };
    Ok(Some((rehydration.off_wire(), Named::load(tx, instance, source)?)))
}

/// A contact of the instance that the request names, with its chat.
struct Named {
    contact: Contact,
    initial: Contact,
    chat: Chat,
}

impl Named {
    fn load(tx: &mut Tx, instance: &Instance, id: &str) -> Result<Option<Self>, StoreError> {
        let Some(contact) = contacts::find(tx, instance, id)? else { return Ok(None) };
        let initial = contacts::initial_of(tx, contact.clone())?;
        Ok(chats::chat(tx, contact.chat)?.map(|chat| Self { contact, initial, chat }))
    }

    fn found(&self) -> Found<'_> {
        Found { contact: &self.contact, initial: &self.initial }
    }

    fn with_chat(named: &Option<Self>) -> Option<(&Chat, Found<'_>)> {
        named.as_ref().map(|named| (&named.chat, named.found()))
    }
}

fn refused(error: StartError) -> Failure<StartChatContactError> {
    match error {
        StartError::RelatedNotFound | StartError::Persistent(PersistentError::SourceNotFound) => {
            not_found(error).into()
        }
        StartError::TooManyChats(_) => LimitExceededException::new(error.to_string()).into(),
        StartError::DisplayNameBlank
        | StartError::Attributes(_)
        | StartError::Duration { .. }
        | StartError::ContentType(_)
        | StartError::PlainTextMissing
        | StartError::InitialMessage(_)
        | StartError::RelatedAndPersistent
        | StartError::Persistent(PersistentError::SourceNotEnded | PersistentError::SourceNotInitial)
        | StartError::SegmentAttribute(_) => InvalidRequestException::new(error.to_string()).into(),
    }
}
