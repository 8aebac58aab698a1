//! The sockets of the media plane: opened, sized, and what clients are told of them.
//!
//! The one rule: one port number for everything. All shards send through the same UDP socket and one thread receives from
//! it; TCP connections (RFC 6544) are accepted at the same number.
//!
//! Clients are told one address per family and socket. It is the socket's own, or the one that the settings say; it names
//! the socket from there on, so datagrams come in and go out under it wherever they really passed.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
};

use quinn_udp::{UdpSockRef, UdpSocketState};
use rustix::net::sockopt;
use tokio::{
    io::{Interest, unix::AsyncFd},
    net::TcpListener,
};

/// What a key frame for many viewers needs. The kernel gives less where `net.core.rmem_max` and `wmem_max` say so.
const BUFFER_BYTES: usize = 4 * 1024 * 1024;
/// With a free port to be chosen: it may be taken for TCP.
const TRIES: u32 = 8;

/// What clients are told of a socket: an address for each family that they may come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Told {
    v4: Option<SocketAddr>,
    v6: Option<SocketAddr>,
}

impl Told {
    /// The address under which that client reached the socket.
    pub(super) const fn to(self, client: SocketAddr) -> Option<SocketAddr> {
        if client.is_ipv4() { self.v4 } else { self.v6 }
    }

    /// Whether it is one of them.
    pub(super) fn has(self, ours: SocketAddr) -> bool {
        self.to(ours) == Some(ours)
    }

    /// All of them.
    pub(super) fn all(self) -> impl Iterator<Item = SocketAddr> {
        self.v4.into_iter().chain(self.v6)
    }

    /// What is told of a socket that is bound there, serves that family besides its own, and is known by these addresses
    /// outside.
    fn of(bound: SocketAddr, is_dual: bool, outer: &[IpAddr]) -> Self {
        let (ip, port) = (bound.ip(), bound.port());
        let address = |is_v4: bool| {
            if ip.is_ipv4() != is_v4 && !is_dual {
                return None;
            }
            let outer_one = outer.iter().copied().find(|outer| outer.is_ipv4() == is_v4);
            let own = (!ip.is_unspecified()).then_some(ip);
            // Nobody can send to "any address". Without a word on how others reach it, this machine can.
            let local: IpAddr = if is_v4 { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
            let told = outer_one.or(own).or(outer.is_empty().then_some(local))?;
            Some(SocketAddr::new(told, port))
        };
        Self { v4: address(true), v6: address(false) }
    }
}

/// One UDP socket.
#[derive(Debug)]
pub(super) struct Port {
    pub(super) socket: UdpSocket,
    pub(super) told: Told,
    /// Whether it serves both families: IPv4 addresses in their IPv6 form.
    pub(super) is_mapped: bool,
    /// Whether it has all addresses of this machine, and clients are told one of them: then answers must leave from that
    /// one, for clients take none from another.
    sources: Told,
    /// Whether the system cuts long messages into datagrams.
    pub(super) segments: bool,
    pub(super) receiving: UdpSocketState,
}

impl Port {
    fn open(wanted: SocketAddr, outer: &[IpAddr]) -> io::Result<Self> {
        let socket = UdpSocket::bind(wanted)?;
        let bound = socket.local_addr()?;
        let is_mapped = bound.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) && !sockopt::ipv6_v6only(&socket)?;
        enlarge(&socket)?;
        // This makes it non-blocking too.
        let receiving = UdpSocketState::new(UdpSockRef::from(&socket))?;
        let told = Told::of(bound, is_mapped, outer);
        if bound.ip().is_unspecified() && outer.is_empty() {
            tracing::warn!(%bound, "only clients on this machine can send media: --media-address tells others where to");
        }
        let segments = receiving.max_gso_segments() > 1;
        // An address that can be bound is one of this machine's.
        let is_here = |told: &SocketAddr| bound.ip().is_unspecified() && UdpSocket::bind((told.ip(), 0)).is_ok();
        let sources = Told { v4: told.v4.filter(is_here), v6: told.v6.filter(is_here) };
        Ok(Self { socket, told, is_mapped, sources, segments, receiving })
    }

    /// The address to send from under `ours`; `None` leaves it to the system.
    pub(super) fn source(&self, ours: SocketAddr) -> Option<IpAddr> {
        self.sources.to(ours).map(|source| source.ip())
    }
}

/// Whether clients may come to a port by TCP, and where.
#[derive(Debug)]
pub(super) enum Lines {
    /// They may not.
    None,
    /// With the connections for everything else.
    Shared,
    /// At a listener of their own.
    Own(TcpListener),
}

/// Opens a port at that address; for TCP too, unless that is switched off. `shared` is where connections for everything
/// else come in: at the same address there is one listener for both.
///
/// # Errors
/// The address cannot be had.
pub(super) async fn open(
    wanted: SocketAddr,
    outer: &[IpAddr],
    tcp: bool,
    shared: SocketAddr,
) -> io::Result<(Port, Lines)> {
    let mut tries = TRIES;
    loop {
        let port = Port::open(wanted, outer)?;
        let bound = port.socket.local_addr()?;
        if !tcp {
            return Ok((port, Lines::None));
        }
        if covers(shared, bound) {
            return Ok((port, Lines::Shared));
        }
        tries -= 1;
        match TcpListener::bind(bound).await {
            Ok(listener) => return Ok((port, Lines::Own(listener))),
            // Another free port may be free for both.
            Err(_) if wanted.port() == 0 && tries > 0 => {}
            Err(error) => {
                tracing::warn!(%bound, %error, "media cannot be sent and received over TCP: its port is taken");
                return Ok((port, Lines::None));
            }
        }
    }
}

/// Whether connections to `bound` come in at a listener at `shared`.
fn covers(shared: SocketAddr, bound: SocketAddr) -> bool {
    let same_family_or_both = shared.ip().is_ipv6() || bound.ip().is_ipv4();
    let is_there = shared.ip() == bound.ip() || (shared.ip().is_unspecified() && same_family_or_both);
    shared.port() == bound.port() && is_there
}

/// The same socket, to be waited for on the runtime of this thread.
///
/// Only for what is asked: whoever waits for datagrams that come would else be woken by each one that leaves, since that
/// makes a socket writable.
pub(super) fn watch(socket: &UdpSocket, interest: Interest) -> io::Result<AsyncFd<UdpSocket>> {
    #[allow(deprecated, reason = "what replaces it is unsafe, for the sake of types that change their descriptor")]
    AsyncFd::with_interest(socket.try_clone()?, interest)
}

/// Asks for room for bursts. A server that may not have it still runs.
fn enlarge(socket: &UdpSocket) -> io::Result<()> {
    // More than the limit is for administrators only.
    #[cfg(target_os = "linux")]
    let forced = sockopt::set_socket_recv_buffer_size_force(socket, BUFFER_BYTES).is_ok()
        && sockopt::set_socket_send_buffer_size_force(socket, BUFFER_BYTES).is_ok();
    #[cfg(not(target_os = "linux"))]
    let forced = false;
    if !forced {
        let _ = sockopt::set_socket_recv_buffer_size(socket, BUFFER_BYTES);
        let _ = sockopt::set_socket_send_buffer_size(socket, BUFFER_BYTES);
    }
    let (receive_bytes, send_bytes) =
        (sockopt::socket_recv_buffer_size(socket)?, sockopt::socket_send_buffer_size(socket)?);
    if receive_bytes.min(send_bytes) < BUFFER_BYTES {
        tracing::info!(
            receive_bytes,
            send_bytes,
            wanted_bytes = BUFFER_BYTES,
            "small socket buffers for media: bursts may get lost (net.core.rmem_max and wmem_max allow larger ones)"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bound: &str, is_dual: bool, outer: &[&str]) -> Vec<String> {
        let outer: Vec<IpAddr> = outer.iter().map(|outer| outer.parse().expect("an address")).collect();
        let told = Told::of(bound.parse().expect("an address"), is_dual, &outer);
        told.all().map(|address| address.to_string()).collect()
    }

    #[test]
    fn what_clients_are_told() {
        assert_eq!(told("192.0.2.1:4747", false, &[]), ["192.0.2.1:4747"]);
        assert_eq!(told("192.0.2.1:4747", false, &["203.0.113.9"]), ["203.0.113.9:4747"]);
        assert_eq!(told("192.0.2.1:4747", false, &["2001:db8::1"]), ["192.0.2.1:4747"], "the other family's");
        assert_eq!(told("[2001:db8::2]:4747", false, &["203.0.113.9"]), ["[2001:db8::2]:4747"]);
        assert_eq!(told("0.0.0.0:4747", false, &[]), ["127.0.0.1:4747"]);
        assert_eq!(told("[::]:4747", true, &[]), ["127.0.0.1:4747", "[::1]:4747"]);
        assert_eq!(told("[::]:4747", false, &[]), ["[::1]:4747"]);
        assert_eq!(
            told("[::]:4747", true, &["203.0.113.9", "2001:db8::1"]),
            ["203.0.113.9:4747", "[2001:db8::1]:4747"]
        );
        assert_eq!(told("[::]:4747", true, &["203.0.113.9"]), ["203.0.113.9:4747"], "nobody outside is at ::1");
    }

    #[test]
    fn a_listener_that_takes_connections_for_media_too() {
        let covers = |shared: &str, bound: &str| {
            super::covers(shared.parse().expect("an address"), bound.parse().expect("an address"))
        };
        assert!(covers("127.0.0.1:4747", "127.0.0.1:4747"));
        assert!(covers("0.0.0.0:4747", "192.0.2.1:4747") && covers("[::]:4747", "0.0.0.0:4747"));
        assert!(!covers("127.0.0.1:4747", "0.0.0.0:4747") && !covers("127.0.0.1:80", "127.0.0.1:4747"));
        assert!(!covers("0.0.0.0:4747", "[::1]:4747"));
    }
}
