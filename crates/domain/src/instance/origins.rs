//! The origins of web pages that may embed an instance.
//!
//! The one rule: an origin is what a browser calls one (RFC 6454 section 6): a scheme, a host and perhaps a port, with
//! no path. Facts: *AssociateApprovedOrigin*; *Use an allow list for integrated applications* in the Administrator Guide.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::instance::{Associable, Family};

/// The longest origin, in characters.
const ORIGIN_MAX: usize = 267;

/// An origin, kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Origin(String);

/// Not an origin: an `InvalidParameterException`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Origin must have the form https://host[:port] or http://host[:port], with no path.")]
pub struct NotAnOrigin;

impl Origin {
    /// Reads an origin.
    ///
    /// # Errors
    /// [`NotAnOrigin`].
    pub fn parse(text: &str) -> Result<Self, NotAnOrigin> {
        // AWS does not say: which schemes. Ours are the two that pages have; plain http serves local development.
        let (scheme, rest) = text.split_once("://").ok_or(NotAnOrigin)?;
        let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
        let fits = text.len() <= ORIGIN_MAX && is_web && is_authority(rest);
        if fits { Ok(Self(text.to_owned())) } else { Err(NotAnOrigin) }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Associable for Origin {
    fn family(&self) -> Family {
        Family::ApprovedOrigins
    }

    /// Lower case: the case of a scheme and a host means nothing.
    fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The origin {}", self.0)
    }
}

/// `host[:port]`. The host is a name, an IPv4 address or an IPv6 address in brackets.
fn is_authority(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, rest)) = rest.split_once(']') else { return false };
        return address.parse::<std::net::Ipv6Addr>().is_ok() && is_end(rest);
    }
    let (host, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
    is_host(host) && is_end(rest)
}

/// Nothing, or `:port`.
fn is_end(text: &str) -> bool {
    let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|n| n > 0);
    text.is_empty() || text.strip_prefix(':').is_some_and(is_port)
}

fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A leading `*.` is the one wildcard that an allow list may hold.
    text.strip_prefix("*.").unwrap_or(text).split('.').all(is_label)
}
