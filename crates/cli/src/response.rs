//! From an HTTP answer to what is printed.
//!
//! Only what the model knows is kept, members that travel outside the body first, each group in the model's order;
//! members that are null are dropped. Times become ISO 8601 with an offset, which is the default of version 2 of the
//! AWS command line ("cli_timestamp_format"). A value of the wrong type is taken as far as Python takes it.

use http::HeaderMap;
use switchboard_model::{Location, Member, Operation, Service, Shape, Type};

use crate::errors::Failure;
use crate::value::{Int, Map, Value};
use crate::values::base64;
use crate::{python, shapes, timestamps};

/// An answer that has arrived whole.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Everything from 300 on is an error; redirects are not followed.
    pub(crate) fn is_error(&self) -> bool {
        self.status >= 300
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON. An empty one is an empty object, and one that is not JSON counts as a message.
    pub(crate) fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Map(Map::new());
        }
        let text = String::from_utf8_lossy(&self.body);
        python::json(&text)
            .unwrap_or_else(|_| Map::from_iter([("message".to_owned(), Value::from(text.into_owned()))]).into())
    }
}

/// Decodes a success; `wire_times` leaves times as they came.
pub(crate) fn decode(
    service: &Service,
    operation: &Operation,
    answer: &Answer,
    wire_times: bool,
) -> Result<Map, Failure> {
    match shapes::output(service, operation) {
        Some(shape) => members(service, shape, answer, wire_times),
        None => Ok(Map::new()),
    }
}

/// The members of a structure that is a whole answer.
pub(crate) fn members(service: &Service, shape: &Shape, answer: &Answer, wire_times: bool) -> Result<Map, Failure> {
    let decoder = Decoder { service, wire_times };
    let mut members = Map::new();
    for (name, member) in &shape.members {
        let wire_name = member.location_name.as_deref().unwrap_or(name);
        let value = match member.location {
            Some(Location::Header) => decoder.header(member, answer.header(wire_name))?,
            Some(Location::Headers) => Some(prefixed(&answer.headers, wire_name)),
            Some(Location::StatusCode) => Some(i64::from(answer.status).into()),
            Some(Location::Uri | Location::Querystring) | None => None,
        };
        members.extend(value.map(|value| (name.clone(), value)));
    }
    match shapes::payload(service, shape) {
        // Bytes go to a file.
        Some((_, payload)) if payload.kind == Type::Blob => {}
        Some((name, payload)) if payload.kind == Type::String => {
            members.insert(name.to_owned(), String::from_utf8_lossy(&answer.body).into_owned().into());
        }
        Some((name, payload)) => {
            members.insert(name.to_owned(), decoder.value(payload, answer.json())?);
        }
        None => members.extend(decoder.body(shape, answer.json())?),
    }
    Ok(members)
}

struct Decoder<'s> {
    service: &'s Service,
    wire_times: bool,
}

impl Decoder<'_> {
    fn body(&self, shape: &Shape, body: Value) -> Result<Map, Failure> {
        match self.structure(shape, body)? {
            Value::Map(map) => Ok(map),
            _ => Err(Failure::Other("'NoneType' object is not iterable".to_owned())),
        }
    }

    fn value(&self, shape: &Shape, value: Value) -> Result<Value, Failure> {
        match (shape.kind, value) {
            (Type::Structure, value) => self.structure(shape, value),
            (Type::List, Value::List(items)) => {
                let items = items.into_iter().map(|item| self.element(shape.member.as_ref(), item));
                items.collect::<Result<Vec<_>, _>>().map(Value::List)
            }
            (Type::List, other) => Err(Failure::Other(format!("A list was expected, not {}", python::class(&other)))),
            (Type::Map, Value::Map(map)) => {
                let entries = map.into_iter().map(|(key, value)| Ok((key, self.element(shape.value.as_ref(), value)?)));
                entries.collect::<Result<Map, _>>().map(Value::Map)
            }
            (Type::Map, other) => Err(no_attribute(&other, "items")),
            (Type::Timestamp, value) => self.time(value),
            (Type::Integer | Type::Long, value) => int(value),
            (Type::Float | Type::Double, value) => float(value),
            (Type::Boolean, Value::Bool(on)) => Ok(Value::Bool(on)),
            (Type::Boolean, Value::Text(text)) => Ok(Value::Bool(text.to_lowercase() == "true")),
            (Type::Boolean, _) => Ok(Value::Bool(false)),
            (Type::String | Type::Blob, value) => Ok(value),
        }
    }

    fn structure(&self, shape: &Shape, value: Value) -> Result<Value, Failure> {
        if shape.document {
            return Ok(value);
        }
        let mut map = match value {
            Value::Map(map) => map,
            Value::Null => return Ok(Value::Null),
            other => return Err(no_attribute(&other, "get")),
        };
        if shape.union && set_members(&map).count() != 1 {
            return Err(self.not_one_member(shape));
        }
        if let Some(tag) = unknown_tag(shape, &map) {
            let unknown = Map::from_iter([("name".to_owned(), Value::from(tag))]);
            return Ok(Map::from_iter([("SDK_UNKNOWN_MEMBER".to_owned(), unknown.into())]).into());
        }
        let mut members = Map::new();
        for (name, member) in shape.members.iter().filter(|(_, member)| member.location.is_none()) {
            let wire_name = member.location_name.as_deref().unwrap_or(name);
            let Some(value) = map.get_mut(wire_name).map(std::mem::take) else { continue };
            if let (Some(shape), false) = (self.service.shape(&member.shape), value.is_null()) {
                members.insert(name.clone(), self.value(shape, value)?);
            }
        }
        Ok(Value::Map(members))
    }

    fn not_one_member(&self, shape: &Shape) -> Failure {
        let mut shapes = self.service.shapes.iter();
        let name = shapes.find(|(_, known)| std::ptr::eq(*known, shape)).map_or("", |(name, _)| name);
        Failure::Other(format!("Invalid service response: {name} must have one and only one member set."))
    }

    fn element(&self, member: Option<&Member>, value: Value) -> Result<Value, Failure> {
        match member.and_then(|member| self.service.shape(&member.shape)) {
            Some(shape) if !value.is_null() => self.value(shape, value),
            _ => Ok(value),
        }
    }

    fn header(&self, member: &Member, text: Option<&str>) -> Result<Option<Value>, Failure> {
        let (Some(text), Some(shape)) = (text, self.service.shape(&member.shape)) else { return Ok(None) };
        if shapes::is_json_header(member) {
            return json_header(text).map(Some);
        }
        if shape.kind == Type::List {
            let items = text.split(',').map(|item| self.element(shape.member.as_ref(), item.trim().into()));
            return items.collect::<Result<Vec<_>, _>>().map(|items| Some(Value::List(items)));
        }
        self.value(shape, text.into()).map(Some)
    }

    fn time(&self, value: Value) -> Result<Value, Failure> {
        if self.wire_times {
            return Ok(value);
        }
        let text = timestamps::read(&value).map(timestamps::display);
        let shown = python::display(&value);
        text.map(Value::from)
            .ok_or_else(|| Failure::Other(format!("Invalid timestamp \"{shown}\": Unknown string format: {shown}")))
    }
}

fn no_attribute(value: &Value, attribute: &str) -> Failure {
    Failure::Other(format!("'{}' object has no attribute '{attribute}'", python::type_name(value)))
}

/// What Python's `int()` makes of a value.
fn int(value: Value) -> Result<Value, Failure> {
    let number = match &value {
        Value::Int(_) => return Ok(value),
        Value::Bool(on) => Some(Int::from(i64::from(*on))),
        Value::Float(float) => Int::truncate(*float),
        Value::Text(text) => python::int(text),
        _ => None,
    };
    number
        .map(Value::Int)
        .ok_or_else(|| Failure::Other(format!("invalid literal for int() with base 10: {}", python::repr(&value))))
}

/// What Python's `float()` makes of a value.
fn float(value: Value) -> Result<Value, Failure> {
    let number = match &value {
        Value::Float(_) => return Ok(value),
        Value::Int(int) => Some(int.to_f64()),
        Value::Bool(on) => Some(f64::from(u8::from(*on))),
        Value::Text(text) => python::float(text),
        _ => None,
    };
    number
        .map(Value::Float)
        .ok_or_else(|| Failure::Other(format!("could not convert string to float: {}", python::repr(&value))))
}

/// JSON that travels in a header as base64.
fn json_header(text: &str) -> Result<Value, Failure> {
    let json = base64(text).and_then(|bytes| String::from_utf8(bytes).ok());
    json.and_then(|json| python::json(&json).ok())
        .ok_or_else(|| Failure::Other(format!("The answer's header holds {text:?}, which is not JSON in base64")))
}

/// The headers whose names begin with `prefix`, as a map.
fn prefixed(headers: &HeaderMap, prefix: &str) -> Value {
    let prefix = prefix.to_ascii_lowercase();
    let found = headers.iter().filter_map(|(name, value)| {
        let key = name.as_str().strip_prefix(&prefix)?;
        Some((key.to_owned(), value.to_str().ok()?.into()))
    });
    Value::Map(found.collect())
}

/// The member of a union that is newer than the model.
fn unknown_tag<'m>(shape: &Shape, map: &'m Map) -> Option<&'m str> {
    set_members(map).find(|tag| shape.union && !shape.members.contains_key(*tag))
}

/// What is there of the members of a union.
fn set_members(map: &Map) -> impl Iterator<Item = &str> {
    map.iter().filter(|(name, value)| *name != "__type" && !value.is_null()).map(|(name, _)| name.as_str())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::catalog;

    pub(crate) fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), http::HeaderValue::from_str(value).expect("a header"))
        });
        Answer { status, headers: headers.collect(), body: body.as_bytes().to_vec() }
    }

    fn decoded(service: &str, operation: &str, answer: &Answer) -> Result<String, Failure> {
        let service = catalog::service(service).expect("it exists");
        let members = decode(&service, &service.operations[operation], answer, true)?;
        Ok(python::compact_json(&members.into()))
    }

    #[test]
    fn members_come_in_the_models_order_and_unknown_ones_go() {
        let queues = |body: &str| decoded("connect", "ListQueues", &answer(200, &[], body));
        let body =
            r#"{"nope":1,"NextToken":null,"QueueSummaryList":[{"Name":"n","LastModifiedTime":1.5,"Id":"i"},null]}"#;
        let expected = r#"{"QueueSummaryList":[{"Id":"i","Name":"n","LastModifiedTime":1.5},null]}"#;
        assert_eq!(queues(body).as_deref(), Ok(expected));
        assert_eq!(queues("not JSON").as_deref(), Ok("{}"));
        assert_eq!(queues("").as_deref(), Ok("{}"));
        assert_eq!(decoded("connect", "AssociateBot", &answer(200, &[], "")).as_deref(), Ok("{}"));
    }

    #[test]
    fn times_are_shown_with_an_offset() {
        let service = catalog::service("connect").expect("it exists");
        let body = r#"{"QueueSummaryList":[{"LastModifiedTime":"2023-11-14T22:13:20.5Z"}]}"#;
        let decode = |body| decode(&service, &service.operations["ListQueues"], &answer(200, &[], body), false);
        let shown = decode(body).map(|members| python::compact_json(&members.into()));
        let expected = r#"{"QueueSummaryList":[{"LastModifiedTime":"2023-11-14T22:13:20.500000+00:00"}]}"#;
        assert_eq!(shown.as_deref(), Ok(expected));
        let bad = decode(r#"{"QueueSummaryList":[{"LastModifiedTime":"soon"}]}"#);
        assert_eq!(bad, Err(Failure::Other("Invalid timestamp \"soon\": Unknown string format: soon".to_owned())));
    }

    #[test]
    fn headers_may_carry_members() {
        // {"a":"b"} in base64
        let headers = [("x-amz-lex-session-attributes", "eyJhIjoiYiJ9"), ("x-amz-lex-intent-name", "I")];
        let found = decoded("lex-runtime", "PostContent", &answer(200, &headers, "sound"));
        assert_eq!(found.as_deref(), Ok(r#"{"intentName":"I","sessionAttributes":{"a":"b"}}"#));
    }

    #[test]
    fn wrong_types_are_taken_as_python_takes_them() {
        let composition = |body: &str| decoded("ivs-realtime", "GetComposition", &answer(200, &[], body));
        let grid = |value: &str| format!(r#"{{"composition":{{"layout":{{"grid":{{"gridGap":{value}}}}}}}}}"#);
        assert_eq!(composition(&grid("3.9")), Ok(grid("3")));
        let stopped =
            |value: &str| format!(r#"{{"composition":{{"layout":{{"grid":{{"omitStoppedVideo":{value}}}}}}}}}"#);
        assert_eq!(composition(&stopped("\"TRUE\"")), Ok(stopped("true")));
        assert_eq!(composition(&stopped("1")), Ok(stopped("false")));
        assert_eq!(composition(&grid("\"5\"")), Ok(grid("5")));
        assert_eq!(composition(&grid("123456789012345678901")), Ok(grid("123456789012345678901")));
        for (body, expected) in [
            (r#"{"composition":"x"}"#, "'str' object has no attribute 'get'"),
            (r#"{"composition":{"tags":[]}}"#, "'list' object has no attribute 'items'"),
        ] {
            assert_eq!(composition(body), Err(Failure::Other(expected.to_owned())), "{body}");
        }
        let video = r#"{"encoderConfiguration":{"video":{"framerate":30}}}"#;
        let found = decoded("ivs-realtime", "GetEncoderConfiguration", &answer(200, &[], video));
        assert_eq!(found.as_deref(), Ok(r#"{"encoderConfiguration":{"video":{"framerate":30.0}}}"#));
    }
}
