//! The seam between a viewer and whatever seals and sends its packets.
//!
//! The one rule: rooms and signalling know a leg by [`SendLeg`] alone. [`RtpLeg`] serves it: it puts a header before the
//! payload that all viewers share, seals it and queues it, and does nothing else per packet. It keeps no packets: what a
//! viewer missed it reports as [`LegEvent::Nack`], and gets it again from the publisher's ring through
//! [`SendLeg::resend`]. So a viewer costs its counters and its connection.

mod header;
mod once;
mod repair;
mod reports;
mod rtp;
mod sender;
mod stream;
mod vp8;

use std::time::Instant;

pub use rtp::RtpLeg;

use crate::forward::Rewritten;
use crate::layers::Estimate;
use crate::network::demux::Datagram;
use crate::network::outbox::Outbox;
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

    /// Queues a packet that the viewer asked for again, unless it has just been sent again or asks for too much.
    fn resend(&mut self, now: Instant, packet: &Packet, numbers: &Rewritten);

    /// Whether it will report what the connection is thought to carry.
    fn has_estimates(&self) -> bool;

    /// Tells at which rate one would like to send. The connection is tried out for no more than that.
    fn desire(&mut self, now: Instant, bits_per_second: u64);

    /// Takes in a datagram of the viewer.
    fn receive(&mut self, now: Instant, datagram: &Datagram<'_>);

    /// Seals what is queued and hands out datagrams and news.
    fn flush(&mut self, now: Instant, out: &mut Outbox, events: &mut Vec<LegEvent>);

    /// When to call [`SendLeg::flush`] next at the latest.
    fn deadline(&self) -> Instant;
}
