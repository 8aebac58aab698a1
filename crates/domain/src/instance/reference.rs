//! What an id or an ARN in a request names.
//!
//! The one rule: what is not here is not found. Ids are UUIDs with their hyphens; an ARN of another Region or account,
//! or of another kind, names nothing of ours. Existence is for the caller to look up.
//!
//! AWS does not say: what an ARN of another Region or account, or an id that is no UUID, answers. Ours is
//! `ResourceNotFoundException`, which every operation on an instance has.

use std::str::FromStr;

use uuid::Uuid;

use super::ResourceKind;
use crate::{Arn, ContactId, Home, InstanceId, ResourceId};

/// The suffix of a flow's id that asks for its saved draft.
const SAVED: &str = "$SAVED";

/// Nothing here goes by that id or ARN: a `ResourceNotFoundException`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The resource was not found: {0}")]
pub struct UnknownReference(pub String);

/// What the ARN of an instance, or of something in one, names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConnectResource {
    /// An instance.
    Instance(InstanceId),
    /// A contact.
    Contact(InstanceId, ContactId),
    /// The queue that belongs to a user.
    AgentQueue(InstanceId, ResourceId),
    /// Any other resource.
    Resource(InstanceId, ResourceKind, ResourceId),
}

/// What a flow's id or ARN names: the flow, and perhaps its draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowReference {
    /// The flow.
    pub id: ResourceId,
    /// Whether the saved draft is meant (`:$SAVED`), not what is published.
    pub saved: bool,
}

/// Reads an id, `parse_id(text, ContactId)`: a UUID in its hyphenated form, and no other.
///
/// # Errors
/// [`UnknownReference`], since no other text is an id of ours.
pub fn parse_id<T>(text: &str, id: impl FnOnce(Uuid) -> T) -> Result<T, UnknownReference> {
    uuid(text).map(id).ok_or_else(|| UnknownReference(text.to_owned()))
}

/// The instance that `InstanceId` names: an id or an ARN.
///
/// # Errors
/// [`UnknownReference`].
pub fn parse_instance_reference(text: &str, home: &Home) -> Result<InstanceId, UnknownReference> {
    if let Some(id) = uuid(text) {
        return Ok(InstanceId(id));
    }
    match ConnectResource::parse(text, home)? {
        ConnectResource::Instance(id) => Ok(id),
        _ => Err(UnknownReference(text.to_owned())),
    }
}

/// The resource of `kind` in `instance` that a member such as `QueueId` names: an id or an ARN.
///
/// # Errors
/// [`UnknownReference`].
pub fn parse_resource_reference(
    kind: ResourceKind,
    text: &str,
    instance: InstanceId,
    home: &Home,
) -> Result<ResourceId, UnknownReference> {
    if let Some(id) = uuid(text) {
        return Ok(ResourceId(id));
    }
    match ConnectResource::parse(text, home)? {
        ConnectResource::Resource(of, found, id) if of == instance && found == kind => Ok(id),
        _ => Err(UnknownReference(text.to_owned())),
    }
}

impl FlowReference {
    /// The flow that `ContactFlowId` names: an id or an ARN, with or without `:$SAVED`.
    ///
    /// # Errors
    /// [`UnknownReference`].
    pub fn parse(text: &str, instance: InstanceId, home: &Home) -> Result<Self, UnknownReference> {
        let draft = text.strip_suffix(SAVED).and_then(|rest| rest.strip_suffix(':'));
        let id = parse_resource_reference(ResourceKind::ContactFlow, draft.unwrap_or(text), instance, home)
            .map_err(|_| UnknownReference(text.to_owned()))?;
        Ok(Self { id, saved: draft.is_some() })
    }
}

impl ConnectResource {
    /// What `text`, an ARN of ours, names.
    ///
    /// # Errors
    /// [`UnknownReference`].
    pub fn parse(text: &str, home: &Home) -> Result<Self, UnknownReference> {
        let arn = Arn::from_str(text).ok().filter(|arn| home.owns("connect", arn));
        arn.and_then(|arn| Self::from_path(&arn.resource)).ok_or_else(|| UnknownReference(text.to_owned()))
    }

    fn from_path(path: &str) -> Option<Self> {
        let words: Vec<&str> = path.split('/').collect();
        let ["instance", instance, ref inside @ ..] = words[..] else { return None };
        let instance = InstanceId(uuid(instance)?);
        match *inside {
            [] => Some(Self::Instance(instance)),
            ["contact", id] => Some(Self::Contact(instance, ContactId(uuid(id)?))),
            ["queue", "agent", user] => Some(Self::AgentQueue(instance, ResourceId(uuid(user)?))),
            [kind, id] => Some(Self::Resource(instance, kind.parse().ok()?, ResourceId(uuid(id)?))),
            _ => None,
        }
    }

    /// The instance it is, or is in.
    #[must_use]
    pub const fn instance_id(&self) -> InstanceId {
        match *self {
            Self::Instance(id) | Self::Contact(id, _) | Self::AgentQueue(id, _) | Self::Resource(id, ..) => id,
        }
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self, home: &Home) -> Arn {
        match *self {
            Self::Instance(instance) => instance_arn(instance, home),
            Self::Contact(instance, id) => home.arn("connect", format!("instance/{instance}/contact/{id}")),
            Self::AgentQueue(instance, user) => home.arn("connect", format!("instance/{instance}/queue/agent/{user}")),
            Self::Resource(instance, kind, id) => kind.arn(id, instance, home),
        }
    }

    /// Whether `TagResource` takes it. Contacts have operations of their own for tags; a user's queue has none.
    #[must_use]
    pub const fn is_taggable(&self) -> bool {
        matches!(self, Self::Instance(_) | Self::Resource(..))
    }
}

pub(super) fn instance_arn(id: InstanceId, home: &Home) -> Arn {
    home.arn("connect", format!("instance/{id}"))
}

/// The crate reads braces, URNs and bare digits too; AWS writes none of them.
fn uuid(text: &str) -> Option<Uuid> {
    if text.len() == 36 { text.parse().ok() } else { None }
}
