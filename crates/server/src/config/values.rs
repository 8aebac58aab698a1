//! Readers of single values, each with the sentence that says what is wrong.

use std::{fmt, net::SocketAddr, str::FromStr};

use http::{Uri, uri::Scheme};

/// An absolute `http` or `https` URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpUrl(Uri);

impl HttpUrl {
    /// The URL, taken apart.
    #[must_use]
    pub const fn uri(&self) -> &Uri {
        &self.0
    }
}

impl fmt::Display for HttpUrl {
    /// The URL, without the slash of an empty path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        f.write_str(text.strip_suffix('/').filter(|_| self.0.path() == "/").unwrap_or(&text))
    }
}

impl FromStr for HttpUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "expected a URL such as http://127.0.0.1:8080/path";
        let uri: Uri = text.parse().map_err(|_| WRONG)?;
        let is_http = uri.scheme() == Some(&Scheme::HTTP) || uri.scheme() == Some(&Scheme::HTTPS);
        let has_host = uri.host().is_some_and(|host| !host.is_empty());
        if is_http && has_host { Ok(Self(uri)) } else { Err(WRONG) }
    }
}

/// Where what would go to an SNS topic is delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamSink {
    /// The topic.
    pub topic_arn: String,
    /// The endpoint.
    pub url: HttpUrl,
}

impl FromStr for StreamSink {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (topic_arn, url) = text.split_once('=').ok_or("expected TOPIC_ARN=URL")?;
        if !topic_arn.starts_with("arn:") {
            return Err("expected the ARN of an SNS topic before the equals sign");
        }
        Ok(Self { topic_arn: topic_arn.to_owned(), url: url.parse()? })
    }
}

/// A server that helps clients to find a way, as the `Link` header names it (RFC 9725, STUN/TURN server configuration).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IceServer(String);

impl IceServer {
    /// The value of the `Link` header.
    pub(crate) fn link(&self) -> &str {
        &self.0
    }
}

impl FromStr for IceServer {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "expected stun:HOST:PORT, or turn:HOST:PORT,USERNAME,CREDENTIAL";
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\<>".contains(&byte)) {
            return Err(WRONG);
        }
        let scheme = text.split_once(':').map(|(scheme, _)| scheme);
        let parts: Vec<&str> = text.splitn(3, ',').collect();
        match (scheme, parts.as_slice()) {
            (Some("stun" | "stuns"), [url]) => Ok(Self(format!("<{url}>; rel=\"ice-server\""))),
            (Some("turn" | "turns"), [url, username, credential]) => Ok(Self(format!(
                "<{url}>; rel=\"ice-server\"; username=\"{username}\"; credential=\"{credential}\"; \
                 credential-type=\"password\""
            ))),
            _ => Err(WRONG),
        }
    }
}

/// An address and a port; `localhost` is the loopback address.
pub(super) fn address(text: &str) -> Result<SocketAddr, &'static str> {
    let named = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    named.as_deref().unwrap_or(text).parse().map_err(|_| "expected an address and a port such as 127.0.0.1:4747")
}

/// A URL that is only a scheme, a host and a port, without a slash at the end: the services' paths begin at its root.
pub(super) fn public_url(text: &str) -> Result<String, &'static str> {
    let url: HttpUrl = text.parse()?;
    if url.0.path_and_query().is_some_and(|rest| rest != "/") {
        return Err("expected a URL without a path: the AWS operations are at its root");
    }
    Ok(url.to_string())
}

/// An origin as browsers send it: a scheme, a host and a port in lower case, and nothing after. Or a star, for any.
pub(super) fn origin(text: &str) -> Result<String, &'static str> {
    const WRONG: &str = "expected an origin such as https://example.com";
    if text == "*" {
        return Ok(text.to_owned());
    }
    let uri: Uri = text.parse().map_err(|_| WRONG)?;
    let is_origin = uri.scheme().is_some() && uri.host().is_some() && uri.path() == "/" && uri.query().is_none();
    if !is_origin || text.ends_with('/') || text.contains('@') {
        return Err(WRONG);
    }
    Ok(text.to_ascii_lowercase())
}

pub(super) fn region(text: &str) -> Result<String, &'static str> {
    let is_region = (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_region { Ok(text.to_owned()) } else { Err("expected a region such as us-east-1") }
}

pub(super) fn account(text: &str) -> Result<String, &'static str> {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_account { Ok(text.to_owned()) } else { Err("expected 12 digits") }
}

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    let parsed = tracing_subscriber::EnvFilter::builder().parse(text);
    parsed.map(|_| text.to_owned()).map_err(|error| error.to_string())
}
