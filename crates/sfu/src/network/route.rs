//! Which of a client's addresses media are sent to.
//!
//! The WebRTC library, being ICE-lite, stays with the pair of addresses that was chosen first until nothing has been
//! heard on it for fifteen seconds. A client whose NAT gave it a new port, or whose telephone left the wireless network,
//! would see nothing for so long.
//!
//! The one rule: media follow a client to an address from which it has proved itself, but only when the address they go
//! to has been silent. Who replays a client's check from elsewhere cannot draw a living stream away.
//!
//! Sources: RFC 8445 §7.3 (lite agents), RFC 7675 §5.1 (consent is given for one pair of addresses).

use std::time::{Duration, Instant};

use crate::network::demux::{Datagram, Path};

/// A client that sends or watches is heard of several times a second; one check later it is silent.
const SILENT: Duration = Duration::from_secs(1);

/// Where media go.
#[derive(Debug)]
pub(crate) struct Route {
    /// The library's choice.
    chosen: Option<Path>,
    /// Ours, when it differs.
    moved: Option<Path>,
    heard: Instant,
}

impl Route {
    pub(crate) fn new(now: Instant) -> Self {
        Self { chosen: None, moved: None, heard: now }
    }

    /// Where media go now; `None` before anything was sent to the client.
    pub(crate) fn current(&self) -> Option<Path> {
        self.moved.or(self.chosen)
    }

    /// A datagram came. Where it is a check from another address than media go to, `proves` is asked whether it is the
    /// client's own.
    pub(crate) fn heard(&mut self, now: Instant, datagram: &Datagram<'_>, proves: impl FnOnce() -> bool) {
        let path = Path::of(datagram);
        let Some(current) = self.current() else { return };
        if path == current {
            self.heard = now;
            return;
        }
        let silent = now.saturating_duration_since(self.heard) >= SILENT;
        if silent && is_stun(datagram.contents) && proves() {
            self.moved = (self.chosen != Some(path)).then_some(path);
            self.heard = now;
        }
    }

    /// Where a datagram goes that the library sends on `path`. Answers to checks go back to where the check came from.
    pub(crate) fn direct(&mut self, now: Instant, path: Path, contents: &[u8]) -> Path {
        if is_stun(contents) {
            return path;
        }
        self.choose(now, path);
        self.moved.unwrap_or(path)
    }

    /// The library has chosen this path.
    pub(crate) fn choose(&mut self, now: Instant, path: Path) {
        if self.chosen != Some(path) {
            *self = Self { chosen: Some(path), moved: None, heard: now };
        }
    }
}

/// RFC 7983: the first byte tells.
fn is_stun(contents: &[u8]) -> bool {
    contents.first().is_some_and(|first| *first < 4)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::network::demux::Transport;
    use crate::testing::at_ms;

    const CHECK: &[u8] = &[0, 1];
    const MEDIA: &[u8] = &[0x80, 96];

    fn ours() -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], 4747))
    }

    fn theirs(port: u16) -> SocketAddr {
        SocketAddr::from(([203, 0, 113, 1], port))
    }

    fn hear(route: &mut Route, ms: u64, port: u16, contents: &[u8], proves: bool) {
        let (source, destination) = (theirs(port), ours());
        let datagram = Datagram { transport: Transport::Udp, source, destination, contents };
        route.heard(at_ms(ms), &datagram, || proves);
    }

    /// Where a datagram goes that the library addresses to `port`.
    fn goes(route: &mut Route, ms: u64, port: u16, contents: &[u8]) -> u16 {
        let path = Path { transport: Transport::Udp, source: theirs(port), destination: ours() };
        route.direct(at_ms(ms), path, contents).source.port()
    }

    #[test]
    fn follows_a_client_that_moved() {
        let mut route = Route::new(at_ms(0));
        assert_eq!(goes(&mut route, 0, 1, MEDIA), 1);
        hear(&mut route, 100, 1, MEDIA, false);
        hear(&mut route, 500, 2, CHECK, true);
        assert_eq!(goes(&mut route, 500, 1, MEDIA), 1, "the old address was heard of lately");
        hear(&mut route, 1_200, 2, MEDIA, true);
        assert_eq!(goes(&mut route, 1_200, 1, MEDIA), 1, "media prove nothing");
        hear(&mut route, 1_200, 2, CHECK, false);
        assert_eq!(goes(&mut route, 1_200, 1, MEDIA), 1, "nor does a stranger's check");
        hear(&mut route, 1_200, 2, CHECK, true);
        assert_eq!(goes(&mut route, 1_200, 1, MEDIA), 2);
        assert_eq!(goes(&mut route, 1_200, 1, CHECK), 1, "answers go back where they were asked for");
        hear(&mut route, 3_000, 1, CHECK, true);
        assert_eq!(goes(&mut route, 3_000, 1, MEDIA), 1, "and back again");
    }

    #[test]
    fn the_librarys_new_choice_counts() {
        let mut route = Route::new(at_ms(0));
        goes(&mut route, 0, 1, MEDIA);
        hear(&mut route, 2_000, 2, CHECK, true);
        assert_eq!(goes(&mut route, 2_000, 1, MEDIA), 2);
        assert_eq!(goes(&mut route, 2_100, 3, MEDIA), 3);
    }
}
