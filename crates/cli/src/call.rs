//! One call of an operation: sign, send, and try again where that may help.
//!
//! What may be tried again, and how long to wait, is the "standard" retry mode of the AWS SDKs ("Retry behavior" in
//! AWS's reference guide): lost connections, overloaded services and throttling, with a growing random wait.

use std::time::Duration;

use switchboard_model::Service;

use crate::clock;
use crate::errors::Failure;
use crate::log::{self, Log};
use crate::request::Request;
use crate::response::Answer;
use crate::service_error;
use crate::sign::Signer;
use crate::timestamps;
use crate::transport::{Lost, Transport};

const LONGEST_WAIT: Duration = Duration::from_secs(20);

const OVERLOADED: [u16; 5] = [429, 500, 502, 503, 504];

/// Errors that ask for patience, whatever their status.
const THROTTLED: [&str; 16] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
];

/// What a call needs.
pub(crate) struct Call<'a> {
    pub(crate) service: &'a Service,
    pub(crate) endpoint: &'a str,
    pub(crate) attempts: u32,
    /// How long an answer is waited for.
    pub(crate) patience: Option<Duration>,
    pub(crate) transport: &'a Transport,
    /// `None` sends the request without a signature.
    pub(crate) signer: Option<&'a Signer>,
    pub(crate) log: Log,
}

/// The last answer, and how many attempts were made before it when no more were left.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) answer: Answer,
    pub(crate) retries: Option<u32>,
}

impl Call<'_> {
    /// Sends the request until an answer is final, be it an error or not.
    pub(crate) fn run(&self, request: &Request) -> Result<Outcome, Failure> {
        let mut attempt = 1;
        let invocation = clock::uuid()?;
        loop {
            let outcome = self.once(request, &invocation, attempt)?;
            let may_repeat = match &outcome {
                Ok(answer) => is_repeatable(answer),
                Err(_) => true,
            };
            if may_repeat && attempt < self.attempts {
                let pause = clock::part_of(wait(attempt))?;
                self.log.say("call", || format!("attempt {attempt} failed, the next one follows in {pause:?}"));
                clock::sleep(pause);
                attempt += 1;
                continue;
            }
            let answer = outcome.map_err(|Lost(failure)| failure)?;
            return Ok(Outcome { answer, retries: (attempt >= self.attempts).then_some(attempt - 1) });
        }
    }

    fn once(&self, request: &Request, invocation: &str, attempt: u32) -> Result<Result<Answer, Lost>, Failure> {
        let mut request = self.signed(request)?;
        // What tells a service of attempts is no part of the signature, as in the Python clients.
        let attempt = match attempt {
            1 => "attempt=1".to_owned(),
            _ => format!("{}attempt={attempt}; max={}", self.time_to_live(), self.attempts),
        };
        for (name, value) in [("amz-sdk-invocation-id", invocation), ("amz-sdk-request", &attempt)] {
            if let Ok(value) = http::HeaderValue::from_str(value) {
                request.headers_mut().insert(name, value);
            }
        }
        self.log.say("call", || {
            let (method, url) = (request.method(), request.uri());
            let body = log::body(self.service, request.body());
            format!("request {method} {url} headers {{{}}} body {body}", log::headers(request.headers()))
        });
        let answer = self.transport.send(request);
        self.log.say("call", || match &answer {
            Err(Lost(failure)) => format!("no reply: {failure:?}"),
            Ok(answer) => {
                let body = log::body(self.service, &answer.body);
                format!("reply {} headers {{{}}} body {body}", answer.status, log::headers(&answer.headers))
            }
        });
        Ok(answer)
    }

    /// Until when anybody waits for an answer.
    fn time_to_live(&self) -> String {
        let patience = self.patience.map(|patience| timestamps::compact(clock::now() + patience));
        patience.map(|time| format!("ttl={time}; ")).unwrap_or_default()
    }

    /// The request as it goes out now.
    pub(crate) fn signed(&self, request: &Request) -> Result<http::Request<Vec<u8>>, Failure> {
        let mut request = http_request(request, self.endpoint)?;
        if let Some(signer) = self.signer {
            signer.sign(&mut request, clock::now())?;
        }
        Ok(request)
    }
}

/// The request as the HTTP client takes it.
pub(crate) fn http_request(request: &Request, endpoint: &str) -> Result<http::Request<Vec<u8>>, Failure> {
    let mut builder =
        http::Request::builder().method(request.method.as_str()).uri(format!("{endpoint}{}", request.target));
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    builder
        .body(request.body.clone())
        .map_err(|error| Failure::Other(format!("The request to {endpoint} cannot be made: {error}")))
}

fn is_repeatable(answer: &Answer) -> bool {
    let throttled = || THROTTLED.contains(&service_error::code(answer).as_str());
    answer.is_error() && (OVERLOADED.contains(&answer.status) || throttled())
}

/// The longest wait after the given attempt: one, two, four … seconds.
fn wait(attempt: u32) -> Duration {
    Duration::from_secs(1 << (attempt - 1).min(5)).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_limit() {
        let seconds: Vec<_> = (1..8).map(|attempt| wait(attempt).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 20, 20]);
    }

    #[test]
    fn only_some_errors_are_worth_another_try() {
        let answer = |status, code: &str| Answer {
            status,
            body: format!(r#"{{"__type":"{code}"}}"#).into_bytes(),
            ..Answer::default()
        };
        assert!(is_repeatable(&answer(503, "Whatever")));
        assert!(is_repeatable(&answer(400, "a#ThrottlingException")));
        assert!(!is_repeatable(&answer(400, "ValidationException")));
        assert!(!is_repeatable(&answer(200, "ThrottlingException")));
    }
}
