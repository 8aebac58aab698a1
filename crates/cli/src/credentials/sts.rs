//! The two calls of AWS STS that give credentials of a role.
//!
//! STS speaks the AWS query protocol: a form goes out, XML comes back ("AWS Security Token Service API Reference").

use aws_credential_types::Credentials;
use indexmap::IndexMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use switchboard_model::Service;

use super::{Finder, cache};
use crate::call::Call;
use crate::errors::{Failure, ServiceError};
use crate::request::Request;
use crate::response::Answer;
use crate::sign::Signer;
use crate::transport::Transport;
use crate::value::{Map, Value};

const VERSION: &str = "2011-06-15";

/// Everything but what RFC 3986 leaves as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The members of a request, in their order.
pub(super) type Members = Vec<(&'static str, String)>;

impl Finder<'_> {
    /// Calls an operation that gives credentials. Without `with` it is not signed.
    pub(super) fn ask_sts(
        &self,
        operation: &'static str,
        members: &Members,
        with: Option<Credentials>,
        provider: &'static str,
    ) -> Result<Credentials, Failure> {
        let service = service();
        let settings = self.settings(&service)?;
        let signer = with.map(|credentials| Signer {
            credentials,
            region: self.region.to_owned(),
            service: service.signing_name.clone(),
            unsigned_payload: false,
        });
        let call = Call {
            service: &service,
            endpoint: &settings.endpoint,
            attempts: settings.attempts,
            patience: settings.read_timeout,
            transport: &Transport::new(&settings)?,
            signer: signer.as_ref(),
            log: self.sources.log,
        };
        let answer = call.run(&request(operation, members))?.answer;
        if answer.is_error() {
            return Err(failure(operation, &answer));
        }
        credentials(&String::from_utf8_lossy(&answer.body), provider)
            .ok_or_else(|| Failure::Other(format!("The answer to {operation} holds no credentials.")))
    }
}

/// What is to be known of the service to call it.
fn service() -> Service {
    Service {
        name: "sts".to_owned(),
        service_id: "STS".to_owned(),
        full_name: "AWS Security Token Service".to_owned(),
        api_version: VERSION.to_owned(),
        endpoint_prefix: "sts".to_owned(),
        signing_name: "sts".to_owned(),
        operations: IndexMap::new(),
        shapes: IndexMap::new(),
        paginators: IndexMap::new(),
        waiters: IndexMap::new(),
    }
}

fn request(operation: &str, members: &Members) -> Request {
    let mut form = format!("Action={operation}&Version={VERSION}");
    for (name, value) in members {
        form.push_str(&format!("&{name}={}", utf8_percent_encode(value, RESERVED)));
    }
    let kind = ("Content-Type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned());
    Request { method: "POST".to_owned(), target: "/".to_owned(), headers: vec![kind], body: form.into_bytes() }
}

fn credentials(xml: &str, provider: &'static str) -> Option<Credentials> {
    let ends = element(xml, "Expiration").as_deref().and_then(cache::time);
    let (key, secret) = (element(xml, "AccessKeyId")?, element(xml, "SecretAccessKey")?);
    Some(Credentials::new(key, secret, element(xml, "SessionToken"), ends, provider))
}

fn failure(operation: &str, answer: &Answer) -> Failure {
    let xml = String::from_utf8_lossy(&answer.body);
    let code = element(&xml, "Code").unwrap_or_else(|| answer.status.to_string());
    let said = element(&xml, "Message").unwrap_or_default();
    let message = format!("An error occurred ({code}) when calling the {operation} operation: {said}");
    let details = [("Message", said), ("Code", code)].map(|(name, text)| (name.to_owned(), Value::from(text.as_str())));
    Failure::Service(ServiceError { message, details: Map::from_iter(details) })
}

/// The text of the first element of that name.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, behind) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = behind.split_once(&format!("</{name}>"))?;
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    Some(text.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_form() {
        let members = vec![("RoleArn", "arn:aws:iam::1:role/a b".to_owned()), ("ExternalId", "x&y~z".to_owned())];
        let request = request("AssumeRole", &members);
        let expected =
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa%20b&ExternalId=x%26y~z";
        assert_eq!(String::from_utf8_lossy(&request.body), expected);
    }

    #[test]
    fn an_answer_is_xml() {
        let xml = "<R><Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey>\
                   <Expiration>2023-11-14T22:13:20Z</Expiration></Credentials></R>";
        let found = credentials(xml, "test").expect("it is complete");
        assert_eq!((found.access_key_id(), found.session_token()), ("a", None));
        assert!(found.expiry().is_some());
        assert_eq!(element("<a>&lt;&amp;lt;&quot;</a>", "a").as_deref(), Some("<&lt;\""));
        assert!(credentials("<R/>", "test").is_none());
    }
}
