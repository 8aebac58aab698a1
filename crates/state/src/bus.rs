//! The bus inside one process: it says "look", never what there is to see.
//!
//! The one rule: the store is the truth. A subscriber subscribes first, reads second, and reads again whenever
//! [`Subscription::changed`] returns. Notices that come faster than it looks become one, so a slow reader costs no
//! memory, misses nothing and cannot lag; and nobody is woken for a topic of others.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use parking_lot::Mutex;
use switchboard_domain::{ChatId, stage::StageId};
use tokio::sync::watch;

/// Something that can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The log of a chat has grown.
    Chat(ChatId),
    /// Somebody came to a stage or left it, began or stopped, or may no longer be there.
    Stage(StageId),
    /// A timer was set that is the first to come.
    Timers,
}

/// Who wants to look at what.
#[derive(Debug, Clone, Default)]
pub struct Bus(Arc<Mutex<HashMap<Topic, watch::Sender<()>>>>);

impl Bus {
    /// A subscription to the changes of `topic` from now on.
    #[must_use]
    pub fn subscribe(&self, topic: Topic) -> Subscription {
        let receiver = self.0.lock().entry(topic).or_insert_with(|| watch::Sender::new(())).subscribe();
        Subscription { topic, receiver: Some(receiver), bus: self.clone() }
    }

    /// Wakes everybody who subscribed to `topic`.
    pub(crate) fn publish(&self, topic: Topic) {
        if let Some(sender) = self.0.lock().get(&topic) {
            sender.send_replace(());
        }
    }
}

/// One reader's interest in one topic. Dropping it ends it.
#[derive(Debug)]
pub struct Subscription {
    topic: Topic,
    /// There until the drop.
    receiver: Option<watch::Receiver<()>>,
    bus: Bus,
}

impl Subscription {
    /// Waits until the topic has changed since the last call, or since the subscription. Safe to cancel.
    pub async fn changed(&mut self) {
        if let Some(receiver) = &mut self.receiver {
            // Cannot fail: a topic's sender stays until its last subscription is dropped.
            let _ = receiver.changed().await;
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut topics = self.bus.0.lock();
        // Under the lock, so that of two who leave at once the second sees that it is the last.
        self.receiver = None;
        if let Entry::Occupied(topic) = topics.entry(self.topic)
            && topic.get().receiver_count() == 0
        {
            topic.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bus, Topic};

    #[test]
    fn a_topic_goes_with_its_last_subscription() {
        let bus = Bus::default();
        let (first, second) = (bus.subscribe(Topic::Timers), bus.subscribe(Topic::Timers));
        drop(first);
        assert_eq!(bus.0.lock().len(), 1);
        drop(second);
        assert_eq!(bus.0.lock().len(), 0);
    }
}
