//! The driver of the forwarding unit: one UDP socket, one task, and the time.
//!
//! The one rule: it waits for nobody but the network. Commands come in over a channel; what happened goes out over
//! channels that never block, since each connection has only a handful of things to tell.

use std::{collections::HashMap, io, net::SocketAddr, sync::Arc};

use switchboard_sfu::{
    Datagram, Event, Fragment, FragmentError, JoinError, Kind, Outbox, Patched, Peer, PeerId, Policy, Shard, StageId,
    Transport,
};
use tokio::{
    net::UdpSocket,
    sync::{mpsc, oneshot},
    time::sleep_until,
};
use tokio_util::sync::CancellationToken;

use super::wishes::Wishes;
use crate::clock;

/// Datagrams read before anything is sent.
const BATCH: usize = 64;
/// Media fits an Ethernet frame; what is longer is cut, and then fails to be authentic.
const LARGEST_BYTES: usize = 2 * 1024;

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

/// The shard with its socket.
pub(super) struct Driver {
    socket: UdpSocket,
    /// Ours, as the answers name it.
    address: SocketAddr,
    shard: Shard,
    told: HashMap<PeerId, Told>,
    /// Room for a batch of datagrams.
    room: Box<[u8]>,
    /// How long each of the batch is, and who sent it.
    batch: Vec<(usize, SocketAddr)>,
    out: Outbox,
}

impl Driver {
    pub(super) fn new(socket: UdpSocket, address: SocketAddr, policy: Arc<Policy>) -> Self {
        Self {
            socket,
            address,
            shard: Shard::new(policy),
            told: HashMap::new(),
            room: vec![0; BATCH * LARGEST_BYTES].into_boxed_slice(),
            batch: Vec::with_capacity(BATCH),
            out: Outbox::default(),
        }
    }

    /// Forwards until it is told to stop.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>, stop: CancellationToken) {
        loop {
            let deadline = self.shard.deadline();
            let due = async {
                match deadline {
                    Some(deadline) => sleep_until(deadline.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                ready = self.socket.readable() => {
                    if let Err(error) = ready {
                        tracing::error!(%error, "media can no longer be received");
                        return;
                    }
                    self.receive();
                }
                command = commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
                () = due => self.shard.tick(clock::instant().into_std()),
                () = stop.cancelled() => return,
            }
            self.send().await;
            self.tell();
        }
    }

    fn receive(&mut self) {
        let Self { socket, address, shard, room, batch, .. } = self;
        batch.clear();
        for place in room.chunks_exact_mut(LARGEST_BYTES) {
            match socket.try_recv_from(place) {
                Ok(received) => batch.push(received),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // Of one datagram that was sent before: the next one is no worse for it.
                Err(error) => {
                    tracing::debug!(%error, "a datagram was not received");
                    break;
                }
            }
        }
        let datagrams = batch.iter().zip(room.chunks_exact(LARGEST_BYTES)).map(|(&(length, source), place)| Datagram {
            transport: Transport::Udp,
            source,
            destination: *address,
            contents: &place[..length],
        });
        shard.receive(clock::instant().into_std(), datagrams);
    }

    fn obey(&mut self, command: Command) {
        let (now, shard) = (clock::instant().into_std(), &mut self.shard);
        match command {
            Command::Join { peer, stage, connection, publisher, told, reply } => {
                let joined = match publisher {
                    Some(publisher) => shard.subscribe(now, stage, peer, publisher, *connection),
                    None => shard.publish(now, stage, peer, *connection),
                };
                if joined.is_ok() {
                    self.told.insert(peer, told);
                }
                // Whoever asked may have gone.
                let _ = reply.send(joined);
            }
            Command::Patch { peer, fragment, reply } => {
                let _ = reply.send(shard.patch(now, peer, &fragment));
            }
            Command::Watch { viewer, publisher, reply } => {
                let _ = reply.send(shard.watch(now, viewer, publisher));
            }
            Command::Wish { viewer, publisher, wish, reply } => {
                let video = wish.picture.wish(shard, now, publisher);
                if let Some(video) = video {
                    shard.wish(now, viewer, wish.audio, video);
                }
                let _ = reply.send(video.is_some());
            }
            Command::Mute { publisher, kind, muted } => shard.set_muted(now, publisher, kind, muted),
            Command::Close(peer) => {
                shard.close(now, peer);
                self.told.remove(&peer);
            }
        }
    }

    async fn send(&mut self) {
        self.shard.drain_transmits(&mut self.out);
        for (run, contents) in self.out.datagrams() {
            // A network that cannot take it has lost it, as networks do.
            if let Err(error) = self.socket.send_to(contents, run.destination).await {
                tracing::debug!(%error, destination = %run.destination, "a datagram was not sent");
            }
        }
    }

    fn tell(&mut self) {
        while let Some((peer, event)) = self.shard.poll_event() {
            let is_last = matches!(event, Event::Left(_));
            if let Some(told) = self.told.get(&peer) {
                // Whoever kept it may have ended just now.
                let _ = told.send(event);
            }
            if is_last {
                self.told.remove(&peer);
            }
        }
    }
}
