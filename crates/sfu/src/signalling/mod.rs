//! How a connection comes about: session descriptions over HTTP, and what is made of them.
//!
//! It runs on any thread. Only a finished [`peer::Peer`] goes to the shard that owns its stage.

pub(crate) mod answer;
pub(crate) mod counter;
pub(crate) mod fragment;
pub(crate) mod offer;
pub(crate) mod peer;
