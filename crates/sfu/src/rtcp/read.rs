//! Reads compound packets, and those of reduced size, which begin with anything (RFC 5506).
//!
//! The one rule: every byte comes from the network. Lengths are checked before they are used, nothing is allocated, and
//! the work is bounded by the length of the datagram.
//!
//! Sources: RFC 3550 §6.4 (reports), RFC 4585 §6 (NACK, PLI), RFC 5104 §4.3.1 (FIR), the draft for receiver estimated
//! maximum bitrate (REMB), draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.

use super::kind;

const HEADER: usize = 4;
const BLOCK: usize = 24;
/// Sender information between the header of a sender report and its blocks.
const SENDER_INFORMATION: usize = 20;

const NACK: u8 = 1;
const TRANSPORT_WIDE: u8 = 15;
const PLI: u8 = 1;
const FIR: u8 = 4;
const APPLICATION: u8 = 15;

/// One packet of a compound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packet<'a> {
    /// Blocks about streams, of a sender's or a receiver's report; for [`reports`].
    Reports(&'a [u8]),
    /// Packets of a stream are missing; for [`missing`].
    Nack {
        /// The stream.
        ssrc: u32,
        /// Which.
        pairs: &'a [u8],
    },
    /// The picture of a stream is lost.
    PictureLost {
        /// The stream.
        ssrc: u32,
    },
    /// Somebody wants to begin with a key frame; for [`intra_requests`].
    IntraRequests {
        /// Who.
        from: u32,
        /// Of which streams.
        entries: &'a [u8],
    },
    /// So much the receiver thinks that it can take.
    Bitrate {
        /// In bits per second.
        bits_per_second: u64,
    },
    /// Which packets came when: the whole packet, for [`crate::bandwidth::Feedback`].
    Arrivals(&'a [u8]),
    /// Anything else: descriptions, goodbyes, what is not known here.
    Other,
}

/// What a receiver says of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    /// The stream.
    pub(crate) ssrc: u32,
    /// Of 256 packets so many were lost since the last report.
    pub(crate) lost_of_256: u8,
    /// The middle of the clock in the last sender's report that it got, and how long ago that was, in 1/65,536 s; none
    /// before the first.
    pub(crate) last_sender_report: Option<(u32, u32)>,
}

/// The packets of a compound, up to the first that is malformed.
pub(crate) fn packets(mut rest: &[u8]) -> impl Iterator<Item = Packet<'_>> {
    std::iter::from_fn(move || {
        let header = *rest.first_chunk::<HEADER>()?;
        let length = HEADER + 4 * usize::from(u16::from_be_bytes([header[2], header[3]]));
        let (packet, after) = rest.split_at_checked(length)?;
        if header[0] >> 6 != 2 {
            return None;
        }
        rest = after;
        Some(read(header[0] & 0x1f, header[1], packet).unwrap_or(Packet::Other))
    })
}

fn read(count: u8, kind: u8, packet: &[u8]) -> Option<Packet<'_>> {
    Some(match (kind, count) {
        (kind::SENDER_REPORT, _) => Packet::Reports(blocks(packet, HEADER + 4 + SENDER_INFORMATION, count)?),
        (kind::RECEIVER_REPORT, _) => Packet::Reports(blocks(packet, HEADER + 4, count)?),
        (kind::TRANSPORT_FEEDBACK, NACK) => Packet::Nack { ssrc: word(packet, 8)?, pairs: packet.get(12..)? },
        (kind::TRANSPORT_FEEDBACK, TRANSPORT_WIDE) => Packet::Arrivals(packet),
        (kind::PAYLOAD_FEEDBACK, PLI) => Packet::PictureLost { ssrc: word(packet, 8)? },
        (kind::PAYLOAD_FEEDBACK, FIR) => Packet::IntraRequests { from: word(packet, 4)?, entries: packet.get(12..)? },
        (kind::PAYLOAD_FEEDBACK, APPLICATION) => Packet::Bitrate { bits_per_second: bitrate(packet)? },
        _ => Packet::Other,
    })
}

fn blocks(packet: &[u8], from: usize, count: u8) -> Option<&[u8]> {
    packet.get(from..from + usize::from(count) * BLOCK)
}

fn word(packet: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*packet.get(at..)?.first_chunk()?))
}

/// `REMB`, a count of streams, then 6 bits of exponent and 18 of mantissa.
fn bitrate(packet: &[u8]) -> Option<u64> {
    if packet.get(12..16)? != b"REMB" {
        return None;
    }
    let figure = word(packet, 16)? & 0x00ff_ffff;
    let (exponent, mantissa) = (figure >> 18, u64::from(figure & 0x3_ffff));
    Some(if exponent > 40 { u64::MAX } else { mantissa << exponent })
}

/// What the blocks of [`Packet::Reports`] say.
pub(crate) fn reports(blocks: &[u8]) -> impl Iterator<Item = Report> {
    blocks.chunks_exact(BLOCK).filter_map(|block| {
        let (clock, ago) = (word(block, 16)?, word(block, 20)?);
        let last_sender_report = (clock != 0).then_some((clock, ago));
        Some(Report { ssrc: word(block, 0)?, lost_of_256: *block.get(4)?, last_sender_report })
    })
}

/// The numbers in [`Packet::Nack`]: each pair has one, and a bit for each of the sixteen after it.
pub(crate) fn missing(pairs: &[u8]) -> impl Iterator<Item = u16> {
    pairs.chunks_exact(4).flat_map(|pair| {
        let first = u16::from_be_bytes([pair[0], pair[1]]);
        let more = u16::from_be_bytes([pair[2], pair[3]]);
        let after = (0..16).filter(move |bit| more & (1 << bit) != 0).map(move |bit| first.wrapping_add(bit + 1));
        std::iter::once(first).chain(after)
    })
}

/// The streams in [`Packet::IntraRequests`], each with the number of its request: the same number is the same request.
pub(crate) fn intra_requests(entries: &[u8]) -> impl Iterator<Item = (u32, u8)> {
    entries.chunks_exact(8).filter_map(|entry| Some((word(entry, 0)?, *entry.get(4)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(count: u8, kind: u8, words: &[u32]) -> Vec<u8> {
        let mut packet = vec![0x80 | count, kind];
        packet.extend((words.len() as u16).to_be_bytes());
        packet.extend(words.iter().flat_map(|word| word.to_be_bytes()));
        packet
    }

    const BLOCK_WORDS: [u32; 6] = [77, 0x4000_0005, 900, 3, 0x1234_5678, 65_536];

    #[test]
    fn a_compound_of_everything() {
        let remb = u32::from_be_bytes(*b"REMB");
        let receiver = packet(1, 201, &[&[1][..], &BLOCK_WORDS].concat());
        let sender = packet(1, 200, &[&[1, 2, 3, 4, 5, 6][..], &BLOCK_WORDS].concat());
        let compound = [
            receiver,
            sender,
            packet(1, 202, &[1, 0x0101_6100]),
            packet(1, 205, &[1, 77, 0xffff_8001]),
            packet(1, 206, &[1, 77]),
            packet(4, 206, &[1, 0, 77, 0x0500_0000, 78, 0x0600_0000]),
            packet(15, 206, &[1, 0, remb, 0x0100_0000 | 3 << 18 | 1_000, 77]),
            packet(15, 205, &[1, 77, 5, 6, 7]),
            packet(1, 203, &[1]),
            packet(3, 199, &[]),
        ]
        .concat();
        let read: Vec<_> = packets(&compound).collect();
        let expected = [Report { ssrc: 77, lost_of_256: 0x40, last_sender_report: Some((0x1234_5678, 65_536)) }];
        for place in [0, 1] {
            let Packet::Reports(blocks) = read[place] else { panic!("{:?}", read[place]) };
            assert_eq!(reports(blocks).collect::<Vec<_>>(), expected);
        }
        let Packet::Nack { ssrc: 77, pairs } = read[3] else { panic!("{:?}", read[3]) };
        assert_eq!(missing(pairs).collect::<Vec<_>>(), [65_535, 0, 15]);
        assert_eq!(read[4], Packet::PictureLost { ssrc: 77 });
        let Packet::IntraRequests { from: 1, entries } = read[5] else { panic!("{:?}", read[5]) };
        assert_eq!(intra_requests(entries).collect::<Vec<_>>(), [(77, 5), (78, 6)]);
        assert_eq!(read[6], Packet::Bitrate { bits_per_second: 8_000 });
        assert!(matches!(read[7], Packet::Arrivals(whole) if whole.len() == 24));
        for place in [2, 8, 9] {
            assert_eq!(read[place], Packet::Other);
        }
        assert_eq!(read.len(), 10);
    }

    #[test]
    fn what_is_cut_off_or_nonsense_is_left_out() {
        let report = packet(1, 201, &[&[1][..], &BLOCK_WORDS].concat());
        for cut in 0..report.len() {
            assert_eq!(packets(&report[..cut]).count(), 0, "cut at {cut}");
        }
        let cases = [packet(2, 201, &[1]), packet(1, 205, &[1]), packet(15, 206, &[1, 0, 5, 6]), packet(31, 200, &[])];
        for case in cases {
            assert_eq!(packets(&case).collect::<Vec<_>>(), [Packet::Other], "{case:?}");
        }
        assert_eq!(packets(&[0x40, 201, 0, 0]).count(), 0, "another version");
    }

    /// Numbers that look random and come again (SplitMix64).
    fn dice(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    #[test]
    fn any_bytes() {
        let mut state = 5;
        let mut items = 0;
        for _ in 0..50_000 {
            let length = (dice(&mut state) % 120) as usize;
            let mut bytes: Vec<u8> = (0..length).map(|_| dice(&mut state) as u8).collect();
            // Mostly something with a header that could be.
            if length >= 4 {
                bytes[0] = 0x80 | bytes[0] & 0x3f;
                bytes[1] = 200 + bytes[1] % 8;
                bytes[2] = 0;
                bytes[3] %= 32;
            }
            for packet in packets(&bytes) {
                items += match packet {
                    Packet::Reports(blocks) => reports(blocks).count(),
                    Packet::Nack { pairs, .. } => missing(pairs).count(),
                    Packet::IntraRequests { entries, .. } => intra_requests(entries).count(),
                    _ => 1,
                };
            }
        }
        assert!(items > 10_000, "{items}");
    }
}
