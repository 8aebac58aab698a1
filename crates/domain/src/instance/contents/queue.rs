//! Queues: where contacts wait for an agent.

use serde::{Deserialize, Serialize};

use super::{HoursOfOperation, resource};
use crate::{
    ResourceId,
    instance::{Head, Resource},
    words::words,
};

words! {
    /// `QueueStatus`.
    QueueStatus {
        Enabled = "ENABLED",
        Disabled = "DISABLED",
    }
}

words! {
    /// `QueueType`, which `ListQueues` tells and asks for.
    QueueType {
        Standard = "STANDARD",
        Agent = "AGENT",
    }
}

/// `OutboundCallerConfig`: who calls, for calls out of a queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundCaller {
    /// `OutboundCallerIdName`.
    pub name: Option<String>,
    /// `OutboundCallerIdNumberId`.
    pub number_id: Option<String>,
    /// `OutboundFlowId`.
    pub flow_id: Option<ResourceId>,
}

/// A standard queue. The queue of a user is not a record: the user's own is enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Id, name and the like.
    pub head: Head,
    /// `HoursOfOperationId`.
    pub hours_of_operation_id: ResourceId,
    /// `OutboundCallerConfig`.
    pub outbound_caller: Option<OutboundCaller>,
    /// `MaxContacts`: how many may wait, if that is limited.
    pub max_contacts: Option<u32>,
    /// `Status`.
    pub status: QueueStatus,
}

resource!(Queue is Queue);

pub(super) fn basic(head: Head, hours: &HoursOfOperation) -> Queue {
    Queue {
        head: head.described("The queue that a new instance begins with."),
        hours_of_operation_id: hours.id(),
        outbound_caller: None,
        max_contacts: None,
        status: QueueStatus::Enabled,
    }
}
