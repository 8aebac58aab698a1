//! Seats: how many sockets this node has open, and how many of them each participant of a chat.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use switchboard_domain::ParticipantId;

/// Sockets that one participant may have open at once (Administrator Guide, *Feature specifications*).
const PER_PARTICIPANT: usize = 5;

/// All open sockets of this node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seats(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    by_participant: HashMap<ParticipantId, usize>,
    total: usize,
}

/// One socket's place; free again when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    /// Whose, where it is a chat's.
    participant: Option<ParticipantId>,
}

impl Seats {
    /// A place for one more socket, unless that participant or this node (`most`) has too many.
    pub(crate) fn take(&self, participant: ParticipantId, most: usize) -> Option<Seat> {
        let mut taken = self.0.lock();
        let total = taken.total;
        let count = taken.by_participant.entry(participant).or_default();
        if *count >= PER_PARTICIPANT || total >= most {
            return None;
        }
        *count += 1;
        taken.total += 1;
        Some(Seat { seats: self.clone(), participant: Some(participant) })
    }

    /// A place for one more socket that is no chat's, unless this node (`most`) has too many.
    pub(crate) fn take_other(&self, most: usize) -> Option<Seat> {
        let mut taken = self.0.lock();
        if taken.total >= most {
            return None;
        }
        taken.total += 1;
        Some(Seat { seats: self.clone(), participant: None })
    }

    /// Sockets open now.
    pub(crate) fn total(&self) -> usize {
        self.0.lock().total
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock();
        taken.total -= 1;
        let Some(participant) = self.participant else { return };
        if let Some(count) = taken.by_participant.get_mut(&participant) {
            *count -= 1;
            if *count == 0 {
                taken.by_participant.remove(&participant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn five_each_and_no_more_than_the_node_takes() {
        let seats = Seats::default();
        let [one, two] = [1, 2].map(|n| ParticipantId(Uuid::from_u128(n)));
        let mut held: Vec<_> = (0..5).map(|_| seats.take(one, 6).expect("a seat")).collect();
        assert!(seats.take(one, 6).is_none(), "a sixth of one participant");
        held.push(seats.take(two, 6).expect("another participant's first"));
        assert!(seats.take(two, 6).is_none(), "the node is full");
        assert!(seats.take_other(6).is_none(), "for sockets of any kind");
        held.remove(0);
        assert!(seats.take(one, 6).is_some());
        drop(held);
        assert_eq!(seats.total(), 0);
        assert!(seats.0.lock().by_participant.is_empty());
    }
}
