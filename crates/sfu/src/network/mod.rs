//! Datagrams: whose they are, what the WebRTC library makes of them, and how those of ours go out.

pub(crate) mod connection;
pub(crate) mod demux;
pub(crate) mod outbox;
pub(crate) mod route;
