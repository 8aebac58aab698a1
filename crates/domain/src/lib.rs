//! What is true of contact centres, chats and stages, and what follows from a request at a given time.
//!
//! The one rule: everything comes in as an argument (the time, fresh ids, the rows as they are) and everything that
//! changes goes out as a value. No tasks, no SQL, no HTTP, no clock, no randomness.

pub mod arn;
pub mod chat;
pub mod id;
pub mod instance;
pub mod rate;
pub mod stage;
pub mod tags;
pub mod time;
mod words;

pub use arn::{Arn, Home};
pub use id::*;
pub use time::Time;
pub use words::UnknownWord;
