//! Everything that a new instance comes with.
//!
//! The one rule: a new instance can take a chat at once. Its one queue is open at all hours, its one routing profile
//! serves that queue, and its flows lead there. Nothing is stored until a storage configuration says where.
//!
//! Facts: *Create an Amazon Connect instance*, *Default flows*, *Sample flows*, *Default security profiles* and *Set up
//! routing* in the Administrator Guide; names and first values as seen in published configurations of real instances.
//! The flows do what AWS's do, in our own words.

mod agent_status;
mod flow;
mod hours;
mod prompt;
mod queue;
mod routing_profile;
mod security_profile;

pub use agent_status::{AgentStatus, AgentStatusState, AgentStatusType};
pub use flow::{Flow, FlowState, FlowStatus, FlowType, NotPublished};
pub use hours::{Day, HoursOfOperation, OpenHours, TimeOfDay};
pub use prompt::Prompt;
pub use queue::{OutboundCaller, Queue, QueueStatus, QueueType};
pub use routing_profile::{
    AgentAvailabilityTimer, Channel, CrossChannelBehavior, MediaConcurrency, QueueConfig, RoutingProfile,
};
pub use security_profile::SecurityProfile;

use super::Head;
use crate::{Home, Ids, InstanceId, Time};

/// What a new instance comes with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// `Basic Hours`.
    pub hours_of_operation: HoursOfOperation,
    /// `BasicQueue`.
    pub queue: Queue,
    /// `Basic Routing Profile`.
    pub routing_profile: RoutingProfile,
    /// `Admin`, `Agent`, `CallCenterManager`, `QualityAnalyst`.
    pub security_profiles: Vec<SecurityProfile>,
    /// `Available`, `Offline`.
    pub agent_statuses: Vec<AgentStatus>,
    /// Tones and music.
    pub prompts: Vec<Prompt>,
    /// The `Default …` and the `Sample …` flows, published.
    pub flows: Vec<Flow>,
}

impl Contents {
    /// Those of `instance`, made at `now`.
    #[must_use]
    pub fn new(instance: InstanceId, home: &Home, now: Time, ids: &mut dyn Ids) -> Self {
        let mut heads = Heads { instance, home, now, ids };
        let hours_of_operation = hours::basic(heads.next("Basic Hours"));
        let queue = queue::basic(heads.next("BasicQueue"), &hours_of_operation);
        let routing_profile = routing_profile::basic(heads.next("Basic Routing Profile"), &queue);
        let security_profiles = security_profile::first_ones(&mut heads);
        let agent_statuses = agent_status::first_ones(&mut heads);
        let prompts = prompt::first_ones(&mut heads);
        let flows = flow::first_ones(&mut heads, &queue, &prompts);
        Self { hours_of_operation, queue, routing_profile, security_profiles, agent_statuses, prompts, flows }
    }
}

/// Makes the heads of new resources, one after the other.
struct Heads<'a> {
    instance: InstanceId,
    home: &'a Home,
    now: Time,
    ids: &'a mut dyn Ids,
}

impl Heads<'_> {
    fn next(&mut self, name: &str) -> Head {
        Head::new(self.instance, name, self.home, self.now, self.ids)
    }
}

/// Says of a record what kind of resource it is. Each has a field `head`.
macro_rules! resource {
    ($record:ident is $kind:ident) => {
        impl $crate::instance::Resource for $record {
            const KIND: $crate::instance::ResourceKind = $crate::instance::ResourceKind::$kind;

            fn head(&self) -> &$crate::instance::Head {
                &self.head
            }
        }
    };
}

use resource;
