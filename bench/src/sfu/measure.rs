//! One measurement of one system: it is started, its clients come, a window is opened and closed, it is stopped.
//!
//! The one rule: a system is alone on the machine while it is measured, and every measurement starts a new process.

use std::{collections::HashMap, ffi::OsString, fs, sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    client::Client,
    floor::{self, Manner},
    janus::{Room, Seat},
    link::Link,
    load::Load,
    namespace::CLIENT,
    picture::{FRAME, wall_ns},
    switchboard::{Stage, Token},
    window::Window,
};
use crate::{
    Outcome,
    process::{Server, now},
};

/// Viewers come 50 a second, when a system fills and when joins are measured.
const BETWEEN_JOINS: Duration = Duration::from_millis(20);
/// After the last join was answered.
const AFTER_JOINS: Duration = Duration::from_secs(2);
/// For clients to connect and get something.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How many publish and how many watch each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Topology {
    pub(super) publishers: usize,
    pub(super) viewers: usize,
}

impl Topology {
    pub(super) fn total(self) -> usize {
        self.publishers * self.viewers
    }
}

impl std::fmt::Display for Topology {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}x{}", self.publishers, self.viewers)
    }
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Switchboard,
    Janus,
    Floor,
    SegmentedFloor,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Switchboard => "switchboard",
            Self::Janus => "janus",
            Self::Floor => "seal, sendmmsg",
            Self::SegmentedFloor => "seal, GSO",
        }
    }
}

/// What was measured.
#[derive(Clone, Default)]
pub(super) struct Sample {
    pub(super) window: Window,
    pub(super) cpu: Duration,
    pub(super) resident_mib: f64,
}

impl Sample {
    pub(super) fn cost_us(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.window.tally.delivered.max(1) as f64
    }

    pub(super) fn cores(&self) -> f64 {
        self.cpu.as_secs_f64() / self.window.length.as_secs_f64()
    }

    /// Adds another round.
    pub(super) fn merge(&mut self, other: &Self) {
        self.window.merge(&other.window);
        self.cpu += other.cpu;
        self.resident_mib = self.resident_mib.max(other.resident_mib);
    }
}

/// A system that forwards.
enum System {
    Switchboard(Stage),
    Janus(Room),
}

/// What lets a client in.
enum Ticket {
    Token(Token),
    Seat(Seat),
}

impl System {
    async fn start(kind: Kind) -> Outcome<Self> {
        Ok(match kind {
            Kind::Janus => Self::Janus(Room::start(std::thread::available_parallelism()?.get()).await?),
            _ => Self::Switchboard(Stage::start().await?),
        })
    }

    fn server(&self) -> &Server {
        match self {
            Self::Switchboard(stage) => &stage.server,
            Self::Janus(room) => &room.server,
        }
    }

    async fn ticket(&self, publishes: bool, number: usize) -> Outcome<Ticket> {
        Ok(match self {
            Self::Switchboard(stage) => {
                Ticket::Token(stage.token(if publishes { "PUBLISH" } else { "SUBSCRIBE" }).await?)
            }
            Self::Janus(room) => Ticket::Seat(room.seat(number as u64 + 1).await?),
        })
    }

    async fn publish(&self, ticket: &Ticket, first_frame: std::time::Instant) -> Outcome<Client> {
        match (self, ticket) {
            (Self::Switchboard(stage), Ticket::Token(token)) => stage.publish(token, first_frame).await,
            (Self::Janus(room), Ticket::Seat(seat)) => room.publish(seat, first_frame).await,
            _ => Err("a ticket of another system".into()),
        }
    }

    async fn watch(&self, ticket: &Ticket, publisher: &Ticket, asked_ns: u64) -> Outcome<Client> {
        match (self, ticket, publisher) {
            (Self::Switchboard(stage), Ticket::Token(token), Ticket::Token(publisher)) => {
                stage.watch(token, publisher, asked_ns).await
            }
            (Self::Janus(room), Ticket::Seat(seat), Ticket::Seat(publisher)) => {
                room.watch(seat, publisher, asked_ns).await
            }
            _ => Err("a ticket of another system".into()),
        }
    }

    async fn stop(self) -> Outcome {
        match self {
            Self::Switchboard(stage) => stage.server.stop().await,
            Self::Janus(room) => room.stop().await,
        }
    }
}

/// A system with its clients.
struct Scene {
    system: System,
    load: Load,
    publishers: Vec<Ticket>,
}

impl Scene {
    async fn open(kind: Kind, topology: Topology) -> Outcome<Arc<Self>> {
        let mut scene = Self { system: System::start(kind).await?, load: Load::start()?, publishers: Vec::new() };
        let begun = now();
        for number in 0..topology.publishers {
            let ticket = scene.system.ticket(true, number).await?;
            // Their frames are spread over the time of a frame.
            let first_frame = begun + FRAME * number as u32 / topology.publishers as u32;
            scene.load.add(scene.system.publish(&ticket, first_frame).await?)?;
            scene.publishers.push(ticket);
        }
        let scene = Arc::new(scene);
        scene.wait(topology.publishers, 0).await?;
        scene.first_viewers().await?;
        let tickets = scene.tickets(topology.total() - topology.publishers).await?;
        scene.join(tickets).await?;
        scene.wait(topology.publishers, topology.total()).await?;
        Ok(scene)
    }

    /// One viewer for each publisher. They ask until those who watch are let in: a publisher is known as such only when
    /// its media have come.
    async fn first_viewers(&self) -> Outcome {
        for publisher in &self.publishers {
            let deadline = now() + PATIENCE;
            loop {
                let ticket = self.system.ticket(false, 0).await?;
                match self.system.watch(&ticket, publisher, wall_ns()).await {
                    Ok(client) => break self.load.add(client)?,
                    Err(error) if now() > deadline => return Err(error),
                    Err(_) => sleep(LOOK_AGAIN).await,
                }
            }
        }
        Ok(())
    }

    async fn tickets(&self, count: usize) -> Outcome<Vec<Ticket>> {
        let mut tickets = Vec::with_capacity(count);
        for _ in 0..count {
            tickets.push(self.system.ticket(false, 0).await?);
        }
        Ok(tickets)
    }

    /// Lets viewers come, one after the other by the clock, whatever becomes of those before them. Their time counts from
    /// when they should have come, so that a load that is late makes nothing look better.
    async fn join(self: &Arc<Self>, tickets: Vec<Ticket>) -> Outcome {
        let mut joins = JoinSet::new();
        let (begun, begun_ns) = (Instant::now(), wall_ns());
        for (number, ticket) in tickets.into_iter().enumerate() {
            let after = BETWEEN_JOINS * number as u32;
            sleep_until(begun + after).await;
            let scene = self.clone();
            joins.spawn(async move {
                let publisher = &scene.publishers[number % scene.publishers.len()];
                let asked_ns = begun_ns + after.as_nanos() as u64;
                scene.load.add(scene.system.watch(&ticket, publisher, asked_ns).await?)
            });
        }
        while let Some(joined) = joins.join_next().await {
            joined??;
        }
        Ok(())
    }

    async fn wait(&self, publishers: usize, viewers: usize) -> Outcome {
        let deadline = now() + PATIENCE;
        loop {
            let (connected, watching) = self.load.count()?;
            if connected >= publishers && watching >= viewers {
                return Ok(());
            }
            if now() > deadline {
                let message = format!("{connected} of {publishers} publish, {watching} of {viewers} see something");
                return Err(message.into());
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    async fn close(self: Arc<Self>) -> Outcome {
        let scene = Arc::into_inner(self).ok_or("a join goes on")?;
        scene.load.stop()?;
        scene.system.stop().await
    }
}

/// How long things take.
#[derive(Clone, Copy)]
pub(super) struct Lengths {
    /// Before a window is opened.
    pub(super) warm_up: Duration,
    /// That it is open.
    pub(super) window: Duration,
}

/// Measures what forwarding costs.
pub(super) async fn forwarding(kind: Kind, topology: Topology, lengths: Lengths) -> Outcome<Sample> {
    match kind {
        Kind::Floor => return bare(Manner::Single, topology, lengths).await,
        Kind::SegmentedFloor => return bare(Manner::Segmented, topology, lengths).await,
        Kind::Switchboard | Kind::Janus => {}
    }
    let scene = Scene::open(kind, topology).await?;
    sleep(lengths.warm_up).await;
    let window = Opened::open(scene.system.server(), &scene.load)?;
    sleep(lengths.window).await;
    let sample = window.close(scene.system.server(), &scene.load)?;
    scene.close().await?;
    Ok(sample)
}

/// Measures how fast viewers come in while others watch, so many of them watching already.
pub(super) async fn joins(kind: Kind, watching: usize, lengths: Lengths) -> Outcome<Sample> {
    let scene = Scene::open(kind, Topology { publishers: 1, viewers: watching }).await?;
    let count = lengths.window.as_millis() / BETWEEN_JOINS.as_millis();
    let tickets = scene.tickets(count as usize).await?;
    sleep(lengths.warm_up).await;
    let window = Opened::open(scene.system.server(), &scene.load)?;
    scene.join(tickets).await?;
    // Whoever still waits after that is counted as waiting.
    let _ = timeout(AFTER_JOINS, scene.wait(1, watching + count as usize)).await;
    let sample = window.close(scene.system.server(), &scene.load)?;
    scene.close().await?;
    Ok(sample)
}

async fn bare(manner: Manner, topology: Topology, lengths: Lengths) -> Outcome<Sample> {
    let load = Load::start()?;
    let mut ports = Vec::new();
    for _ in 0..topology.total() {
        let link = Link::open(CLIENT)?;
        ports.push(link.socket.local_addr()?.port());
        load.add(Client::sink(link)?)?;
    }
    let server = floor::start(manner, topology.publishers, &ports, lengths.warm_up + lengths.window * 2).await?;
    sleep(lengths.warm_up / 2).await;
    let window = Opened::open(&server, &load)?;
    sleep(lengths.window).await;
    let sample = window.close(&server, &load)?;
    server.stop().await?;
    load.stop()?;
    Ok(sample)
}

/// A window that is open.
struct Opened {
    cpu_ns: HashMap<OsString, u64>,
}

impl Opened {
    fn open(server: &Server, load: &Load) -> Outcome<Self> {
        let cpu_ns = cpu_ns(server)?;
        load.begin()?;
        Ok(Self { cpu_ns })
    }

    fn close(self, server: &Server, load: &Load) -> Outcome<Sample> {
        let window = load.end()?;
        let used = |(thread, ns): (OsString, u64)| ns - self.cpu_ns.get(&thread).copied().unwrap_or_default();
        let cpu_ns = cpu_ns(server)?.into_iter().map(used).sum();
        Ok(Sample { window, cpu: Duration::from_nanos(cpu_ns), resident_mib: server.resident_mib()? })
    }
}

/// CPU time of each thread of a process, to the nanosecond; /proc/PID/stat counts hundredths of a second only.
fn cpu_ns(server: &Server) -> Outcome<HashMap<OsString, u64>> {
    let mut all = HashMap::new();
    for thread in fs::read_dir(format!("/proc/{}/task", server.pid()?))? {
        let thread = thread?;
        // One that has just ended.
        let Ok(text) = fs::read_to_string(thread.path().join("schedstat")) else { continue };
        let ns = text.split(' ').next().and_then(|word| word.parse().ok()).ok_or("no schedstat")?;
        all.insert(thread.file_name(), ns);
    }
    Ok(all)
}
