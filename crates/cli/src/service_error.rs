//! The error that an answer carries: its code, its message, and what else the model gives it.
//!
//! The code stands in a header, or in the body, or else it is the status (restJson1, "Operation Error Serialization").

use switchboard_model::Service;

use crate::call::Outcome;
use crate::errors::{Failure, ServiceError};
use crate::python;
use crate::response::{self, Answer};
use crate::value::{Map, Value};

/// The code of an error answer.
pub(crate) fn code(answer: &Answer) -> String {
    if is_generic(answer) {
        return answer.status.to_string();
    }
    let body = answer.json();
    let from_body = |name: &str| body.get(name).map(python::display);
    let header = answer.header("x-amzn-errortype").map(str::to_owned);
    let code = header.or_else(|| from_body("code")).or_else(|| from_body("Code")).or_else(|| from_body("__type"));
    let Some(code) = code else { return answer.status.to_string() };
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default().to_owned()
}

/// What stands in for a service that failed before it could tell: nothing, or a page for people.
fn is_generic(answer: &Answer) -> bool {
    let body = answer.body.trim_ascii();
    answer.status >= 500 && (body.is_empty() || body.starts_with(b"<html>"))
}

/// The message, as it stands in the body.
pub(crate) fn message(answer: &Answer) -> Value {
    if is_generic(answer) {
        let status = http::StatusCode::from_u16(answer.status).ok();
        return status.and_then(|status| status.canonical_reason()).unwrap_or_default().into();
    }
    let body = answer.json();
    let found = ["message", "Message"].iter().find_map(|name| body.get(name));
    found.cloned().unwrap_or_else(|| "".into())
}

/// The error that an outcome carries; `operation` is its name.
pub(crate) fn failure(service: &Service, operation: &str, outcome: &Outcome, wire_times: bool) -> Failure {
    let Outcome { answer, retries } = outcome;
    let (code, message) = (code(answer), message(answer));
    let retries = retries.map(|count| format!(" (reached max retries: {count})")).unwrap_or_default();
    let shown = python::display(&message);
    let mut details =
        Map::from_iter([("Message".to_owned(), message), ("Code".to_owned(), Value::from(code.as_str()))]);
    for (name, value) in modelled(service, &code, answer, wire_times) {
        details.entry(name).or_insert(value);
    }
    let text = format!("An error occurred ({code}) when calling the {operation} operation{retries}: {shown}");
    Failure::Service(ServiceError { message: text, details })
}

/// The members that the model gives an error of this code.
fn modelled(service: &Service, code: &str, answer: &Answer, wire_times: bool) -> Map {
    let shape = service.shape(code).filter(|shape| shape.exception && !is_generic(answer));
    // An error that cannot be decoded is told by its message alone.
    shape.and_then(|shape| response::members(service, shape, answer, wire_times).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::response::tests::answer;

    fn failed(answer: Answer, retries: Option<u32>) -> ServiceError {
        let service = catalog::service("ivs-realtime").expect("it exists");
        match failure(&service, "GetStage", &Outcome { answer, retries }, false) {
            Failure::Service(error) => error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn errors_are_told_as_aws_tells_them() {
        let told = |answer: Answer, retries| failed(answer, retries).message;
        let header = [("x-amzn-errortype", "ns#ValidationException:http://x/")];
        let expected = "An error occurred (ValidationException) when calling the GetStage operation: bad";
        assert_eq!(told(answer(400, &header, r#"{"message":"bad"}"#), None), expected);
        assert_eq!(told(answer(400, &[], r#"{"__type":"a.b#ValidationException","Message":"bad"}"#), None), expected);
        let expected = "An error occurred (403) when calling the GetStage operation: <html>Forbidden</html>";
        assert_eq!(told(answer(403, &[], "<html>Forbidden</html>"), None), expected);
        let expected = "An error occurred (503) when calling the GetStage operation (reached max retries: 2): ";
        assert_eq!(told(answer(503, &[], "{}"), Some(2)), expected);
        let expected = "An error occurred (503) when calling the GetStage operation: Service Unavailable";
        assert_eq!(told(answer(503, &[], "<html>sorry</html>"), None), expected);
        assert_eq!(told(answer(503, &[], ""), None), expected);
    }

    #[test]
    fn what_the_model_gives_an_error_is_kept() {
        let header = [("x-amzn-errortype", "ResourceNotFoundException:http://x/")];
        let error = failed(answer(404, &header, r#"{"exceptionMessage":"gone","more":1}"#), None);
        assert_eq!(error.details["xAmznErrorType"], "ResourceNotFoundException:http://x/".into());
        assert_eq!(error.details["exceptionMessage"], "gone".into());
        assert!(!error.details.contains_key("more"));
    }
}
