//! The listening socket: bound here, or passed on by a supervisor or by the program that ran before in this process.
//!
//! Sockets are passed on as systemd passes them (sd_listen_fds(3)): the file descriptor is 3, `LISTEN_FDS` says that
//! there is one, and `LISTEN_PID` for which process it is.

use std::{
    env, io,
    net::SocketAddr,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{self, Command},
};

use command_fds::{CommandFdExt as _, FdMapping};
use listenfd::ListenFd;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// Connections that may wait to be accepted: all that come back at once after a restart.
const BACKLOG: u32 = 4_096;
/// The first file descriptor that is passed on.
const FIRST_PASSED_FD: i32 = 3;

/// The socket that the server listens at.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    /// Where the program was when it started; by now there may be another one.
    program: PathBuf,
}

impl Listener {
    /// Takes the socket that was passed on to this process, or binds `address`.
    ///
    /// # Errors
    /// What was passed on is no TCP socket, or the address cannot be bound.
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        match ListenFd::from_env().take_tcp_listener(0)? {
            Some(passed) => Self::of(passed),
            None => Self::bind(address),
        }
    }

    /// Binds `address`, whatever was passed on.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // A server that was just stopped leaves connections behind that would keep its address.
        socket.set_reuseaddr(true)?;
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{address}: {error}"));
        socket.bind(address).map_err(named)?;
        Ok(Self { socket: socket.listen(BACKLOG).map_err(named)?, program: env::current_exe()? })
    }

    fn of(socket: std::net::TcpListener) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self { socket: TcpListener::from_std(socket)?, program: env::current_exe()? })
    }

    /// The address that is listened at.
    ///
    /// # Errors
    /// The system does not say.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    pub(super) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        self.socket.accept().await
    }

    pub(super) fn hand_over(self) -> Handover {
        Handover(self)
    }
}

/// A listening socket, still open, for the next program.
#[derive(Debug)]
pub(crate) struct Handover(Listener);

impl Handover {
    /// Starts the program again in this process, with the same arguments, environment and socket. Returns only when
    /// that failed; what is left of this process is then good for nothing but to exit.
    ///
    /// Call it last, when the state is closed: nothing of this program runs on.
    pub(crate) fn exec(self) -> io::Error {
        let Listener { socket, program } = self.0;
        let socket = match socket.into_std() {
            Ok(socket) => socket,
            Err(error) => return error,
        };
        let mut next = Command::new(program);
        next.args(env::args_os().skip(1));
        next.env("LISTEN_FDS", "1").env("LISTEN_PID", process::id().to_string());
        next.env_remove("LISTEN_FDS_FIRST_FD").env_remove("LISTEN_FDNAMES");
        let passed = FdMapping { parent_fd: socket.into(), child_fd: FIRST_PASSED_FD };
        match next.fd_mappings(vec![passed]) {
            Ok(next) => next.exec(),
            Err(collision) => io::Error::other(collision),
        }
    }

    /// The socket, to be served again by this program.
    #[cfg(test)]
    pub(crate) fn into_listener(self) -> Listener {
        self.0
    }
}

/// Lets this process open as many files as the system allows it, and tells how many that is.
///
/// # Errors
/// The system will not.
pub(crate) fn raise_open_file_limit() -> io::Result<Option<u64>> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    Ok(limit.maximum)
}
