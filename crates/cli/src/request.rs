//! From the checked input to an HTTP request: AWS's restJson1 protocol, from the client's side.
//!
//! The model says where each member travels: in the path, the query, a header or the JSON body. Bytes are those that
//! the Python clients send for the same input, so that a signature over them can be compared.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use switchboard_model::{Location, Member, Operation, Service, Shape, Type};

use crate::errors::Failure;
use crate::timestamps::Form;
use crate::value::{Map, Value};
use crate::values::Parameters;
use crate::{python, shapes};

/// Everything but the unreserved characters of RFC 3986 is escaped.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The same for a path of several segments.
const ESCAPED_PATH: &AsciiSet = &ESCAPED.remove(b'/');

/// A request that is yet to be sent and signed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path with its query, to be put behind the endpoint.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Fills absent members that make a call repeatable with a fresh id.
pub(crate) fn fill_idempotency_tokens(
    input: &Shape,
    members: &mut Map,
    mut fresh: impl FnMut() -> Result<String, Failure>,
) -> Result<(), Failure> {
    for (name, _) in input.members.iter().filter(|(_, member)| member.idempotency_token) {
        if !members.contains_key(name) {
            members.insert(name.clone(), fresh()?.into());
        }
    }
    Ok(())
}

/// Encodes an input that has passed validation.
pub(crate) fn encode(service: &Service, operation: &Operation, input: &Parameters) -> Result<Request, Failure> {
    let encoder = Encoder { service };
    let Some(shape) = shapes::input(service, operation) else {
        return Ok(Request {
            method: operation.method.clone(),
            target: operation.request_uri.clone(),
            headers: Vec::new(),
            body: Vec::new(),
        });
    };
    let mut parts = Parts::default();
    for (name, value) in &input.members {
        if let Some(member) = shape.members.get(name) {
            encoder.place(&mut parts, name, member, value)?;
        }
    }
    let body = encoder.body(shape, input, &mut parts)?;
    let target = target(&operation.request_uri, &parts)?;
    Ok(Request { method: operation.method.clone(), target, headers: parts.headers, body })
}

/// The places of a request, as they fill.
#[derive(Default)]
struct Parts {
    labels: Vec<(String, String)>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Map,
}

struct Encoder<'s> {
    service: &'s Service,
}

impl Encoder<'_> {
    fn place(&self, parts: &mut Parts, name: &str, member: &Member, value: &Value) -> Result<(), Failure> {
        let wire_name = member.location_name.clone().unwrap_or_else(|| name.to_owned());
        let shape = self.shape(member)?;
        match member.location {
            Some(Location::Uri) => parts.labels.push((wire_name, self.text(shape, value, Form::Iso8601)?)),
            Some(Location::Querystring) => self.query(&mut parts.query, &wire_name, shape, value)?,
            Some(Location::Header) => parts.headers.push((wire_name, self.header(member, shape, value)?)),
            Some(Location::Headers) => {
                for (key, value) in value.as_map().into_iter().flatten() {
                    parts.headers.push((format!("{wire_name}{key}"), scalar(value)));
                }
            }
            // A status code is part of answers only.
            Some(Location::StatusCode) => {}
            None => {
                parts.body.insert(wire_name, self.json(shape, value)?);
            }
        }
        Ok(())
    }

    /// A list repeats its key, a map gives keys of its own.
    fn query(
        &self,
        query: &mut Vec<(String, String)>,
        name: &str,
        shape: &Shape,
        value: &Value,
    ) -> Result<(), Failure> {
        match value {
            Value::List(items) => {
                let element = shape.member.as_ref().map(|member| self.shape(member)).transpose()?.unwrap_or(shape);
                for item in items {
                    query.push((name.to_owned(), self.text(element, item, Form::Iso8601)?));
                }
            }
            Value::Map(map) => {
                for (key, value) in map {
                    let values = value.as_list().unwrap_or(std::slice::from_ref(value));
                    query.extend(values.iter().map(|value| (key.clone(), scalar(value))));
                }
            }
            single => query.push((name.to_owned(), self.text(shape, single, Form::Iso8601)?)),
        }
        Ok(())
    }

    fn header(&self, member: &Member, shape: &Shape, value: &Value) -> Result<String, Failure> {
        if shapes::is_json_header(member) {
            return Ok(BASE64_STANDARD.encode(python::compact_json(value)));
        }
        match value {
            Value::List(items) => Ok(items.iter().map(|item| quoted(scalar(item))).collect::<Vec<_>>().join(",")),
            single => self.text(shape, single, Form::HttpDate),
        }
    }

    fn text(&self, shape: &Shape, value: &Value, usual: Form) -> Result<String, Failure> {
        match (shape.kind, value) {
            (Type::Timestamp, value) => time(shape, value, usual).map(|value| scalar(&value)),
            // To Python a boolean is a number, which it writes as it writes a boolean.
            (Type::Integer | Type::Long, Value::Bool(_)) => Ok(python::display(value)),
            (_, Value::Float(float)) if !float.is_finite() => Ok(special(*float).to_owned()),
            _ => Ok(scalar(value)),
        }
    }

    /// The bytes of the body; sets the content type where it is JSON.
    fn body(&self, shape: &Shape, input: &Parameters, parts: &mut Parts) -> Result<Vec<u8>, Failure> {
        let body = match shapes::payload(self.service, shape) {
            Some((_, payload)) if payload.kind == Type::Blob && payload.streaming => {
                return Ok(input.stream.clone().unwrap_or_default());
            }
            Some((name, payload)) if matches!(payload.kind, Type::Blob | Type::String) => {
                return Ok(input.members.get(name).map(raw).unwrap_or_default());
            }
            Some((name, _)) => {
                let wire_name = shape.members[name].location_name.as_deref().unwrap_or(name);
                parts.body.get(wire_name).map_or_else(|| "{}".to_owned(), python::inline_json)
            }
            None if shape.members.values().all(|member| member.location.is_some()) => String::new(),
            None => python::inline_json(&Value::Map(std::mem::take(&mut parts.body))),
        };
        let has_type = parts.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if !body.is_empty() && !has_type {
            parts.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        Ok(body.into_bytes())
    }

    fn json(&self, shape: &Shape, value: &Value) -> Result<Value, Failure> {
        match (shape.kind, value) {
            (Type::Structure, value) if shape.document => Ok(value.clone()),
            (Type::Structure, Value::Map(map)) => {
                let known = map.iter().filter_map(|(name, value)| Some((name, shape.members.get(name)?, value)));
                let members = known.map(|(name, member, value)| {
                    let wire_name = member.location_name.as_ref().unwrap_or(name);
                    Ok((wire_name.clone(), self.json(self.shape(member)?, value)?))
                });
                members.collect::<Result<Map, _>>().map(Value::Map)
            }
            (Type::Map, Value::Map(map)) => {
                let Some(member) = &shape.value else { return Ok(value.clone()) };
                let inner = self.shape(member)?;
                let entries = map.iter().map(|(key, value)| Ok((key.clone(), self.json(inner, value)?)));
                entries.collect::<Result<Map, _>>().map(Value::Map)
            }
            (Type::List, Value::List(items)) => {
                let Some(member) = &shape.member else { return Ok(value.clone()) };
                let inner = self.shape(member)?;
                items.iter().map(|item| self.json(inner, item)).collect::<Result<Vec<_>, _>>().map(Value::List)
            }
            (Type::Timestamp, value) => time(shape, value, Form::EpochSeconds),
            (_, Value::Float(float)) if !float.is_finite() => Ok(special(*float).into()),
            (Type::Blob, Value::Bytes(bytes)) => Ok(BASE64_STANDARD.encode(bytes).into()),
            (Type::Blob, Value::Text(text)) => Ok(BASE64_STANDARD.encode(text).into()),
            (_, value) => Ok(value.clone()),
        }
    }

    fn shape(&self, member: &Member) -> Result<&Shape, Failure> {
        self.service.shape(&member.shape).ok_or_else(|| Failure::Other(format!("There is no shape {}", member.shape)))
    }
}

fn time(shape: &Shape, value: &Value, usual: Form) -> Result<Value, Failure> {
    let form = Form::named(shape.timestamp_format.as_deref(), usual);
    form.encode(value).ok_or_else(|| Failure::Other(format!("Invalid timestamp {}", python::display(value))))
}

/// The floats that JSON has no form for.
fn special(float: f64) -> &'static str {
    match float {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => "NaN",
    }
}

/// An element of a list in a header, which a comma would part.
fn quoted(text: String) -> String {
    if text.contains(['"', ',']) { format!("\"{}\"", text.replace('"', "\\\"")) } else { text }
}

/// A value that is the whole body.
fn raw(value: &Value) -> Vec<u8> {
    match value {
        Value::Bytes(bytes) => bytes.clone(),
        other => scalar(other).into_bytes(),
    }
}

/// A single value outside JSON.
fn scalar(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Bool(true) => "true".to_owned(),
        Value::Bool(false) => "false".to_owned(),
        other => python::display(other),
    }
}

/// The path with its labels filled in, and the query.
fn target(template: &str, parts: &Parts) -> Result<String, Failure> {
    let mut target = String::new();
    let mut rest = template;
    while let Some((before, label, after)) = next_label(rest) {
        target.push_str(before);
        // A label that ends in `+` is as many segments as its value has.
        let (name, escaped) = match label.strip_suffix('+') {
            Some(name) => (name, ESCAPED_PATH),
            None => (label, ESCAPED),
        };
        let value = parts.labels.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        // Models require what stands in the path; a model that forgot to is no reason to call something else.
        let value = value.ok_or_else(|| Failure::Other(format!("The path needs a value for '{name}'")))?;
        target.extend(utf8_percent_encode(value, escaped));
        rest = after;
    }
    target.push_str(rest);
    for (name, value) in &parts.query {
        target.push(if target.contains('?') { '&' } else { '?' });
        target.push_str(&format!("{}={}", escape(name), escape(value)));
    }
    Ok(target)
}

fn next_label(template: &str) -> Option<(&str, &str, &str)> {
    let (before, behind) = template.split_once('{')?;
    let (label, after) = behind.split_once('}')?;
    Some((before, label, after))
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    /// Requests that botocore made from the same inputs.
    const RECORDED: &str = include_str!("../testdata/requests.json");

    #[test]
    fn requests_are_those_of_botocore() {
        let Ok(Value::List(recorded)) = python::json(RECORDED) else { panic!("a list was expected") };
        for case in recorded {
            let text = |name: &str| case[name].as_text().unwrap_or_default().to_owned();
            let service = catalog::service(&text("service")).expect("it exists");
            let operation = &service.operations[&text("operation")];
            let input = Parameters {
                members: case["input"].as_map().expect("an object").clone(),
                stream: case["stream"].as_text().map(|stream| stream.as_bytes().to_vec()),
                ..Parameters::default()
            };
            let request = encode(&service, operation, &input).expect("it can be encoded");
            assert_eq!(request.method, text("method"), "{case:?}");
            assert_eq!(request.target, text("target"));
            assert_eq!(String::from_utf8_lossy(&request.body), text("body"));
            let headers = request.headers.into_iter().map(|(name, value)| (name.to_lowercase(), value.into()));
            assert_eq!(Value::Map(headers.collect()), case["headers"], "{case:?}");
        }
    }

    #[test]
    fn absent_tokens_are_filled_and_given_ones_kept() {
        let service = catalog::service("connect").expect("it exists");
        let shape = service.shape("AssociateBotRequest").expect("it exists");
        let mut members = Map::new();
        fill_idempotency_tokens(shape, &mut members, || Ok("fresh".to_owned())).expect("an id");
        assert_eq!(members["ClientToken"], "fresh".into());
        members.insert("ClientToken".to_owned(), "mine".into());
        fill_idempotency_tokens(shape, &mut members, || Ok("fresh".to_owned())).expect("an id");
        assert_eq!(members["ClientToken"], "mine".into());
    }
}
