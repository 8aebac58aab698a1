//! The life of a chat in simulated time, through the public API alone.

mod attachments;
mod authentication;
mod connect;
mod contact;
mod events;
mod leave;
mod life;
mod metrics;
mod participants;
mod persistent;
mod properties;
mod send;
mod start;
mod streaming;
mod timers;
mod tokens;
mod transcript;
mod world;
