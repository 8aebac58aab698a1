//! The plane itself: its ports, its threads, and what requests need of them.
//!
//! The one rule: threads share nothing but sockets. What they tell each other goes over channels, and what belongs to a
//! stage is on one thread.

use std::{
    io,
    net::SocketAddr,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use switchboard_sfu::{Acceptor, Address, Identity, PeerId, Policy, Transport};
use tokio::{runtime, sync::mpsc};
use tokio_util::sync::CancellationToken;

use super::{
    command::Commands,
    driver::{self, Driver},
    figures::Figures,
    parcel::Parcel,
    placement::{Place, Placement},
    receive::{self, Back, Receiver, lane},
    sockets::{self, Lines, Port},
    tcp::Entrance,
};
use crate::config::{Config, Quotas};

/// Commands that wait for a shard; whoever has one more waits too.
const WAITING_COMMANDS: usize = 256;

/// Why there is no media plane.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MediaError {
    /// Its port cannot be had.
    #[error("media cannot be served at {0} (--media HOST:PORT chooses another place): {1}")]
    Port(SocketAddr, io::Error),
    /// Two sockets would answer under one address.
    #[error("clients cannot be told {0} for two places: give --media a port number of its own for each")]
    Ambiguous(SocketAddr),
    /// A thread cannot be had.
    #[error("media cannot be forwarded: {0}")]
    Thread(io::Error),
    /// It has no certificate.
    #[error(transparent)]
    Identity(#[from] switchboard_sfu::NoIdentity),
}

/// What requests need of the media plane.
pub(super) struct Plane {
    pub(super) acceptor: Acceptor,
    pub(super) commands: Commands,
    pub(super) placement: Placement,
    last_peer: AtomicU64,
    shared_entrance: Option<Entrance>,
}

/// The threads of the plane. They end when they are told to stop.
pub(crate) struct Threads(mpsc::Receiver<()>);

impl Threads {
    /// Waits until the last one has ended.
    pub(crate) async fn ended(mut self) {
        while self.0.recv().await.is_some() {}
    }
}

impl Plane {
    /// Opens the ports and starts the threads.
    ///
    /// # Errors
    /// A port or a thread cannot be had.
    pub(super) async fn open(
        config: &Config,
        listening: SocketAddr,
        figures: &Figures,
        stop: &CancellationToken,
    ) -> Result<(Self, Threads), MediaError> {
        let (ports, lines) = open_ports(config, listening).await?;
        let policy = Arc::new(match config.limits {
            Quotas::Aws => Policy::strict(),
            Quotas::Default => Policy::default(),
        });
        let acceptor = Acceptor::new(Identity::generate()?, addresses(&ports, &lines), policy.clone());

        let with_lines = ports.iter().zip(&lines).filter(|(_, lines)| !matches!(lines, Lines::None));
        let told = with_lines.map(|(port, _)| port.told).collect();
        let (entrance, frames) = Entrance::new(told, stop.clone(), figures.clone());
        let is_shared = lines.iter().any(|lines| matches!(lines, Lines::Shared));
        for lines in lines {
            if let Lines::Own(listener) = lines {
                tokio::spawn(entrance.clone().listen(listener));
            }
        }

        let shards = config.media_shards.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
        let ports: Arc<[Port]> = ports.into();
        let (back, told_back) = mpsc::unbounded_channel::<Back>();
        let (mut commands, mut lanes, mut drivers) = (Vec::new(), Vec::new(), Vec::new());
        for index in 0..shards {
            let (command, inbox) = mpsc::channel(WAITING_COMMANDS);
            let (shard, parcels): (mpsc::Sender<Parcel>, _) = lane();
            commands.push(command);
            lanes.push(shard);
            let (policy, ports, back, figures) = (policy.clone(), ports.clone(), back.clone(), figures.clone());
            drivers.push(driver::Parts { index, policy, ports, commands: inbox, parcels, back, figures });
        }
        let receiver = receive::Parts { ports, frames, back: told_back, shards: lanes, figures: figures.clone() };
        let threads = start(receiver, drivers, stop).map_err(MediaError::Thread)?;
        let plane = Self {
            acceptor,
            commands: Commands::new(commands),
            placement: Placement::new(shards),
            last_peer: AtomicU64::new(0),
            shared_entrance: is_shared.then_some(entrance),
        };
        Ok((plane, threads))
    }

    /// A name for a new connection on that shard.
    pub(super) fn fresh_peer(&self, place: &Place) -> PeerId {
        self.commands.name(self.last_peer.fetch_add(1, Ordering::Relaxed), place.shard)
    }

    /// Where connections for media go that come in with those for everything else.
    pub(super) const fn shared_entrance(&self) -> Option<&Entrance> {
        self.shared_entrance.as_ref()
    }
}

async fn open_ports(config: &Config, listening: SocketAddr) -> Result<(Vec<Port>, Vec<Lines>), MediaError> {
    let (mut ports, mut all_lines) = (Vec::<Port>::new(), Vec::new());
    for wanted in &config.media {
        let opened = sockets::open(*wanted, &config.media_address, config.media_tcp, listening).await;
        let (port, lines) = opened.map_err(|error| MediaError::Port(*wanted, error))?;
        let known = |address: &SocketAddr| ports.iter().any(|other| other.told.has(*address));
        if let Some(address) = port.told.all().find(known) {
            return Err(MediaError::Ambiguous(address));
        }
        for address in port.told.all() {
            tracing::info!(%address, tcp = !matches!(lines, Lines::None), "media are forwarded");
        }
        ports.push(port);
        all_lines.push(lines);
    }
    Ok((ports, all_lines))
}

/// What answers name. UDP comes first: some clients look at the first address only.
fn addresses(ports: &[Port], lines: &[Lines]) -> Vec<Address> {
    let udp = ports.iter().flat_map(|port| port.told.all());
    let udp = udp.map(|address| Address { transport: Transport::Udp, address });
    let with_lines = ports.iter().zip(lines).filter(|(_, lines)| !matches!(lines, Lines::None));
    let tcp = with_lines.flat_map(|(port, _)| port.told.all());
    udp.chain(tcp.map(|address| Address { transport: Transport::Tcp, address })).collect()
}

/// Starts the threads: one that receives, and one for each shard. A single shard shares one with the receiver: handing
/// over costs nothing then.
fn start(receiver: receive::Parts, mut drivers: Vec<driver::Parts>, stop: &CancellationToken) -> io::Result<Threads> {
    let (running, ended) = mpsc::channel(1);
    if drivers.len() == 1
        && let Some(driver) = drivers.pop()
    {
        let stopped = stop.clone();
        spawn("media".to_owned(), running, async move || {
            let driver = Driver::new(driver);
            tokio::join!(Receiver::new(receiver).run(stopped.clone()), driver.run(stopped));
        })?;
        return Ok(Threads(ended));
    }
    let stopped = stop.clone();
    spawn("media-in".to_owned(), running.clone(), async move || Receiver::new(receiver).run(stopped).await)?;
    for driver in drivers {
        let stopped = stop.clone();
        let name = format!("media-{}", driver.index);
        spawn(name, running.clone(), async move || Driver::new(driver).run(stopped).await)?;
    }
    Ok(Threads(ended))
}

/// Starts a thread with a runtime of its own. `running` is dropped when it ends.
fn spawn<W>(name: String, running: mpsc::Sender<()>, work: W) -> io::Result<()>
where
    W: AsyncFnOnce() + Send + 'static,
{
    let run = move || {
        let _running = running;
        match runtime::Builder::new_current_thread().enable_io().enable_time().build() {
            Ok(runtime) => runtime.block_on(work()),
            Err(error) => tracing::error!(%error, "media are not forwarded"),
        }
    };
    thread::Builder::new().name(name).spawn(run).map(drop)
}
