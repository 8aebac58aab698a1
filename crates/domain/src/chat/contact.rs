//! The record of one contact: a segment of a chat, described long after the chat is over.
//!
//! The rule: a record says what happened and when; it decides nothing about the chat. Members as in the *Contact*
//! page of the Amazon Connect API reference, meanings as in *Contact records data model* of the Administrator Guide.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::segment_attributes::SegmentValue;
use crate::words::words;
use crate::{ChatId, ContactId, InstanceId, Time};

words! {
    /// How a contact came about.
    InitiationMethod {
        /// By `StartChatContact`.
        Api = "API",
        /// By a transfer to another agent.
        Transfer = "TRANSFER",
        /// By a transfer to another queue.
        QueueTransfer = "QUEUE_TRANSFER",
        /// By a disconnect flow.
        Disconnect = "DISCONNECT",
        /// By a flow.
        Flow = "FLOW",
    }
}

words! {
    /// Why a chat contact ended, in the words of *Contact records data model*.
    DisconnectReason {
        /// The agent left.
        AgentDisconnect = "AGENT_DISCONNECT",
        /// The customer left.
        CustomerDisconnect = "CUSTOMER_DISCONNECT",
        /// The agent's connection was lost.
        AgentNetworkDisconnect = "AGENT_NETWORK_DISCONNECT",
        /// The customer never connected.
        CustomerConnectionNotEstablished = "CUSTOMER_CONNECTION_NOT_ESTABLISHED",
        /// The chat lasted as long as it may.
        Expired = "EXPIRED",
        /// A flow ended it.
        ContactFlowDisconnect = "CONTACT_FLOW_DISCONNECT",
        /// `StopContact` ended it.
        Api = "API",
        /// A supervisor who took part put the agent out.
        Barged = "BARGED",
        /// Somebody was silent for too long.
        IdleDisconnect = "IDLE_DISCONNECT",
        /// One agent put another out.
        ThirdPartyDisconnect = "THIRD_PARTY_DISCONNECT",
        /// An error of ours.
        SystemError = "SYSTEM_ERROR",
    }
}

words! {
    /// What kind of thing a reference points to.
    ReferenceType {
        /// A web address.
        Url = "URL",
        /// A file.
        Attachment = "ATTACHMENT",
        /// An analysis of the contact.
        ContactAnalysis = "CONTACT_ANALYSIS",
        /// A number.
        Number = "NUMBER",
        /// A text.
        String = "STRING",
        /// A time, in seconds since the epoch.
        Date = "DATE",
        /// An e-mail address.
        Email = "EMAIL",
        /// An e-mail.
        EmailMessage = "EMAIL_MESSAGE",
        /// An e-mail's text.
        EmailMessagePlainText = "EMAIL_MESSAGE_PLAIN_TEXT",
        /// An e-mail's text, redacted.
        EmailMessagePlainTextRedacted = "EMAIL_MESSAGE_PLAIN_TEXT_REDACTED",
        /// An e-mail, redacted.
        EmailMessageRedacted = "EMAIL_MESSAGE_REDACTED",
    }
}

/// Something a contact points to, shown to its agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// What kind of thing it is.
    pub kind: ReferenceType,
    /// Where or what it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// The queue a contact waits or waited in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueInfo {
    /// The queue's id.
    pub id: String,
    /// Since when.
    pub enqueued_at: Time,
}

/// The agent who took a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentInfo {
    /// The agent's user id, where the agent is a user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When they connected.
    pub connected_at: Time,
}

/// One contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// The chat it is a segment of: the id of the first contact (`InitialContactId`).
    pub chat: ChatId,
    /// The instance it belongs to.
    pub instance: InstanceId,
    /// How it came about. The channel is always `CHAT`.
    pub initiation_method: InitiationMethod,
    /// The segment before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<ContactId>,
    /// The contact it is related to; for a persistent chat the one it continues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub related: Option<ContactId>,
    /// The contact a persistent chat continues (`ContinuedFromContactId`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continued_from: Option<ContactId>,
    /// The root of its tree of contacts (`ContactAssociationId`).
    pub association: ContactId,
    /// The flow it began with, as it was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// When it was asked for.
    pub initiated_at: Time,
    /// When the customer connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected_at: Option<Time>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disconnected_at: Option<Time>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disconnect_reason: Option<DisconnectReason>,
    /// When the record changed last.
    pub updated_at: Time,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The customer's number in somebody's books.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// What the customer is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    /// The attributes of the whole chat; on its first contact only.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// What it points to, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub references: BTreeMap<String, Reference>,
    /// The attributes of this segment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub segment_attributes: BTreeMap<String, SegmentValue>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The queue it waits or waited in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueInfo>,
    /// The agent who took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentInfo>,
}

impl Contact {
    /// Whether it is over.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.disconnected_at.is_some()
    }

    /// Whether it is the first of its chat, the one that carries the chat's attributes.
    #[must_use]
    pub fn is_initial(&self) -> bool {
        self.id.0 == self.chat.0
    }

    /// The customer has connected: the first time counts.
    pub(super) fn connected(&mut self, at: Time) {
        self.connected_at.get_or_insert(at);
        self.updated_at = at;
    }

    /// An agent has connected: the first counts.
    pub(super) fn agent_connected(&mut self, agent: Option<String>, at: Time) {
        self.agent.get_or_insert(AgentInfo { id: agent, connected_at: at });
        self.updated_at = at;
    }

    /// It is over: the first end counts.
    pub(super) fn ended(&mut self, at: Time, reason: Option<DisconnectReason>) {
        if self.disconnected_at.is_none() {
            self.disconnected_at = Some(at);
            self.disconnect_reason = reason;
            self.updated_at = at;
        }
    }

    /// The segment that follows this one. The chat's attributes stay with its first contact.
    pub(super) fn next_segment(self, next: ContactId, method: InitiationMethod, at: Time) -> Self {
        Self {
            id: next,
            initiation_method: method,
            previous: Some(self.id),
            related: None,
            continued_from: None,
            initiated_at: at,
            connected_at: Some(at),
            disconnected_at: None,
            disconnect_reason: None,
            updated_at: at,
            attributes: BTreeMap::new(),
            queue: None,
            agent: None,
            ..self
        }
    }
}
