//! The load: all clients on one thread, which waits for their sockets and the time.
//!
//! The one rule: one thread, one wait, one batch of datagrams a socket. What it costs is taken from the server's share of
//! the machine.

use std::{
    io::IoSliceMut,
    os::fd::AsRawFd as _,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::{
        epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout},
        eventfd::EventFd,
        socket::{ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrIn, recvmmsg},
        time::TimeSpec,
    },
};

use super::{
    client::{Client, Role},
    picture::{stamp_ns, wall_ns},
    window::{Tally, Window},
};
use crate::{Outcome, process::now};

/// Datagrams taken from a socket at once.
const BATCH: usize = 32;
const LARGEST_BYTES: usize = 2_048;
/// Between two looks at what is due but frames and packets.
const SWEEP: Duration = Duration::from_millis(5);
/// After it has worked, the load sleeps for so long before it waits again. Else whoever sends would pay for waking it
/// for each burst, which no server does whose clients are elsewhere, and it would run on the other core all the while.
/// When something came is told by the kernel's stamp, so nothing that is measured gets longer or shorter by it.
const PAUSE: Duration = Duration::from_micros(250);
/// The token of the channel's own descriptor.
const COMMANDS: u64 = u64::MAX;

/// What the load is told.
enum Command {
    Add(Box<Client>),
    /// How many publishers are connected, and how many viewers have got something.
    Count(mpsc::Sender<(usize, usize)>),
    Begin(mpsc::Sender<()>),
    End(mpsc::Sender<Window>),
    Stop,
}

/// The handle of a running load.
pub(super) struct Load {
    commands: mpsc::Sender<Command>,
    wake: Arc<EventFd>,
    thread: Option<JoinHandle<Outcome>>,
}

impl Load {
    pub(super) fn start() -> Outcome<Self> {
        let (commands, inbox) = mpsc::channel();
        let wake = Arc::new(EventFd::new()?);
        let epoll = Epoll::new(EpollCreateFlags::empty())?;
        epoll.add(&*wake, EpollEvent::new(EpollFlags::EPOLLIN, COMMANDS))?;
        let running = Running {
            epoll,
            wake: wake.clone(),
            inbox,
            clients: Vec::new(),
            tally: Tally::default(),
            begun: now(),
            swept: now(),
        };
        let thread = std::thread::Builder::new().name("load".into()).spawn(|| running.run())?;
        Ok(Self { commands, wake, thread: Some(thread) })
    }

    /// Takes in a client whose signalling is done.
    pub(super) fn add(&self, client: Client) -> Outcome {
        self.tell(Command::Add(Box::new(client)))
    }

    /// How many publishers are connected, and how many viewers have got something.
    pub(super) fn count(&self) -> Outcome<(usize, usize)> {
        let (reply, answer) = mpsc::channel();
        self.tell(Command::Count(reply))?;
        Ok(answer.recv().map_err(|_| "the load has ended")?)
    }

    /// Opens a window.
    pub(super) fn begin(&self) -> Outcome {
        let (reply, answer) = mpsc::channel();
        self.tell(Command::Begin(reply))?;
        Ok(answer.recv().map_err(|_| "the load has ended")?)
    }

    /// Closes it.
    pub(super) fn end(&self) -> Outcome<Window> {
        let (reply, answer) = mpsc::channel();
        self.tell(Command::End(reply))?;
        Ok(answer.recv().map_err(|_| "the load has ended")?)
    }

    /// Ends all clients.
    pub(super) fn stop(mut self) -> Outcome {
        self.tell(Command::Stop)?;
        let thread = self.thread.take().ok_or("the load has ended")?;
        thread.join().map_err(|_| "the load failed")?
    }

    fn tell(&self, command: Command) -> Outcome {
        self.commands.send(command).map_err(|_| "the load has ended")?;
        self.wake.write(1)?;
        Ok(())
    }
}

struct Running {
    epoll: Epoll,
    wake: Arc<EventFd>,
    inbox: mpsc::Receiver<Command>,
    clients: Vec<Client>,
    tally: Tally,
    begun: Instant,
    swept: Instant,
}

impl Running {
    fn run(mut self) -> Outcome {
        let (mut ready, mut batch) = ([EpollEvent::empty(); 256], Batch::new());
        loop {
            std::thread::sleep(PAUSE.min(self.until_due()));
            let count = match self.epoll.wait(&mut ready, self.patience()) {
                Ok(count) => count,
                Err(Errno::EINTR) => 0,
                Err(error) => return Err(error.into()),
            };
            for event in &ready[..count] {
                if event.data() != COMMANDS {
                    self.receive(event.data() as usize, &mut batch)?;
                } else if self.obey()? {
                    return Ok(());
                }
            }
            self.film();
            self.sweep();
        }
    }

    /// Until the next frame or the next sweep.
    fn until_due(&self) -> Duration {
        let frames = self.clients.iter().filter_map(|client| match &client.role {
            Role::Publisher(publisher) if client.link.srtp.is_some() => Some(publisher.next_frame),
            _ => None,
        });
        let next = frames.chain(std::iter::once(self.swept + SWEEP)).min().unwrap_or(self.swept);
        next.saturating_duration_since(now())
    }

    /// The same in whole milliseconds. What is left of one is slept.
    fn patience(&self) -> EpollTimeout {
        EpollTimeout::from(self.until_due().as_millis().min(10) as u8)
    }

    fn receive(&mut self, at: usize, batch: &mut Batch) -> Outcome {
        let Some(client) = self.clients.get_mut(at) else { return Ok(()) };
        while batch.fill(client)? {
            for (datagram, arrived_ns) in batch.datagrams() {
                if let Err(error) = client.receive(datagram, arrived_ns, &mut self.tally) {
                    client.give_up(&error);
                }
            }
            if !batch.is_full() {
                break;
            }
        }
        Ok(())
    }

    fn film(&mut self) {
        let now = now();
        for client in &mut self.clients {
            if let Some((late, packets)) = client.film(now) {
                self.tally.late.add(late.as_nanos() as u64);
                self.tally.published += packets as u64;
            }
        }
    }

    fn sweep(&mut self) {
        let now = now();
        if now < self.swept + SWEEP {
            return;
        }
        self.swept = now;
        for client in self.clients.iter_mut().filter(|client| client.due <= now) {
            if let Err(error) = client.poll(now) {
                client.give_up(&error);
            }
        }
    }

    /// Does what it is told; whether that was to stop.
    fn obey(&mut self) -> Outcome<bool> {
        self.wake.read()?;
        while let Ok(command) = self.inbox.try_recv() {
            match command {
                Command::Add(client) => self.add(*client)?,
                Command::Count(reply) => {
                    let _ = reply.send(self.count());
                }
                Command::Begin(reply) => {
                    self.begin();
                    let _ = reply.send(());
                }
                Command::End(reply) => {
                    let _ = reply.send(self.end());
                }
                Command::Stop => return Ok(true),
            }
        }
        Ok(false)
    }

    fn add(&mut self, mut client: Client) -> Outcome {
        let token = EpollEvent::new(EpollFlags::EPOLLIN, self.clients.len() as u64);
        self.epoll.add(&client.link.socket, token)?;
        // Whoever was let in knocks at once.
        client.poll(now())?;
        self.clients.push(client);
        Ok(())
    }

    fn count(&self) -> (usize, usize) {
        let (mut publishers, mut viewers) = (0, 0);
        for client in &self.clients {
            match &client.role {
                Role::Publisher(_) => publishers += usize::from(client.link.srtp.is_some()),
                Role::Viewer(viewer) => viewers += usize::from(viewer.first_ns.is_some()),
                Role::Sink => {}
            }
        }
        (publishers, viewers)
    }

    fn begin(&mut self) {
        self.tally = Tally::default();
        self.begun = now();
        for client in &mut self.clients {
            let Role::Viewer(viewer) = &mut client.role else { continue };
            viewer.counted = viewer.first_ns.is_some();
            viewer.highest_then = viewer.highest.unwrap_or_default();
            viewer.received_then = viewer.received;
        }
    }

    fn end(&mut self) -> Window {
        let mut window = Window { length: self.begun.elapsed(), tally: self.tally.clone(), ..Window::default() };
        let begun_ns = wall_ns() - window.length.as_nanos() as u64;
        for client in &self.clients {
            let Role::Viewer(viewer) = &client.role else { continue };
            match viewer.first_ns {
                _ if viewer.counted => {
                    window.viewers += 1;
                    window.expected += viewer.highest.unwrap_or_default() - viewer.highest_then;
                    window.received += viewer.received - viewer.received_then;
                }
                Some(first_ns) if viewer.asked_ns >= begun_ns => {
                    window.joins.add(first_ns.saturating_sub(viewer.asked_ns));
                }
                Some(_) => {}
                None => window.waiting += 1,
            }
        }
        window
    }
}

/// Room for a batch of datagrams.
struct Batch {
    headers: MultiHeaders<SockaddrIn>,
    room: Box<[u8]>,
    /// How long each is, and when it came.
    filled: Vec<(usize, u64)>,
}

impl Batch {
    fn new() -> Self {
        Self {
            headers: MultiHeaders::preallocate(BATCH, Some(nix::cmsg_space!(TimeSpec))),
            room: vec![0; BATCH * LARGEST_BYTES].into_boxed_slice(),
            filled: Vec::with_capacity(BATCH),
        }
    }

    /// Takes what waits at a client's socket; whether there was anything.
    fn fill(&mut self, client: &Client) -> Outcome<bool> {
        let Self { headers, room, filled } = self;
        filled.clear();
        let mut slices: Vec<_> = room.chunks_exact_mut(LARGEST_BYTES).map(|place| [IoSliceMut::new(place)]).collect();
        let socket = client.link.socket.as_raw_fd();
        let taken = match recvmmsg(socket, headers, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None) {
            Ok(taken) => taken,
            // Of a datagram that nobody took: a server that has ended.
            Err(Errno::EAGAIN | Errno::ECONNREFUSED) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        for message in taken {
            let stamp = message.cmsgs()?.find_map(|part| match part {
                ControlMessageOwned::ScmTimestampns(stamp) => Some(stamp_ns(stamp)),
                _ => None,
            });
            filled.push((message.bytes, stamp.unwrap_or_else(wall_ns)));
        }
        Ok(!filled.is_empty())
    }

    fn is_full(&self) -> bool {
        self.filled.len() == BATCH
    }

    fn datagrams(&mut self) -> impl Iterator<Item = (&mut [u8], u64)> {
        let places = self.room.chunks_exact_mut(LARGEST_BYTES);
        places.zip(&self.filled).map(|(place, &(length, arrived_ns))| (&mut place[..length], arrived_ns))
    }
}
