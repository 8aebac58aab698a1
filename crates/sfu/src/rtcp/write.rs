//! Writes what a viewer is told about its streams.
//!
//! The one rule: bytes are appended to the buffer from which they leave. Sources: RFC 3550 §6.4.1 (sender reports), §6.5
//! (CNAME), §6.6 (goodbye).

use super::kind;

const CNAME: u8 = 1;
const MOST_NAME: usize = 255;

/// The two clocks of a stream side by side, and how much of it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SenderReport {
    /// The stream.
    pub(crate) ssrc: u32,
    /// Now: seconds, and 2^32ths of one.
    pub(crate) ntp: u64,
    /// Now, on the stream's clock.
    pub(crate) timestamp: u32,
    /// Packets sent so far.
    pub(crate) packets: u32,
    /// Bytes of payload in them.
    pub(crate) octets: u32,
}

/// Appends a sender report.
pub(crate) fn sender_report(bytes: &mut Vec<u8>, report: &SenderReport) {
    header(bytes, 0, kind::SENDER_REPORT, 6);
    bytes.extend_from_slice(&report.ssrc.to_be_bytes());
    bytes.extend_from_slice(&report.ntp.to_be_bytes());
    for word in [report.timestamp, report.packets, report.octets] {
        bytes.extend_from_slice(&word.to_be_bytes());
    }
}

/// Appends the name that ties streams together, for each of them.
pub(crate) fn names(bytes: &mut Vec<u8>, streams: impl Iterator<Item = u32>, cname: &str) {
    let cname = &cname.as_bytes()[..cname.len().min(MOST_NAME)];
    let start = bytes.len();
    header(bytes, 0, kind::DESCRIPTION, 0);
    let mut count = 0;
    for ssrc in streams.take(31) {
        count += 1;
        bytes.extend_from_slice(&ssrc.to_be_bytes());
        bytes.extend_from_slice(&[CNAME, cname.len() as u8]);
        bytes.extend_from_slice(cname);
        // At least one zero ends the list, and more fill up the word.
        let end = (bytes.len() - start + 1).next_multiple_of(4);
        bytes.resize(start + end, 0);
    }
    finish(bytes, start, count);
}

/// Appends a goodbye of these streams.
pub(crate) fn goodbye(bytes: &mut Vec<u8>, streams: impl Iterator<Item = u32>) {
    let start = bytes.len();
    header(bytes, 0, kind::GOODBYE, 0);
    let mut count = 0;
    for ssrc in streams.take(31) {
        count += 1;
        bytes.extend_from_slice(&ssrc.to_be_bytes());
    }
    finish(bytes, start, count);
}

fn header(bytes: &mut Vec<u8>, count: u8, kind: u8, words: u16) {
    bytes.extend_from_slice(&[0x80 | count, kind]);
    bytes.extend_from_slice(&words.to_be_bytes());
}

/// Sets the count and the length of the packet that begins at `start`.
fn finish(bytes: &mut [u8], start: usize, count: u8) {
    let words = ((bytes.len() - start) / 4 - 1) as u16;
    bytes[start] |= count;
    bytes[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_with_names() {
        let mut bytes = Vec::new();
        let report = SenderReport { ssrc: 1, ntp: 0x2_8000_0000, timestamp: 3, packets: 4, octets: 5 };
        sender_report(&mut bytes, &report);
        assert_eq!(bytes[..8], [0x80, 200, 0, 6, 0, 0, 0, 1]);
        assert_eq!(bytes[8..], [0, 0, 0, 2, 0x80, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5]);

        for (name, words) in [("", 2), ("a", 2), ("ab", 3), ("abcde", 3), ("abcdef", 4)] {
            bytes.clear();
            names(&mut bytes, [7].into_iter(), name);
            assert_eq!(bytes[..8], [0x81, 202, 0, words, 0, 0, 0, 7], "{name}");
            assert_eq!(bytes.len(), 4 + 4 * usize::from(words), "{name}");
            assert_eq!(bytes[9], name.len() as u8);
            assert_eq!(bytes.last(), Some(&0), "{name} ends");
        }
    }

    #[test]
    fn a_goodbye_of_two() {
        let mut bytes = vec![9];
        goodbye(&mut bytes, [1, 2].into_iter());
        assert_eq!(bytes, [9, 0x82, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]);
    }
}
