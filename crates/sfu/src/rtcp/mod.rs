//! RTCP: what a viewer reports, and what it is told about the streams that it gets.
//!
//! The one rule: a report is read where it stands, in one pass, and what makes no sense in it is left out.

mod read;
mod write;

pub(crate) use read::Packet as RtcpPacket;
pub(crate) use read::{Report, intra_requests, missing, packets, reports};
pub(crate) use write::{SenderReport, goodbye, names, sender_report};

/// Packet types (RFC 3550 §12.1, RFC 4585 §6.1).
mod kind {
    pub(super) const SENDER_REPORT: u8 = 200;
    pub(super) const RECEIVER_REPORT: u8 = 201;
    pub(super) const DESCRIPTION: u8 = 202;
    pub(super) const GOODBYE: u8 = 203;
    pub(super) const TRANSPORT_FEEDBACK: u8 = 205;
    pub(super) const PAYLOAD_FEEDBACK: u8 = 206;
}
