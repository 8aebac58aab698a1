//! Which shard a stage is on.
//!
//! The one rule: everybody who gets packets from one publisher is where that publisher is. A stage is on one shard for as
//! long as anybody is on it; a viewer of a replica is placed by the stage from which the media come, whichever stage
//! they watch it on. A stage that nobody is on may come back elsewhere: on the shard with the fewest connections then.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use switchboard_domain::stage::StageId;

use super::routes::ShardIndex;

/// All stages that somebody is on.
#[derive(Debug)]
pub(super) struct Placement(Arc<Mutex<Taken>>);

#[derive(Debug)]
struct Taken {
    stages: HashMap<StageId, On>,
    /// Connections of each shard.
    load: Vec<usize>,
}

/// Where a stage is, and how many are on it.
#[derive(Debug)]
struct On {
    shard: ShardIndex,
    connections: usize,
}

/// The place of one connection. Its stage stays where it is until the last one is dropped.
#[derive(Debug)]
pub(super) struct Place {
    taken: Arc<Mutex<Taken>>,
    stage: StageId,
    pub(super) shard: ShardIndex,
}

impl Placement {
    pub(super) fn new(shards: usize) -> Self {
        Self(Arc::new(Mutex::new(Taken { stages: HashMap::new(), load: vec![0; shards] })))
    }

    /// A place for one more connection that media of that stage go through.
    pub(super) fn take(&self, stage: StageId) -> Place {
        let mut guard = self.0.lock();
        let Taken { stages, load } = &mut *guard;
        let on = stages.entry(stage).or_insert_with(|| On { shard: least(load), connections: 0 });
        on.connections += 1;
        load[on.shard] += 1;
        Place { taken: self.0.clone(), stage, shard: on.shard }
    }
}

fn least(load: &[usize]) -> ShardIndex {
    load.iter().enumerate().min_by_key(|(_, connections)| **connections).map_or(0, |(shard, _)| shard)
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock();
        taken.load[self.shard] -= 1;
        let Some(on) = taken.stages.get_mut(&self.stage) else { return };
        on.connections -= 1;
        if on.connections == 0 {
            taken.stages.remove(&self.stage);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_stays_and_the_next_goes_where_the_fewest_are() {
        let placement = Placement::new(2);
        let [one, two, three]: [StageId; 3] =
            ["0a1b2c3d4e5f", "0a1b2c3d4e5g", "0a1b2c3d4e5h"].map(|id| id.parse().expect("an id"));
        let first: Vec<Place> = (0..3).map(|_| placement.take(one)).collect();
        assert!(first.iter().all(|place| place.shard == 0));
        let second = placement.take(two);
        assert_eq!((second.shard, placement.take(three).shard), (1, 1));
        assert_eq!(placement.take(one).shard, 0, "crowded or not");
        drop(first);
        assert_eq!(placement.take(one).shard, 0, "anew, where nobody is");
        drop(second);
        assert!(placement.0.lock().stages.is_empty());
        assert_eq!(placement.0.lock().load, [0, 0]);
    }
}
