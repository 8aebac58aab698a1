//! Calls over bad networks, in virtual time.
//!
//! A [`world::World`] has one shard and as many clients as a test wants, each a full WebRTC peer with a link of its own
//! to the server: latency, jitter, loss, duplicates, reordering and a bottleneck, all drawn from one seed. A millisecond
//! passes when the test says so, so that minutes of a call take seconds and no test waits for anything.
//!
//! What viewers got is checked whole, afterwards ([`report::Report`]): every frame complete, every frame's predecessor
//! seen, numbers without gaps, timestamps that never go back.

mod adaptation;
mod client;
mod fuzz;
mod hostile;
mod life;
mod link;
mod lips;
mod media;
mod quality;
mod repair;
mod report;
mod signalling;
mod strict;
mod talk;
mod turns;
mod world;
