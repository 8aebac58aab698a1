//! Amazon Connect instances: what one is, how it comes to life and what it lets in.
//!
//! The one rule: a name is claimed before an instance is saved. An alias is unique across all accounts and Regions and
//! a directory serves one instance at a time, so the caller keeps a row per [`Claim`] and refuses the second.
//!
//! Facts: *CreateInstance*, *DescribeInstance* and *DeleteInstance* in the Amazon Connect API Reference; *Create an
//! Amazon Connect instance*, *Plan your identity management* and *Service quotas* in its Administrator Guide.

mod account;
mod associations;
mod attributes;
mod bots;
pub mod contents;
mod identity;
mod lambdas;
mod life;
mod limits;
mod origins;
mod reference;
mod resource;
mod security_keys;
mod storage;

pub use account::{Account, AccountFull, Changes};
pub use associations::{Associable, AssociationError, Family, NotAssociated, Present, associate, disassociate};
pub use attributes::{AttributeError, AttributeType, Attributes};
pub use bots::{Bot, BotError, BotMembers, LexBot, LexV2Bot, LexVersion};
pub use identity::{Alias, Claim, ClaimedBy, DirectoryId, Identity, IdentityError, IdentityManagementType};
pub use lambdas::{FunctionArn, NotAFunction};
pub use life::{InstanceStatus, Life, NotActive, NotBeingCreated};
pub use limits::{CHANGES_WINDOW_DAYS, Limits};
pub use origins::{NotAnOrigin, Origin};
pub use reference::{
    ConnectResource, FlowReference, UnknownReference, parse_id, parse_instance_reference, parse_resource_reference,
};
pub use resource::{Head, Resource, ResourceKind};
pub use security_keys::{NotAPublicKey, PublicKey, SecurityKey};
pub use storage::{
    KmsKey, Storage, StorageAssociation, StorageError, StorageMembers, StorageResourceType, StorageTaken, StorageType,
};

use serde::{Deserialize, Serialize};

use crate::{Arn, Home, Ids, InstanceId, Time};

/// One contact centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its id, also the last part of its ARN.
    pub id: InstanceId,
    /// How its users sign in, and the name it goes by.
    pub identity: Identity,
    /// Where it is in its life.
    pub life: Life,
    /// When it was asked for.
    pub created: Time,
    /// What is switched on, calls in and out included.
    pub attributes: Attributes,
}

/// What `CreateInstance` asks for. Its tags are kept beside the instance, by ARN ([`crate::tags`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInstance {
    /// Checked with [`Identity::new`].
    pub identity: Identity,
    /// `InboundCallsEnabled`.
    pub inbound_calls: bool,
    /// `OutboundCallsEnabled`.
    pub outbound_calls: bool,
}

impl Instance {
    /// A new instance. It becomes active `creation_ms` later, when [`Instance::when_due`] says.
    #[must_use]
    pub fn create(request: NewInstance, now: Time, creation_ms: i64, ids: &mut dyn Ids) -> Self {
        Self {
            id: InstanceId::new(ids),
            identity: request.identity,
            life: Life::creating(now, creation_ms),
            created: now,
            attributes: Attributes::new(request.inbound_calls, request.outbound_calls),
        }
    }

    /// Its ARN, the stem of the ARNs of all that is in it.
    #[must_use]
    pub fn arn(&self, home: &Home) -> Arn {
        reference::instance_arn(self.id, home)
    }

    /// The name it goes by, where it has one.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        self.identity.alias().map(Alias::as_str)
    }

    /// `InstanceStatus`.
    #[must_use]
    pub fn status(&self) -> InstanceStatus {
        self.life.status()
    }

    /// `StatusReason`: why the creation failed.
    #[must_use]
    pub fn status_reason(&self) -> Option<&str> {
        self.life.reason()
    }

    /// The role that the service takes on: AWS makes one per instance, with twenty characters of its own at the end.
    #[must_use]
    pub fn service_role(&self, home: &Home) -> String {
        let account = &home.account;
        let id = self.id.0.simple().to_string();
        let suffix = &id[..20];
        format!(
            "arn:aws:iam::{account}:role/aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect_{suffix}"
        )
    }

    /// `InstanceAccessUrl`, in the form AWS gives.
    ///
    /// AWS does not say: what an instance without an alias answers. Ours names its directory, the only name it has.
    #[must_use]
    pub fn access_url(&self) -> String {
        let host = self.alias().or(self.identity.directory_id()).unwrap_or_default();
        format!("https://{host}.my.connect.aws")
    }

    /// When it next changes by itself.
    #[must_use]
    pub fn due_at(&self) -> Option<Time> {
        self.life.due_at()
    }

    /// The instance as it is at `now`; `None` once a failed creation is no longer listed.
    #[must_use]
    pub fn when_due(self, now: Time) -> Option<Self> {
        let life = self.life.when_due(now)?;
        Some(Self { life, ..self })
    }

    /// The instance whose creation fails for `reason`.
    ///
    /// # Errors
    /// [`NotBeingCreated`] when its creation is over.
    pub fn fail(self, reason: impl Into<String>, now: Time) -> Result<Self, NotBeingCreated> {
        let life = self.life.failed(reason.into(), now)?;
        Ok(Self { life, ..self })
    }

    /// Whether operations on what is inside it may go on.
    ///
    /// # Errors
    /// [`NotActive`] before its creation is over, and when that failed.
    pub fn usable(&self) -> Result<(), NotActive> {
        self.life.usable()
    }

    /// Whether it may be deleted: once its creation is over, one way or the other.
    ///
    /// # Errors
    /// [`NotActive`] while it is being created.
    pub fn deletable(&self) -> Result<(), NotActive> {
        self.life.deletable()
    }
}
