//! Agent statuses: what agents say of themselves, and whether contacts are offered to them.

use serde::{Deserialize, Serialize};

use super::{Heads, resource};
use crate::{instance::Head, words::words};

words! {
    /// `AgentStatusType`.
    AgentStatusType {
        Routable = "ROUTABLE",
        Custom = "CUSTOM",
        Offline = "OFFLINE",
    }
}

words! {
    /// `AgentStatusState`.
    AgentStatusState {
        Enabled = "ENABLED",
        Disabled = "DISABLED",
    }
}

/// A status that agents can choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentStatus {
    /// Id, name and the like.
    pub head: Head,
    /// `Type`: only a routable one gets contacts.
    pub status_type: AgentStatusType,
    /// `State`: only an enabled one can be chosen.
    pub state: AgentStatusState,
    /// `DisplayOrder`: its place in the agent's list, from 1.
    pub display_order: Option<u32>,
}

resource!(AgentStatus is AgentStatus);

pub(super) fn first_ones(heads: &mut Heads<'_>) -> Vec<AgentStatus> {
    let mut status = |name, status_type, place| AgentStatus {
        head: heads.next(name),
        status_type,
        state: AgentStatusState::Enabled,
        display_order: Some(place),
    };
    vec![status("Available", AgentStatusType::Routable, 1), status("Offline", AgentStatusType::Offline, 2)]
}
