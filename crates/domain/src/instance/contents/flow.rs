//! Flows: what happens to a contact, step by step, in the language of *Amazon Connect Flow language*.
//!
//! The one rule: content is text. What a caller stored comes back byte for byte.
//!
//! The flows of a new instance are files in `flows/`. Where one refers to another resource it holds that resource's
//! ARN with the name in place of the id, in double braces: `{{queue/BasicQueue}}`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Heads, Prompt, Queue, resource};
use crate::{
    instance::{Head, Resource, ResourceKind},
    words::words,
};

words! {
    /// `ContactFlowType`: where in the life of a contact the flow runs.
    FlowType {
        ContactFlow = "CONTACT_FLOW",
        CustomerQueue = "CUSTOMER_QUEUE",
        CustomerHold = "CUSTOMER_HOLD",
        CustomerWhisper = "CUSTOMER_WHISPER",
        AgentHold = "AGENT_HOLD",
        AgentWhisper = "AGENT_WHISPER",
        OutboundWhisper = "OUTBOUND_WHISPER",
        AgentTransfer = "AGENT_TRANSFER",
        QueueTransfer = "QUEUE_TRANSFER",
        Campaign = "CAMPAIGN",
    }
}

words! {
    /// `ContactFlowState`.
    FlowState {
        Active = "ACTIVE",
        Archived = "ARCHIVED",
    }
}

words! {
    /// `ContactFlowStatus`.
    FlowStatus {
        Published = "PUBLISHED",
        Saved = "SAVED",
    }
}

/// A flow: what is published, what is saved, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Id, name and the like.
    pub head: Head,
    /// `Type`, which never changes.
    pub flow_type: FlowType,
    /// `State`.
    pub state: FlowState,
    /// The content that contacts run.
    pub published: Option<String>,
    /// A draft that is newer than it.
    pub saved: Option<String>,
}

resource!(Flow is ContactFlow);

impl Flow {
    /// `Status`: whether contacts can run it.
    #[must_use]
    pub const fn status(&self) -> FlowStatus {
        if self.published.is_some() { FlowStatus::Published } else { FlowStatus::Saved }
    }

    /// The content that a reference asks for, and the status of that content: what contacts run, or with `:$SAVED` the
    /// draft.
    ///
    /// AWS does not say: what `:$SAVED` answers where there is no draft. Ours is what is published, and says so, since
    /// an editor that opens a flow asks this way.
    ///
    /// # Errors
    /// [`NotPublished`] when what contacts run is asked for, and there is only a draft.
    pub fn content(&self, saved: bool) -> Result<(&str, FlowStatus), NotPublished> {
        let draft = self.saved.as_deref().filter(|_| saved).map(|content| (content, FlowStatus::Saved));
        let published = self.published.as_deref().map(|content| (content, FlowStatus::Published));
        draft.or(published).ok_or(NotPublished)
    }
}

/// Contacts cannot run the flow yet: a `ContactFlowNotPublishedException`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The flow has not been published.")]
pub struct NotPublished;

/// A flow that a new instance comes with.
struct Template {
    name: &'static str,
    flow_type: FlowType,
    description: &'static str,
    content: &'static str,
}

macro_rules! templates {
    ($($flow_type:ident $name:literal $file:literal $description:literal)+) => {
        [$(Template {
            name: $name,
            flow_type: FlowType::$flow_type,
            description: $description,
            content: include_str!(concat!("../flows/", $file, ".json")),
        }),+]
    };
}

const TEMPLATES: [Template; 20] = templates! {
    AgentHold "Default agent hold" "default_agent_hold"
        "What an agent hears on hold."
    AgentTransfer "Default agent transfer" "default_agent_transfer"
        "Hands a contact to an agent."
    AgentWhisper "Default agent whisper" "default_agent_whisper"
        "What an agent hears before a contact is joined."
    CustomerHold "Default customer hold" "default_customer_hold"
        "What a customer hears on hold."
    CustomerQueue "Default customer queue" "default_customer_queue"
        "What a customer hears while waiting in a queue."
    CustomerWhisper "Default customer whisper" "default_customer_whisper"
        "What a customer hears before an agent is joined."
    OutboundWhisper "Default outbound" "default_outbound"
        "Runs before a call out is joined."
    QueueTransfer "Default queue transfer" "default_queue_transfer"
        "Hands a contact to a queue, if it is open and staffed."
    ContactFlow "Sample AB test" "sample_ab_test"
        "Sends contacts different ways by chance."
    ContactFlow "Sample customer queue priority" "sample_customer_queue_priority"
        "Lets a customer choose a place in the queue."
    ContactFlow "Sample disconnect flow" "sample_disconnect_flow"
        "Runs when the agent has left and the customer is still there."
    ContactFlow "Sample inbound flow (first contact experience)" "sample_inbound_flow"
        "A first contact: offers the other samples."
    CustomerQueue "Sample interruptible queue flow with callback" "sample_interruptible_queue_flow"
        "Music that stops every 30 seconds to offer a call back."
    ContactFlow "Sample Lambda integration" "sample_lambda_integration"
        "Asks a Lambda function about the customer."
    ContactFlow "Sample note for screenpop" "sample_note_for_screenpop"
        "Leaves a note for the agent's screen."
    ContactFlow "Sample queue configurations flow" "sample_queue_configurations_flow"
        "Queues a customer first, last or for a call back."
    ContactFlow "Sample queue customer" "sample_queue_customer"
        "Queues a customer during open hours."
    ContactFlow "Sample recording behavior" "sample_recording_behavior"
        "Chooses whose voice is recorded."
    QueueTransfer "Sample secure input with agent" "sample_secure_input_with_agent"
        "Holds the agent while the customer enters digits unheard."
    ContactFlow "Sample secure input with no agent" "sample_secure_input_with_no_agent"
        "Lets the customer enter digits unheard."
};

/// The flows of a new instance. All of them have ids before any content is written, since they refer to each other.
pub(super) fn first_ones(heads: &mut Heads<'_>, queue: &Queue, prompts: &[Prompt]) -> Vec<Flow> {
    let flows: Vec<Head> = TEMPLATES.iter().map(|flow| heads.next(flow.name).described(flow.description)).collect();
    let mut arns = Arns::default();
    arns.add(heads, ResourceKind::Queue, queue.head());
    prompts.iter().for_each(|prompt| arns.add(heads, ResourceKind::Prompt, prompt.head()));
    flows.iter().for_each(|flow| arns.add(heads, ResourceKind::ContactFlow, flow));
    let flow = |(head, template): (Head, &Template)| Flow {
        head,
        flow_type: template.flow_type,
        state: FlowState::Active,
        published: Some(arns.fill(template.content)),
        saved: None,
    };
    flows.into_iter().zip(&TEMPLATES).map(flow).collect()
}

/// ARNs by what templates call them.
#[derive(Default)]
struct Arns(BTreeMap<String, String>);

impl Arns {
    fn add(&mut self, heads: &Heads<'_>, kind: ResourceKind, head: &Head) {
        let arn = kind.arn(head.id, head.instance_id, heads.home);
        self.0.insert(format!("{kind}/{}", head.name), arn.to_string());
    }

    /// `template` with an ARN for every name in double braces. A name that is not there would stay as it is; the tests
    /// see to it that there is none.
    fn fill(&self, template: &str) -> String {
        let mut filled = String::with_capacity(template.len() * 2);
        let mut rest = template;
        while let Some((before, name, after)) = next_name(rest) {
            filled.push_str(before);
            match self.0.get(name) {
                Some(arn) => filled.push_str(arn),
                None => filled.extend(["{{", name, "}}"]),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

/// The text before the next name in double braces, the name, and the text after it.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (name, after) = rest.split_once("}}")?;
    Some((before, name, after))
}
