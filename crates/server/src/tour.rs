//! `switchboard demo`: a small contact centre to look around in, and what to try first.
//!
//! The one rule: all of it is made by the operations themselves, as a client's requests would make it. A second start
//! on the same data finds what the first one made: the instance by its alias, the chat by a record of who is in it.

use std::{env, fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use switchboard_domain::{
    InstanceId, Time,
    chat::participants::{AddStaff, StaffRole},
    instance::{Claim, ClaimedBy},
};
use switchboard_state::{Record, StoreError};
use switchboard_wire::{
    ErrorReply, OperationError,
    connect::{
        AssociateBotError, AssociateBotInput, ChatMessage, ContactFlowType, CreateInstanceInput, DirectoryType,
        LexV2Bot, ListContactFlowsInput, ParticipantDetails, StartChatContactInput,
    },
    connectparticipant::{ConnectionType, CreateParticipantConnectionInput, SendMessageInput},
};

use crate::{
    app::App,
    commands,
    http::own,
    instances,
    ops::{Ctx, Failure, connect, participant},
    tokens::Purpose,
};

/// The alias of the instance.
const ALIAS: &str = "demo";
/// The flow that its chats begin in.
const FLOW: &str = "Sample inbound flow (first contact experience)";
/// The bot alias that it may use. There is nothing behind it yet: Lex is not served.
const BOT_ALIAS: &str = "bot-alias/GREETERBOT/LIVEALIAS1";
const PLAIN_TEXT: &str = "text/plain";

/// What there is to look at.
pub(crate) struct Tour {
    instance: String,
    flow: String,
    chat: Chat,
    /// The customer's ConnectionToken.
    customer: String,
    /// The agent's ConnectionToken.
    agent: String,
}

/// The chat of the tour, kept so that the next start goes on with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Chat {
    contact: String,
    /// The customer's ParticipantToken.
    customer: String,
    /// The agent's ParticipantToken.
    agent: String,
}

impl Record for Chat {
    const KIND: &'static str = "tour";
}

/// Why there is no contact centre to look at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TourError {
    /// An operation refused what the tour asked for.
    #[error("the demo cannot be prepared: {0}: {1}")]
    Refused(&'static str, String),
    /// The state cannot be read or written.
    #[error("the demo cannot be prepared: {0}")]
    Store(#[from] StoreError),
}

/// Makes the contact centre of the tour, or finds it.
pub(crate) async fn prepare(app: &Arc<App>) -> Result<Tour, TourError> {
    let instance = instance(app).await?;
    let flow = flow(app, &instance).await?;
    if let Some(chat) = app.state.read(|tx| tx.get::<Chat>("", ""))?
        && let (Some(customer), Some(agent)) = (join(app, &chat.customer).await?, join(app, &chat.agent).await?)
    {
        return Ok(Tour { instance, flow, chat, customer, agent });
    }
    let chat = begin(app, &instance, &flow).await?;
    let kept = chat.clone();
    app.state.write(move |tx| tx.put("", "", &kept)).await?;
    let gone = |who: &str| TourError::Refused("CreateParticipantConnection", format!("the {who} is not in the chat"));
    let customer = join(app, &chat.customer).await?.ok_or_else(|| gone("customer"))?;
    let agent = join(app, &chat.agent).await?.ok_or_else(|| gone("agent"))?;
    say(app, &agent, "Hello Jane, this is Ann. Let me see.").await?;
    Ok(Tour { instance, flow, chat, customer, agent })
}

/// The instance of that alias, active.
async fn instance(app: &Arc<App>) -> Result<String, TourError> {
    let id = match known(app)? {
        Some(id) => id.to_string(),
        None => create(app).await?,
    };
    let bot = LexV2Bot { alias_arn: Some(app.home.arn("lex", BOT_ALIAS).to_string()) };
    let bot = AssociateBotInput { instance_id: id.clone(), lex_v2_bot: Some(bot), ..AssociateBotInput::default() };
    match connect::associate_bot(ctx(app), bot).await {
        Ok(()) | Err(Failure::Modelled(AssociateBotError::ResourceConflictException(_))) => Ok(id),
        Err(error) => Err(refused("AssociateBot")(error)),
    }
}

fn known(app: &App) -> Result<Option<InstanceId>, TourError> {
    let alias = Claim::Alias(ALIAS.to_owned()).to_string();
    let claimed = app.state.read(|tx| tx.get::<ClaimedBy>("", &alias))?;
    Ok(claimed.map(|claimed| claimed.instance_id))
}

async fn create(app: &Arc<App>) -> Result<String, TourError> {
    let request = CreateInstanceInput {
        identity_management_type: DirectoryType::ConnectManaged,
        instance_alias: Some(ALIAS.to_owned()),
        inbound_calls_enabled: true,
        outbound_calls_enabled: true,
        ..CreateInstanceInput::default()
    };
    let made = connect::create_instance(ctx(app), request).await.map_err(refused("CreateInstance"))?;
    let id = made.id.unwrap_or_default();
    // Creation takes a moment, which nobody wants to wait for here.
    if let Ok(instance) = id.parse::<InstanceId>() {
        let created = Time(app.clock.now().as_millis().saturating_add(app.config.instance_creation_ms.into()));
        let world = app.clone();
        app.state.write(move |tx| instances::advance(&world, tx, instance, created)).await?;
    }
    Ok(id)
}

/// The flow that chats begin in.
async fn flow(app: &Arc<App>, instance: &str) -> Result<String, TourError> {
    let request = ListContactFlowsInput {
        instance_id: instance.to_owned(),
        contact_flow_types: Some(vec![ContactFlowType::ContactFlow]),
        ..ListContactFlowsInput::default()
    };
    let listed = connect::list_contact_flows(ctx(app), request).await.map_err(refused("ListContactFlows"))?;
    let mut flows = listed.contact_flow_summary_list.unwrap_or_default().into_iter();
    let flow = flows.find(|flow| flow.name.as_deref() == Some(FLOW));
    flow.and_then(|flow| flow.id).ok_or_else(|| TourError::Refused("ListContactFlows", format!("there is no {FLOW:?}")))
}

/// A new chat: Jane asks, and Ann is asked in.
async fn begin(app: &Arc<App>, instance: &str, flow: &str) -> Result<Chat, TourError> {
    let request = StartChatContactInput {
        instance_id: instance.to_owned(),
        contact_flow_id: flow.to_owned(),
        participant_details: ParticipantDetails { display_name: "Jane".to_owned() },
        initial_message: Some(ChatMessage {
            content_type: PLAIN_TEXT.to_owned(),
            content: "Hello, my kettle does not boil.".to_owned(),
        }),
        ..StartChatContactInput::default()
    };
    let started = connect::start_chat_contact(ctx(app), request).await.map_err(refused("StartChatContact"))?;
    let contact = started.contact_id.unwrap_or_default();
    let ann = AddStaff { role: StaffRole::Agent, display_name: "Ann".to_owned(), user: None };
    let (chat, ann) = own::add_staff(app, &contact, ann)
        .await
        .map_err(|reply| TourError::Refused("adding an agent", shown(&reply)))?;
    let agent = app.tokens.issue(Purpose::Participant, chat, ann.participant, ann.expires_at);
    Ok(Chat { contact, customer: started.participant_token.unwrap_or_default(), agent })
}

/// Somebody comes into the chat and gets their ConnectionToken; none when the chat is over, or they have left it.
async fn join(app: &Arc<App>, participant_token: &str) -> Result<Option<String>, TourError> {
    let request = CreateParticipantConnectionInput {
        r#type: Some(vec![ConnectionType::Websocket, ConnectionType::ConnectionCredentials]),
        participant_token: participant_token.to_owned(),
        ..CreateParticipantConnectionInput::default()
    };
    match participant::create_participant_connection(ctx(app), request).await {
        Ok(made) => Ok(made.connection_credentials.and_then(|credentials| credentials.connection_token)),
        Err(Failure::Modelled(_)) => Ok(None),
        Err(Failure::Internal(error)) => Err(error.into()),
    }
}

async fn say(app: &Arc<App>, connection_token: &str, text: &str) -> Result<(), TourError> {
    let message = SendMessageInput {
        content_type: PLAIN_TEXT.to_owned(),
        content: text.to_owned(),
        connection_token: connection_token.to_owned(),
        client_token: None,
    };
    participant::send_message(ctx(app), message).await.map_err(refused("SendMessage")).map(drop)
}

/// As a request of ours would come in now.
fn ctx(app: &Arc<App>) -> Ctx {
    Ctx { app: app.clone(), now: app.clock.now(), caller: "tour".into() }
}

fn refused<E: OperationError>(operation: &'static str) -> impl Fn(Failure<E>) -> TourError {
    move |failure| match failure {
        Failure::Modelled(error) => TourError::Refused(operation, shown(&error.reply())),
        Failure::Internal(error) => error.into(),
    }
}

fn shown(reply: &ErrorReply) -> String {
    format!("{} {}", reply.code, String::from_utf8_lossy(&reply.body))
}

impl Tour {
    /// What to try: lines that a shell runs as they are.
    ///
    /// No line of prose has a quotation mark, a bracket or a star in it, since zsh reads pasted comments as commands.
    pub(crate) fn text(&self, app: &App) -> String {
        let Self { instance, flow, chat: Chat { contact, customer: jane, agent: _ }, customer, agent } = self;
        let exports = commands::exports(&app.public_url, &app.home.region, app.keys.first());
        let kept =
            if app.config.data.is_some() { "kept for the next start" } else { "in memory, and gone when it stops" };
        format!(
            r#"
# A contact centre with a chat in it is ready. Ctrl-C stops the server; its state is {kept}.
# Paste the rest into another terminal, all at once or line by line.

# How clients find this server. The aws command, boto3 and every AWS SDK read the same variables.
{Path}{exports}INSTANCE={instance}
FLOW={flow}
CONTACT={contact}
JANE={jane}
CUSTOMER={customer}
AGENT={agent}

# The contact centre: its bots, its queues. Instead of switchboard, aws works in every line.
switchboard connect list-instances
switchboard connect list-bots --instance-id $INSTANCE --lex-version V2
switchboard connect list-queues --instance-id $INSTANCE --queue-types STANDARD

# The chat: what was said, and one more message from either side.
switchboard connectparticipant send-message --connection-token $CUSTOMER --content-type text/plain --content "It stays cold."
switchboard connectparticipant send-message --connection-token $AGENT --content-type text/plain --content "Is it plugged in?"
switchboard connectparticipant get-transcript --connection-token $CUSTOMER --sort-order ASCENDING --max-results 100

# A connection for a browser or an app: the URL of its socket, and a token of its own.
switchboard connectparticipant create-participant-connection --participant-token $JANE --type WEBSOCKET CONNECTION_CREDENTIALS

# Another customer, who waits for an answer.
switchboard connect start-chat-contact --instance-id $INSTANCE --contact-flow-id $FLOW --participant-details DisplayName=Joe

# The first one leaves, which ends the chat. After this the tokens above are good for nothing.
switchboard connectparticipant disconnect-participant --connection-token $CUSTOMER
switchboard connect describe-contact --instance-id $INSTANCE --contact-id $CONTACT
"#
        )
    }
}

/// The line that lets a shell find this program by its name.
struct Path;

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = env::current_exe().ok();
        let Some(folder) = program.as_deref().and_then(std::path::Path::parent) else { return Ok(()) };
        writeln!(f, "export PATH='{}':\"$PATH\"", folder.display().to_string().replace('\'', "'\\''"))
    }
}
