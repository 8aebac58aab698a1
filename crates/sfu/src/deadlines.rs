//! Who must be looked at next, among many.
//!
//! The one rule: a deadline that moves later costs nothing. The heap may hold an entry that is too early; who is woken
//! by it says when it really is due.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Instant;

use crate::id::Key;
use crate::network::demux::FastHash;

/// Wake-up times by key.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    heap: BinaryHeap<Reverse<(Instant, Key)>>,
    /// The earliest entry of each key.
    armed: HashMap<Key, Instant, FastHash>,
}

impl Deadlines {
    /// Wakes `key` at `at` or earlier.
    pub(crate) fn arm(&mut self, key: Key, at: Instant) {
        let armed = self.armed.entry(key).or_insert(at + std::time::Duration::from_nanos(1));
        if at < *armed {
            *armed = at;
            self.heap.push(Reverse((at, key)));
        }
    }

    /// Forgets a key.
    pub(crate) fn remove(&mut self, key: Key) {
        self.armed.remove(&key);
    }

    /// A key whose time has come.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Key> {
        while let Some(Reverse((at, key))) = self.heap.peek().copied() {
            if self.armed.get(&key) != Some(&at) {
                self.heap.pop();
                continue;
            }
            if at > now {
                return None;
            }
            self.heap.pop();
            self.armed.remove(&key);
            return Some(key);
        }
        None
    }

    /// The earliest time.
    pub(crate) fn next(&mut self) -> Option<Instant> {
        while let Some(Reverse((at, key))) = self.heap.peek().copied() {
            if self.armed.get(&key) == Some(&at) {
                return Some(at);
            }
            self.heap.pop();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::at_ms;

    #[test]
    fn the_earliest_first_and_each_once() {
        let mut deadlines = Deadlines::default();
        deadlines.arm(Key(1), at_ms(30));
        deadlines.arm(Key(2), at_ms(10));
        deadlines.arm(Key(1), at_ms(20));
        deadlines.arm(Key(1), at_ms(40));
        assert_eq!(deadlines.next(), Some(at_ms(10)));
        assert_eq!(deadlines.pop_due(at_ms(5)), None);
        assert_eq!(deadlines.pop_due(at_ms(25)), Some(Key(2)));
        assert_eq!(deadlines.pop_due(at_ms(25)), Some(Key(1)));
        assert_eq!(deadlines.pop_due(at_ms(99)), None);
        deadlines.arm(Key(1), at_ms(50));
        deadlines.remove(Key(1));
        assert_eq!(deadlines.next(), None);
    }
}
