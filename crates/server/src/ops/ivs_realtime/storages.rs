//! What the operations on storage configurations share: showing one, and who uses it.

use switchboard_domain::stage::{ResourceId, Stage, configurations::StorageConfiguration};
use switchboard_state::{StoreError, Tx};
use switchboard_wire::{
    Map,
    ivs_realtime::{S3StorageConfiguration, StorageConfiguration as Shown},
};

/// Stages looked through at once.
const CHUNK: usize = 200;

/// A configuration as replies show it.
pub(super) fn shown(storage: StorageConfiguration, arn: String, tags: Map<String>) -> Shown {
    Shown {
        arn,
        name: Some(storage.name),
        s3: Some(S3StorageConfiguration { bucket_name: storage.bucket_name }),
        tags: Some(tags),
    }
}

/// A stage that records to it.
pub(super) fn used_by(tx: &mut Tx, storage: ResourceId) -> Result<Option<Stage>, StoreError> {
    let mut after: Option<String> = None;
    loop {
        let stages = tx.list::<Stage>("", after.as_deref(), CHUNK)?;
        after = match stages.last() {
            Some((last, _)) => Some(last.clone()),
            None => return Ok(None),
        };
        let user = stages.into_iter().map(|(_, stage)| stage).find(|stage| stage.recording.storage == Some(storage));
        if user.is_some() {
            return Ok(user);
        }
    }
}
