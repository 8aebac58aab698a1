//! What a shard tells its owner.
//!
//! The one rule: an event is about one peer and is told once.

use crate::limits::Limit;
use crate::packet::{Codec, Kind};

/// Why a peer is gone. Its session is over; nothing more comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftReason {
    /// Nothing came from it for too long.
    Silent,
    /// It never connected.
    NeverConnected,
    /// It said goodbye.
    ClosedByPeer,
    /// It broke a limit of the stage.
    LimitExceeded,
    /// Its connection broke: a certificate that is not the announced one, or a fault of the library.
    Failed,
}

/// What happened to a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is connected and can send or be sent to.
    Connected,
    /// The first packet of this kind came from a publisher, or the first after it had stopped.
    MediaStarted(Kind),
    /// No packet of this kind has come for a while, though the publisher is still there.
    MediaStopped(Kind),
    /// A publisher broke a limit; [`Event::Left`] follows.
    LimitExceeded(Limit),
    /// A viewer sees this layer now (its rid, empty where there is only one), or no picture.
    LayerSelected(Option<String>),
    /// A viewer cannot take the codec that its publisher sends.
    CannotTake(Codec),
    /// A viewer's publisher is gone. The viewer stays, and can be turned to another.
    SourceGone,
    /// It is gone.
    Left(LeftReason),
}
