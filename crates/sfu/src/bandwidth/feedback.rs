//! The receiver's report of which packets came and when, read in place.
//!
//! The one rule: reading costs no more than the bytes that came. A report may claim 65,535 packets in a few bytes; runs
//! of packets that did not come are stepped over whole, and each one that did has a byte of its own.
//!
//! Source: draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1: the number of the first packet, how many
//! follow, a time in steps of 64 ms, then chunks of two bytes that say of each packet whether it came (a run of equal
//! ones, or a vector of 14 one-bit or 7 two-bit symbols), then for each that came how much later than the one before,
//! in steps of 250 microseconds: a byte, or two bytes with a sign. RFC 4585 section 6.1 has the header, RFC 3550
//! section 6.4.1 the padding.

const FEEDBACK: usize = 20;
const TRANSPORT_FEEDBACK: u8 = 205;
const TRANSPORT_WIDE: u8 = 15;

/// One report, known to be whole.
#[derive(Clone, Copy, Debug)]
pub struct Feedback<'a> {
    first: u16,
    count: u16,
    reference: u32,
    chunks: &'a [u8],
    deltas: &'a [u8],
}

/// A packet that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Its transport-wide number.
    pub sequence: u16,
    /// When it came, in steps of 250 microseconds from the report's own time.
    pub ticks: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Missing,
    SmallStep,
    LargeStep,
}

impl Status {
    fn of(symbol: u16) -> Option<Self> {
        match symbol & 3 {
            0 => Some(Self::Missing),
            1 => Some(Self::SmallStep),
            2 => Some(Self::LargeStep),
            _ => None,
        }
    }

    const fn delta_bytes(self) -> usize {
        match self {
            Self::Missing => 0,
            Self::SmallStep => 1,
            Self::LargeStep => 2,
        }
    }
}

/// Two bytes that speak of some packets.
#[derive(Clone, Copy, Debug)]
struct Chunk(u16);

impl Chunk {
    fn read(chunks: &[u8], index: usize) -> Option<Self> {
        let bytes = chunks.get(index * 2..index * 2 + 2)?;
        Some(Self(u16::from_be_bytes([bytes[0], bytes[1]])))
    }

    const fn is_run(self) -> bool {
        self.0 & 0x8000 == 0
    }

    const fn length(self) -> u16 {
        match self.0 >> 14 {
            0 | 1 => self.0 & 0x1fff,
            2 => 14,
            _ => 7,
        }
    }

    fn status(self, place: u16) -> Option<Status> {
        match self.0 >> 14 {
            0 | 1 => Status::of(self.0 >> 13),
            2 => Status::of(self.0 >> (13 - place) & 1),
            _ => Status::of(self.0 >> (12 - 2 * place)),
        }
    }

    /// How many bytes of deltas its first `length` packets have; `None` if it speaks in symbols that do not exist.
    fn delta_bytes(self, length: u16) -> Option<usize> {
        if self.is_run() {
            return Some(self.status(0)?.delta_bytes() * usize::from(length));
        }
        (0..length).map(|place| Some(self.status(place)?.delta_bytes())).sum()
    }
}

impl<'a> Feedback<'a> {
    /// Reads one RTCP packet, from its header on. `None` if it is not such a report or not whole.
    pub fn parse(packet: &'a [u8]) -> Option<Self> {
        let report = contents(packet)?;
        let count = u16::from_be_bytes([report[14], report[15]]);
        let tail = &report[FEEDBACK..];
        let (mut described, mut chunk_count, mut delta_bytes) = (0_u16, 0, 0);
        while described < count {
            let chunk = Chunk::read(tail, chunk_count)?;
            let length = chunk.length().min(count - described);
            delta_bytes += chunk.delta_bytes(length)?;
            described += length;
            chunk_count += 1;
        }
        let (chunks, rest) = tail.split_at_checked(chunk_count * 2)?;
        Some(Self {
            first: u16::from_be_bytes([report[12], report[13]]),
            count,
            reference: u32::from_be_bytes([0, report[16], report[17], report[18]]),
            chunks,
            deltas: rest.get(..delta_bytes)?,
        })
    }

    /// The number of the first packet that it speaks of.
    pub const fn first(&self) -> u16 {
        self.first
    }

    /// Of how many packets it speaks, that came or did not.
    pub const fn count(&self) -> u16 {
        self.count
    }

    /// The receiver's clock in steps of 64 ms, in 24 bits.
    pub const fn reference(&self) -> u32 {
        self.reference
    }

    /// The packets that came, by their numbers.
    pub const fn arrivals(&self) -> Arrivals<'a> {
        Arrivals { feedback: *self, chunk: 0, place: 0, described: 0, ticks: 0 }
    }
}

/// What is between the first byte and the padding, if it is a report of this kind.
fn contents(packet: &[u8]) -> Option<&[u8]> {
    let header = packet.first_chunk::<4>()?;
    if header[0] >> 6 != 2 || header[0] & 0x1f != TRANSPORT_WIDE || header[1] != TRANSPORT_FEEDBACK {
        return None;
    }
    let length = (usize::from(u16::from_be_bytes([header[2], header[3]])) + 1) * 4;
    let report = packet.get(..length)?;
    let padding = if header[0] & 0x20 == 0 { 0 } else { usize::from(*report.last()?) };
    let end = report.len().checked_sub(padding).filter(|end| *end >= FEEDBACK)?;
    Some(&report[..end])
}

/// The packets of a report that came.
#[derive(Clone, Debug)]
pub struct Arrivals<'a> {
    feedback: Feedback<'a>,
    chunk: usize,
    place: u16,
    described: u16,
    ticks: i64,
}

impl Arrivals<'_> {
    fn step(&mut self, status: Status) -> Option<i64> {
        let (delta, rest) = self.feedback.deltas.split_at_checked(status.delta_bytes())?;
        self.feedback.deltas = rest;
        match delta {
            [small] => Some(i64::from(*small)),
            [high, low] => Some(i64::from(i16::from_be_bytes([*high, *low]))),
            _ => None,
        }
    }

    fn advance(&mut self, chunk: Chunk, packets: u16) {
        self.described = self.described.saturating_add(packets);
        self.place += packets;
        if self.place >= chunk.length() {
            self.place = 0;
            self.chunk += 1;
        }
    }
}

impl Iterator for Arrivals<'_> {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        while self.described < self.feedback.count {
            let chunk = Chunk::read(self.feedback.chunks, self.chunk)?;
            let status = if chunk.length() == 0 { Status::Missing } else { chunk.status(self.place)? };
            if status == Status::Missing {
                let skipped = if chunk.is_run() { chunk.length() } else { 1 };
                self.advance(chunk, skipped);
                continue;
            }
            let sequence = self.feedback.first.wrapping_add(self.described);
            self.ticks += self.step(status)?;
            self.advance(chunk, 1);
            return Some(Arrival { sequence, ticks: self.ticks });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report with these chunks and deltas, padded to whole words.
    fn report(first: u16, count: u16, reference: u32, chunks: &[u16], deltas: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x8f, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2];
        bytes.extend(first.to_be_bytes());
        bytes.extend(count.to_be_bytes());
        bytes.extend(&reference.to_be_bytes()[1..]);
        bytes.push(7);
        bytes.extend(chunks.iter().flat_map(|chunk| chunk.to_be_bytes()));
        bytes.extend(deltas);
        let padding = bytes.len().next_multiple_of(4) - bytes.len();
        if padding > 0 {
            bytes.resize(bytes.len() + padding, 0);
            *bytes.last_mut().unwrap() = padding as u8;
            bytes[0] |= 0x20;
        }
        let words = (bytes.len() / 4 - 1) as u16;
        bytes[2..4].copy_from_slice(&words.to_be_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Vec<(u16, i64)> {
        let feedback = Feedback::parse(bytes).expect("a whole report");
        feedback.arrivals().map(|arrival| (arrival.sequence, arrival.ticks)).collect()
    }

    #[test]
    fn a_run() {
        let bytes = report(65_534, 4, 0x12_3456, &[0x2004], &[4, 0, 10, 255]);
        let feedback = Feedback::parse(&bytes).unwrap();
        assert_eq!((feedback.first(), feedback.count(), feedback.reference()), (65_534, 4, 0x12_3456));
        assert_eq!(read(&bytes), [(65_534, 4), (65_535, 4), (0, 14), (1, 269)], "numbers wrap");
    }

    #[test]
    fn vectors_of_one_and_of_two_bits() {
        let bits = report(10, 14, 0, &[0b1010_0000_0000_0011], &[1, 2, 3]);
        assert_eq!(read(&bits), [(10, 1), (22, 3), (23, 6)]);
        // Came, came much later, did not come, came earlier than the one before, and the rest did not.
        let two = report(10, 7, 0, &[0b1101_1000_1000_0000], &[8, 0x01, 0x00, 0xff, 0xfe]);
        assert_eq!(read(&two), [(10, 8), (11, 264), (13, 262)]);
    }

    #[test]
    fn the_last_chunk_may_say_more_than_there_is() {
        assert_eq!(read(&report(0, 2, 0, &[0xbfff], &[1, 1])), [(0, 1), (1, 2)]);
        assert_eq!(read(&report(0, 2, 0, &[0x3fff], &[1, 1])), [(0, 1), (1, 2)]);
    }

    #[test]
    fn long_gaps_cost_nothing() {
        let bytes =
            report(0, 65_535, 0, &[0x1fff, 0x1fff, 0x1fff, 0x1fff, 0x1fff, 0x1fff, 0x1fff, 0x1fff, 0x2007], &[1; 7]);
        assert_eq!(read(&bytes).len(), 7);
        assert_eq!(read(&bytes)[0], (65_528, 1));
    }

    #[test]
    fn what_is_not_whole_is_no_report() {
        let whole = report(1, 20, 5, &[0x2006, 0xbfff], &[1; 20]);
        assert_eq!(read(&whole).len(), 20);
        for length in 0..whole.len() {
            assert!(Feedback::parse(&whole[..length]).is_none(), "{length} bytes");
        }
        let missing_delta = report(1, 20, 5, &[0x2006, 0xbfff], &[1; 16]);
        assert!(Feedback::parse(&missing_delta).is_none());
        let reserved = report(1, 7, 5, &[0xffff], &[1; 14]);
        assert!(Feedback::parse(&reserved).is_none());
        let mut other = whole.clone();
        other[1] = 206;
        assert!(Feedback::parse(&other).is_none());
        let mut padded = whole;
        padded[0] |= 0x20;
        *padded.last_mut().unwrap() = 255;
        assert!(Feedback::parse(&padded).is_none());
    }

    #[test]
    fn any_bytes_at_all() {
        let mut state = 7_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u32
        };
        let mut whole = 0;
        for _ in 0..200_000 {
            let words = 4 + next() % 20;
            let mut bytes: Vec<u8> = (0..(words + 1) * 4).map(|_| next() as u8).collect();
            bytes[0] = 0x8f | bytes[0] & 0x20;
            bytes[1] = 205;
            bytes[2] = 0;
            bytes[3] = if next() % 8 == 0 { bytes[3] } else { words as u8 };
            if next() % 2 == 0 {
                bytes[14] = 0;
            }
            let Some(feedback) = Feedback::parse(&bytes) else { continue };
            whole += 1;
            let mut last = None;
            for arrival in feedback.arrivals() {
                let offset = arrival.sequence.wrapping_sub(feedback.first());
                assert!(offset < feedback.count() && last.is_none_or(|last| offset > last));
                last = Some(offset);
            }
        }
        assert!(whole > 1_000, "{whole} reports were whole");
    }
}
