//! `StartChatContact`: a chat begins, and waits for its customer.
//!
//! The rule: the chat is there at once, but nothing is said in it before the customer connects: the joined event and
//! the initial message come then. Source: *StartChatContact* of the API reference.

use std::collections::BTreeMap;

use super::contact_edit::{EditError, check_attributes};
use super::content::MessageError;
use super::persistent::{Found, Past, PersistentError, PersistentSource};
use super::segment_attributes::{self, SegmentAttributeError, SegmentValue};
use super::timers::RoleTimers;
use super::{
    Changes, Chat, ChatMessage, ChatTimer, Contact, ContentTypes, Context, InitiationMethod, Limits, MessageType,
    Participant, Role, Segment, State,
};
use crate::{ChatId, ContactId, InstanceId, ParticipantId, Time};

/// What `StartChatContact` asks for. Whether the flow exists, and who may ask, is for the caller to know.
#[derive(Debug, Clone)]
pub struct StartChat<'a> {
    /// The instance.
    pub instance: InstanceId,
    /// `ContactFlowId`, as it was given.
    pub flow: String,
    /// `ParticipantDetails.DisplayName`.
    pub display_name: String,
    /// `Attributes`.
    pub attributes: BTreeMap<String, String>,
    /// `InitialMessage`: its `ContentType` and `Content`.
    pub initial_message: Option<(String, String)>,
    /// `ChatDurationInMinutes`.
    pub duration_minutes: Option<i64>,
    /// `SupportedMessagingContentTypes`; empty is absent.
    pub content_types: Vec<String>,
    /// `PersistentChat`, with what it names.
    pub persistent: Option<PersistentSource<'a>>,
    /// `RelatedContactId`, with what it names.
    pub related: Option<Related<'a>>,
    /// `SegmentAttributes`.
    pub segment_attributes: BTreeMap<String, SegmentValue>,
    /// `CustomerId`.
    pub customer_id: Option<String>,
    /// `DisconnectOnCustomerExit` names `AGENT`.
    pub agent_leaves_with_customer: bool,
    /// `ParticipantConfiguration.ResponseMode` is `INCREMENTAL`.
    pub incremental_responses: bool,
    /// How many chats of the instance are open now.
    pub active_chats: u64,
}

/// What `RelatedContactId` names.
#[derive(Debug, Clone, Copy)]
pub enum Related<'a> {
    /// A contact of this instance.
    Contact(Found<'a>),
    /// Nothing in this instance.
    Unknown,
}

impl StartChat<'_> {
    /// The least that can be asked for; the rest is absent.
    #[must_use]
    pub const fn new(instance: InstanceId, flow: String, display_name: String) -> Self {
        Self {
            instance,
            flow,
            display_name,
            attributes: BTreeMap::new(),
            initial_message: None,
            duration_minutes: None,
            content_types: Vec::new(),
            persistent: None,
            related: None,
            segment_attributes: BTreeMap::new(),
            customer_id: None,
            agent_leaves_with_customer: false,
            incremental_responses: false,
            active_chats: 0,
        }
    }
}

/// A chat has begun. All three documents are new.
#[derive(Debug)]
pub struct Started {
    /// The chat.
    pub chat: Chat,
    /// Its first contact.
    pub contact: Contact,
    /// The customer; the participant token is for them.
    pub participant: ParticipantId,
    /// The past contact that is continued.
    pub continued_from: Option<ContactId>,
    /// What else changed.
    pub changes: Changes,
}

/// No chat has begun.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The customer needs a name.
    #[error("ParticipantDetails.DisplayName must not be blank")]
    DisplayNameBlank,
    /// The attributes break a rule.
    #[error(transparent)]
    Attributes(EditError),
    /// The duration is out of range.
    #[error("ChatDurationInMinutes must be from {min} to {max}, it is {given}")]
    Duration {
        /// What was asked for.
        given: i64,
        /// The shortest.
        min: i64,
        /// The longest.
        max: i64,
    },
    /// There is no such type of message.
    #[error("SupportedMessagingContentTypes: {0:?} is not a supported content type")]
    ContentType(String),
    /// Plain text is always supported.
    #[error("SupportedMessagingContentTypes must contain text/plain")]
    PlainTextMissing,
    /// The initial message may not be sent.
    #[error("InitialMessage: {0}")]
    InitialMessage(MessageError),
    /// One or the other.
    #[error("RelatedContactId and PersistentChat cannot both be given")]
    RelatedAndPersistent,
    /// There is no such contact in the instance.
    #[error("RelatedContactId names no contact of this instance")]
    RelatedNotFound,
    /// The past chat cannot be continued.
    #[error(transparent)]
    Persistent(#[from] PersistentError),
    /// A segment attribute may not be.
    #[error(transparent)]
    SegmentAttribute(#[from] SegmentAttributeError),
    /// There are too many open chats.
    #[error("the instance already has {0} active chats, the most it may have")]
    TooManyChats(u64),
}

impl<'a> StartChat<'a> {
    /// Begins the chat.
    ///
    /// # Errors
    /// The first rule that the request breaks.
    pub fn decide(self, cx: &mut Context<'_>) -> Result<Started, StartError> {
        let plan = self.plan(cx.limits)?;
        if let Some(most) = cx.limits.active_chats.filter(|most| self.active_chats >= *most) {
            return Err(StartError::TooManyChats(most));
        }

        let id = ContactId::new(cx.ids);
        let connect_by = cx.now.plus_seconds(cx.limits.connect_within_seconds);
        let customer = Participant {
            connect_by: Some(connect_by),
            ..Participant::new(ParticipantId::new(cx.ids), Role::Customer, Some(self.display_name.clone()))
        };
        let (participant, continued_from) = (customer.id, plan.past.map(|past| past.contact));
        let expires_at = cx.now.plus_minutes(plan.duration_minutes);

        let mut changes = Changes::default();
        changes.set(ChatTimer::ConnectBy, connect_by);
        changes.set(ChatTimer::Duration, expires_at);
        Ok(Started {
            contact: self.contact(id, &plan, cx.now),
            chat: self.chat(id, customer, expires_at, plan, cx.now),
            participant,
            continued_from,
            changes,
        })
    }

    fn chat(&self, first: ContactId, customer: Participant, expires_at: Time, plan: Plan<'_>, now: Time) -> Chat {
        Chat {
            id: ChatId::from(first),
            instance: self.instance,
            state: State::Open,
            contacts: vec![Segment { contact: first, from_seq: 1 }],
            participants: vec![customer],
            content_types: plan.content_types,
            started_at: now,
            expires_at,
            last_seq: 0,
            last_at: now,
            role_timers: RoleTimers::default(),
            running: None,
            streams: Vec::new(),
            past: plan.past,
            rehydration_told: false,
            disconnect_flow: None,
            agent_leaves_with_customer: self.agent_leaves_with_customer,
            incremental_responses: self.incremental_responses,
            lex_bot: false,
            initial_message: plan.initial_message,
            attachments: 0,
            authentication: None,
            sign_in_page: None,
        }
    }

    fn contact(&self, id: ContactId, plan: &Plan<'_>, now: Time) -> Contact {
        let from = plan.copied_from.map(|found| found.contact);
        let own_or_copied = |own: Option<&String>, copied: fn(&Contact) -> Option<&String>| {
            own.or_else(|| from.and_then(copied)).cloned()
        };
        Contact {
            id,
            chat: ChatId::from(id),
            instance: self.instance,
            initiation_method: InitiationMethod::Api,
            previous: None,
            related: plan.past.map(|past| past.contact).or(from.map(|from| from.id)),
            continued_from: plan.past.map(|past| past.contact),
            association: from.map_or(id, |from| from.association),
            flow: Some(self.flow.clone()),
            initiated_at: now,
            connected_at: None,
            disconnected_at: None,
            disconnect_reason: None,
            updated_at: now,
            name: own_or_copied(None, |from| from.name.as_ref()),
            description: own_or_copied(None, |from| from.description.as_ref()),
            customer_id: own_or_copied(self.customer_id.as_ref(), |from| from.customer_id.as_ref()),
            customer_name: Some(self.display_name.clone()),
            attributes: plan.attributes.clone(),
            references: from.map(|from| from.references.clone()).unwrap_or_default(),
            segment_attributes: plan.segment_attributes.clone(),
            tags: BTreeMap::new(),
            queue: None,
            agent: None,
        }
    }
}

/// A request that breaks no rule.
struct Plan<'a> {
    duration_minutes: i64,
    content_types: ContentTypes,
    initial_message: Option<ChatMessage>,
    past: Option<Past>,
    copied_from: Option<Found<'a>>,
    attributes: BTreeMap<String, String>,
    segment_attributes: BTreeMap<String, SegmentValue>,
}

impl<'a> StartChat<'a> {
    fn plan(&self, limits: &Limits) -> Result<Plan<'a>, StartError> {
        if self.display_name.trim().is_empty() {
            return Err(StartError::DisplayNameBlank);
        }
        let content_types = self.content_types()?;
        let copied_from = self.copied_from()?;
        Ok(Plan {
            duration_minutes: self.duration_minutes(limits)?,
            initial_message: self.initial_message(&content_types, limits)?,
            past: self.persistent.map(|source| source.resolve(self.instance)).transpose()?,
            attributes: self.attributes(copied_from, limits)?,
            segment_attributes: segment_attributes::at_start(self.segment_attributes.clone(), &content_types)?,
            copied_from,
            content_types,
        })
    }

    fn duration_minutes(&self, limits: &Limits) -> Result<i64, StartError> {
        let (min, max) = (limits.duration_min_minutes, limits.duration_max_minutes);
        let given = self.duration_minutes.unwrap_or(limits.duration_default_minutes);
        if (min..=max).contains(&given) { Ok(given) } else { Err(StartError::Duration { given, min, max }) }
    }

    fn content_types(&self) -> Result<ContentTypes, StartError> {
        let unknown = |name: &String| StartError::ContentType(name.clone());
        let types: Vec<_> =
            self.content_types.iter().map(|name| name.parse().map_err(|_| unknown(name))).collect::<Result<_, _>>()?;
        if !types.is_empty() && !types.contains(&MessageType::Plain) {
            return Err(StartError::PlainTextMissing);
        }
        Ok(ContentTypes::with(&types))
    }

    fn initial_message(&self, supported: &ContentTypes, limits: &Limits) -> Result<Option<ChatMessage>, StartError> {
        let Some((kind, content)) = &self.initial_message else { return Ok(None) };
        ChatMessage::parse(kind, content.clone(), supported, limits.message_bytes)
            .map(Some)
            .map_err(StartError::InitialMessage)
    }

    fn attributes(&self, from: Option<Found<'_>>, limits: &Limits) -> Result<BTreeMap<String, String>, StartError> {
        let mut attributes = from.map(|from| from.initial.attributes.clone()).unwrap_or_default();
        attributes.extend(self.attributes.clone());
        check_attributes(&attributes, limits).map_err(StartError::Attributes)?;
        Ok(attributes)
    }

    /// The contact whose properties the new one begins with: *Enable persistent chat* says that a contact holds a
    /// copy of the properties of the contact it is related to.
    ///
    /// AWS does not say which: attributes, references, name, description and customer id, under what the request
    /// itself gives.
    fn copied_from(&self) -> Result<Option<Found<'a>>, StartError> {
        match (&self.persistent, &self.related) {
            (Some(_), Some(_)) => Err(StartError::RelatedAndPersistent),
            (Some(source), None) => Ok(source.found.map(|(_, found)| found)),
            (None, Some(Related::Contact(found))) => Ok(Some(*found)),
            (None, Some(Related::Unknown)) => Err(StartError::RelatedNotFound),
            (None, None) => Ok(None),
        }
    }
}
