//! What a shard is asked to do, and the way there.
//!
//! The one rule: a command goes to the shard of the connection that it is about, which that connection's name tells.

use switchboard_sfu::{Event, Fragment, FragmentError, JoinError, Kind, Patched, Peer, PeerId, PeerStats, StageId};
use tokio::sync::{mpsc, oneshot};

use super::{routes::ShardIndex, wishes::Wishes};

/// Where the driver tells what happens to one connection.
pub(super) type Told = mpsc::UnboundedSender<Event>;

/// What the driver is asked to do.
pub(super) enum Command {
    /// To take in a connection.
    Join {
        /// Its name.
        peer: PeerId,
        /// Where it belongs.
        stage: StageId,
        /// Itself.
        connection: Box<Peer>,
        /// Whom it watches; nobody if it publishes.
        publisher: Option<PeerId>,
        /// Where to tell what becomes of it.
        told: Told,
        /// Whether it is in.
        reply: oneshot::Sender<Result<(), JoinError>>,
    },
    /// To take in what a client sent later.
    Patch {
        /// Whose.
        peer: PeerId,
        /// What.
        fragment: Fragment,
        /// What it led to.
        reply: oneshot::Sender<Result<Patched, FragmentError>>,
    },
    /// To turn a viewer to a newer connection of its publisher.
    Watch {
        /// Who watches.
        viewer: PeerId,
        /// The newer connection.
        publisher: PeerId,
        /// Whether it is there.
        reply: oneshot::Sender<Result<(), JoinError>>,
    },
    /// To send a viewer what it wishes of its publisher.
    Wish {
        /// Who watches.
        viewer: PeerId,
        /// Whom.
        publisher: PeerId,
        /// What it wishes.
        wish: Wishes,
        /// Whether the publisher has that.
        reply: oneshot::Sender<bool>,
    },
    /// To tell what a publisher sends.
    Figures {
        /// Who publishes.
        publisher: PeerId,
        /// What, if they are there.
        reply: oneshot::Sender<Option<PeerStats>>,
    },
    /// To send on what a publisher sends of that kind, or not.
    Mute {
        /// Who publishes.
        publisher: PeerId,
        /// Of which kind.
        kind: Kind,
        /// Whether it is to stop here.
        muted: bool,
    },
    /// To put a connection out.
    Close(PeerId),
}

impl Command {
    /// The connection that it is about.
    pub(super) const fn peer(&self) -> PeerId {
        match self {
            Self::Join { peer, .. } | Self::Patch { peer, .. } | Self::Close(peer) => *peer,
            Self::Watch { viewer, .. } | Self::Wish { viewer, .. } => *viewer,
            Self::Mute { publisher, .. } | Self::Figures { publisher, .. } => *publisher,
        }
    }
}

/// The ways to all shards.
pub(super) struct Commands(Vec<mpsc::Sender<Command>>);

/// The shard has ended, and its connections with it.
#[derive(Debug)]
pub(super) struct Ended;

impl Commands {
    pub(super) const fn new(shards: Vec<mpsc::Sender<Command>>) -> Self {
        Self(shards)
    }

    /// The name of the `count`th connection, if it is on that shard: it says so itself.
    pub(super) fn name(&self, count: u64, shard: ShardIndex) -> PeerId {
        let shards = self.0.len() as u64;
        PeerId(count * shards + shard as u64)
    }

    /// The shard that a connection is on.
    pub(super) fn shard_of(&self, peer: PeerId) -> ShardIndex {
        (peer.0 % self.0.len() as u64) as ShardIndex
    }

    /// Sends a command to the shard of the connection that it is about; waits while too many wait there.
    pub(super) async fn send(&self, command: Command) -> Result<(), Ended> {
        let shard = self.shard_of(command.peer());
        self.0[shard].send(command).await.map_err(|_| Ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_leads_to_its_shard() {
        let (senders, mut inboxes): (Vec<_>, Vec<_>) = (0..3).map(|_| mpsc::channel(9)).unzip();
        let commands = Commands::new(senders);
        for (count, shard) in [(0, 0), (0, 1), (0, 2), (1, 0), (7, 2)] {
            let peer = commands.name(count, shard);
            assert_eq!(commands.shard_of(peer), shard);
            commands.send(Command::Close(peer)).await.expect("a shard");
            assert!(matches!(inboxes[shard].try_recv(), Ok(Command::Close(found)) if found == peer));
        }
        drop(inboxes);
        commands.send(Command::Close(PeerId(1))).await.expect_err("no shard");
    }
}
