//! Reports (SRTCP), out and in.
//!
//! The one rule: nothing of a report is looked at before it has been authenticated, and none is taken twice.

use super::cipher::Cipher;
use super::replay::Replay;

/// No longer report is opened: it fits one datagram.
pub(crate) const MOST_REPORT: usize = 2_048;
/// Numbers of reports have 31 bits; a key must not be used for more (RFC 3711 §9.2).
const MOST_INDEX: u32 = 0x7fff_ffff;
/// A client reports under one name for each of its streams. Of more than this the one not heard of for longest is
/// forgotten.
const MOST_SENDERS: usize = 16;

/// Seals our reports.
pub(crate) struct ReportSealer {
    cipher: Cipher,
    index: u32,
}

impl std::fmt::Debug for ReportSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReportSealer").field("index", &self.index).finish_non_exhaustive()
    }
}

impl ReportSealer {
    pub(super) fn new(cipher: Cipher) -> Self {
        Self { cipher, index: 0 }
    }

    /// Seals the report that begins at `start` and ends with the buffer. False if it cannot be sealed; then it must not
    /// be sent.
    pub(crate) fn seal(&mut self, bytes: &mut Vec<u8>, start: usize) -> bool {
        let Some(ssrc) = bytes.get(start + 4..).and_then(|rest| rest.first_chunk()) else { return false };
        let ssrc = u32::from_be_bytes(*ssrc);
        if self.index == MOST_INDEX {
            return false;
        }
        // One count for all our streams: the number is used once under each of their names.
        self.index += 1;
        self.cipher.seal_report(bytes, start, ssrc, self.index)
    }
}

/// Opens the client's reports.
pub(crate) struct ReportOpener {
    cipher: Cipher,
    senders: Vec<(u32, Replay)>,
}

impl std::fmt::Debug for ReportOpener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReportOpener").field("senders", &self.senders.len()).finish_non_exhaustive()
    }
}

impl ReportOpener {
    pub(super) fn new(cipher: Cipher) -> Self {
        Self { cipher, senders: Vec::new() }
    }

    /// Opens a report; `None` for one that is forged, garbled or was taken before.
    pub(crate) fn open<'a>(&mut self, packet: &[u8], into: &'a mut [u8; MOST_REPORT]) -> Option<&'a [u8]> {
        let (ssrc, index) = self.cipher.report_index(packet)?;
        let known = self.senders.iter().position(|(sender, _)| *sender == ssrc);
        if known.is_some_and(|place| !self.senders[place].1.is_new(index)) {
            return None;
        }
        let length = self.cipher.open_report(packet, into, ssrc, index)?;
        self.sender(known, ssrc).take(index);
        into.get(..length)
    }

    /// What was taken of a sender; the one heard of last stands last.
    fn sender(&mut self, known: Option<usize>, ssrc: u32) -> &mut Replay {
        match known {
            Some(place) => self.senders[place..].rotate_left(1),
            None => {
                if self.senders.len() == MOST_SENDERS {
                    self.senders.remove(0);
                }
                self.senders.push((ssrc, Replay::default()));
            }
        }
        let last = self.senders.len() - 1;
        &mut self.senders[last].1
    }
}
