//! One call of the system for many messages: Linux's `sendmmsg` with `UDP_SEGMENT`, and one message a call elsewhere.
//!
//! The one rule: what a call says went out has gone out, in order; the error is that of the first that did not.
//!
//! Sources: sendmmsg(2), udp(7). A control message holds for all messages of a call here, so messages in one call are
//! such that one length of segments fits all; a message of one datagram goes along wherever it is no longer than that.

use std::{
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
};

use super::pieces::Piece;

#[cfg(target_os = "linux")]
pub(super) use linux::Caller;
#[cfg(not(target_os = "linux"))]
pub(super) use portable::Caller;

/// How a socket is to be written to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way<'a> {
    pub(super) socket: &'a UdpSocket,
    /// Whether it knows IPv4 addresses by their IPv6 form (RFC 4291 §2.5.5.2).
    pub(super) is_mapped: bool,
    /// The address to send from, where the socket has several.
    pub(super) source: Option<IpAddr>,
}

impl Way<'_> {
    fn destination(&self, client: SocketAddr) -> SocketAddr {
        match client {
            SocketAddr::V4(client) if self.is_mapped => SocketAddr::from((client.ip().to_ipv6_mapped(), client.port())),
            client => client,
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{array, io::IoSlice, os::fd::AsRawFd as _};

    use nix::{
        cmsg_space,
        errno::Errno,
        libc,
        sys::socket::{ControlMessage, MsgFlags, MultiHeaders, SockaddrStorage, sendmmsg},
    };

    use super::{IpAddr, Piece, Way, io};

    /// Messages of one call: more saves nothing, for by then the call itself costs next to nothing.
    const MOST: usize = 64;

    /// Room for the messages of a call, used again and again. Messages with other control messages have other room.
    #[derive(Debug)]
    pub(in super::super) struct Caller {
        unbound: Headers,
        from_v4: Headers,
        from_v6: Headers,
        addresses: Vec<Option<SockaddrStorage>>,
    }

    #[derive(Debug)]
    struct Headers {
        whole: MultiHeaders<SockaddrStorage>,
        cut: MultiHeaders<SockaddrStorage>,
    }

    impl Headers {
        fn new(source: Option<Vec<u8>>) -> Self {
            let mut both = source.clone().unwrap_or_default();
            both.reserve_exact(both.capacity() + cmsg_space!(u16).capacity());
            Self { whole: MultiHeaders::preallocate(MOST, source), cut: MultiHeaders::preallocate(MOST, Some(both)) }
        }
    }

    impl Caller {
        pub(in super::super) fn new() -> Self {
            Self {
                unbound: Headers::new(None),
                from_v4: Headers::new(Some(cmsg_space!(libc::in_pktinfo))),
                from_v6: Headers::new(Some(cmsg_space!(libc::in6_pktinfo))),
                addresses: Vec::with_capacity(MOST),
            }
        }

        /// Sends the first of these pieces; how many.
        pub(in super::super) fn send<'a>(
            &mut self,
            from: Way<'_>,
            pieces: impl Iterator<Item = Piece<'a>>,
        ) -> io::Result<usize> {
            let addresses = &mut self.addresses;
            addresses.clear();
            let mut slices: [[IoSlice<'_>; 1]; MOST] = array::from_fn(|_| [IoSlice::new(&[])]);
            let mut common = Common::default();
            for (slot, piece) in slices.iter_mut().zip(pieces) {
                if !common.admit(&piece) {
                    break;
                }
                *slot = [IoSlice::new(piece.contents)];
                addresses.push(Some(from.destination(piece.destination).into()));
            }
            let (v4, v6) = source(from.source);
            let (headers, source) = match from.source {
                None => (&mut self.unbound, None),
                Some(IpAddr::V4(_)) => (&mut self.from_v4, Some(ControlMessage::Ipv4PacketInfo(&v4))),
                Some(IpAddr::V6(_)) => (&mut self.from_v6, Some(ControlMessage::Ipv6PacketInfo(&v6))),
            };
            let segment = common.segment.and_then(|segment| u16::try_from(segment).ok());
            let cut = segment.as_ref().map(ControlMessage::UdpGsoSegments);
            let (headers, control) = match cut {
                Some(_) => (&mut headers.cut, [source, cut]),
                None => (&mut headers.whole, [source, None]),
            };
            let (both, one);
            let control: &[ControlMessage<'_>] = match control {
                [Some(first), Some(second)] => {
                    both = [first, second];
                    &both
                }
                [Some(only), None] | [None, Some(only)] => {
                    one = [only];
                    &one
                }
                [None, None] => &[],
            };
            let slices = &slices[..addresses.len()];
            let sent = sendmmsg(from.socket.as_raw_fd(), headers, slices, addresses, control, MsgFlags::MSG_DONTWAIT);
            sent.map(Iterator::count).map_err(Errno::into)
        }
    }

    /// An address in the words of ip(7) and ipv6(7).
    fn source(address: Option<IpAddr>) -> (libc::in_pktinfo, libc::in6_pktinfo) {
        let v4 = if let Some(IpAddr::V4(ip)) = address { u32::from_ne_bytes(ip.octets()) } else { 0 };
        let v6 = if let Some(IpAddr::V6(ip)) = address { ip.octets() } else { [0; 16] };
        let (any, own) = (libc::in_addr { s_addr: 0 }, libc::in_addr { s_addr: v4 });
        (
            libc::in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: own, ipi_addr: any },
            libc::in6_pktinfo { ipi6_addr: libc::in6_addr { s6_addr: v6 }, ipi6_ifindex: 0 },
        )
    }

    /// What the messages of one call have in common.
    #[derive(Debug, Default)]
    struct Common {
        /// The length of segments, once there is a message that is to be cut.
        segment: Option<usize>,
        /// The longest message that is not.
        longest: usize,
    }

    impl Common {
        /// Whether one more message can go along.
        fn admit(&mut self, piece: &Piece<'_>) -> bool {
            if piece.datagrams() < 2 {
                self.longest = self.longest.max(piece.contents.len());
                return self.segment.is_none_or(|segment| self.longest <= segment);
            }
            let fits = self.longest <= piece.segment;
            fits && *self.segment.get_or_insert(piece.segment) == piece.segment
        }
    }

    #[cfg(test)]
    mod tests {
        use super::{super::SocketAddr, *};

        fn piece(length: usize, segment: usize) -> Piece<'static> {
            static BYTES: [u8; 8_192] = [0; 8_192];
            Piece { destination: SocketAddr::from(([127, 0, 0, 1], 1)), contents: &BYTES[..length], segment }
        }

        #[test]
        fn one_length_of_segments_fits_all_messages_of_a_call() {
            let admitted = |pieces: &[(usize, usize)]| {
                let mut common = Common::default();
                let count =
                    pieces.iter().take_while(|(length, segment)| common.admit(&piece(*length, *segment))).count();
                (count, common.segment)
            };
            assert_eq!(admitted(&[(900, 900), (1_200, 1_200), (10, 10)]), (3, None));
            assert_eq!(admitted(&[(3_600, 1_200), (5_000, 1_200), (900, 900)]), (3, Some(1_200)));
            assert_eq!(admitted(&[(900, 900), (3_600, 1_200), (3_000, 1_000)]), (2, Some(1_200)));
            assert_eq!(admitted(&[(1_300, 1_300), (3_600, 1_200)]), (1, None));
            assert_eq!(admitted(&[(3_600, 1_200), (1_300, 1_300)]), (1, Some(1_200)));
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod portable {
    use super::{Piece, Way, io};

    /// Sends one message a call, from whatever address the system chooses.
    #[derive(Debug)]
    pub(in super::super) struct Caller;

    impl Caller {
        pub(in super::super) fn new() -> Self {
            Self
        }

        /// Sends the first of these pieces.
        pub(in super::super) fn send<'a>(
            &mut self,
            from: Way<'_>,
            mut pieces: impl Iterator<Item = Piece<'a>>,
        ) -> io::Result<usize> {
            let Some(Piece { destination, contents, .. }) = pieces.next() else { return Ok(0) };
            from.socket.send_to(contents, from.destination(destination)).map(|_| 1)
        }
    }
}
