//! Routing profiles: which queues an agent serves, on which channels, and how many contacts at once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Queue, resource};
use crate::{
    ResourceId,
    instance::{Head, Resource},
    words::words,
};

words! {
    /// `Channel`: the way a contact comes.
    Channel {
        Voice = "VOICE",
        Chat = "CHAT",
        Task = "TASK",
        Email = "EMAIL",
    }
}

words! {
    /// `BehaviorType`: whether an agent busy on one channel is offered contacts of another.
    CrossChannelBehavior {
        CurrentChannelOnly = "ROUTE_CURRENT_CHANNEL_ONLY",
        AnyChannel = "ROUTE_ANY_CHANNEL",
    }
}

words! {
    /// `AgentAvailabilityTimer`: since when an agent counts as idle.
    AgentAvailabilityTimer {
        LastActivity = "TIME_SINCE_LAST_ACTIVITY",
        LastInbound = "TIME_SINCE_LAST_INBOUND",
    }
}

/// How many contacts of a channel an agent takes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaConcurrency {
    /// The channel.
    pub channel: Channel,
    /// 1 to 10.
    pub concurrency: u32,
    /// `CrossChannelBehavior`.
    pub cross_channel_behavior: Option<CrossChannelBehavior>,
}

/// A queue that agents serve on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueConfig {
    /// The queue.
    pub queue_id: ResourceId,
    /// The channel.
    pub channel: Channel,
    /// 1, which goes first, to 99.
    pub priority: u32,
    /// How long a contact waits before these agents are offered it.
    pub delay_seconds: u32,
}

/// A routing profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingProfile {
    /// Id, name and the like.
    pub head: Head,
    /// `MediaConcurrencies`.
    pub media_concurrencies: Vec<MediaConcurrency>,
    /// What `ListRoutingProfileQueues` lists.
    pub queues: Vec<QueueConfig>,
    /// `DefaultOutboundQueueId`.
    pub default_outbound_queue_id: ResourceId,
    /// `AgentAvailabilityTimer`.
    pub agent_availability_timer: AgentAvailabilityTimer,
    /// `IsDefault`: whether it is the one the instance came with.
    pub is_default: bool,
}

resource!(RoutingProfile is RoutingProfile);

impl RoutingProfile {
    /// `AssociatedQueueIds`, each once.
    #[must_use]
    pub fn queue_ids(&self) -> BTreeSet<ResourceId> {
        self.queues.iter().map(|queue| queue.queue_id).collect()
    }
}

/// One call, two chats or a task at once, all from the one queue.
pub(super) fn basic(head: Head, queue: &Queue) -> RoutingProfile {
    let channels = [(Channel::Voice, 1), (Channel::Chat, 2), (Channel::Task, 1)];
    RoutingProfile {
        head: head.described("The routing profile that a new instance begins with."),
        media_concurrencies: channels
            .map(|(channel, concurrency)| MediaConcurrency { channel, concurrency, cross_channel_behavior: None })
            .into(),
        queues: channels
            .map(|(channel, _)| QueueConfig { queue_id: queue.id(), channel, priority: 1, delay_seconds: 0 })
            .into(),
        default_outbound_queue_id: queue.id(),
        agent_availability_timer: AgentAvailabilityTimer::LastActivity,
        is_default: true,
    }
}
