//! How a chat went, in numbers: who said how much, and how quickly (`ChatMetrics`).
//!
//! The rule: nothing is counted while a chat goes on, since the log has it all. A [`Meter`] is shown a contact's items
//! once it is over, in their order, and says what they come to. Members as in *ChatContactMetrics* and
//! *ParticipantMetrics* of the API reference.
//!
//! AWS does not say: what a turn and a response are. A turn is whatever others say after the customer, up to the
//! customer's next message. A response is the first message of one side after one of the other; its time runs from the
//! first message that waited for it, or for an agent from their joining, if that was later.

use std::collections::BTreeSet;

use super::item::{Body, Chunk, Item};
use super::{EventType, Role};
use crate::{ParticipantId, Time};

/// The numbers of one contact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChatMetrics {
    /// More than one agent or supervisor took part.
    pub multi_party: bool,
    /// Messages of everybody.
    pub messages: u32,
    /// Those of flows and bots.
    pub bot_messages: u32,
    /// Characters in those.
    pub bot_characters: u32,
    /// How often somebody spoke after the customer.
    pub turns: u32,
    /// From the customer's last message to the end.
    pub close_ms: Option<i64>,
    /// When the agent first spoke.
    pub agent_first_response_at: Option<Time>,
    /// From the agent's joining to then.
    pub agent_first_response_ms: Option<i64>,
    /// The first agent, if one came.
    pub agent: Option<Talker>,
    /// The customer, if they said anything.
    pub customer: Option<Talker>,
}

/// What one participant said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talker {
    /// Who.
    pub participant: ParticipantId,
    /// Their messages.
    pub messages: u32,
    /// Characters in those.
    pub characters: u32,
    /// Messages of theirs that others had waited for.
    pub responses: u32,
    /// How long the others waited in all.
    pub response_ms: i64,
    /// How long they waited at most.
    pub longest_response_ms: i64,
    /// When they spoke last.
    pub last_message_at: Option<Time>,
    /// Since when somebody waits.
    asked_at: Option<Time>,
}

impl Talker {
    const fn new(participant: ParticipantId) -> Self {
        Self {
            participant,
            messages: 0,
            characters: 0,
            responses: 0,
            response_ms: 0,
            longest_response_ms: 0,
            last_message_at: None,
            asked_at: None,
        }
    }

    fn speaks(&mut self, characters: u32, at: Time) {
        self.messages += 1;
        self.characters += characters;
        self.last_message_at = Some(at);
        if let Some(asked_at) = self.asked_at.take() {
            let waited_ms = at.0 - asked_at.0;
            self.responses += 1;
            self.response_ms += waited_ms;
            self.longest_response_ms = self.longest_response_ms.max(waited_ms);
        }
    }

    fn is_asked(&mut self, at: Time) {
        self.asked_at.get_or_insert(at);
    }
}

/// Reads the numbers off a log.
#[derive(Debug, Default)]
pub struct Meter {
    metrics: ChatMetrics,
    staff: BTreeSet<ParticipantId>,
    agent_joined_at: Option<Time>,
    customer_spoke_at: Option<Time>,
    customer_spoke_last: bool,
}

impl Meter {
    /// The next item of the contact.
    pub fn see(&mut self, item: &Item) {
        let Some(sender) = &item.sender else { return };
        match &item.body {
            Body::Event { content_type: EventType::Joined, .. } => self.joins(sender.role, sender.participant, item.at),
            Body::Message { chunk: None | Some(Chunk { completed: true, .. }), content, .. } => {
                let characters = u32::try_from(content.chars().count()).unwrap_or(u32::MAX);
                self.hears(sender.role, sender.participant, characters, item.at);
            }
            _ => {}
        }
    }

    /// The numbers of the contact, which ended then.
    #[must_use]
    pub fn read(self, ended_at: Time) -> ChatMetrics {
        let last = self.metrics.customer.as_ref().and_then(|customer| customer.last_message_at);
        ChatMetrics {
            multi_party: self.staff.len() > 1,
            close_ms: last.map(|last| (ended_at.0 - last.0).max(0)),
            ..self.metrics
        }
    }

    fn joins(&mut self, role: Role, participant: ParticipantId, at: Time) {
        if matches!(role, Role::Agent | Role::Supervisor) {
            self.staff.insert(participant);
        }
        if role == Role::Agent && self.metrics.agent.is_none() {
            let mut agent = Talker::new(participant);
            // Whoever waits, waits for the agent from now on: they could not have answered before.
            agent.asked_at = self.customer_spoke_at.map(|_| at);
            self.metrics.agent = Some(agent);
            self.agent_joined_at = Some(at);
        }
    }

    fn hears(&mut self, role: Role, participant: ParticipantId, characters: u32, at: Time) {
        self.metrics.messages += 1;
        if role == Role::Customer {
            self.metrics.customer.get_or_insert(Talker::new(participant)).speaks(characters, at);
            if let Some(agent) = &mut self.metrics.agent {
                agent.is_asked(at);
            }
            self.customer_spoke_at = Some(at);
            self.customer_spoke_last = true;
            return;
        }

        self.metrics.turns += u32::from(self.customer_spoke_last);
        self.customer_spoke_last = false;
        if let Some(customer) = &mut self.metrics.customer {
            customer.is_asked(at);
        }
        if matches!(role, Role::System | Role::CustomBot) {
            self.metrics.bot_messages += 1;
            self.metrics.bot_characters += characters;
        }
        self.agent_speaks(participant, characters, at);
    }

    fn agent_speaks(&mut self, participant: ParticipantId, characters: u32, at: Time) {
        let Some(agent) = self.metrics.agent.as_mut().filter(|agent| agent.participant == participant) else { return };
        agent.speaks(characters, at);
        if self.metrics.agent_first_response_at.is_none() {
            self.metrics.agent_first_response_at = Some(at);
            self.metrics.agent_first_response_ms = self.agent_joined_at.map(|joined| at.0 - joined.0);
        }
    }
}
