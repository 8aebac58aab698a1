//! Receiving: the one thread that takes datagrams in and hands them to their shards.
//!
//! The one rule: it never does a shard's work. It looks whose a datagram is and copies it into a parcel for that shard, so
//! it is always soon back at the socket: what one stage costs never delays the datagrams of another, a flood of strangers
//! meets two look-ups, and a shard that cannot follow loses only what is its own.
//!
//! Why one thread receives for all shards, and not each for itself: the kernel can spread datagrams over several sockets
//! of one port (`SO_REUSEPORT`), but by hash, for it does not know which stage an address belongs to. All but one in so
//! many shards would have to be handed over anyway, each shard would keep the routes of all others, and another process
//! of the same user could take a share of the port unseen. What comes in is a small part of what goes out: a publisher's
//! packet comes once and leaves for every viewer, and every shard sends by itself.

use std::{
    array,
    io::{self, IoSliceMut},
    net::{SocketAddr, UdpSocket},
    sync::Arc,
    task::Poll,
};

use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSockRef};
use switchboard_sfu::{Datagram, Path, Transport, Whereabouts};
use tokio::{
    io::{
        Interest,
        unix::{AsyncFd, AsyncFdReadyGuard},
    },
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use super::{
    figures::Figures,
    parcel::Parcel,
    routes::{Routes, ShardIndex},
    sockets::{Port, watch},
    tcp::{Frame, Line},
};

/// A datagram, or as many of one client as the kernel joins (generic receive offload): never more than 64 KiB.
const MESSAGE_BYTES: usize = 64 * 1024;
/// Parcels of one shard, the one that is being filled among them.
const PARCELS: usize = 4;
/// Frames of TCP connections that are taken at a time.
const FRAMES: usize = 64;

/// What shards tell the receiver.
#[derive(Debug)]
pub(super) enum Back {
    /// Who is there now.
    News(ShardIndex, Whereabouts),
    /// A parcel that was unpacked.
    Empty(ShardIndex, Parcel),
}

/// Where one shard's parcels go.
#[derive(Debug)]
struct Lane {
    open: Parcel,
    spare: Vec<Parcel>,
    shard: mpsc::Sender<Parcel>,
}

impl Lane {
    /// Whether something waits for a parcel to come back.
    fn is_starved(&self) -> bool {
        self.spare.is_empty() && !self.open.is_empty()
    }

    /// Sends what is there, if the shard has room for one more parcel.
    fn hand_over(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let Some(next) = self.spare.pop() else { return };
        // A shard that has ended takes nothing any more, nor does it count what it misses.
        let _ = self.shard.try_send(std::mem::replace(&mut self.open, next));
    }
}

/// Takes datagrams in.
pub(super) struct Receiver {
    ports: Arc<[Port]>,
    frames: mpsc::Receiver<Frame>,
    back: mpsc::UnboundedReceiver<Back>,
    room: Box<[u8]>,
    desk: Desk,
}

/// A socket that wakes this thread when something came.
type Inlet = AsyncFd<UdpSocket>;

/// What decides on a datagram.
struct Desk {
    routes: Routes,
    lanes: Vec<Lane>,
    figures: Figures,
}

/// What the receiver is made of.
pub(super) struct Parts {
    pub(super) ports: Arc<[Port]>,
    /// Where the frames of TCP connections come from.
    pub(super) frames: mpsc::Receiver<Frame>,
    /// Where shards tell what they tell.
    pub(super) back: mpsc::UnboundedReceiver<Back>,
    /// Where the parcels of each shard go.
    pub(super) shards: Vec<mpsc::Sender<Parcel>>,
    pub(super) figures: Figures,
}

/// The way to a shard: as long as all its parcels together.
pub(super) fn lane() -> (mpsc::Sender<Parcel>, mpsc::Receiver<Parcel>) {
    mpsc::channel(PARCELS)
}

impl Receiver {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { ports, frames, back, shards, figures } = parts;
        let lane =
            |shard| Lane { open: Parcel::default(), spare: (1..PARCELS).map(|_| Parcel::default()).collect(), shard };
        let lanes = shards.into_iter().map(lane).collect();
        let room = vec![0; BATCH_SIZE * MESSAGE_BYTES].into_boxed_slice();
        Self { ports, frames, back, room, desk: Desk { routes: Routes::default(), lanes, figures } }
    }

    /// Receives until it is told to stop.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let inlet = |port: &Port| watch(&port.socket, Interest::READABLE);
        let inlets: Vec<Inlet> = match self.ports.iter().map(inlet).collect::<io::Result<_>>() {
            Ok(inlets) => inlets,
            Err(error) => {
                tracing::error!(%error, "media cannot be received");
                return;
            }
        };
        let mut last = 0;
        loop {
            let is_starved = self.desk.lanes.iter().any(Lane::is_starved);
            tokio::select! {
                (number, ready) = readable(&inlets, last) => {
                    last = number;
                    if let Err(error) = self.receive(number, ready) {
                        tracing::debug!(%error, "datagrams were not received");
                    }
                }
                Some(frame) = self.frames.recv() => self.take_frames(frame),
                // What shards tell is read when the next datagram comes; nobody need be woken for it.
                Some(back) = self.back.recv(), if is_starved => self.desk.take_back(back),
                () = stop.cancelled() => return,
            }
            self.desk.lanes.iter_mut().for_each(Lane::hand_over);
        }
    }

    /// Takes a batch from a socket.
    fn receive(&mut self, number: usize, mut ready: AsyncFdReadyGuard<'_, UdpSocket>) -> io::Result<()> {
        let Self { ports, back, room, desk, .. } = self;
        let port = &ports[number];
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        let mut places = room.chunks_exact_mut(MESSAGE_BYTES);
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
            array::from_fn(|_| IoSliceMut::new(places.next().unwrap_or_default()));
        let received = port.receiving.recv(UdpSockRef::from(ready.get_inner()), &mut slices, &mut metas);
        let messages = match received {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
            received => received.unwrap_or(0),
        };
        // Fewer than there was room for: that was all, and what comes next wakes this thread.
        if messages < BATCH_SIZE {
            ready.clear_ready();
        }
        // Only now: whatever these datagrams answer, the shard had told before.
        desk.catch_up(back);
        let (mut count, mut bytes) = (0, 0);
        for (meta, place) in metas[..messages].iter().zip(room.chunks_exact(MESSAGE_BYTES)) {
            let source = SocketAddr::new(meta.addr.ip().to_canonical(), meta.addr.port());
            let Some(destination) = port.told.to(source) else { continue };
            for contents in place[..meta.len].chunks(meta.stride.max(1)) {
                (count, bytes) = (count + 1, bytes + contents.len());
                let datagram = Datagram { transport: Transport::Udp, source, destination, contents };
                desk.hand_out(&datagram, None);
            }
        }
        desk.figures.received.count(count, bytes);
        Ok(())
    }

    fn take_frames(&mut self, first: Frame) {
        let Self { frames, back, desk, .. } = self;
        desk.catch_up(back);
        let mut next = Some(first);
        for _ in 0..FRAMES {
            let Some(Frame { path, contents, line }) = next else { return };
            let Path { transport, source, destination } = path;
            desk.figures.received.count(1, contents.len());
            desk.hand_out(&Datagram { transport, source, destination, contents: &contents }, Some(line));
            next = frames.try_recv().ok();
        }
    }
}

impl Desk {
    /// Takes in all that shards have told until now.
    fn catch_up(&mut self, back: &mut mpsc::UnboundedReceiver<Back>) {
        while let Ok(back) = back.try_recv() {
            self.take_back(back);
        }
    }

    fn take_back(&mut self, back: Back) {
        match back {
            Back::News(shard, news) => self.routes.learn(shard, news),
            Back::Empty(shard, parcel) => self.lanes[shard].spare.push(parcel),
        }
    }

    fn hand_out(&mut self, datagram: &Datagram<'_>, line: Option<Line>) {
        let Some(shard) = self.routes.find(datagram) else {
            self.figures.unknown.inc();
            return;
        };
        if !self.lanes[shard].open.push(datagram, line) {
            self.figures.overrun.inc();
        }
    }
}

/// Waits until one of the sockets has something. They take turns, the one after `last` first.
async fn readable(inlets: &[Inlet], last: usize) -> (usize, AsyncFdReadyGuard<'_, UdpSocket>) {
    std::future::poll_fn(|context| {
        let turns = (1..=inlets.len()).map(|step| (last + step) % inlets.len());
        let mut first = None;
        // All are asked, for all are to wake this thread.
        for number in turns {
            match inlets[number].poll_read_ready(context) {
                Poll::Ready(Ok(ready)) if first.is_none() => first = Some((number, ready)),
                // An error says that the runtime is shutting down; then nothing is to be received.
                Poll::Ready(_) | Poll::Pending => {}
            }
        }
        first.map_or(Poll::Pending, Poll::Ready)
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use prometheus_client::registry::Registry;
    use tokio::task::JoinHandle;

    use super::*;
    use crate::media::sockets;

    /// A receiver at work, with the ends that shards hold.
    struct World {
        ours: SocketAddr,
        back: mpsc::UnboundedSender<Back>,
        lanes: Vec<mpsc::Receiver<Parcel>>,
        figures: Figures,
        stop: CancellationToken,
        running: JoinHandle<()>,
        _frames: mpsc::Sender<Frame>,
    }

    impl World {
        async fn new(shards: usize) -> Self {
            let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let port = sockets::open(any, &[], false, any).await.expect("a port").0;
            let ours = port.told.all().next().expect("an address");
            let (shards, lanes) = (0..shards).map(|_| lane()).unzip();
            let (back, told) = mpsc::unbounded_channel();
            let (frames, taken) = mpsc::channel(1);
            let (figures, stop) = (Figures::new(&mut Registry::default()), CancellationToken::new());
            let ports = Arc::from([port]);
            let parts = Parts { ports, frames: taken, back: told, shards, figures: figures.clone() };
            let running = tokio::spawn(Receiver::new(parts).run(stop.clone()));
            Self { ours, back, lanes, figures, stop, running, _frames: frames }
        }

        /// A client that a shard knows.
        fn client(&self, shard: ShardIndex) -> UdpSocket {
            let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
            client.connect(self.ours).expect("an address");
            let source = client.local_addr().expect("an address");
            let path = Path { transport: Transport::Udp, source, destination: self.ours };
            self.back.send(Back::News(shard, Whereabouts::Found(path))).expect("a receiver");
            client
        }

        /// The lengths of what that shard gets next; the parcel goes back if it is to.
        async fn next(&mut self, shard: ShardIndex, returns: bool) -> Vec<usize> {
            let mut parcel = self.lanes[shard].recv().await.expect("a parcel");
            let lengths = parcel.datagrams().map(|datagram| datagram.contents.len()).collect();
            parcel.clear();
            if returns {
                self.back.send(Back::Empty(shard, parcel)).expect("a receiver");
            }
            lengths
        }

        async fn end(self) {
            self.stop.cancel();
            self.running.await.expect("a quiet end");
        }
    }

    #[tokio::test]
    async fn each_shard_gets_what_is_for_it_and_nobody_the_rest() {
        let mut world = World::new(2).await;
        let (one, other) = (world.client(0), world.client(1));
        let stranger = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
        stranger.send_to(b"hello", world.ours).expect("sent");
        // More than there are parcels.
        for length in 1..=20 {
            one.send(&vec![0; length]).expect("sent");
            assert_eq!(world.next(0, true).await, [length]);
        }
        other.send(b"three").expect("sent");
        assert_eq!(world.next(1, true).await, [5]);
        assert_eq!(world.figures.unknown.get(), 1);
        assert_eq!(world.figures.received.total(), (22, 5 + 210 + 5));
        world.end().await;
    }

    #[tokio::test]
    async fn a_shard_that_cannot_follow_loses_what_is_its_own() {
        let mut world = World::new(2).await;
        let (slow, quick) = (world.client(0), world.client(1));
        // It keeps all parcels but the one that is being filled.
        for _ in 1..PARCELS {
            slow.send(b"kept").expect("sent");
            assert_eq!(world.next(0, false).await, [4]);
        }
        let large = vec![0; 1_000];
        let mut sent = 0;
        while world.figures.overrun.get() == 0 {
            slow.send(&large).expect("sent");
            sent += 1;
            quick.send(b"quick").expect("sent");
            assert_eq!(world.next(1, true).await, [5], "the other one gets all");
        }
        // As soon as there is a parcel, it gets what had waited.
        world.back.send(Back::Empty(0, Parcel::default())).expect("a receiver");
        let waited = world.next(0, true).await;
        assert!(waited.len() < sent && waited.iter().all(|length| *length == large.len()));
        world.end().await;
    }
}
