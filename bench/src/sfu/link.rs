//! One WebRTC connection as a client has it: ICE, DTLS and SRTP, and nothing of the media in it.
//!
//! The one rule: it does what a client must and no more, for the load shares the machine with the server that it
//! loads. A library's client takes several times what a server takes to forward.
//!
//! Sources: RFC 8445 (ICE; with one address on each side it is little more than asking and answering), RFC 7675
//! (consent), RFC 7983 (telling STUN, DTLS and SRTP apart), RFC 5764 (DTLS-SRTP).

use std::{
    net::{IpAddr, SocketAddr, UdpSocket},
    sync::OnceLock,
    time::{Duration, Instant},
};

use aws_lc_rs::rand;
use nix::sys::socket::{setsockopt, sockopt};
use str0m::{
    config::{DtlsCert, DtlsVersion},
    crypto::{
        CryptoProvider,
        dtls::{DtlsInstance, DtlsOutput},
        from_feature_flags,
    },
    ice::{StunMessage, TransId},
};

use super::{
    sdp::{Credentials, Ours, Theirs},
    srtp::Srtp,
};
use crate::{Outcome, process::now};

/// Until the server has answered once.
const ASK_AGAIN: Duration = Duration::from_millis(100);
/// Afterwards, as browsers do.
const CONSENT: Duration = Duration::from_millis(2_500);
/// Packets that wait for the load are no loss of the server's.
const RECEIVE_BUFFER_BYTES: usize = 4 << 20;
const DTLS_ROOM_BYTES: usize = 4 * 1_024;
/// Of a host address over UDP.
const PRIORITY: u32 = 2_130_706_431;

/// What came over a connection that is not its own business.
pub(super) enum Media {
    /// RTP, still sealed.
    Rtp,
    /// RTCP, still sealed.
    Rtcp,
}

/// A connection.
pub(super) struct Link {
    pub(super) socket: UdpSocket,
    pub(super) srtp: Option<Srtp>,
    address: SocketAddr,
    remote: Option<SocketAddr>,
    ours: Credentials,
    theirs: Credentials,
    controlling: bool,
    answered: bool,
    ask_at: Instant,
    dtls: Box<dyn DtlsInstance>,
    dtls_begun: bool,
    dtls_at: Option<Instant>,
}

/// One certificate for all clients: making one for each would measure nothing of the servers.
struct Identity {
    provider: CryptoProvider,
    certificate: DtlsCert,
    fingerprint: String,
}

impl Link {
    /// A socket at that address with credentials of its own.
    pub(super) fn open(address: IpAddr) -> Outcome<Self> {
        let socket = UdpSocket::bind((address, 0))?;
        socket.set_nonblocking(true)?;
        setsockopt(&socket, sockopt::RcvBufForce, &RECEIVE_BUFFER_BYTES)?;
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
        let identity = identity()?;
        let mut dtls =
            identity.provider.dtls_provider.new_dtls(&identity.certificate, now(), DtlsVersion::Dtls12, None)?;
        dtls.set_active(true);
        Ok(Self {
            address: socket.local_addr()?,
            socket,
            srtp: None,
            remote: None,
            ours: Credentials { ufrag: letters(8)?, password: letters(24)? },
            theirs: Credentials::default(),
            controlling: false,
            answered: false,
            ask_at: now(),
            dtls,
            dtls_begun: false,
            dtls_at: None,
        })
    }

    /// What an offer or an answer says of this end.
    pub(super) fn ours(&self, ssrc: Option<u32>) -> Outcome<Ours<'_>> {
        Ok(Ours { ice: &self.ours, fingerprint: &identity()?.fingerprint, address: self.address, ssrc })
    }

    /// Takes what the server said. Whoever offered is in control, unless the other end is lite.
    pub(super) fn connect(&mut self, theirs: &Theirs, controlling: bool) {
        self.theirs = theirs.ice.clone();
        self.remote = Some(theirs.address);
        self.controlling = controlling;
    }

    /// Does what is due, and gives the time of the next thing that is.
    pub(super) fn poll(&mut self, now: Instant) -> Outcome<Instant> {
        if self.remote.is_none() {
            return Ok(now + CONSENT);
        }
        if self.ask_at <= now {
            self.ask_at = now + if self.answered { CONSENT } else { ASK_AGAIN };
            self.ask()?;
        }
        if self.dtls_at.is_some_and(|at| at <= now) {
            self.dtls.handle_timeout(now).map_err(|error| format!("DTLS: {error}"))?;
            self.drain_dtls()?;
        }
        Ok(self.dtls_at.map_or(self.ask_at, |at| at.min(self.ask_at)))
    }

    /// Takes in a datagram. What is media is the caller's.
    pub(super) fn receive(&mut self, datagram: &[u8]) -> Outcome<Option<Media>> {
        let [first, second, ..] = *datagram else { return Ok(None) };
        match first {
            0..=3 => self.stun(datagram)?,
            20..=63 => {
                self.dtls.handle_packet(datagram).map_err(|error| format!("DTLS: {error}"))?;
                self.drain_dtls()?;
            }
            // RFC 5761 §4: payload types of 64 to 95 would look like RTCP, so that nobody uses them.
            128..=191 if (192..=223).contains(&second) => return Ok(Some(Media::Rtcp)),
            128..=191 => return Ok(Some(Media::Rtp)),
            _ => {}
        }
        Ok(None)
    }

    /// Seals an RTCP packet and sends it.
    pub(super) fn send_rtcp(&mut self, mut packet: Vec<u8>) {
        let sealed = self.srtp.as_mut().and_then(|srtp| srtp.seal_rtcp(&mut packet));
        if sealed.is_some() {
            self.send(&packet);
        }
    }

    /// Sends a datagram. What the network does not take is lost.
    pub(super) fn send(&self, datagram: &[u8]) {
        if let Some(remote) = self.remote {
            let _ = self.socket.send_to(datagram, remote);
        }
    }

    fn stun(&mut self, datagram: &[u8]) -> Outcome {
        // A stranger's or a broken one is nobody's business here.
        let Ok(message) = StunMessage::parse(datagram) else { return Ok(()) };
        if message.is_successful_binding_response() {
            self.answered = true;
        } else if message.is_binding_request()
            && let Some(remote) = self.remote
        {
            let reply = StunMessage::binding_reply(message.trans_id(), remote);
            self.send_stun(reply, &self.ours.password)?;
        } else {
            return Ok(());
        }
        if !self.dtls_begun {
            self.dtls_begun = true;
            self.dtls.handle_timeout(now()).map_err(|error| format!("DTLS: {error}"))?;
            self.drain_dtls()?;
        }
        Ok(())
    }

    fn ask(&self) -> Outcome {
        let name = format!("{}:{}", self.theirs.ufrag, self.ours.ufrag);
        let controlling = self.controlling;
        let request = StunMessage::binding_request(&name, TransId::new(), controlling, 7, PRIORITY, controlling);
        self.send_stun(request, &self.theirs.password)
    }

    fn send_stun(&self, message: StunMessage<'_>, password: &str) -> Outcome {
        let mut room = [0; 256];
        let provider = identity()?.provider.sha1_hmac_provider;
        let hmac = |key: &[u8], parts: &[&[u8]]| provider.sha1_hmac(key, parts);
        let length = message.to_bytes(Some(password.as_bytes()), &mut room, hmac)?;
        self.send(&room[..length]);
        Ok(())
    }

    fn drain_dtls(&mut self) -> Outcome {
        let mut room = [0; DTLS_ROOM_BYTES];
        loop {
            match self.dtls.poll_output(&mut room) {
                DtlsOutput::Packet(packet) => self.send(packet),
                DtlsOutput::KeyingMaterial(material, profile) => {
                    let srtp = Srtp::new(&material, profile).ok_or_else(|| format!("SRTP with {profile:?}"))?;
                    self.srtp = Some(srtp);
                }
                DtlsOutput::Timeout(at) => {
                    self.dtls_at = Some(at);
                    return Ok(());
                }
                DtlsOutput::BufferTooSmall { needed } => return Err(format!("DTLS needs {needed} bytes").into()),
                _ => {}
            }
        }
    }
}

fn identity() -> Outcome<&'static Identity> {
    static IDENTITY: OnceLock<Option<Identity>> = OnceLock::new();
    let make = || {
        let provider = from_feature_flags();
        let certificate = provider.dtls_provider.generate_certificate()?;
        let digest = provider.sha256_provider.sha256(&certificate.certificate);
        let fingerprint = digest.map(|byte| format!("{byte:02X}")).join(":");
        Some(Identity { provider, certificate, fingerprint })
    };
    IDENTITY.get_or_init(make).as_ref().ok_or_else(|| "no certificate could be made".into())
}

/// So many random letters.
fn letters(count: usize) -> Outcome<String> {
    let mut bytes = vec![0; count];
    rand::fill(&mut bytes)?;
    Ok(bytes.into_iter().map(|byte| char::from(b'a' + byte % 26)).collect())
}

/// A random number that may name a stream.
pub(super) fn fresh_ssrc() -> Outcome<u32> {
    let mut bytes = [0; 4];
    rand::fill(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes) | 1)
}
