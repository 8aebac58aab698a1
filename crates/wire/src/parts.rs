//! The parts of a request that an input is read from: path labels, query, headers, body.

use std::borrow::Cow;

use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::decode::{Faults, TextKind};

/// One request, split.
#[derive(Debug)]
pub struct Parts<'a> {
    /// Path labels by name, percent-decoded once.
    pub labels: &'a [(&'static str, String)],
    /// The query as it came, without the question mark.
    pub raw_query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body as it came.
    pub body: &'a [u8],
}

impl Parts<'_> {
    /// The body as a JSON object; an empty body is an empty object.
    pub(crate) fn json_body(&self, faults: &mut Faults) -> Option<Map<String, Value>> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Some(Map::new());
        }
        match serde_json::from_slice(self.body) {
            Ok(Value::Object(object)) => Some(object),
            Ok(_) => {
                faults.unreadable("The request body must be a JSON object".to_owned());
                None
            }
            Err(error) => {
                faults.unreadable(format!("The request body is not valid JSON: {error}"));
                None
            }
        }
    }

    /// The body as one JSON value, where a member is bound to the whole of it.
    #[allow(dead_code, reason = "only services with a bound payload need it")]
    pub(crate) fn payload(&self, faults: &mut Faults) -> Option<Option<Value>> {
        if self.body.is_empty() {
            return Some(None);
        }
        serde_json::from_slice(self.body).map(Some).map_err(|error| faults.unreadable(error.to_string())).ok()
    }

    pub(crate) fn label(&self, name: &str, kind: TextKind) -> Option<Value> {
        self.labels.iter().find(|(label, _)| *label == name).map(|(_, text)| kind.value(text))
    }

    pub(crate) fn query(&self, name: &str, kind: TextKind) -> Option<Value> {
        let mut values = query_pairs(self.raw_query).filter(|(key, _)| key == name).map(|(_, value)| value);
        if kind == TextKind::List {
            let all: Vec<Value> = values.map(|value| Value::String(value.into_owned())).collect();
            return (!all.is_empty()).then_some(Value::Array(all));
        }
        values.next().map(|text| kind.value(&text))
    }

    pub(crate) fn header(&self, name: &str, kind: TextKind) -> Option<Value> {
        let text = self.headers.get(name)?;
        Some(kind.value(&String::from_utf8_lossy(text.as_bytes())))
    }
}

/// Key and value pairs of a query, decoded.
fn query_pairs(raw: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key), decode(value))
    })
}

/// A plus sign is a space, as it is to the signature: what is read must be what was signed.
fn decode(piece: &str) -> Cow<'_, str> {
    if piece.contains('+') {
        return percent_decode_str(&piece.replace('+', " ")).decode_utf8_lossy().into_owned().into();
    }
    percent_decode_str(piece).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::query_pairs;

    #[test]
    fn queries_are_read_as_they_are_signed() {
        let pairs: Vec<_> = query_pairs("a=b+c%2B%20d&&flag&e=f=g").collect();
        assert_eq!(pairs, [("a".into(), "b c+ d".into()), ("flag".into(), "".into()), ("e".into(), "f=g".into())]);
    }
}
