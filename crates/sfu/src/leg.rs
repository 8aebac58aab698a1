//! The seam between a viewer and whatever seals and sends its packets.
//!
//! The one rule: rooms and signalling know a leg by [`SendLeg`] alone. [`crate::str0m_leg::Str0mLeg`] serves it today;
//! a leg that only puts a header before the shared payload, seals it and queues it can take its place.
//!
//! A leg that repairs by itself keeps what it sent and answers NACK without asking. One that does not reports
//! [`LegEvent::Nack`], and gets the packets again from the publisher's ring through [`SendLeg::resend`]: then a viewer
//! costs no more than its counters.

use std::time::Instant;

use str0m::net::Protocol;

use crate::demux::{Datagram, Transport};
use crate::forward::Rewritten;
use crate::layers::Estimate;
use crate::outbox::Outbox;
use crate::packet::{Codec, Kind, Packet};

/// What a leg hears from its viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegEvent {
    /// Packets can be sent now.
    Connected,
    /// The viewer cannot go on without a key frame.
    KeyframeWanted,
    /// The viewer missed packets, by their sequence numbers on the wire.
    Nack {
        /// Of which stream.
        kind: Kind,
        /// Their numbers.
        sequences: Vec<u16>,
    },
    /// What the connection is thought to carry now.
    Estimate(Estimate),
    /// How many of a thousand packets were lost on the way to the viewer lately.
    Loss(u16),
}

/// Sends to one viewer.
pub trait SendLeg {
    /// Whether the viewer can take this codec.
    fn takes(&self, codec: Codec) -> bool;

    /// Whether it has asked for sound, or for picture, at all.
    fn has(&self, kind: Kind) -> bool;

    /// The first sequence number of a stream: below 32,768, so that a receiver counts its wraps right.
    fn first_sequence(&self, kind: Kind) -> u16;

    /// Queues a packet.
    fn send(&mut self, packet: &Packet, numbers: &Rewritten);

    /// Whether lost packets are none of the caller's business.
    fn repairs_itself(&self) -> bool;

    /// Queues a packet that the viewer asked for again.
    fn resend(&mut self, packet: &Packet, numbers: &Rewritten);

    /// Whether it will report what the connection is thought to carry.
    fn has_estimates(&self) -> bool;

    /// Tells at which rate one would like to send, and whether the connection should be tried out for it now.
    fn desire(&mut self, bits_per_second: u64, probe: bool);

    /// Takes in a datagram of the viewer.
    fn receive(&mut self, now: Instant, datagram: &Datagram<'_>);

    /// Seals what is queued and hands out datagrams and news.
    fn flush(&mut self, now: Instant, out: &mut Outbox, events: &mut Vec<LegEvent>);

    /// When to call [`SendLeg::flush`] next at the latest.
    fn deadline(&self) -> Instant;
}

impl From<Protocol> for Transport {
    fn from(protocol: Protocol) -> Self {
        if protocol == Protocol::Udp { Self::Udp } else { Self::Tcp }
    }
}
