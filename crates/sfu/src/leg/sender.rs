//! Seals media for one viewer, straight into the buffer from which they leave.
//!
//! The one rule: per packet a header is written, the payload copied once and sealed where it stands; nothing else, and
//! nothing is allocated.

use std::time::{Duration, Instant};

use super::repair::Repairs;
use super::stream::{Place, Queued, Stream};
use super::vp8;
use crate::bandwidth::{Estimator, Feedback};
use crate::network::demux::Path;
use crate::network::outbox::Outbox;
use crate::packet::Kind;
use crate::srtp::MediaSealer;

/// Padding is counted in one byte (RFC 3550 §5.1).
const MOST_PADDING: usize = 255;
/// No more at a time, whatever is due: what is left is due again in a moment.
const MOST_PADDING_PACKETS: usize = 64;
/// Header, extensions and tag of a packet of padding, about.
const AROUND_PADDING: usize = 40;

/// Streams to one viewer.
#[derive(Debug)]
pub(super) struct Sender {
    /// There once the keys are.
    pub(super) sealer: Option<MediaSealer>,
    pub(super) streams: Vec<Stream>,
    pub(super) repairs: Repairs,
    queue: Vec<Queued>,
    estimator: Option<Box<Estimator>>,
    next_transport: u16,
}

impl Sender {
    pub(super) fn new(streams: Vec<Stream>, estimator: Option<Estimator>) -> Self {
        Self {
            sealer: None,
            streams,
            repairs: Repairs::new(),
            queue: Vec::new(),
            estimator: estimator.map(Box::new),
            next_transport: 0,
        }
    }

    pub(super) fn stream(&self, kind: Kind) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.kind == kind)
    }

    pub(super) fn estimator(&mut self) -> Option<&mut Estimator> {
        self.estimator.as_deref_mut()
    }

    /// Whether the connection is measured by which packets came when.
    pub(super) fn measures(&self) -> bool {
        self.estimator.is_some()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.estimator.as_ref()?.deadline()
    }

    pub(super) fn queue(&mut self, queued: Option<Queued>) {
        self.queue.extend(queued);
    }

    /// Seals what is queued. False if that was nothing.
    pub(super) fn send(&mut self, now: Instant, path: &Path, out: &mut Outbox) -> bool {
        let mut queue = std::mem::take(&mut self.queue);
        let any = !queue.is_empty();
        for queued in queue.drain(..) {
            self.send_one(now, path, out, &queued);
        }
        self.queue = queue;
        any
    }

    /// Forgets what is queued: there is nowhere to send it.
    pub(super) fn forget(&mut self) {
        self.queue.clear();
    }

    fn send_one(&mut self, now: Instant, path: &Path, out: &mut Outbox, queued: &Queued) {
        let Self { sealer: Some(sealer), streams, .. } = self else { return };
        let Some(stream) = streams.iter_mut().find(|stream| stream.kind == queued.kind) else { return };
        let transport = self.estimator.is_some().then_some(self.next_transport);
        let Some(place) = stream.place(queued, transport) else { return };
        let length = append(out, path, |bytes| {
            let start = bytes.len();
            let header = place.header.write(bytes, &stream.extensions);
            if let Some(original) = place.original {
                bytes.extend_from_slice(&original.to_be_bytes());
            }
            let payload = bytes.len();
            bytes.extend_from_slice(&queued.payload);
            if let Some(ids) = queued.vp8 {
                vp8::renumber(&mut bytes[payload..], ids);
            }
            sealer.seal(bytes, start, header, place.header.ssrc, place.index)
        });
        if !queued.again {
            self.repairs.earn(length);
        }
        self.sent(now, &place, length);
    }

    /// Takes note of what was numbered over the connection.
    fn sent(&mut self, now: Instant, place: &Place, length: usize) {
        if let (Some(number), Some(estimator)) = (place.header.transport, &mut self.estimator) {
            self.next_transport = number.wrapping_add(1);
            estimator.on_sent(now, number, length);
        }
    }

    /// Sends the padding that is due to try the connection out.
    pub(super) fn probe(&mut self, now: Instant, path: &Path, out: &mut Outbox) {
        let Some(probe) = self.estimator.as_mut().and_then(|estimator| estimator.poll_probe(now)) else { return };
        let mut due = probe.due_bytes;
        for _ in 0..MOST_PADDING_PACKETS {
            if due == 0 {
                return;
            }
            let padding = due.saturating_sub(AROUND_PADDING).clamp(1, MOST_PADDING);
            let Some(length) = self.pad(now, path, out, padding) else { return };
            due = due.saturating_sub(length);
        }
    }

    fn pad(&mut self, now: Instant, path: &Path, out: &mut Outbox, padding: usize) -> Option<usize> {
        let sealer = self.sealer.as_ref()?;
        let number = self.next_transport;
        let (stream, place) = self.streams.iter_mut().find_map(|stream| {
            let place = stream.padding(number)?;
            Some((stream, place))
        })?;
        let length = append(out, path, |bytes| {
            let start = bytes.len();
            let header = place.header.write(bytes, &stream.extensions);
            bytes.resize(bytes.len() + padding - 1, 0);
            bytes.push(padding as u8);
            sealer.seal(bytes, start, header, place.header.ssrc, place.index)
        });
        self.sent(now, &place, length);
        Some(length)
    }

    /// The viewer reported which packets came when. True if it was a report.
    pub(super) fn arrivals(&mut self, now: Instant, packet: &[u8]) -> bool {
        let (Some(estimator), Some(feedback)) = (&mut self.estimator, Feedback::parse(packet)) else { return false };
        estimator.on_feedback(now, &feedback);
        true
    }

    /// Of a thousand packets so many did not come at the first try.
    pub(super) fn loss_permille(&self) -> Option<u16> {
        Some(self.estimator.as_ref()?.loss_permille())
    }

    /// The round trip, as far as it is known from arrivals.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.estimator.as_ref()?.rtt()
    }
}

/// Appends a datagram, and says how long it is: nothing if it could not be sealed.
fn append(out: &mut Outbox, path: &Path, write: impl FnOnce(&mut Vec<u8>) -> bool) -> usize {
    let before = out.bytes().len();
    out.append(path, write);
    out.bytes().len() - before
}
