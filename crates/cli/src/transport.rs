//! Sends one request and waits for the whole answer.
//!
//! TLS is set up only for an `https` endpoint, so that a local server costs nothing.

use std::io;
use std::sync::Arc;

use ureq::tls::{PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};
use ureq::{Agent, Proxy, Timeout};

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
    /// Through whom requests go.
    proxy: Option<String>,
}

impl Transport {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Failure> {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(settings.connect_timeout)
            .timeout_per_read(settings.read_timeout);
        // AWS does not say: how an `http` endpoint is asked for through a proxy. By a tunnel, as an `https` one, which every
        // proxy has to have anyhow.
        let proxy = settings.proxies.for_url(&settings.endpoint);
        config = config.proxy(proxy.as_deref().map(proxied).transpose()?);
        if settings.endpoint.starts_with("https:") {
            config = config.tls_config(tls(settings)?);
        }
        Ok(Self { agent: config.build().new_agent(), proxy })
    }

    pub(crate) fn send(&self, request: http::Request<Vec<u8>>) -> Result<Answer, Lost> {
        let url = request.uri().to_string();
        let lost = |error| Lost(describe(&error, &url, self.proxy.as_deref()));
        let response = match (request.method().as_str(), request.body().is_empty()) {
            ("GET", true) => self.agent.run(request.map(|_| ())),
            ("DELETE", true) => self.agent.run(without_body(request)),
            _ => self.agent.run(request),
        };
        let (head, mut body) = response.map_err(lost)?.into_parts();
        let body = body.with_config().limit(u64::MAX).read_to_vec().map_err(lost)?;
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }
}

/// A request without a body that says so, as the Python clients do.
fn without_body(request: http::Request<Vec<u8>>) -> http::Request<()> {
    let mut request = request.map(|_| ());
    request.headers_mut().insert(http::header::CONTENT_LENGTH, http::HeaderValue::from_static("0"));
    request
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
fn describe(error: &ureq::Error, url: &str, proxy: Option<&str>) -> Failure {
    let message = match error {
        ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
            format!("Connect timeout on endpoint URL: \"{url}\"")
        }
        ureq::Error::Timeout(_) => format!("Read timeout on endpoint URL: \"{url}\""),
        ureq::Error::ConnectProxyFailed(reason) => {
            format!("Failed to connect to proxy URL: \"{}\": {reason}", proxy.unwrap_or_default())
        }
        ureq::Error::ConnectionFailed | ureq::Error::HostNotFound => unreached(url, proxy),
        ureq::Error::Io(cause) if is_tls(cause) => format!("SSL validation failed for {url} {cause}"),
        ureq::Error::Io(cause) if !is_cut_off(cause) => unreached(url, proxy),
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

fn unreached(url: &str, proxy: Option<&str>) -> String {
    match proxy {
        Some(proxy) => format!("Failed to connect to proxy URL: \"{proxy}\""),
        None => format!("Could not connect to the endpoint URL: \"{url}\""),
    }
}

/// The proxy, as the client takes it.
fn proxied(url: &str) -> Result<Proxy, Failure> {
    Proxy::new(url).map_err(|error| Failure::Other(format!("The proxy URL \"{url}\" is malformed: {error}")))
}

/// Whether TLS found fault with the other side; it arrives wrapped.
fn is_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|cause| cause.is::<rustls::Error>())
}

/// Whether a connection that stood was closed from the other side.
fn is_cut_off(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::Proxies;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;
    use std::thread::{self, JoinHandle};
    use std::time::Duration;

    fn settings(endpoint: &str) -> Settings {
        Settings {
            region: "r".to_owned(),
            endpoint: endpoint.to_owned(),
            verify_tls: true,
            ca_bundle: None,
            proxies: Proxies::default(),
            connect_timeout: Some(Duration::from_secs(5)),
            read_timeout: Some(Duration::from_secs(5)),
            attempts: 1,
        }
    }

    /// Answers one request with the given bytes, and gives back what it received.
    fn answer_once(answer: &'static str) -> (String, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("the client comes");
            let mut reader = BufReader::new(stream.try_clone().expect("it can be shared"));
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                reader.read_line(&mut head).expect("a line comes");
            }
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a number"))];
            reader.read_exact(&mut body).expect("the body comes");
            stream.write_all(answer.as_bytes()).expect("the client listens");
            format!("{head}{}", String::from_utf8_lossy(&body))
        });
        (endpoint, server)
    }

    fn send(method: &str, url: &str, body: &str) -> Result<Answer, Lost> {
        let request = http::Request::builder().method(method).uri(url).body(body.as_bytes().to_vec());
        Transport::new(&settings(url)).expect("it can be made").send(request.expect("it is a request"))
    }

    #[test]
    fn an_error_answer_is_an_answer() {
        let (url, server) = answer_once("HTTP/1.1 404 Not Found\r\nx-a: b\r\ncontent-length: 2\r\n\r\nno");
        let answer = send("POST", &url, "{}").expect("an answer");
        assert_eq!((answer.status, answer.body.as_slice()), (404, b"no".as_slice()));
        assert_eq!(answer.headers["x-a"], "b");
        let received = server.join().expect("the server is well");
        assert!(received.ends_with("\r\n\r\n{}"), "{received}");
    }

    #[test]
    fn redirects_are_not_followed_and_a_get_has_no_body() {
        let (url, server) =
            answer_once("HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(send("GET", &url, "").expect("an answer").status, 301);
        let received = server.join().expect("the server is well");
        assert!(!received.contains("content-length") && !received.contains("transfer-encoding"), "{received}");
    }

    #[test]
    fn lost_connections_say_where() {
        let Lost(failure) = send("GET", "http://127.0.0.1:1/x", "").expect_err("nobody listens there");
        let expected = "Could not connect to the endpoint URL: \"http://127.0.0.1:1/x\"";
        assert_eq!(failure, Failure::Other(expected.to_owned()));
        let (url, server) = answer_once("");
        let Lost(failure) = send("GET", &url, "").expect_err("it hangs up");
        let expected =
            format!("Connection was closed before we received a valid response from endpoint URL: \"{url}/\".");
        assert_eq!(failure, Failure::Other(expected));
        server.join().expect("the server is well");
    }
}
