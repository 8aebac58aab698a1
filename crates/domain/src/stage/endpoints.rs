//! Where clients reach a stage: the URLs in `Stage.endpoints` and in its tokens.
//!
//! The one rule: a URL that was given out stays good. Clients may keep them for fourteen days and write them into the
//! tokens that they sign, so a server that moves remembers where it was and accepts tokens that name those places.
//!
//! Facts: *Distribute participant tokens* in the Amazon IVS Real-Time User Guide (the URLs must equal the stage's, and
//! may be cached for up to 14 days); `StageEndpoints` in the API Reference.

use serde::{Deserialize, Serialize};

use super::StageId;
use crate::Time;

/// How long clients may keep a URL.
const KEPT_DAYS: i64 = 14;

/// The URLs of one stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// `events`: the WebSocket of room events, followed by the stage's topic.
    pub events: String,
    /// `whip`: to publish to by WHIP; subscriptions and the session resources are below it.
    pub whip: String,
    /// `rtmp`: to publish to by RTMP, followed by a stream key.
    pub rtmp: String,
    /// `rtmps`: the same, encrypted.
    pub rtmps: String,
}

/// The path of every stage's room events.
pub const EVENTS_PATH: &str = "/events";
/// The path that every stage's WHIP endpoint begins with.
pub const WHIP_PATH: &str = "/whip";

impl Endpoints {
    /// The URLs of `stage` on the server that is reached at `base`: `http://HOST:PORT` or `https://HOST`.
    #[must_use]
    pub fn at(base: &str, stage: StageId) -> Self {
        let (is_secure, authority) = match base.split_once("://") {
            Some((scheme, authority)) => (scheme == "https", authority),
            None => (false, base),
        };
        let sockets = if is_secure { "wss" } else { "ws" };
        let host = host(authority);
        Self {
            events: format!("{sockets}://{authority}{EVENTS_PATH}"),
            whip: format!("{base}{WHIP_PATH}/{stage}"),
            rtmp: format!("rtmp://{host}:1935/app/"),
            rtmps: format!("rtmps://{host}:443/app/"),
        }
    }
}

/// An authority without its port. An IPv6 address keeps its brackets.
fn host(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// Where the server is reached, and where it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// The present one comes last.
    known: Vec<Known>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    base: String,
    /// When the server was last started there.
    since: Time,
    /// When it went elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<Time>,
}

impl Addresses {
    /// The server starts at `base`. Places that it left longer ago than anybody may remember are forgotten.
    #[must_use]
    pub fn started_at(mut self, base: &str, now: Time) -> Self {
        for known in &mut self.known {
            known.left.get_or_insert(now);
        }
        let forgotten = now.plus_seconds(-KEPT_DAYS * 24 * 60 * 60);
        self.known.retain(|known| known.base != base && known.left.is_none_or(|left| left > forgotten));
        self.known.push(Known { base: base.to_owned(), since: now, left: None });
        self
    }

    /// Whether a token may name these URLs for that stage.
    #[must_use]
    pub fn accept(&self, events_url: &str, whip_url: &str, stage: StageId) -> bool {
        self.known.iter().any(|known| {
            let endpoints = Endpoints::at(&known.base, stage);
            endpoints.events == events_url && endpoints.whip == whip_url
        })
    }
}
