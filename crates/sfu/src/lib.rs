//! A selective forwarding unit: publishers send sound and picture, viewers get them, nothing is decoded.
//!
//! The one rule: no sockets, no tasks, no clock. Datagrams and the time come in as arguments; datagrams, events and
//! the next deadline come out. So a call with fifty people over a bad network is a test that runs in seconds and fails
//! the same way twice. (The WebRTC library under it draws its own random numbers: keys, SSRCs, ICE names.)
//!
//! How a packet goes through:
//!
//! 1. [`Shard::receive`] finds whose it is ([`demux`](Demux)): by address, and by name for a STUN request from an
//!    address that nobody has used. What belongs to nobody is dropped before anything is allocated.
//! 2. The publisher's connection decrypts it, and its header is read once ([`Packet`]).
//! 3. The stage hands it to everyone who watches. Each viewer has its own numbers ([`Rewriter`]) and its own choice of
//!    layer ([`Selector`]).
//! 4. The viewer's leg ([`SendLeg`]) seals it. All that a batch brought a viewer leaves together.
//!
//! Signalling is [`Acceptor::accept`], on any thread: an offer becomes a [`Peer`], which is moved into the shard of its
//! stage with [`Shard::publish`] or [`Shard::subscribe`], and an [`Answer`] for the client. A viewer whose offer cannot be
//! answered is made one instead ([`Acceptor::counter`]); its answer becomes the peer.

mod bandwidth;
mod calendar;
mod deadlines;
mod event;
mod forward;
mod id;
mod layers;
mod leg;
mod limits;
mod meter;
mod network;
mod packet;
mod payload;
mod policy;
mod publisher;
mod ring;
mod rtcp;
mod secrets;
mod shard;
mod signalling;
mod source;
mod srtp;
mod stage;
mod stats;
#[cfg(test)]
mod testing;
mod timeline;
mod viewer;

pub use bandwidth::{Arrival, Arrivals, Estimator, Feedback, Probe};
pub use calendar::TimeOfDay;
pub use event::{Event, LeftReason};
pub use forward::{Origin, Rewriter, Rewritten};
pub use id::{Key, ParticipantId, PeerId, StageId};
pub use layers::{Choice, Estimate, LayerState, Selector, Wish};
pub use leg::{LegEvent, RtpLeg, SendLeg};
pub use limits::Limit;
pub use network::demux::{Datagram, Demux, FastHash, FastHasher, Found, Path, Transport, Whereabouts, stun_ufrag};
pub use network::outbox::{Outbox, Run};
pub use packet::{Codec, Hints, Kind, Kinds, Packet, SenderClock};
pub use payload::keyframe::{FrameStart, Resolution, Vp8Ids, frame_start};
pub use policy::{Limits, Policy};
pub use ring::Ring;
pub use shard::{JoinError, Patched, Shard};
pub use signalling::counter::{CounterAnswer, CounterOffer};
pub use signalling::fragment::{Fragment, FragmentError};
pub use signalling::offer::{OfferError, Side};
pub use signalling::peer::{Acceptor, Address, Answer, Identity, NoIdentity, Peer, Role};
pub use stats::{LayerStats, PeerStats};
