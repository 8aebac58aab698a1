//! From an offer to a peer: makes a connection and the answer that goes back over HTTP; or an offer of our own instead.
//!
//! The one rule: this can be done on any thread. An [`Acceptor`] is shared, a [`Peer`] is sent to the shard that owns
//! the stage; nothing else is shared between the two.
//!
//! Sources: RFC 9725 (WHIP), draft-ietf-wish-whep (WHEP), RFC 8445 §2.5 (ICE-lite), RFC 6544 §4.5 (TCP candidates).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::change::SdpOffer;
use str0m::config::{CryptoProvider, DtlsCert};
use str0m::media::Mid;
use str0m::net::TcpType;
use str0m::{Candidate, Rtc, RtcConfig};

use crate::id::ParticipantId;
use crate::network::connection::Connection;
use crate::network::demux::Transport;
use crate::packet::{Codec, Kind, Kinds};
use crate::policy::Policy;
use crate::secrets::{self, KeySlot};
use crate::signalling::answer::{with_one_stream, without_idle};
use crate::signalling::counter::CounterOffer;
use crate::signalling::offer::{Offer, OfferError, Section, Side};

/// How often the library counts losses and round trips.
const STATS_INTERVAL: Duration = Duration::from_secs(1);

/// The certificate by which clients know this server; one for all connections, for making one takes long.
#[derive(Clone)]
pub struct Identity(DtlsCert);

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}

/// No certificate could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no certificate for DTLS could be made")]
pub struct NoIdentity;

impl Identity {
    /// Makes a key and a certificate that it signs itself.
    pub fn generate() -> Result<Self, NoIdentity> {
        str0m::crypto::from_feature_flags().dtls_provider.generate_certificate().map(Self).ok_or(NoIdentity)
    }
}

/// An address of this server that clients are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// How it is reached.
    pub transport: Transport,
    /// Where clients send to. Behind a one-to-one NAT this is the outer address; datagrams are then handed in with it
    /// as their destination.
    pub address: SocketAddr,
}

/// What a viewer's connection is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sends sound and picture here.
    Publisher,
    /// Gets those of one publisher.
    Viewer {
        /// Measures what the connection carries, to choose layers by it.
        adaptive: bool,
        /// What that publisher sends. A viewer that asks for more is told that the rest is `inactive`.
        sends: Kinds,
    },
}

impl Role {
    /// What flows by a connection of this role, as far as it is known.
    pub fn sends(self) -> Kinds {
        match self {
            Self::Publisher => Kinds::BOTH,
            Self::Viewer { sends, .. } => sends,
        }
    }
}

/// The answer to an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The session description.
    pub sdp: String,
    /// The name that the client's datagrams will bear; see [`crate::stun_ufrag`].
    pub ufrag: String,
}

/// A line of the session that carries sound or picture.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) kind: Kind,
    pub(crate) mid: Mid,
    pub(crate) layers: Vec<String>,
    /// The first that was agreed on: what a client sends that has no reason to send another.
    pub(crate) codec: Option<Codec>,
}

/// A connection that is not yet part of a stage.
#[derive(Debug)]
pub struct Peer {
    pub(crate) connection: Connection,
    pub(crate) role: Role,
    pub(crate) participant: Option<ParticipantId>,
    /// Where the keys of a viewer will be. A publisher's are the library's business.
    pub(crate) keys: KeySlot,
    /// Those by which something flows.
    pub(crate) lines: Vec<Line>,
    pub(crate) idle: Kinds,
}

impl Peer {
    /// The same, as one of this participant's connections.
    #[must_use]
    pub fn of(self, participant: ParticipantId) -> Self {
        Self { participant: Some(participant), ..self }
    }

    /// What flows by it: what a publisher sends, or what a viewer asked for and its publisher sends.
    pub fn kinds(&self) -> Kinds {
        self.lines.iter().map(|line| line.kind).collect()
    }

    /// What a viewer would get too if its publisher sent it, and came anew for it.
    pub fn idle(&self) -> Kinds {
        self.idle
    }
}

/// Answers offers.
#[derive(Clone, Debug)]
pub struct Acceptor {
    identity: Identity,
    addresses: Arc<[Address]>,
    policy: Arc<Policy>,
    /// Cryptography that leaves us the keys of viewers.
    tapped: Arc<CryptoProvider>,
}

impl Acceptor {
    /// An acceptor whose answers name these addresses.
    pub fn new(identity: Identity, addresses: impl Into<Arc<[Address]>>, policy: Arc<Policy>) -> Self {
        Self { identity, addresses: addresses.into(), policy, tapped: secrets::provider() }
    }

    /// Answers an offer.
    pub fn accept(&self, now: Instant, role: Role, offer: &str) -> Result<(Peer, Answer), OfferError> {
        let side = if role == Role::Publisher { Side::Publisher } else { Side::Viewer };
        let offer = Offer::parse(offer, side, &self.policy.limits)?;
        // A panic of the library's parser must not reach the thread that serves HTTP.
        let made = std::panic::catch_unwind(|| self.connect(now, role, &offer));
        let (mut rtc, sdp, keys) = made.unwrap_or(Err(OfferError::Malformed))?;
        let mut lines = agreed_lines(&rtc, &offer.sections)?;
        lines.retain(|line| role.sends().has(line.kind));
        if lines.is_empty() {
            return Err(OfferError::NothingToSend);
        }
        let asked: Kinds = offer.sections.iter().map(|section| section.kind).collect();
        let ufrag = rtc.direct_api().local_ice_credentials().ufrag;
        let policy = &self.policy;
        let connection = Connection::new(rtc, offer, now, policy.silence, policy.connect_within);
        let idle = asked.without(role.sends());
        Ok((Peer { connection, role, participant: None, keys, lines, idle }, Answer { sdp, ufrag }))
    }

    /// Makes an offer to a viewer whose own cannot be answered, with what its publisher sends in `picture` first.
    pub fn counter(&self, now: Instant, role: Role, picture: Option<Codec>) -> Result<CounterOffer, OfferError> {
        let make = || CounterOffer::new(self.open(now, role, picture)?, role, self.policy.clone());
        std::panic::catch_unwind(make).unwrap_or(Err(OfferError::Malformed))
    }

    fn connect(&self, now: Instant, role: Role, offer: &Offer) -> Result<(Rtc, String, KeySlot), OfferError> {
        let (mut rtc, keys) = self.open(now, role, None)?;
        let offer = SdpOffer::from_sdp_string(&offer.text()).map_err(|_| OfferError::Malformed)?;
        let answer = rtc.sdp_api().accept_offer(offer).map_err(|_| OfferError::Malformed)?;
        let sdp = without_idle(&with_one_stream(&answer.to_sdp_string()), role.sends());
        Ok((rtc, sdp, keys))
    }

    /// A connection that nothing is agreed on yet.
    fn open(&self, now: Instant, role: Role, picture: Option<Codec>) -> Result<(Rtc, KeySlot), OfferError> {
        let configuration = self.configuration(role, picture);
        let (mut rtc, keys) = match role {
            Role::Publisher => (configuration.build(now), KeySlot::default()),
            Role::Viewer { .. } => secrets::with_slot(|| configuration.build(now)).ok_or(OfferError::Malformed)?,
        };
        for candidate in self.addresses.iter().filter_map(candidate) {
            rtc.add_local_candidate(candidate);
        }
        Ok((rtc, keys))
    }

    fn configuration(&self, role: Role, picture: Option<Codec>) -> RtcConfig {
        let config = RtcConfig::new()
            .set_rtp_mode(true)
            .set_ice_lite(true)
            .set_dtls_cert(self.identity.0.clone())
            .set_stats_interval(Some(STATS_INTERVAL))
            .set_pause_threshold(self.policy.layer_pause);
        let config = match role {
            Role::Publisher => config,
            Role::Viewer { .. } => config.set_crypto_provider(self.tapped.clone()),
        };
        self.codecs(config, role, picture)
    }

    fn codecs(&self, config: RtcConfig, role: Role, picture: Option<Codec>) -> RtcConfig {
        let config = config.clear_codecs().enable_opus(true, false);
        if role != Role::Publisher || !self.policy.limits.ivs_codecs_only {
            return all_pictures(config, picture);
        }
        let mut config = config;
        // Baseline and constrained baseline, in packets of either mode.
        for (pt, resend, many_units, profile) in [
            (127, 121, true, 0x42_001f),
            (125, 107, false, 0x42_001f),
            (108, 109, true, 0x42_e01f),
            (124, 120, false, 0x42_e01f),
        ] {
            config.codec_config().add_h264(pt.into(), Some(resend.into()), many_units, profile);
        }
        config
    }
}

/// Every codec of pictures. The first is offered as the best.
fn all_pictures(config: RtcConfig, first: Option<Codec>) -> RtcConfig {
    type IsIt = fn(Codec) -> bool;
    type Enable = fn(RtcConfig, bool) -> RtcConfig;
    let mut enable: [(IsIt, Enable); 4] = [
        (|codec| matches!(codec, Codec::H264 { .. }), RtcConfig::enable_h264),
        (|codec| matches!(codec, Codec::Vp8), RtcConfig::enable_vp8),
        (|codec| matches!(codec, Codec::Vp9 { .. }), RtcConfig::enable_vp9),
        (|codec| matches!(codec, Codec::Av1 { .. }), RtcConfig::enable_av1),
    ];
    enable.sort_by_key(|(is_it, _)| !first.is_some_and(is_it));
    enable.into_iter().fold(config, |config, (_, enable)| enable(config, true))
}

fn candidate(address: &Address) -> Option<Candidate> {
    match address.transport {
        Transport::Udp => Candidate::host(address.address, "udp").ok(),
        Transport::Tcp => Candidate::builder().tcp().host(address.address).tcptype(TcpType::Passive).build().ok(),
    }
}

/// The lines of the session with the codecs that were agreed on; none agreed is an offer that cannot be served.
pub(crate) fn agreed_lines(rtc: &Rtc, sections: &[Section]) -> Result<Vec<Line>, OfferError> {
    let mut lines = Vec::new();
    for section in sections {
        let mid = Mid::from(section.mid.as_str());
        let media = rtc.media(mid).ok_or(OfferError::Malformed)?;
        if media.remote_pts().is_empty() {
            return Err(OfferError::NoCodec);
        }
        let mut params = rtc.codec_config().params().iter();
        let codec = params.find(|params| media.remote_pts().contains(&params.pt())).and_then(Codec::of);
        lines.push(Line { kind: section.kind, mid, layers: section.layers.clone(), codec });
    }
    Ok(lines)
}
