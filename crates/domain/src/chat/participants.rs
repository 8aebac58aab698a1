//! Who is in a chat, and how they come to be asked in.
//!
//! The rule: adding somebody gives them a token, not a presence; they are there once they connect. Sources:
//! *CreateParticipant*, *Customize chat flow experiences by integrating custom participants* (one bot, fifteen
//! seconds, none beside an agent or a Lex bot), *Feature specifications* (six in a chat).

use serde::{Deserialize, Serialize};

use super::{Changes, Chat, ChatTimer, Context, EventType, Sender, Viewer};
use crate::words::words;
use crate::{ParticipantId, Time};

words! {
    /// What somebody is in a chat.
    Role {
        /// An agent.
        Agent = "AGENT",
        /// The customer; every chat has one.
        Customer = "CUSTOMER",
        /// A flow, or a Lex bot that answers for it.
        System = "SYSTEM",
        /// A bot of the customer's own, in the agent's place.
        CustomBot = "CUSTOM_BOT",
        /// A supervisor, listening or taking part.
        Supervisor = "SUPERVISOR",
    }
}

/// Whether somebody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// Asked in, not there yet.
    Added,
    /// There.
    Connected,
    /// Gone for good: their tokens are dead.
    Left,
}

/// Somebody in a chat, or on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Their id, the same for as long as the chat lasts.
    pub id: ParticipantId,
    /// What they are.
    pub role: Role,
    /// What they are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Whether they are there.
    pub presence: Presence,
    /// A supervisor who listens: nobody is told, and nothing can be said.
    #[serde(default, skip_serializing_if = "super::is_false")]
    pub silent: bool,
    /// By when they have to be there, if they are on the way and somebody waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_by: Option<Time>,
    /// The user who the agent or supervisor is, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

impl Participant {
    pub(super) const fn new(id: ParticipantId, role: Role, display_name: Option<String>) -> Self {
        Self { id, role, display_name, presence: Presence::Added, silent: false, connect_by: None, user: None }
    }

    /// Whether they are there.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        matches!(self.presence, Presence::Connected)
    }

    /// Whether they are there or on their way.
    #[must_use]
    pub const fn is_in(&self) -> bool {
        !matches!(self.presence, Presence::Left)
    }

    /// Whether they are there for all to see, as somebody one can talk to.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.is_connected() && !self.silent && !matches!(self.role, Role::System)
    }

    /// Whether they look after the customer: an agent, or a supervisor who takes part.
    #[must_use]
    pub const fn is_staff(&self) -> bool {
        matches!(self.role, Role::Agent) || (matches!(self.role, Role::Supervisor) && !self.silent)
    }

    /// The timer that waits for them, while they are on the way.
    pub(super) fn arrival_timer(&self) -> Option<ChatTimer> {
        self.connect_by.map(|_| match self.role {
            Role::CustomBot => ChatTimer::BotConnectBy(self.id),
            _ => ChatTimer::ConnectBy,
        })
    }

    /// They are there, or gone: nobody waits any more.
    pub(super) fn arrive(&mut self, presence: Presence) -> Option<ChatTimer> {
        let timer = self.arrival_timer();
        self.presence = presence;
        self.connect_by = None;
        timer
    }

    /// As the sender of an item.
    #[must_use]
    pub fn sender(&self) -> Sender {
        Sender { participant: self.id, role: self.role, display_name: self.display_name.clone() }
    }

    /// As a reader of the log.
    #[must_use]
    pub const fn viewer(&self) -> Viewer {
        Viewer { participant: self.id, role: self.role }
    }
}

/// What `CreateParticipant` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddBot {
    /// `ParticipantRole`, if given.
    pub role: Option<Role>,
    /// `DisplayName`, if given.
    pub display_name: Option<String>,
}

/// What the server's own way in for agents and supervisors asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddStaff {
    /// As what they come.
    pub role: StaffRole,
    /// What they are called.
    pub display_name: String,
    /// The user they are, where that is known.
    pub user: Option<String>,
}

/// As what somebody of the contact centre comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffRole {
    /// To serve the customer.
    Agent,
    /// To listen, unseen.
    SilentSupervisor,
    /// To take part.
    BargedSupervisor,
}

/// Somebody was added.
#[derive(Debug)]
pub struct Added {
    /// Who.
    pub participant: ParticipantId,
    /// Until when their participant token is good: as long as the chat can last.
    pub expires_at: Time,
    /// What else changed.
    pub changes: Changes,
}

/// Nobody was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddError {
    /// The chat is over.
    #[error("the contact has ended, so no participant can be added")]
    ChatEnded,
    /// Only bots come in this way.
    #[error("ParticipantRole must be CUSTOM_BOT for a chat contact")]
    RoleNotAllowed,
    /// Everybody has a name.
    #[error("DisplayName is required and must not be blank")]
    DisplayNameMissing,
    /// An agent is there or on the way.
    #[error("a CUSTOM_BOT cannot be added while an agent is in the chat")]
    AgentPresent,
    /// A Lex bot is answering.
    #[error("a CUSTOM_BOT cannot be added while a Lex bot is in the chat")]
    LexBotPresent,
    /// There is one already.
    #[error("the contact already has a CUSTOM_BOT, one is allowed")]
    BotPresent,
    /// There are too many already.
    #[error("the chat already has {0} participants, the most it may have")]
    TooMany(usize),
}

/// The supervisor cannot take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BargeError {
    /// The chat is over.
    #[error("the contact has ended")]
    ChatEnded,
    /// There is nobody of that id listening.
    #[error("the participant is no supervisor who is monitoring this chat")]
    NotMonitoring,
}

impl Chat {
    /// `CreateParticipant`: asks a custom bot in. It has a few seconds to connect.
    ///
    /// # Errors
    /// The rule that keeps it out.
    pub fn add_custom_bot(&mut self, request: AddBot, cx: &mut Context<'_>) -> Result<Added, AddError> {
        self.must_be_open().map_err(|_| AddError::ChatEnded)?;
        if request.role != Some(Role::CustomBot) {
            return Err(AddError::RoleNotAllowed);
        }
        let name = request.display_name.filter(|name| !name.trim().is_empty()).ok_or(AddError::DisplayNameMissing)?;
        self.room_for_bot(cx)?;

        let mut bot = Participant::new(ParticipantId::new(cx.ids), Role::CustomBot, Some(name));
        let connect_by = cx.now.plus_seconds(cx.limits.bot_connect_within_seconds);
        bot.connect_by = Some(connect_by);
        let mut changes = Changes::default();
        changes.set(ChatTimer::BotConnectBy(bot.id), connect_by);
        Ok(self.add(bot, changes))
    }

    /// Asks an agent or supervisor in. AWS has no public operation for it: its agents' desktop asks privately.
    ///
    /// # Errors
    /// The rule that keeps them out.
    pub fn add_staff(&mut self, request: AddStaff, cx: &mut Context<'_>) -> Result<Added, AddError> {
        self.must_be_open().map_err(|_| AddError::ChatEnded)?;
        if request.display_name.trim().is_empty() {
            return Err(AddError::DisplayNameMissing);
        }
        self.room_for_one_more(cx)?;

        let role = if request.role == StaffRole::Agent { Role::Agent } else { Role::Supervisor };
        let mut staff = Participant::new(ParticipantId::new(cx.ids), role, Some(request.display_name));
        staff.silent = request.role == StaffRole::SilentSupervisor;
        staff.user = request.user;
        Ok(self.add(staff, Changes::default()))
    }

    /// A supervisor who was listening takes part: from now on everybody sees them.
    ///
    /// # Errors
    /// If the chat is over, or they were not listening.
    pub fn barge(&mut self, supervisor: ParticipantId, cx: &mut Context<'_>) -> Result<Changes, BargeError> {
        self.must_be_open().map_err(|_| BargeError::ChatEnded)?;
        let participant = self
            .participant_mut(supervisor)
            .filter(|participant| participant.silent && participant.is_in())
            .ok_or(BargeError::NotMonitoring)?;
        participant.silent = false;
        let (sender, connected) = (participant.sender(), participant.is_connected());

        let mut changes = Changes::default();
        if connected {
            changes.items.push(self.event(EventType::Joined, Some(sender), cx));
        }
        Ok(changes)
    }

    /// A Lex bot begins to answer: a custom bot has to go.
    pub fn engage_lex_bot(&mut self, cx: &mut Context<'_>) -> Changes {
        let mut changes = Changes::default();
        if self.is_open() {
            self.lex_bot = true;
            self.remove_custom_bots(cx, &mut changes);
        }
        changes
    }

    /// The Lex bot has done answering.
    pub const fn release_lex_bot(&mut self) {
        self.lex_bot = false;
    }

    /// Whether receipts are on: they are while at most two people can be seen.
    #[must_use]
    pub fn receipts_are_on(&self) -> bool {
        let barged = |who: &Participant| who.role == Role::Supervisor;
        let mut active = self.participants.iter().filter(|who| who.is_active());
        active.clone().count() <= 2 && !active.any(barged)
    }

    pub(super) fn someone(&self, is: impl Fn(&Participant) -> bool) -> bool {
        self.participants.iter().any(is)
    }

    pub(super) fn remove_custom_bots(&mut self, cx: &mut Context<'_>, changes: &mut Changes) {
        let bots: Vec<_> = self
            .participants
            .iter()
            .filter(|who| who.role == Role::CustomBot && who.is_in())
            .map(|who| who.id)
            .collect();
        for bot in bots {
            self.remove(bot, cx, changes);
        }
    }

    fn add(&mut self, participant: Participant, changes: Changes) -> Added {
        let added = Added { participant: participant.id, expires_at: self.expires_at, changes };
        self.participants.push(participant);
        added
    }

    fn room_for_bot(&self, cx: &Context<'_>) -> Result<(), AddError> {
        if self.someone(|who| who.role == Role::Agent && who.is_in()) {
            return Err(AddError::AgentPresent);
        }
        if self.lex_bot {
            return Err(AddError::LexBotPresent);
        }
        if self.someone(|who| who.role == Role::CustomBot && who.is_in()) {
            return Err(AddError::BotPresent);
        }
        self.room_for_one_more(cx)
    }

    fn room_for_one_more(&self, cx: &Context<'_>) -> Result<(), AddError> {
        let here = self.participants.iter().filter(|who| who.is_in() && who.role != Role::System).count();
        if here >= cx.limits.participants { Err(AddError::TooMany(cx.limits.participants)) } else { Ok(()) }
    }
}
