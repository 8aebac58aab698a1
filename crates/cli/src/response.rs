//! From an HTTP answer to what is printed, or to the error it carries.
//!
//! Only what the model knows is kept, in the model's order; members that are null are dropped. Times become ISO 8601
//! with an offset, which is the default of version 2 of the AWS command line ("cli_timestamp_format").

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use serde_json::{Map, Value};
use switchboard_model::{Location, Member, Operation, Service, Shape, Type};

use crate::errors::Failure;
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

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Decodes a success; `wire_times` leaves times as they came.
pub(crate) fn decode(
    service: &Service,
    operation: &Operation,
    answer: &Answer,
    wire_times: bool,
) -> Result<Value, Failure> {
    let decoder = Decoder { service, wire_times };
    let mut members = Map::new();
    let Some(shape) = shapes::output(service, operation) else { return Ok(Value::Object(members)) };
    let payload = shapes::payload(service, shape);
    // A body that is not JSON counts as empty.
    let body: Value = match payload {
        Some((_, payload)) if payload.kind == Type::Blob => Value::Null,
        _ => serde_json::from_slice(&answer.body).unwrap_or_default(),
    };
    for (name, member) in &shape.members {
        let wire_name = member.location_name.as_deref().unwrap_or(name);
        let value = match member.location {
            Some(Location::Header) => decoder.header(member, answer.header(wire_name))?,
            Some(Location::Headers) => Some(prefixed(&answer.headers, wire_name)),
            Some(Location::StatusCode) => Some(answer.status.into()),
            Some(Location::Uri | Location::Querystring) => None,
            None if payload.is_some_and(|(payload, _)| payload == name) => decoder.member(member, &body)?,
            None => decoder.member(member, body.get(wire_name).unwrap_or(&Value::Null))?,
        };
        members.extend(value.map(|value| (name.clone(), value)));
    }
    Ok(Value::Object(members))
}

/// The code of an error answer: from the header, or the body, or else the status.
pub(crate) fn error_code(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let from_body = |name: &str| body.get(name).and_then(Value::as_str);
    let code = answer.header("x-amzn-errortype").or_else(|| from_body("code")).or_else(|| from_body("__type"));
    let Some(code) = code else { return answer.status.to_string() };
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default().to_owned()
}

/// The error an answer carries. `retries` is how often a repeatable failure was tried again in vain.
pub(crate) fn failure(operation_name: &str, answer: &Answer, retries: Option<u32>) -> Failure {
    let code = error_code(answer);
    let message = match serde_json::from_slice::<Value>(&answer.body) {
        Ok(body) => ["message", "Message"].iter().find_map(|name| body.get(name)?.as_str().map(str::to_owned)),
        Err(_) => Some(String::from_utf8_lossy(&answer.body).into_owned()),
    };
    let retries = retries.map(|count| format!(" (reached max retries: {count})")).unwrap_or_default();
    let message = message.unwrap_or_default();
    Failure::Service(format!(
        "An error occurred ({code}) when calling the {operation_name} operation{retries}: {message}"
    ))
}

struct Decoder<'s> {
    service: &'s Service,
    wire_times: bool,
}

impl Decoder<'_> {
    /// A value in the body; null counts as absent.
    fn member(&self, member: &Member, value: &Value) -> Result<Option<Value>, Failure> {
        match self.service.shape(&member.shape) {
            Some(shape) if !value.is_null() => self.value(shape, value).map(Some),
            _ => Ok(None),
        }
    }

    fn value(&self, shape: &Shape, value: &Value) -> Result<Value, Failure> {
        match (shape.kind, value) {
            (_, Value::Null) => Ok(Value::Null),
            (Type::Structure, Value::Object(map)) => self.structure(shape, map),
            (Type::List, Value::Array(items)) => {
                let items = items.iter().map(|item| self.element(shape.member.as_ref(), item));
                items.collect::<Result<Vec<_>, _>>().map(Value::Array)
            }
            (Type::Map, Value::Object(map)) => {
                let entries =
                    map.iter().map(|(key, value)| Ok((key.clone(), self.element(shape.value.as_ref(), value)?)));
                entries.collect::<Result<Map<_, _>, _>>().map(Value::Object)
            }
            (Type::Structure | Type::List | Type::Map, other) => {
                Err(Failure::Other(format!("The answer holds {} where it should not: {other}", python::class(other))))
            }
            (Type::Timestamp, value) => self.time(value),
            (_, value) => Ok(value.clone()),
        }
    }

    fn structure(&self, shape: &Shape, map: &Map<String, Value>) -> Result<Value, Failure> {
        if let Some(tag) = unknown_tag(shape, map) {
            return Ok(serde_json::json!({"SDK_UNKNOWN_MEMBER": {"name": tag}}));
        }
        let mut members = Map::new();
        for (name, member) in &shape.members {
            let wire_name = member.location_name.as_deref().unwrap_or(name);
            let value = self.member(member, map.get(wire_name).unwrap_or(&Value::Null))?;
            members.extend(value.map(|value| (name.clone(), value)));
        }
        Ok(Value::Object(members))
    }

    fn element(&self, member: Option<&Member>, value: &Value) -> Result<Value, Failure> {
        match member.and_then(|member| self.service.shape(&member.shape)) {
            Some(shape) => self.value(shape, value),
            None => Ok(value.clone()),
        }
    }

    fn header(&self, member: &Member, text: Option<&str>) -> Result<Option<Value>, Failure> {
        let (Some(text), Some(shape)) = (text, self.service.shape(&member.shape)) else { return Ok(None) };
        if shapes::is_json_header(member) {
            return json_header(text).map(Some);
        }
        let unreadable = || Failure::Other(format!("The answer's header holds {text:?}, which is not a number"));
        match shape.kind {
            Type::Integer | Type::Long => python::int(text).map(Value::Number).map(Some).ok_or_else(unreadable),
            Type::Float | Type::Double => python::float(text).map(Value::Number).map(Some).ok_or_else(unreadable),
            Type::Boolean => Ok(Some(Value::Bool(text.eq_ignore_ascii_case("true")))),
            Type::Timestamp => self.time(&Value::from(text)).map(Some),
            Type::List => Ok(Some(text.split(',').map(|item| Value::from(item.trim())).collect())),
            _ => Ok(Some(Value::from(text))),
        }
    }

    fn time(&self, value: &Value) -> Result<Value, Failure> {
        if self.wire_times {
            return Ok(value.clone());
        }
        let text = timestamps::read(value).and_then(timestamps::display);
        text.map(Value::from).ok_or_else(|| Failure::Other(format!("Invalid timestamp {value}")))
    }
}

/// JSON that travels in a header as base64.
fn json_header(text: &str) -> Result<Value, Failure> {
    let bytes = BASE64_STANDARD.decode(text).ok();
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| Failure::Other(format!("The answer's header holds {text:?}, which is not JSON in base64")))
}

/// The headers whose names begin with `prefix`, as a map.
fn prefixed(headers: &HeaderMap, prefix: &str) -> Value {
    let prefix = prefix.to_ascii_lowercase();
    let found = headers.iter().filter_map(|(name, value)| {
        let key = name.as_str().strip_prefix(&prefix)?;
        Some((key.to_owned(), value.to_str().ok()?.into()))
    });
    Value::Object(found.collect())
}

/// The member of a union that is newer than the model.
fn unknown_tag<'m>(shape: &Shape, map: &'m Map<String, Value>) -> Option<&'m str> {
    if !shape.union {
        return None;
    }
    let mut set = map.iter().filter(|(name, value)| *name != "__type" && !value.is_null());
    let (tag, _) = set.next()?;
    (set.next().is_none() && !shape.members.contains_key(tag)).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use serde_json::json;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), http::HeaderValue::from_str(value).expect("a header"))
        });
        Answer { status, headers: headers.collect(), body: body.as_bytes().to_vec() }
    }

    fn decoded(service: &str, operation: &str, answer: &Answer) -> Value {
        let service = catalog::service(service).expect("it exists");
        decode(&service, &service.operations[operation], answer, false).expect("it can be decoded")
    }

    #[test]
    fn members_come_in_the_models_order_and_unknown_ones_go() {
        let body = r#"{"nope":1,"NextToken":null,"QueueSummaryList":[{"Name":"n","LastModifiedTime":1700000000.5,"Id":"i"},null]}"#;
        let expected = r#"{"QueueSummaryList":[{"Id":"i","Name":"n","LastModifiedTime":"2023-11-14T22:13:20.500000+00:00"},null]}"#;
        assert_eq!(decoded("connect", "ListQueues", &answer(200, &[], body)).to_string(), expected);
        assert_eq!(decoded("connect", "ListQueues", &answer(200, &[], "not JSON")), json!({}));
        assert_eq!(decoded("connect", "AssociateBot", &answer(200, &[], "")), json!({}));
    }

    #[test]
    fn headers_may_carry_members() {
        let attributes = BASE64_STANDARD.encode(r#"{"a":"b"}"#);
        let headers = [("x-amz-lex-session-attributes", attributes.as_str()), ("x-amz-lex-intent-name", "I")];
        let found = decoded("lex-runtime", "PostContent", &answer(200, &headers, "sound"));
        assert_eq!(found, json!({"intentName": "I", "sessionAttributes": {"a": "b"}}));
    }

    #[test]
    fn errors_are_told_as_aws_tells_them() {
        let told = |answer: &Answer, retries| match failure("GetStage", answer, retries) {
            Failure::Service(message) => message,
            other => panic!("{other:?}"),
        };
        let header = [("x-amzn-errortype", "ns#ValidationException:http://x/")];
        let expected = "An error occurred (ValidationException) when calling the GetStage operation: bad";
        assert_eq!(told(&answer(400, &header, r#"{"message":"bad"}"#), None), expected);
        assert_eq!(told(&answer(400, &[], r#"{"__type":"a.b#ValidationException","Message":"bad"}"#), None), expected);
        let expected = "An error occurred (403) when calling the GetStage operation: <html>Forbidden</html>";
        assert_eq!(told(&answer(403, &[], "<html>Forbidden</html>"), None), expected);
        let expected = "An error occurred (503) when calling the GetStage operation (reached max retries: 2): ";
        assert_eq!(told(&answer(503, &[], "{}"), Some(2)), expected);
    }
}
