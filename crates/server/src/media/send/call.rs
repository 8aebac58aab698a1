//! One call of the system for many messages: Linux's `sendmmsg` with `UDP_SEGMENT`, and one message a call elsewhere.
//!
//! The one rule: what a call says went out has gone out, in order; the error is that of the first that did not.
//!
//! Sources: sendmmsg(2), udp(7). A control message holds for all messages of a call here, so messages in one call are
//! such that one length of segments fits all; a message of one datagram goes along wherever it is no longer than that.

use std::{io, net::UdpSocket};

use super::pieces::Piece;

#[cfg(target_os = "linux")]
pub(super) use linux::Caller;
#[cfg(not(target_os = "linux"))]
pub(super) use portable::Caller;

#[cfg(target_os = "linux")]
mod linux {
    use std::{array, io::IoSlice, net::SocketAddr, os::fd::AsRawFd as _};

    use nix::{
        cmsg_space,
        errno::Errno,
        sys::socket::{ControlMessage, MsgFlags, MultiHeaders, SockaddrStorage, sendmmsg},
    };

    use super::{Piece, UdpSocket, io};

    /// Messages of one call: more saves nothing, for by then the call itself costs next to nothing.
    const MOST: usize = 64;

    /// Room for the messages of a call, used again and again.
    #[derive(Debug)]
    pub(in super::super) struct Caller {
        plain: MultiHeaders<SockaddrStorage>,
        segmented: MultiHeaders<SockaddrStorage>,
        addresses: Vec<Option<SockaddrStorage>>,
    }

    impl Caller {
        pub(in super::super) fn new() -> Self {
            Self {
                plain: MultiHeaders::preallocate(MOST, None),
                segmented: MultiHeaders::preallocate(MOST, Some(cmsg_space!(u16))),
                addresses: Vec::with_capacity(MOST),
            }
        }

        /// Sends the first of these pieces; how many.
        pub(in super::super) fn send<'a>(
            &mut self,
            socket: &UdpSocket,
            is_mapped: bool,
            pieces: impl Iterator<Item = Piece<'a>>,
        ) -> io::Result<usize> {
            let Self { plain, segmented, addresses } = self;
            addresses.clear();
            let mut slices: [[IoSlice<'_>; 1]; MOST] = array::from_fn(|_| [IoSlice::new(&[])]);
            let mut common = Common::default();
            for (slot, piece) in slices.iter_mut().zip(pieces) {
                if !common.admit(&piece) {
                    break;
                }
                *slot = [IoSlice::new(piece.contents)];
                addresses.push(Some(as_socket_takes_it(piece.destination, is_mapped).into()));
            }
            let (socket, slices) = (socket.as_raw_fd(), &slices[..addresses.len()]);
            let flags = MsgFlags::MSG_DONTWAIT;
            let sent = match common.segment.and_then(|segment| u16::try_from(segment).ok()) {
                Some(segment) => {
                    let control = [ControlMessage::UdpGsoSegments(&segment)];
                    sendmmsg(socket, segmented, slices, addresses, control, flags).map(Iterator::count)
                }
                None => sendmmsg(socket, plain, slices, addresses, [], flags).map(Iterator::count),
            };
            sent.map_err(Errno::into)
        }
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

    /// A socket for both families knows IPv4 addresses by their IPv6 form (RFC 4291 §2.5.5.2).
    fn as_socket_takes_it(client: SocketAddr, is_mapped: bool) -> SocketAddr {
        match client {
            SocketAddr::V4(client) if is_mapped => SocketAddr::from((client.ip().to_ipv6_mapped(), client.port())),
            client => client,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

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
    use super::{Piece, UdpSocket, io};

    /// Sends one message a call.
    #[derive(Debug)]
    pub(in super::super) struct Caller;

    impl Caller {
        pub(in super::super) fn new() -> Self {
            Self
        }

        /// Sends the first of these pieces.
        pub(in super::super) fn send<'a>(
            &mut self,
            socket: &UdpSocket,
            is_mapped: bool,
            mut pieces: impl Iterator<Item = Piece<'a>>,
        ) -> io::Result<usize> {
            let Some(Piece { destination, contents, .. }) = pieces.next() else { return Ok(0) };
            let destination = match destination {
                std::net::SocketAddr::V4(client) if is_mapped => (client.ip().to_ipv6_mapped(), client.port()).into(),
                destination => destination,
            };
            socket.send_to(contents, destination).map(|_| 1)
        }
    }
}
