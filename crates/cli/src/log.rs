//! What `--debug` tells on stderr: where each setting came from, the request and the reply. One rule: no secret is
//! told, neither a key nor a token nor what the model calls sensitive.

use std::collections::HashSet;
use std::io::{self, Write};

use http::HeaderMap;
use switchboard_model::Service;

use crate::clock;
use crate::python;
use crate::timestamps;
use crate::value::Value;

const HIDDEN: &str = "***";

/// Headers whose value is a secret.
const SECRET_HEADERS: [&str; 3] = ["x-amz-security-token", "x-amz-bearer", "cookie"];

/// Parts of names that tell of a secret.
const SECRET_NAMES: [&str; 3] = ["password", "secret", "credential"];

/// Tokens that open nothing.
const HARMLESS_TOKENS: [&str; 3] = ["nexttoken", "clienttoken", "idempotencytoken"];

/// The log, which may be off.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Log {
    pub(crate) is_on: bool,
}

impl Log {
    /// Tells a line about one part of the program.
    pub(crate) fn say(self, part: &str, text: impl FnOnce() -> String) {
        if !self.is_on {
            return;
        }
        let time = timestamps::log_time(clock::now());
        // A log that cannot be written is no reason to fail.
        let _ = writeln!(io::stderr().lock(), "{time} - MainThread - switchboard.{part} - DEBUG - {}", text());
    }
}

/// Headers as they may be told.
pub(crate) fn headers(headers: &HeaderMap) -> String {
    let lines = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        let told = match name.as_str() {
            "authorization" => value.split_once("Signature=").map_or(HIDDEN, |(before, _)| before).to_owned() + HIDDEN,
            name if SECRET_HEADERS.contains(&name) => HIDDEN.to_owned(),
            _ => value.into_owned(),
        };
        format!("{name}: {told}")
    });
    lines.collect::<Vec<_>>().join(", ")
}

/// A body as it may be told.
pub(crate) fn body(service: &Service, body: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(body) else { return format!("{} bytes", body.len()) };
    match python::json(text) {
        Ok(value) => python::inline_json(&Hider::new(service).hidden(value)),
        Err(_) => text.to_owned(),
    }
}

/// Finds the members that are secrets.
struct Hider<'s> {
    sensitive: HashSet<&'s str>,
}

impl<'s> Hider<'s> {
    fn new(service: &'s Service) -> Self {
        let is_sensitive = |name: &str| service.shape(name).is_some_and(|shape| shape.sensitive);
        let members = service.shapes.values().flat_map(|shape| &shape.members);
        let sensitive = members.filter(|(_, member)| is_sensitive(&member.shape)).map(|(name, _)| name.as_str());
        Self { sensitive: sensitive.collect() }
    }

    fn is_secret(&self, name: &str) -> bool {
        let small = name.to_lowercase();
        let is_token = small.ends_with("token") && !HARMLESS_TOKENS.contains(&small.as_str());
        is_token || self.sensitive.contains(name) || SECRET_NAMES.iter().any(|part| small.contains(part))
    }

    fn hidden(&self, value: Value) -> Value {
        match value {
            Value::Map(map) => {
                let entries = map.into_iter().map(|(name, value)| {
                    let value = if self.is_secret(&name) { HIDDEN.into() } else { self.hidden(value) };
                    (name, value)
                });
                Value::Map(entries.collect())
            }
            Value::List(items) => Value::List(items.into_iter().map(|item| self.hidden(item)).collect()),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn secrets_are_not_told() {
        let service = catalog::service("connect").expect("it exists");
        let told = body(&service, br#"{"Password":"p","NextToken":"n","List":[{"ConnectionToken":"c","Arn":"x"}]}"#);
        assert_eq!(told, r#"{"Password": "***", "NextToken": "n", "List": [{"ConnectionToken": "***", "Arn": "x"}]}"#);
        assert_eq!(body(&service, b"\xff\xfe"), "2 bytes");
        let map = HeaderMap::from_iter([
            (http::header::AUTHORIZATION, "AWS4-HMAC-SHA256 Credential=A/b, Signature=abc".parse().expect("a value")),
            (http::HeaderName::from_static("x-amz-bearer"), "secret".parse().expect("a value")),
        ]);
        assert_eq!(headers(&map), "authorization: AWS4-HMAC-SHA256 Credential=A/b, ***, x-amz-bearer: ***");
    }
}
