//! What happens to instances by themselves: their creation comes to an end, a failed one is forgotten.

use switchboard_domain::{InstanceId, Time, instance::Instance};
use switchboard_state::{StoreError, Tx};

use crate::{alarm::Alarm, app::App};

/// An instance's alarm has come.
pub(crate) fn advance(_app: &App, tx: &mut Tx, id: InstanceId, now: Time) -> Result<(), StoreError> {
    let Some(instance) = tx.get::<Instance>("", &id.to_string())? else { return Ok(()) };
    match instance.when_due(now) {
        Some(instance) => save(tx, &instance),
        None => tx.delete::<Instance>("", &id.to_string()).map(drop),
    }
}

/// Keeps an instance, and sets the alarm for its next change.
pub(crate) fn save(tx: &mut Tx, instance: &Instance) -> Result<(), StoreError> {
    tx.put("", &instance.id.to_string(), instance)?;
    match instance.due_at() {
        Some(due) => Alarm::Instance(instance.id).set(tx, due),
        None => Alarm::Instance(instance.id).cancel(tx),
    }
}
