//! What bytes mean: the AWS wire of the services, as data and pure functions.
//!
//! The one rule: nothing here opens a socket, reads a clock or knows what a contact is. Types, decoders, encoders,
//! errors and the route table are written by `build/` from `models/` for the operations in `models/served.toml`;
//! the code around them is restJson1 (Smithy's *AWS restJson1 protocol*) and the signatures.
//!
//! A request goes [`Router::find`] → [`Input::decode`] → a typed input or [`Faults`]; a reply comes from
//! [`Encode`] or from an [`ErrorReply`].

#[allow(dead_code, reason = "which readers are used depends on models/served.toml")]
mod decode;
mod encode;
mod error;
pub mod jwt;
mod operation;
mod parts;
mod route;
#[allow(dead_code, reason = "which types are used depends on models/served.toml")]
mod shape;
pub mod sigv4;

pub use decode::{Faults, Path, compile_pattern};
pub use encode::Encode;
pub use error::{ErrorReply, Exception};
pub use operation::{Auth, Input, Meta, Operation, OperationError};
pub use parts::Parts;
pub use route::{Found, Router};
pub use shape::{Blob, EpochTimestamp, IsoTimestamp, Map, iso_millis, parse_iso};

include!(concat!(env!("OUT_DIR"), "/services.rs"));
