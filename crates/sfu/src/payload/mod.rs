//! What can be known of a packet from the first bytes of its payload. Headers only; nothing is decoded.

mod bits;
pub(crate) mod keyframe;
pub(crate) mod slices;
