//! Chats as the outside sees them: sockets, items as JSON, and what carries a decision's changes out.
//!
//! The one rule: the log in the state is the truth. The bus only says "look"; each socket reads on from the last item
//! it sent. So nothing is queued for a slow reader, a socket sees each item once and in order, and any node will do.

pub(crate) mod apply;
mod arrival;
pub(crate) mod credentials;
pub(crate) mod files;
pub(crate) mod lookup;
pub(crate) mod passing;
pub(crate) mod render;
pub(crate) mod seats;
pub(crate) mod socket;
