//! What is inside an instance: one record per resource, under the id of the instance.

use std::slice::from_ref;

use switchboard_domain::{
    InstanceId, ResourceId,
    instance::{
        Resource, ResourceKind,
        contents::{AgentStatus, Contents, Flow, HoursOfOperation, Prompt, Queue, RoutingProfile, SecurityProfile},
    },
};
use switchboard_state::{Record, StoreError, Tx};

/// Keeps what a new instance comes with.
pub(super) fn save(tx: &mut Tx, contents: &Contents) -> Result<(), StoreError> {
    let Contents { hours_of_operation, queue, routing_profile, security_profiles, agent_statuses, prompts, flows } =
        contents;
    put(tx, from_ref(hours_of_operation))?;
    put(tx, from_ref(queue))?;
    put(tx, from_ref(routing_profile))?;
    put(tx, security_profiles)?;
    put(tx, agent_statuses)?;
    put(tx, prompts)?;
    put(tx, flows)
}

fn put<R: Record + Resource>(tx: &mut Tx, resources: &[R]) -> Result<(), StoreError> {
    for resource in resources {
        tx.put(&resource.head().instance_id.to_string(), &resource.id().to_string(), resource)?;
    }
    Ok(())
}

/// Forgets everything inside an instance.
pub(super) fn forget(tx: &mut Tx, instance: InstanceId) -> Result<(), StoreError> {
    let scope = instance.to_string();
    tx.delete_all::<HoursOfOperation>(&scope)?;
    tx.delete_all::<Queue>(&scope)?;
    tx.delete_all::<RoutingProfile>(&scope)?;
    tx.delete_all::<SecurityProfile>(&scope)?;
    tx.delete_all::<AgentStatus>(&scope)?;
    tx.delete_all::<Prompt>(&scope)?;
    tx.delete_all::<Flow>(&scope).map(drop)
}

/// Whether the instance has that resource.
pub(crate) fn has(tx: &mut Tx, instance: InstanceId, kind: ResourceKind, id: ResourceId) -> Result<bool, StoreError> {
    let (scope, id) = (instance.to_string(), id.to_string());
    match kind {
        ResourceKind::Queue => is_there::<Queue>(tx, &scope, &id),
        ResourceKind::RoutingProfile => is_there::<RoutingProfile>(tx, &scope, &id),
        ResourceKind::HoursOfOperation => is_there::<HoursOfOperation>(tx, &scope, &id),
        ResourceKind::ContactFlow => is_there::<Flow>(tx, &scope, &id),
        ResourceKind::Prompt => is_there::<Prompt>(tx, &scope, &id),
        ResourceKind::AgentStatus => is_there::<AgentStatus>(tx, &scope, &id),
        ResourceKind::SecurityProfile => is_there::<SecurityProfile>(tx, &scope, &id),
        // A new instance comes with none of these, and no operation makes one.
        ResourceKind::ContactFlowModule
        | ResourceKind::User
        | ResourceKind::HierarchyGroup
        | ResourceKind::QuickConnect
        | ResourceKind::TaskTemplate => Ok(false),
    }
}

fn is_there<R: Record>(tx: &mut Tx, scope: &str, id: &str) -> Result<bool, StoreError> {
    Ok(tx.get::<R>(scope, id)?.is_some())
}
