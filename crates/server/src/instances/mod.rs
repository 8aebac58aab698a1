//! Instances as they are kept: they begin with everything they come with and end with everything that is theirs.
//!
//! The one rule: an instance and what belongs to it (the names it goes by, its contents, its sets, its tags) come and
//! go in one transaction. Only its chats go after it, a few at a time, since they may be many (`leftovers`).
//!
//! Facts: *CreateInstance* and *DeleteInstance* in the Amazon Connect API Reference.

pub(crate) mod contents;
pub(crate) mod leftovers;

use switchboard_domain::{
    InstanceId, Time,
    instance::{
        Account, Bot, Changes, Claim, ClaimedBy, Family, FunctionArn, Instance, NotBeingCreated, Origin, SecurityKey,
        StorageAssociation, StorageResourceType, contents::Contents,
    },
};
use switchboard_state::{StoreError, Tx};

use crate::{alarm::Alarm, app::App, ids::SystemIds};

/// The instance as it is at `now`, whether or not the alarm of a change that is due has come.
pub(crate) fn find(tx: &mut Tx, id: InstanceId, now: Time) -> Result<Option<Instance>, StoreError> {
    Ok(tx.get::<Instance>("", &id.to_string())?.and_then(|instance| instance.when_due(now)))
}

/// Where the instance stores things of that type, if anywhere.
pub(crate) fn storage(
    tx: &mut Tx,
    instance: InstanceId,
    resource_type: StorageResourceType,
) -> Result<Option<StorageAssociation>, StoreError> {
    tx.get(&instance.to_string(), resource_type.as_str())
}

/// Keeps a storage configuration, in place of another of its type.
pub(crate) fn save_storage(tx: &mut Tx, instance: InstanceId, storage: &StorageAssociation) -> Result<(), StoreError> {
    tx.put(&instance.to_string(), storage.resource_type.as_str(), storage)
}

/// Forgets a storage configuration.
pub(crate) fn forget_storage(
    tx: &mut Tx,
    instance: InstanceId,
    storage: &StorageAssociation,
) -> Result<(), StoreError> {
    tx.delete::<StorageAssociation>(&instance.to_string(), storage.resource_type.as_str()).map(drop)
}

/// What the account has already, for its quotas.
pub(crate) fn account(tx: &mut Tx) -> Result<Account, StoreError> {
    Ok(Account { instances: tx.count::<Instance>("")?, changes: changes(tx)? })
}

/// Counts one more creation or deletion.
pub(crate) fn count_change(app: &App, tx: &mut Tx, now: Time) -> Result<(), StoreError> {
    let changes = changes(tx)?.with_one(&app.limits.instance, now);
    tx.put("", "", &changes)
}

fn changes(tx: &mut Tx) -> Result<Changes, StoreError> {
    Ok(tx.get("", "")?.unwrap_or_default())
}

/// Gives a name to the instance; false when another one goes by it.
pub(crate) fn claim(tx: &mut Tx, instance: &Instance, claim: &Claim) -> Result<bool, StoreError> {
    tx.insert("", &claim.to_string(), &ClaimedBy { instance_id: instance.id })
}

/// Keeps a new instance, with everything it comes with.
pub(crate) fn add(app: &App, tx: &mut Tx, instance: &Instance) -> Result<(), StoreError> {
    let contents = Contents::new(instance.id, &app.home, instance.created, &mut SystemIds);
    contents::save(tx, &contents)?;
    save(tx, instance)
}

/// Keeps an instance, and sets the alarm for its next change.
pub(crate) fn save(tx: &mut Tx, instance: &Instance) -> Result<(), StoreError> {
    tx.put("", &instance.id.to_string(), instance)?;
    match instance.due_at() {
        Some(due) => Alarm::Instance(instance.id).set(tx, due),
        None => Alarm::Instance(instance.id).cancel(tx),
    }
}

/// The creation of an instance fails, if it is under way; none when there is no such instance.
pub(crate) fn fail(
    tx: &mut Tx,
    id: InstanceId,
    reason: &str,
    now: Time,
) -> Result<Option<Result<(), NotBeingCreated>>, StoreError> {
    let Some(instance) = find(tx, id, now)? else { return Ok(None) };
    match instance.fail(reason, now) {
        Ok(failed) => save(tx, &failed).map(|()| Some(Ok(()))),
        Err(error) => Ok(Some(Err(error))),
    }
}

/// Forgets an instance and everything that is its own. Its chats end right after.
pub(crate) fn remove(app: &App, tx: &mut Tx, instance: &Instance, now: Time) -> Result<(), StoreError> {
    let id = instance.id;
    for claim in instance.identity.claims() {
        tx.delete::<ClaimedBy>("", &claim.to_string())?;
    }
    contents::forget(tx, id)?;
    tx.delete_all::<StorageAssociation>(&id.to_string())?;
    tx.delete_all::<Bot>(&Family::LexV1Bots.scope(id))?;
    tx.delete_all::<Bot>(&Family::LexV2Bots.scope(id))?;
    tx.delete_all::<FunctionArn>(&Family::LambdaFunctions.scope(id))?;
    tx.delete_all::<Origin>(&Family::ApprovedOrigins.scope(id))?;
    tx.delete_all::<SecurityKey>(&Family::SecurityKeys.scope(id))?;
    tx.delete_tags_within(&instance.arn(&app.home).to_string())?;
    tx.delete::<Instance>("", &id.to_string())?;
    leftovers::leave(tx, id, now)
}

/// An instance's alarm has come: it goes on in its life; or it is gone, and its chats go too.
pub(crate) fn advance(app: &App, tx: &mut Tx, id: InstanceId, now: Time) -> Result<(), StoreError> {
    let Some(instance) = tx.get::<Instance>("", &id.to_string())? else {
        return leftovers::end_chats(app, tx, id, now);
    };
    match instance.clone().when_due(now) {
        Some(instance) => save(tx, &instance),
        None => remove(app, tx, &instance, now),
    }
}
