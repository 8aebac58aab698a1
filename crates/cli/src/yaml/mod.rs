//! YAML as version 2 of `aws` reads and writes it: version 1.2 of the language, "core" values, dates and bytes.

mod commented;
mod read;
mod scalar;
mod write;

pub(crate) use commented::{Commented, Entry, write_commented};
pub(crate) use read::read;
pub(crate) use write::write;
