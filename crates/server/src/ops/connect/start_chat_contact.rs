//! StartChatContact: a chat begins and waits for its customer (Amazon Connect API Reference, *StartChatContact*).

use serde::{Deserialize, Serialize};
use switchboard_domain::{
    ContactId, StreamingId,
    chat::{
        Claims, Context,
        connect::{ConnectRequest, Connected},
        persistent::{PersistentError, PersistentSource, RehydrationType},
        start::{Related, StartChat, StartError},
    },
    instance::{
        FlowReference, Instance,
        contents::{Flow, FlowState, FlowStatus, FlowType},
    },
};
use switchboard_state::{StoreError, Tx};
use switchboard_wire::{
    connect::{
        ConnectionCredentials, ConnectionType, DisconnectOnCustomerExitParticipantType, InvalidRequestException,
        LimitExceededException, PersistentChat, ResponseMode, StartChatContactError, StartChatContactInput,
        StartChatContactOutput, Websocket,
    },
    iso_millis,
};

use super::{
    contacts::Whole,
    contents,
    lookup::{self, not_found},
    segment_attributes, streaming,
    words::OffWire as _,
};
use crate::{
    app::App,
    chat::{
        apply::{Active, apply, save_contact},
        credentials,
        lookup::chat,
    },
    ids::SystemIds,
    ops::{Ctx, Failure},
};

/// What is remembered of a call, to answer the same call again. Tokens are made anew each time, and kept nowhere.
#[derive(Serialize, Deserialize)]
struct Started {
    contact: ContactId,
    customer: Claims,
    continued_from: Option<ContactId>,
    stream: Option<StreamingId>,
}

/// Begins the chat and hands out the customer's token, with a connection and a stream where they are asked for.
pub(crate) async fn start_chat_contact(
    ctx: Ctx,
    input: StartChatContactInput,
) -> Result<StartChatContactOutput, Failure<StartChatContactError>> {
    let (started, connected) = ctx
        .write(move |ctx, tx| {
            let instance = lookup::active_instance(ctx, tx, &input.instance_id)?;
            let once = format!("StartChatContact/{}", instance.id);
            let started: Started =
                tx.once(ctx.once(&once, input.client_token.as_deref()), |tx| start(ctx, tx, &instance, &input))?;
            let connected = connect(ctx, tx, &started, input.connection_types.as_deref().unwrap_or_default())?;
            Ok((started, connected))
        })
        .await?;
    let (credentials, websocket) = connected.map(|connected| show(&ctx.app, &started, &connected)).unwrap_or_default();
    Ok(StartChatContactOutput {
        contact_id: Some(started.contact.to_string()),
        participant_id: Some(started.customer.participant.to_string()),
        participant_token: Some(credentials::token(&ctx.app, &started.customer)),
        continued_from_contact_id: started.continued_from.map(|contact| contact.to_string()),
        connection_credentials: credentials,
        websocket,
        streaming_id: started.stream.map(|stream| stream.to_string()),
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
    let related = input.related_contact_id.as_deref().map(|id| Whole::find(tx, instance, id)).transpose()?;
    let request = StartChat {
        persistent: source.as_ref().map(|(rehydration, whole)| PersistentSource {
            rehydration: *rehydration,
            found: whole.as_ref().map(|whole| (&whole.chat, whole.found())),
        }),
        related: related.as_ref().map(|whole| match whole {
            Some(whole) => Related::Contact(whole.found()),
            None => Related::Unknown,
        }),
        active_chats: active_chats(ctx, tx, instance)?,
        ..request(instance, input)?
    };

    let mut ids = SystemIds;
    let mut cx = Context::new(ctx.now, &ctx.app.limits.chat, &mut ids);
    let mut started = request.decide(&mut cx).map_err(refused)?;
    let (contact, region) = (started.contact.id, &ctx.app.home.region);
    let stream = input
        .chat_streaming_configuration
        .as_ref()
        .map(|streaming| started.chat.start_streaming(contact, &streaming.streaming_endpoint_arn, region, &mut cx));
    save_contact(tx, &started.contact)?;
    apply(tx, &started.chat, &started.changes)?;
    Ok(Started {
        contact,
        customer: started.chat.participant_claims(started.participant),
        continued_from: started.continued_from,
        stream: stream.transpose().map_err(streaming::not_started)?,
    })
}

/// Everything in the request that needs no look-up.
fn request<'a>(instance: &Instance, input: &StartChatContactInput) -> Result<StartChat<'a>, InvalidRequestException> {
    let mut exits = input.disconnect_on_customer_exit.iter().flatten();
    let mode = input.participant_configuration.as_ref().and_then(|configuration| configuration.response_mode);
    let message = input.initial_message.as_ref();
    Ok(StartChat {
        attributes: input.attributes.clone().unwrap_or_default(),
        initial_message: message.map(|message| (message.content_type.clone(), message.content.clone())),
        duration_minutes: input.chat_duration_in_minutes.map(i64::from),
        content_types: input.supported_messaging_content_types.clone().unwrap_or_default(),
        segment_attributes: segment_attributes::given(input.segment_attributes.clone().unwrap_or_default())?,
        customer_id: input.customer_id.clone(),
        agent_leaves_with_customer: exits.any(|who| *who == DisconnectOnCustomerExitParticipantType::Agent),
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
) -> Result<Option<(RehydrationType, Option<Whole>)>, Failure<StartChatContactError>> {
    let Some(PersistentChat { rehydration_type, source_contact_id }) = given else { return Ok(None) };
    let (Some(rehydration), Some(source)) = (rehydration_type, source_contact_id) else {
        return Err(
            InvalidRequestException::new("PersistentChat must have RehydrationType and SourceContactId.").into()
        );
    };
    Ok(Some((rehydration.off_wire(), Whole::find(tx, instance, source)?)))
}

/// The connection that is asked for along with the chat. The same call again gets another, as long as the chat goes on.
// AWS does not say: whether ConnectionTypes connects the customer at once. It stands for CreateParticipantConnection, so
// it does what that does.
fn connect(
    ctx: &Ctx,
    tx: &mut Tx,
    started: &Started,
    types: &[ConnectionType],
) -> Result<Option<Connected>, StoreError> {
    let request = ConnectRequest {
        websocket: types.contains(&ConnectionType::Websocket),
        credentials: types.contains(&ConnectionType::ConnectionCredentials),
        ..ConnectRequest::default()
    };
    // AWS documents that no other type has any effect.
    if request == ConnectRequest::default() {
        return Ok(None);
    }
    let Some(mut chat) = chat(tx, started.customer.chat)? else { return Ok(None) };
    let mut ids = SystemIds;
    let mut cx = Context::new(ctx.now, &ctx.app.limits.chat, &mut ids);
    // What can keep the customer out is that the chat is over, or that they left it.
    let Ok(connected) = chat.connect(started.customer.participant, request, &mut cx) else { return Ok(None) };
    if !connected.changes.is_empty() {
        apply(tx, &chat, &connected.changes)?;
    }
    Ok(Some(connected))
}

fn show(app: &App, started: &Started, connected: &Connected) -> (Option<ConnectionCredentials>, Option<Websocket>) {
    let credentials = connected.credentials.map(|claims| ConnectionCredentials {
        connection_token: Some(credentials::token(app, &claims)),
        expiry: Some(iso_millis(claims.expires_at.as_millis())),
    });
    let websocket = connected.socket.map(|grant| Websocket {
        url: Some(credentials::socket_url(app, started.customer.chat, &grant)),
        connection_expiry: Some(iso_millis(grant.expires_at.as_millis())),
    });
    (credentials, websocket)
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
