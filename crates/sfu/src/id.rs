//! Names of stages and peers inside one shard.
//!
//! The one rule: the caller chooses them, so that they mean the same thing in its logs and tables.

/// A stage, as the caller numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageId(pub u64);

/// One connection of one client: a publisher, or a viewer of one publisher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u64);

/// Somebody who watches, by one connection for each publisher: what those are sent counts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParticipantId(pub u64);

/// A place in a [`Slab`]; it means nothing once the thing in it was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub(crate) u32);

/// Things in numbered places: the place of a removed thing is used again.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    places: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    pub(crate) fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }

    pub(crate) fn insert(&mut self, value: T) -> Key {
        if let Some(place) = self.free.pop() {
            self.places[place as usize] = Some(value);
            return Key(place);
        }
        self.places.push(Some(value));
        Key(self.places.len() as u32 - 1)
    }

    /// The place that the next insertion will take.
    pub(crate) fn vacant_key(&self) -> Key {
        Key(self.free.last().copied().unwrap_or(self.places.len() as u32))
    }

    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        let value = self.places.get_mut(key.0 as usize)?.take()?;
        self.free.push(key.0);
        Some(value)
    }

    pub(crate) fn get(&self, key: Key) -> Option<&T> {
        self.places.get(key.0 as usize)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        self.places.get_mut(key.0 as usize)?.as_mut()
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_place_is_used_again() {
        let mut slab = Slab::new();
        let first = slab.insert("first");
        let second = slab.insert("second");
        assert_eq!(slab.remove(first), Some("first"));
        assert_eq!(slab.remove(first), None);
        assert_eq!(slab.vacant_key(), first);
        let third = slab.insert("third");
        assert_eq!(third, first);
        assert_eq!(slab.vacant_key(), Key(2));
        assert_eq!(slab.get(second), Some(&"second"));
        assert_eq!(slab.len(), 2);
    }
}
