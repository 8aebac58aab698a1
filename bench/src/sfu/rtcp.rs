//! The RTCP that clients send, and what publishers must hear of what servers send.
//!
//! Sources: RFC 3550 §6.4 (reports), RFC 4585 §6.3.1 and RFC 5104 §4.3.1 (requests for key frames),
//! draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1 (transport feedback).

/// What a receiver tells of a stream.
pub(super) struct Received {
    pub(super) ssrc: u32,
    /// Lost since the last report, of 256.
    pub(super) fraction_lost: u8,
    pub(super) lost: u32,
    pub(super) highest: u32,
    pub(super) jitter: u32,
}

/// What a sender tells of its stream.
pub(super) struct Sent {
    pub(super) time_ns: u64,
    pub(super) timestamp: u32,
    pub(super) packets: u32,
    pub(super) octets: u32,
}

/// From 1900, where NTP counts from, to 1970.
const NTP_EPOCH_S: u64 = 2_208_988_800;

pub(super) fn receiver_report(sender: u32, received: &Received) -> Vec<u8> {
    let mut packet = header(1, 201, 7, sender);
    packet.extend_from_slice(&received.ssrc.to_be_bytes());
    let lost = u32::from(received.fraction_lost) << 24 | received.lost & 0x00ff_ffff;
    for word in [lost, received.highest, received.jitter, 0, 0] {
        packet.extend_from_slice(&word.to_be_bytes());
    }
    packet
}

pub(super) fn sender_report(sender: u32, sent: &Sent) -> Vec<u8> {
    let mut packet = header(0, 200, 6, sender);
    let seconds = (sent.time_ns / 1_000_000_000 + NTP_EPOCH_S) as u32;
    let fraction = ((sent.time_ns % 1_000_000_000) << 32) / 1_000_000_000;
    for word in [seconds, fraction as u32, sent.timestamp, sent.packets, sent.octets] {
        packet.extend_from_slice(&word.to_be_bytes());
    }
    packet
}

/// Arrivals by transport-wide number, since the last feedback.
#[derive(Default)]
pub(super) struct Feedback {
    arrivals: Vec<(u64, u64)>,
    highest: Option<u64>,
    count: u8,
}

/// Deltas count quarters of a millisecond, the reference 64 milliseconds.
const DELTA_NS: i64 = 250_000;
const REFERENCE_NS: u64 = 64_000_000;
/// Symbols in a chunk of two bits each.
const CHUNK: usize = 7;
/// Numbers that one feedback covers, so that it fits a packet.
const MOST_NUMBERS: u64 = 600;

impl Feedback {
    pub(super) fn arrived(&mut self, number: u16, time_ns: u64) {
        let number = extend(self.highest, number);
        self.highest = self.highest.max(Some(number));
        self.arrivals.push((number, time_ns));
    }

    /// What is to be told, if anything came.
    pub(super) fn report(&mut self, sender: u32, media: u32) -> Option<Vec<u8>> {
        self.arrivals.sort_unstable();
        self.arrivals.dedup_by_key(|arrival| arrival.0);
        let &(first, first_ns) = self.arrivals.first()?;
        self.arrivals.retain(|arrival| arrival.0 < first + MOST_NUMBERS);
        let last = self.arrivals.last()?.0;
        let reference = first_ns / REFERENCE_NS;
        let mut symbols = vec![0_u8; (last - first) as usize + 1];
        let mut deltas = Vec::with_capacity(self.arrivals.len() * 2);
        let mut before = (reference * REFERENCE_NS) as i64;
        for &(number, time_ns) in &self.arrivals {
            let delta = (time_ns as i64 - before) / DELTA_NS;
            // What was rounded away is made up for by the next.
            before += delta * DELTA_NS;
            let symbol = &mut symbols[(number - first) as usize];
            match u8::try_from(delta) {
                Ok(small) => {
                    *symbol = 1;
                    deltas.push(small);
                }
                Err(_) => {
                    *symbol = 2;
                    deltas.extend_from_slice(&(delta as i16).to_be_bytes());
                }
            }
        }
        self.arrivals.clear();
        Some(self.packet(sender, media, first as u16, reference, &symbols, &deltas))
    }

    fn packet(
        &mut self,
        sender: u32,
        media: u32,
        first: u16,
        reference: u64,
        symbols: &[u8],
        deltas: &[u8],
    ) -> Vec<u8> {
        let mut packet = header(15, 205, 0, sender);
        packet.extend_from_slice(&media.to_be_bytes());
        packet.extend_from_slice(&first.to_be_bytes());
        packet.extend_from_slice(&(symbols.len() as u16).to_be_bytes());
        packet.extend_from_slice(&((reference as u32) << 8 | u32::from(self.count)).to_be_bytes());
        self.count = self.count.wrapping_add(1);
        for chunk in symbols.chunks(CHUNK) {
            let bits = chunk.iter().zip((0..CHUNK).rev()).map(|(symbol, place)| u16::from(*symbol) << (2 * place));
            packet.extend_from_slice(&(0xc000 | bits.sum::<u16>()).to_be_bytes());
        }
        packet.extend_from_slice(deltas);
        packet.resize(packet.len().next_multiple_of(4), 0);
        let words = (packet.len() / 4 - 1) as u16;
        packet[2..4].copy_from_slice(&words.to_be_bytes());
        packet
    }
}

/// Whether an RTCP packet, maybe of several, asks for a key frame: PLI or FIR.
pub(super) fn wants_key(mut compound: &[u8]) -> bool {
    while let [first, kind, high, low, ..] = *compound {
        if kind == 206 && matches!(first & 0x1f, 1 | 4) {
            return true;
        }
        let length = (usize::from(u16::from_be_bytes([high, low])) + 1) * 4;
        compound = compound.get(length..).unwrap_or_default();
    }
    false
}

/// The number closest to the highest that has these low 16 bits.
pub(super) fn extend(highest: Option<u64>, number: u16) -> u64 {
    // The first is counted from the second wrap, so that those before it have numbers too.
    let Some(highest) = highest else { return 1 << 16 | u64::from(number) };
    let ahead = number.wrapping_sub(highest as u16) as i16;
    highest.saturating_add_signed(i64::from(ahead))
}

fn header(count: u8, kind: u8, words: u16, sender: u32) -> Vec<u8> {
    let mut packet = vec![0x80 | count, kind];
    packet.extend_from_slice(&words.to_be_bytes());
    packet.extend_from_slice(&sender.to_be_bytes());
    packet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feedback_tells_of_what_came_and_what_did_not() {
        let mut feedback = Feedback::default();
        let base = 640_000_000;
        feedback.arrived(65_535, base + 1_000_000);
        feedback.arrived(1, base + 101_000_000);
        let packet = feedback.report(7, 9).expect("something came");
        // 65535 came after 4 quarters, 0 did not, 1 came 400 quarters later.
        let expected = [
            &[0x8f, 205, 0, 6, 0, 0, 0, 7, 0, 0, 0, 9, 0xff, 0xff, 0, 3, 0, 0, 10, 0][..],
            &[0b1101_0010, 0, 4, 0x01, 0x90, 0, 0, 0],
        ];
        assert_eq!(packet, expected.concat());
        assert_eq!(feedback.report(7, 9), None);
    }

    #[test]
    fn a_request_for_a_key_frame_is_found_in_a_compound() {
        let report = receiver_report(1, &Received { ssrc: 2, fraction_lost: 0, lost: 0, highest: 0, jitter: 0 });
        assert!(!wants_key(&report));
        let compound = [&report[..], &[0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]].concat();
        assert!(wants_key(&compound));
        assert!(!wants_key(&compound[..30]));
    }

    #[test]
    fn numbers_wrap_both_ways() {
        let first = extend(None, 65_535);
        assert_eq!(extend(Some(first), 2), first + 3);
        assert_eq!(extend(Some(first + 3), 65_534), first - 1);
    }
}
