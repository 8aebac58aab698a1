//! What all the resources inside an instance have in common: an id, an ARN, a name and a last change.
//!
//! The one rule: the kind tells the ARN. Facts: *Resource types defined by Amazon Connect* in the Service Authorization
//! Reference; mind that hours of operation, users and quick connects go by other words there than in the API.

use serde::{Deserialize, Serialize};

use crate::{Arn, Home, Ids, InstanceId, ResourceId, Time, words::words};

words! {
    /// The kinds of resources inside an instance, by their word in an ARN.
    ResourceKind {
        Queue = "queue",
        RoutingProfile = "routing-profile",
        HoursOfOperation = "operating-hours",
        ContactFlow = "contact-flow",
        ContactFlowModule = "flow-module",
        Prompt = "prompt",
        User = "agent",
        AgentStatus = "agent-state",
        HierarchyGroup = "agent-group",
        SecurityProfile = "security-profile",
        QuickConnect = "transfer-destination",
        TaskTemplate = "task-template",
    }
}

impl ResourceKind {
    /// The ARN of one of this kind.
    #[must_use]
    pub fn arn(self, id: ResourceId, instance: InstanceId, home: &Home) -> Arn {
        home.arn("connect", format!("instance/{instance}/{self}/{id}"))
    }
}

/// What every resource begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The instance it is in.
    pub instance_id: InstanceId,
    /// Its id.
    pub id: ResourceId,
    /// Its name, unique among its kind in the instance.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `LastModifiedTime`.
    pub last_modified: Time,
    /// `LastModifiedRegion`.
    pub last_modified_region: String,
}

impl Head {
    /// The head of a new resource.
    #[must_use]
    pub fn new(instance_id: InstanceId, name: &str, home: &Home, now: Time, ids: &mut dyn Ids) -> Self {
        Self {
            instance_id,
            id: ResourceId::new(ids),
            name: name.to_owned(),
            description: None,
            last_modified: now,
            last_modified_region: home.region.clone(),
        }
    }

    /// The same, described.
    #[must_use]
    pub fn described(self, description: &str) -> Self {
        Self { description: Some(description.to_owned()), ..self }
    }
}

/// A resource inside an instance. Its tags are kept beside it, by ARN ([`crate::tags`]).
pub trait Resource {
    /// Its kind.
    const KIND: ResourceKind;

    /// What it begins with.
    fn head(&self) -> &Head;

    /// Its id.
    fn id(&self) -> ResourceId {
        self.head().id
    }

    /// Its name.
    fn name(&self) -> &str {
        &self.head().name
    }

    /// Its ARN.
    fn arn(&self, home: &Home) -> Arn {
        Self::KIND.arn(self.head().id, self.head().instance_id, home)
    }
}
