//! One client's connection: ICE, DTLS and SRTP of one [`str0m::Rtc`], driven from outside.
//!
//! The one rule: whatever a client sends, only its own connection can suffer. An error or a panic inside the WebRTC
//! library ends this connection and nothing else. After any change the connection is drained to its next deadline
//! before it is changed again, as the library demands; [`Connection::drain`] is the only place that does it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use str0m::net::{Protocol, Receive};
use str0m::stats::PeerStats;
use str0m::{Event as RtcEvent, IceConnectionState, Input, Output, Rtc, RtcError};

use crate::network::demux::{Datagram, Path, Transport};
use crate::network::outbox::Outbox;
use crate::network::route::Route;
use crate::signalling::fragment::FragmentError;
use crate::signalling::offer::Offer;

/// The library asks for "now" again while it paces; past this many times in a row without output it has to wait.
const IDLE_ROUNDS: u32 = 8;
/// How long it then waits.
const IDLE_WAIT: Duration = Duration::from_millis(1);
/// Names for a restart are drawn at random; this many draws cannot all be taken.
const RESTART_TRIES: u32 = 4;

/// The connection is of no more use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

/// Whether and since when the client is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Connecting,
    Connected,
    Closed,
}

/// Why a connection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Nothing came for too long.
    Silent,
    /// It never came to be.
    NeverConnected,
    /// The client said goodbye.
    ByPeer,
    /// It broke.
    Broken,
}

/// One client's connection.
pub(crate) struct Connection {
    rtc: Rtc,
    offer: Offer,
    ufrag: String,
    phase: Phase,
    created: Instant,
    last_heard: Instant,
    deadline: Instant,
    ended: Option<Ended>,
    silence: Duration,
    connect_within: Duration,
    latest_stats: Option<Box<PeerStats>>,
    route: Route,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("phase", &self.phase).field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl Connection {
    pub(crate) fn new(mut rtc: Rtc, offer: Offer, now: Instant, silence: Duration, connect_within: Duration) -> Self {
        let ufrag = rtc.direct_api().local_ice_credentials().ufrag;
        Self {
            rtc,
            offer,
            ufrag,
            phase: Phase::Connecting,
            created: now,
            last_heard: now,
            deadline: now,
            ended: None,
            silence,
            connect_within,
            latest_stats: None,
            route: Route::new(now),
        }
    }

    /// The name under which the client's checks come in.
    pub(crate) fn ufrag(&self) -> &str {
        &self.ufrag
    }

    /// The client's own name.
    pub(crate) fn remote_ufrag(&self) -> &str {
        &self.offer.ufrag
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.phase == Phase::Connected
    }

    /// Why it is over, once it is.
    pub(crate) fn ended(&self) -> Option<Ended> {
        self.ended
    }

    pub(crate) fn latest_stats(&self) -> Option<&PeerStats> {
        self.latest_stats.as_deref()
    }

    /// The library's own object, for what only a publisher or only a viewer does with it.
    pub(crate) fn rtc(&mut self) -> &mut Rtc {
        &mut self.rtc
    }

    /// Whether a STUN request that names this connection was made by its client.
    pub(crate) fn authenticates(&self, now: Instant, datagram: &Datagram<'_>) -> bool {
        guarded(|| Ok(input(now, datagram).is_some_and(|input| self.rtc.accepts(&input)))).unwrap_or(false)
    }

    /// Takes in a datagram of this client. What is no STUN, DTLS or RTP is dropped, and so is what cannot be
    /// authenticated: anybody can put the client's address on a datagram.
    pub(crate) fn receive(&mut self, now: Instant, datagram: &Datagram<'_>) -> Result<(), Broken> {
        let Some(input) = input(now, datagram) else { return Ok(()) };
        self.last_heard = now;
        let mut route = std::mem::replace(&mut self.route, Route::new(now));
        route.heard(now, datagram, || self.authenticates(now, datagram));
        self.route = route;
        let rtc = &mut self.rtc;
        match catch_unwind(AssertUnwindSafe(|| rtc.handle_input(input))) {
            Ok(_) => Ok(()),
            Err(_) => self.fail(),
        }
    }

    /// Something that proved to be the client's came, and was not for the library.
    pub(crate) fn heard(&mut self, now: Instant, datagram: &Datagram<'_>) {
        self.last_heard = now;
        self.route.heard(now, datagram, || false);
    }

    /// The addresses between which media go.
    pub(crate) fn path(&self) -> Option<Path> {
        self.route.current()
    }

    /// Nothing can come of this connection any more.
    pub(crate) fn give_up(&mut self) {
        let _ = self.fail();
    }

    /// Lets time pass.
    pub(crate) fn tick(&mut self, now: Instant) -> Result<(), Broken> {
        let rtc = &mut self.rtc;
        let done = guarded(|| rtc.handle_input(Input::Timeout(now)));
        done.or_else(|Broken| self.fail())
    }

    /// Takes out everything there is to send and to hear of, up to the next deadline.
    pub(crate) fn drain(&mut self, now: Instant, out: &mut Outbox, events: &mut Vec<RtcEvent>) {
        let Self { rtc, route, .. } = self;
        let drained = guarded(|| poll_all(rtc, route, now, out, events));
        match drained {
            Ok(deadline) => self.deadline = deadline,
            Err(Broken) => {
                let _ = self.fail();
            }
        }
        self.note(now, events);
    }

    /// What this module itself learns from the events.
    fn note(&mut self, now: Instant, events: &mut Vec<RtcEvent>) {
        events.retain_mut(|event| match event {
            RtcEvent::Connected => {
                self.phase = Phase::Connected;
                self.last_heard = now;
                true
            }
            RtcEvent::Closed => {
                self.end(Ended::ByPeer);
                true
            }
            RtcEvent::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                self.end(Ended::Silent);
                true
            }
            RtcEvent::PeerStats(stats) => {
                if let Some(pair) = &stats.selected_candidate_pair {
                    let transport = pair.protocol.into();
                    let path = Path { transport, source: pair.remote.addr, destination: pair.local.addr };
                    self.route.choose(now, path);
                }
                self.latest_stats = Some(Box::new(stats.clone()));
                false
            }
            _ => true,
        });
        if !self.rtc.is_alive() {
            self.end(Ended::Broken);
        }
        self.expire(now);
    }

    fn expire(&mut self, now: Instant) {
        match self.phase {
            Phase::Connecting if now >= self.created + self.connect_within => self.end(Ended::NeverConnected),
            Phase::Connected if now >= self.last_heard + self.silence => self.end(Ended::Silent),
            _ => {}
        }
    }

    /// When to call [`Connection::tick`] next.
    pub(crate) fn deadline(&self) -> Instant {
        let ours = match self.phase {
            Phase::Connecting => self.created + self.connect_within,
            Phase::Connected => self.last_heard + self.silence,
            Phase::Closed => return self.deadline,
        };
        self.deadline.min(ours)
    }

    /// Says goodbye; what there is to send comes out of the next [`Connection::drain`].
    pub(crate) fn close(&mut self) {
        let rtc = &mut self.rtc;
        let _ = guarded(|| rtc.close());
        self.phase = Phase::Closed;
    }

    /// Starts ICE anew with the client's new credentials. The media flow on over the old path until the new one stands.
    pub(crate) fn restart_ice(
        &mut self,
        ufrag: &str,
        password: &str,
        is_taken: impl Fn(&str) -> bool,
    ) -> Result<String, FragmentError> {
        let offer = self.offer.with_credentials(ufrag, password);
        for attempt in 0..RESTART_TRIES {
            // The library draws new credentials only when the client's differ from the last it saw.
            let offered = if attempt % 2 == 0 { offer.clone() } else { self.offer.clone() };
            let rtc = &mut self.rtc;
            let answer = guarded(|| {
                let offer = str0m::change::SdpOffer::from_sdp_string(&offered.text())
                    .map_err(|_| RtcError::RemoteSdp(String::new()))?;
                rtc.sdp_api().accept_offer(offer)
            });
            let Ok(answer) = answer else { return Err(FragmentError::Refused) };
            let drawn = self.rtc.direct_api().local_ice_credentials().ufrag;
            if attempt % 2 == 0 && !is_taken(&drawn) {
                self.offer = offer;
                self.ufrag = drawn;
                return Ok(answer.to_sdp_string());
            }
        }
        Err(FragmentError::Refused)
    }

    fn end(&mut self, why: Ended) {
        self.ended.get_or_insert(why);
    }

    fn fail(&mut self) -> Result<(), Broken> {
        self.rtc.disconnect();
        self.end(Ended::Broken);
        Err(Broken)
    }
}

fn input<'a>(now: Instant, datagram: &Datagram<'a>) -> Option<Input<'a>> {
    let protocol = match datagram.transport {
        Transport::Udp => Protocol::Udp,
        Transport::Tcp => Protocol::Tcp,
    };
    let parsed = catch_unwind(|| Receive::new(protocol, datagram.source, datagram.destination, datagram.contents).ok());
    Some(Input::Receive(now, parsed.ok()??))
}

fn poll_all(
    rtc: &mut Rtc,
    route: &mut Route,
    now: Instant,
    out: &mut Outbox,
    events: &mut Vec<RtcEvent>,
) -> Result<Instant, RtcError> {
    let mut idle = 0;
    loop {
        match rtc.poll_output()? {
            Output::Transmit(transmit) => {
                idle = 0;
                let transport = transmit.proto.into();
                let path = Path { transport, source: transmit.destination, destination: transmit.source };
                out.push(&route.direct(now, path, &transmit.contents), &transmit.contents);
            }
            Output::Event(event) => {
                idle = 0;
                events.push(event);
            }
            Output::Timeout(deadline) if deadline > now => return Ok(deadline),
            Output::Timeout(_) if idle == IDLE_ROUNDS => return Ok(now + IDLE_WAIT),
            Output::Timeout(_) => {
                idle += 1;
                rtc.handle_input(Input::Timeout(now))?;
            }
        }
    }
}

/// Runs the library's code so that neither its errors nor its panics reach anybody else. Safe to go on after: the
/// object is thrown away.
fn guarded<T>(run: impl FnOnce() -> Result<T, RtcError>) -> Result<T, Broken> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) | Err(_) => Err(Broken),
    }
}
