//! Those who come to a stage with a token that is no good: so many a second from one address, and no more.
//!
//! The one rule: to refuse them costs less than to look at their token, whose signature takes a hundred times as long to
//! verify. Whoever comes from the same address waits with them for a moment; but nobody who is in already, for what a
//! session's own token asks of it needs no verifying.
//!
//! Source: RFC 9725 §5 (requests are to be limited in rate), RFC 6585 §4 (429 and `Retry-After`).

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, Method, StatusCode},
    middleware::Next,
    response::Response,
};
use parking_lot::Mutex;
use switchboard_domain::{
    Time,
    rate::{Meter, Rate},
    stage::LegId,
};

use super::{problem::Problem, whip::bearer};
use crate::app::App;

// AWS does not say: how often somebody may come with a token that is no good; it publishes no rate for WHIP, WHEP and room
// events at all. Twenty times a second and a hundred at once: a school behind one address whose tokens have expired gets
// to hear so, and verifying them takes no more than a hundredth of a core.
const PER_SECOND: u32 = 20;
const AT_ONCE: u32 = 100;
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Addresses that are told apart. When there are more, all others are as one.
const MANY: usize = 4_096;

/// How often strangers came.
#[derive(Debug, Default)]
pub(super) struct Strangers(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    by_address: HashMap<IpAddr, Meter>,
    others: Meter,
}

impl Strangers {
    /// Whether nobody from there is to be looked at now.
    fn are_too_many(&self, from: IpAddr, now: Time) -> bool {
        let counted = self.0.lock();
        let meter = counted.by_address.get(&from).copied();
        let is_full = || counted.by_address.len() >= MANY;
        let mut meter = meter.unwrap_or_else(|| if is_full() { counted.others } else { Meter::default() });
        !meter.admit(rate(), now)
    }

    /// Counts one more who is no good.
    fn count(&self, from: IpAddr, now: Time) {
        let mut counted = self.0.lock();
        let Counted { by_address, others } = &mut *counted;
        if by_address.len() >= MANY && !by_address.contains_key(&from) {
            // At most so often as strangers come, which is what is limited here.
            by_address.retain(|_, meter| !meter.is_rested(now));
        }
        let meter = if by_address.len() < MANY || by_address.contains_key(&from) {
            by_address.entry(from).or_default()
        } else {
            others
        };
        meter.admit(rate(), now);
    }
}

fn rate() -> Rate {
    Rate::new(PER_SECOND, AT_ONCE)
}

/// Stands before all routes of stages.
pub(super) async fn turn_away(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let Some(from) = peer.map(|peer| address(peer, request.headers())) else { return next.run(request).await };
    if app.media.strangers.are_too_many(from, app.clock.now())
        && request.method() != Method::OPTIONS
        && !is_of_a_session(&app, &request)
    {
        let detail = "Too many requests with a token that is not valid have come from this address.";
        return Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).into_response();
    }
    let reply = next.run(request).await;
    if reply.status() == StatusCode::UNAUTHORIZED {
        app.media.strangers.count(from, app.clock.now());
    }
    reply
}

/// Whether whoever opened a session asks something of it.
fn is_of_a_session(app: &App, request: &Request) -> bool {
    let mut names = request.uri().path().split('/').skip_while(|name| *name != "sessions").skip(1);
    let session =
        names.next().and_then(|name| name.parse().ok()).and_then(|leg| app.media.sessions.session(LegId(leg)));
    session.is_some_and(|session| bearer(request.headers()).is_ok_and(|token| session.token.is(token)))
}

/// Where a request comes from. A proxy on this machine says for whom it asks; what others say of themselves is not
/// believed. Addresses of one IPv6 network belong to one customer of a provider.
fn address(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let told = || {
        let last = headers.get_all(FORWARDED_FOR).iter().next_back()?.to_str().ok()?.rsplit(',').next()?;
        last.trim().parse().ok()
    };
    let address = Some(peer).filter(|peer| !peer.to_canonical().is_loopback()).or_else(told).unwrap_or(peer);
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        canonical => canonical,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_burst_then_a_pause_and_others_are_not_concerned() {
        let (strangers, [one, other]) = (Strangers::default(), [ip("203.0.113.1"), ip("203.0.113.2")]);
        let now = Time(1_800_000_000_000);
        for nth in 0..AT_ONCE {
            assert!(!strangers.are_too_many(one, now), "number {nth}");
            strangers.count(one, now);
        }
        assert!(strangers.are_too_many(one, now));
        assert!(!strangers.are_too_many(other, now));
        assert!(!strangers.are_too_many(one, Time(now.as_millis() + 50)));
    }

    #[test]
    fn a_crowd_from_everywhere_takes_no_more_memory() {
        let (strangers, now) = (Strangers::default(), Time(1_800_000_000_000));
        for nth in 0..MANY as u32 + 1_000 {
            strangers.count(IpAddr::V4((0x0a00_0000 + nth).into()), now);
        }
        assert_eq!(strangers.0.lock().by_address.len(), MANY);
        assert!(strangers.are_too_many(ip("192.0.2.1"), now), "one of those who are not told apart");
        assert!(!strangers.are_too_many(ip("10.0.0.1"), now));
        strangers.count(ip("192.0.2.1"), Time(now.as_millis() + 60_000));
        assert_eq!(strangers.0.lock().by_address.len(), 1, "all others have rested");
    }

    #[test]
    fn who_asks() {
        let address = |peer: &str, forwarded: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.extend(forwarded.map(|value| (FORWARDED_FOR, HeaderValue::from_static(value))));
            address(ip(peer), &headers)
        };
        assert_eq!(address("203.0.113.1", None), ip("203.0.113.1"));
        assert_eq!(address("203.0.113.1", Some("192.0.2.7")), ip("203.0.113.1"), "anybody can write that");
        assert_eq!(
            address("127.0.0.1", Some("192.0.2.7, 198.51.100.9")),
            ip("198.51.100.9"),
            "the proxy wrote the last"
        );
        assert_eq!(address("::1", Some("198.51.100.9")), ip("198.51.100.9"));
        assert_eq!(address("127.0.0.1", Some("nobody")), ip("127.0.0.1"));
        assert_eq!(address("::ffff:203.0.113.1", None), ip("203.0.113.1"));
        assert_eq!(address("2001:db8:1:2:3:4:5:6", None), ip("2001:db8:1:2::"));
    }
}
