//! The sets of outside things an instance may use: bots, functions, origins, keys. One way in and one way out.

use serde::{Serialize, de::DeserializeOwned};
use switchboard_domain::instance::{
    Associable, AssociationError, Instance, Present, associate, disassociate,
};
use switchboard_state::{Record, Tx};
use switchboard_wire::connect::{
    ResourceConflictException, ResourceNotFoundException, ServiceQuotaExceededException,
};

use super::lookup::not_found;
use crate::ops::{Ctx, Failure};

/// Adds a thing to its set.
pub(super) fn add<T, E>(ctx: &Ctx, tx: &mut Tx, instance: &Instance, thing: &T) -> Result<(), Failure<E>>
where
    T: Associable + Record + Serialize + DeserializeOwned,
    E: From<ResourceConflictException> + From<ServiceQuotaExceededException>,
{
    let (scope, key) = (thing.family().scope(instance.id), thing.key());
    let present = Present {
        this: tx.get::<T>(&scope, &key)?.is_some(),
        count: tx.count::<T>(&scope)?,
    };
    if let Err(error) = associate(thing, present, &ctx.app.limits.instance) {
        return Err(match error {
            AssociationError::QuotaExceeded { .. } => ServiceQuotaExceededException::new(error.to_string()).into(),
            AssociationError::AlreadyAssociated(_) | AssociationError::NotAssociated(_) => {
                ResourceConflictException::new(error.to_string()).into()
            }
        });
    }
    tx.put(&scope, &key, thing)?;
    Ok(())
}

/// Takes a thing out of its set.
pub(super) fn remove<T, E>(tx: &mut Tx, instance: &Instance, thing: &T) -> Result<(), Failure<E>>
where
    T: Associable + Record + Serialize + DeserializeOwned,
    E: From<ResourceNotFoundException>,
{
    let was_there = tx.delete::<T>(&thing.family().scope(instance.id), &thing.key())?;
    disassociate(thing, was_there).map_err(|error| not_found(error).into())
}
