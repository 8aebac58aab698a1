//! Values and types as Python shows them: in messages, in tables and in tab-separated text.

use std::io;

use super::numbers::float_repr;
use crate::value::{Map, Value};

/// The type of a value as an error message shows it.
pub(crate) fn class(value: &Value) -> &'static str {
    match value {
        Value::Null => "<class 'NoneType'>",
        Value::Bool(_) => "<class 'bool'>",
        Value::Float(_) => "<class 'float'>",
        Value::Int(_) => "<class 'int'>",
        Value::Text(_) => "<class 'str'>",
        Value::Bytes(_) => "<class 'bytes'>",
        Value::Time(time) if time.is_date() => "<class 'datetime.date'>",
        Value::Time(_) => "<class 'datetime.datetime'>",
        Value::List(_) => "<class 'list'>",
        Value::Map(_) => "<class 'dict'>",
    }
}

/// The name of a value's type.
pub(crate) fn type_name(value: &Value) -> &'static str {
    let class = class(value).trim_start_matches("<class '").trim_end_matches("'>");
    class.rsplit('.').next().unwrap_or(class)
}

/// What `str()` gives: a text bare, everything else as Python would write it in source.
pub(crate) fn display(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Time(time) => time.to_string(),
        other => repr(other),
    }
}

/// What `repr()` gives.
pub(crate) fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(int) => int.to_string(),
        Value::Float(float) => float_repr(*float),
        Value::Text(text) => quoted(text),
        Value::Bytes(bytes) => quoted_bytes(bytes),
        Value::Time(time) => time.repr(),
        Value::List(items) => format!("[{}]", items.iter().map(repr).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => repr_map(map),
    }
}

fn repr_map(map: &Map) -> String {
    let entries: Vec<_> = map.iter().map(|(key, value)| format!("{}: {}", quoted(key), repr(value))).collect();
    format!("{{{}}}", entries.join(", "))
}

fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if c.is_ascii_control() || ('\u{80}'..='\u{a0}').contains(&c) || c == '\u{ad}' => {
                out.push_str(&format!("\\x{:02x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

fn quoted_bytes(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut out = format!("b{quote}");
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            byte if char::from(byte) == quote => out.extend(['\\', quote]),
            b' '..=b'~' => out.push(char::from(byte)),
            byte => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
    out
}

/// An error of the system about a file, as Python shows it.
pub(crate) fn os_error(error: &io::Error, path: &str) -> String {
    let text = error.to_string();
    let reason = text.split(" (os error").next().unwrap_or_default();
    format!("[Errno {}] {reason}: '{path}'", error.raw_os_error().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_in_messages() {
        assert_eq!(display(&json!("x").into()), "x");
        assert_eq!(display(&json!({"a": ["it's", true, null, 1.0]}).into()), r#"{'a': ["it's", True, None, 1.0]}"#);
        assert_eq!(repr(&Value::Bytes(b"a'\"\n\xff".to_vec())), r#"b'a\'"\n\xff'"#);
        assert_eq!(repr(&Value::from("a'\"\u{7f}\u{85}é")), r#"'a\'"\x7f\x85é'"#);
    }

    #[test]
    fn types_have_names() {
        assert_eq!(class(&json!(1.0).into()), "<class 'float'>");
        assert_eq!(type_name(&Value::Null), "NoneType");
        assert_eq!(type_name(&json!({}).into()), "dict");
    }
}
