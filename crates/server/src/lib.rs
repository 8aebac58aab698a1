//! The server: the only crate with sockets, tasks and real time.
//!
//! `http` takes requests, `ops` answers them, `chat` feeds the sockets, `alarm` does what is due. Decisions are the
//! domain's, and everything that is kept is kept by the state.

mod alarm;
mod app;
mod chat;
mod clock;
mod commands;
mod config;
mod http;
mod ids;
mod instances;
mod keys;
mod listen;
mod media;
mod ops;
mod run;
mod stages;
mod streams;
mod telemetry;
mod throttle;
mod tokens;
mod tour;

pub use commands::{demo, env, serve};
