//! AWS Signature Version 4 on a request that is otherwise ready.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;

use crate::errors::Failure;

/// Whose signature it is, and for what it is good.
#[derive(Debug)]
pub(crate) struct Signer {
    pub(crate) credentials: Credentials,
    pub(crate) region: String,
    /// The service name inside the scope, such as `execute-api`.
    pub(crate) service: String,
    /// Sign without the body, and say so in a header.
    pub(crate) unsigned_payload: bool,
}

impl Signer {
    /// Adds the date, the session token and the signature.
    pub(crate) fn sign(&self, request: &mut http::Request<Vec<u8>>, now: SystemTime) -> Result<(), Failure> {
        let broken = |error: &dyn std::error::Error| Failure::Other(format!("The request cannot be signed: {error}"));
        let mut settings = SigningSettings::default();
        if self.unsigned_payload {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(&self.service)
            .time(now)
            .settings(settings)
            .build()
            .map_err(|error| broken(&error))?
            .into();
        let uri = request.uri().to_string();
        let headers: Vec<(&str, &str)> = request
            .headers()
            .iter()
            .map(|(name, value)| Ok((name.as_str(), value.to_str()?)))
            .collect::<Result<_, http::header::ToStrError>>()
            .map_err(|error| broken(&error))?;
        let body =
            if self.unsigned_payload { SignableBody::UnsignedPayload } else { SignableBody::Bytes(request.body()) };
        let signable = SignableRequest::new(request.method().as_str(), uri, headers.into_iter(), body)
            .map_err(|error| broken(&error))?;
        let (instructions, _) = sign(signable, &parameters).map_err(|error| broken(&error))?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call;
    use crate::python;
    use crate::request::Request;
    use crate::value::Value;
    use std::time::{Duration, UNIX_EPOCH};

    /// Requests that botocore made and signed.
    const RECORDED: &str = include_str!("../testdata/requests.json");

    #[test]
    fn signatures_are_those_of_botocore() {
        let Ok(Value::List(recorded)) = python::json(RECORDED) else { panic!("a list was expected") };
        for case in recorded {
            let text = |name: &str| case[name].as_text().unwrap_or_default().to_owned();
            let headers = case["headers"].as_map().expect("an object").iter();
            let request = Request {
                method: text("method"),
                target: text("target"),
                headers: headers
                    .map(|(name, value)| (name.clone(), value.as_text().unwrap_or("").to_owned()))
                    .collect(),
                body: text("body").into_bytes(),
            };
            let token = case["session_token"].as_text().map(str::to_owned);
            let signer = Signer {
                credentials: Credentials::new(
                    "AKIDEXAMPLE",
                    "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                    token,
                    None,
                    "test",
                ),
                region: "us-west-2".to_owned(),
                service: text("signing_name"),
                unsigned_payload: case["unsigned_payload"].is_truthy(),
            };
            let mut request = call::http_request(&request, &text("endpoint")).expect("it is a request");
            // 2024-01-02T03:04:05Z
            signer.sign(&mut request, UNIX_EPOCH + Duration::from_secs(1_704_164_645)).expect("it can be signed");
            let signed = request.headers()["authorization"].to_str().expect("it is text");
            assert_eq!(signed, text("authorization"), "{case:?}");
        }
    }
}
