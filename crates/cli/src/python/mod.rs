//! The few traits of Python that show through `aws`: how it reads and writes JSON, numbers, types and values.
//!
//! Scripts compare and parse what `aws` prints, so the layout is kept to the letter: four blanks of indentation,
//! `12.0` for a whole float, `1e-07` for a small one. Requests use the same writer, which makes their bytes, and so
//! their signatures, equal to those of the Python clients. (The Python Standard Library, "json" and "Built-in Types".)

mod numbers;
mod parse;
mod repr;
mod write;

pub(crate) use numbers::{float, float_repr, int};
pub(crate) use parse::json;
pub(crate) use repr::{class, display, os_error, repr, type_name};
pub(crate) use write::{compact_json, inline_json, inline_json_text, pretty_json, pretty_json_at};
