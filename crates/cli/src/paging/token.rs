//! The token with which a cut listing goes on.
//!
//! It is the JSON of the service's own tokens, by input member, in base64; where a page was cut, the number of its items
//! that were printed stands with them. A service's own token will do as well, and so does the old form `token___n`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::errors::Failure;
use crate::python;
use crate::value::{Map, Value};
use crate::values::base64;

/// The key of the number of items to leave out.
pub(super) const TRUNCATED: &str = "boto_truncate_amount";

const OLD_SEPARATOR: &str = "___";

/// Where a listing goes on.
pub(super) struct Start {
    pub(super) tokens: Map,
    pub(super) skip: i64,
}

pub(super) fn write(tokens: &Map) -> String {
    BASE64_STANDARD.encode(python::inline_json(&Value::Map(tokens.clone())))
}

/// Reads any of the three forms.
pub(super) fn read(text: &str, names: &[String]) -> Result<Start, Failure> {
    let json = base64(text).and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(Value::Map(mut tokens)) = json.and_then(|json| python::json(&json).ok()) {
        let skip = match tokens.shift_remove(TRUNCATED) {
            Some(Value::Int(skip)) => skip.to_i64().unwrap_or_default(),
            _ => 0,
        };
        return Ok(Start { tokens, skip });
    }
    read_old(text, names)
}

fn read_old(text: &str, names: &[String]) -> Result<Start, Failure> {
    let mut parts: Vec<&str> = text.split(OLD_SEPARATOR).collect();
    let mut skip = 0;
    if parts.len() == names.len() + 1 {
        match parts.pop().and_then(|last| python::int(last)?.to_i64()) {
            Some(count) => skip = count,
            // It only looks like the old form.
            None => parts = vec![text],
        }
    }
    if parts.len() > names.len() {
        return Err(Failure::Other(format!("Bad starting token: {text}")));
    }
    let token = |part: &&str| if *part == "None" { Value::Null } else { Value::from(*part) };
    let tokens =
        names.iter().enumerate().map(|(at, name)| (name.clone(), parts.get(at).map(token).unwrap_or_default()));
    Ok(Start { tokens: tokens.collect(), skip })
}
