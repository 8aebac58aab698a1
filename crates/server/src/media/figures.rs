//! What the media plane tells about itself: numbers for Prometheus.
//!
//! The one rule: counting costs a batch a few atomic operations and a datagram none.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

/// Which of several a series counts: the one label that each family here has.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Direction {
    direction: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

/// What went one way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flow {
    datagrams: Counter,
    bytes: Counter,
}

impl Flow {
    /// Counts a batch.
    pub(super) fn count(&self, datagrams: usize, bytes: usize) {
        self.datagrams.inc_by(datagrams as u64);
        self.bytes.inc_by(bytes as u64);
    }

    /// Datagrams and bytes until now.
    #[cfg(test)]
    pub(super) fn total(&self) -> (u64, u64) {
        (self.datagrams.get(), self.bytes.get())
    }
}

/// Every number of the media plane. Cheap to clone: every clone counts the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figures {
    /// What came from clients, before anybody looked at it.
    pub(super) received: Flow,
    /// What the network took.
    pub(super) sent: Flow,
    /// Came from an address that nobody has, and was no request of somebody who is expected.
    pub(super) unknown: Counter,
    /// Came faster than its shard could take it in.
    pub(super) overrun: Counter,
    /// Waited for the network until there was no more room to wait, or for a client's TCP connection.
    pub(super) congested: Counter,
    /// Was refused by the system.
    pub(super) failed: Counter,
    /// Connections that publish.
    pub(super) publishers: Gauge,
    /// Connections that watch.
    pub(super) viewers: Gauge,
    /// Open TCP connections of clients that have no UDP.
    pub(super) lines: Gauge,
}

impl Figures {
    /// Numbers that show in that registry.
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let datagrams = Family::<Direction, Counter>::default();
        let bytes = Family::<Direction, Counter>::default();
        let dropped = Family::<Reason, Counter>::default();
        let sessions = Family::<Kind, Gauge>::default();
        let lines = Gauge::default();
        registry.register("media_datagrams", "Datagrams of stages, by direction", datagrams.clone());
        registry.register("media_bytes", "Bytes of these datagrams, without UDP and IP headers", bytes.clone());
        registry.register("media_dropped", "Datagrams that went no further, by reason", dropped.clone());
        registry.register("media_sessions", "WHIP and WHEP sessions that go on now, by kind", sessions.clone());
        registry.register("media_tcp_connections", "TCP connections open now for media", lines.clone());

        let flow = |direction| Flow {
            datagrams: datagrams.get_or_create_owned(&Direction { direction }),
            bytes: bytes.get_or_create_owned(&Direction { direction }),
        };
        let reason = |reason| dropped.get_or_create_owned(&Reason { reason });
        let kind = |kind| sessions.get_or_create_owned(&Kind { kind });
        Self {
            received: flow("in"),
            sent: flow("out"),
            unknown: reason("unknown"),
            overrun: reason("overrun"),
            congested: reason("congested"),
            failed: reason("failed"),
            publishers: kind("publish"),
            viewers: kind("subscribe"),
            lines,
        }
    }
}

/// One of those that a gauge shows, until it is dropped.
#[derive(Debug)]
pub(super) struct Counted(Gauge);

impl Counted {
    pub(super) fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
