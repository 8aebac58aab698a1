//! Sends one request and waits for the whole answer.
//!
//! TLS is set up only for an `https` endpoint, so that a local server costs nothing.

use std::io;
use std::sync::Arc;

use ureq::tls::{PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};
use ureq::{Agent, Timeout};

use crate::config::Settings;
use crate::errors::Failure;
use crate::response::Answer;

/// A connection that did not bring an answer. Trying again may help.
#[derive(Debug)]
pub(crate) struct Lost(pub(crate) Failure);

/// The way to one endpoint.
#[derive(Debug)]
pub(crate) struct Transport {
    agent: Agent,
}

impl Transport {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Failure> {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(settings.connect_timeout)
            .timeout_per_read(settings.read_timeout);
        if settings.endpoint.starts_with("https:") {
            config = config.tls_config(tls(settings)?);
        }
        Ok(Self { agent: config.build().new_agent() })
    }

    pub(crate) fn send(&self, request: http::Request<Vec<u8>>) -> Result<Answer, Lost> {
        let url = request.uri().to_string();
        let lost = |error| Lost(describe(&error, &url));
        let response = if request.body().is_empty() && matches!(request.method().as_str(), "GET" | "DELETE") {
            self.agent.run(request.map(|_| ()))
        } else {
            self.agent.run(request)
        };
        let (head, mut body) = response.map_err(lost)?.into_parts();
        let body = body.with_config().limit(u64::MAX).read_to_vec().map_err(lost)?;
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }
}

fn tls(settings: &Settings) -> Result<TlsConfig, Failure> {
    let mut config = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .disable_verification(!settings.verify_tls);
    if let Some(path) = &settings.ca_bundle {
        config = config.root_certs(roots(path)?);
    }
    Ok(config.build())
}

/// The certificates of a PEM file.
fn roots(path: &str) -> Result<RootCerts, Failure> {
    let unusable = |problem: &dyn std::fmt::Display| {
        Failure::Other(format!("Could not find a suitable TLS CA certificate bundle, invalid path: {path}: {problem}"))
    };
    let pem = std::fs::read(path).map_err(|error| unusable(&error))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| unusable(&error))? {
            certificates.push(certificate);
        }
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

/// What went wrong on the way, in the words of `aws`.
fn describe(error: &ureq::Error, url: &str) -> Failure {
    let message = match error {
        ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
            format!("Connect timeout on endpoint URL: \"{url}\"")
        }
        ureq::Error::Timeout(_) => format!("Read timeout on endpoint URL: \"{url}\""),
        ureq::Error::ConnectionFailed | ureq::Error::HostNotFound => {
            format!("Could not connect to the endpoint URL: \"{url}\"")
        }
        ureq::Error::Io(error) if !is_cut_off(error) => format!("Could not connect to the endpoint URL: \"{url}\""),
        ureq::Error::Io(_) | ureq::Error::Protocol(_) => {
            format!("Connection was closed before we received a valid response from endpoint URL: \"{url}\".")
        }
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => {
            format!("SSL validation failed for {url} {error}")
        }
        other => format!("{other}: \"{url}\""),
    };
    Failure::Other(message)
}

/// Whether a connection that stood was closed from the other side.
fn is_cut_off(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}
