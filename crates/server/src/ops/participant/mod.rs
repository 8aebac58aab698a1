//! Amazon Connect Participant Service: the chat itself.

use super::Table;

/// Adds every operation of this service.
pub(super) fn register(_table: &mut Table) {}
