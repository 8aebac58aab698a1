//! How an answer is printed.

use serde_json::Value;

use crate::python;

/// The text for stdout, ending in a newline; an empty answer prints nothing.
pub(crate) fn json(answer: &Value) -> String {
    match answer {
        Value::Object(map) if map.is_empty() => String::new(),
        other => format!("{}\n", python::pretty_json(other, false)),
    }
}
