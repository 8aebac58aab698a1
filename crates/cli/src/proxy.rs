//! Through whom connections go: the proxies that the environment names.
//!
//! One rule: the environment is read as Python's `urllib` reads it, because `aws` does. `http_proxy` is for URLs that
//! begin so and `https_proxy` for the others, small letters go before capital ones, and `no_proxy` lists hosts and
//! domains that are reached directly ("Using an HTTP proxy for the AWS CLI" in its user guide).

use http::Uri;

/// The proxies of an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Proxies {
    http: Option<String>,
    https: Option<String>,
    /// The hosts that need none.
    direct: Vec<String>,
}

impl Proxies {
    /// Reads the variables.
    pub(crate) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let setting = |small: &str, capital: &str| {
            // One that is set to nothing takes the other one's place too.
            variable(small).or_else(|| variable(capital)).filter(|value| !value.trim().is_empty())
        };
        // In a CGI program a client could set it by a header of its request.
        let capital_http = if variable("REQUEST_METHOD").is_some() { "http_proxy" } else { "HTTP_PROXY" };
        let direct = setting("no_proxy", "NO_PROXY").unwrap_or_default();
        let direct = direct.split(',').map(|name| name.trim().trim_start_matches('.').to_lowercase());
        Self {
            http: setting("http_proxy", capital_http),
            https: setting("https_proxy", "HTTPS_PROXY"),
            direct: direct.filter(|name| !name.is_empty()).collect(),
        }
    }

    /// The URL of the proxy for a URL; `None` goes there directly.
    pub(crate) fn for_url(&self, url: &str) -> Option<String> {
        let url: Uri = url.parse().ok()?;
        let proxy = match url.scheme_str()? {
            "http" | "ws" => self.http.as_ref()?,
            _ => self.https.as_ref()?,
        };
        let host = url.host()?.to_lowercase();
        let with_port = url.port_u16().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        let is_direct = |name: &String| {
            let domain = format!(".{name}");
            *name == host || *name == with_port || host.ends_with(&domain) || with_port.ends_with(&domain)
        };
        if self.direct == ["*"] || self.direct.iter().any(is_direct) {
            return None;
        }
        Some(if proxy.contains("://") { proxy.clone() } else { format!("http://{proxy}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(variables: &[(&str, &str)], url: &str) -> Option<String> {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Proxies::of(variable).for_url(url)
    }

    #[test]
    fn each_kind_of_url_has_its_proxy() {
        let both = [("http_proxy", "http://a:1"), ("HTTPS_PROXY", "b:2")];
        assert_eq!(proxy(&both, "http://x/").as_deref(), Some("http://a:1"));
        assert_eq!(proxy(&both, "https://x/").as_deref(), Some("http://b:2"));
        assert_eq!(proxy(&both, "wss://x/").as_deref(), Some("http://b:2"));
        assert_eq!(proxy(&[("http_proxy", "a"), ("HTTP_PROXY", "b")], "http://x/").as_deref(), Some("http://a"));
        assert_eq!(proxy(&[("http_proxy", ""), ("HTTP_PROXY", "b")], "http://x/"), None);
        assert_eq!(proxy(&[("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "b")], "http://x/"), None);
    }

    #[test]
    fn some_hosts_are_reached_directly() {
        let via = |no_proxy: &'static str, url| proxy(&[("http_proxy", "p"), ("no_proxy", no_proxy)], url).is_some();
        assert!(via("example.com", "http://example.org/") && via("ample.com", "http://example.com/"));
        for no_proxy in ["example.com", ".example.com", "a, EXAMPLE.com", "*", "example.com:81"] {
            assert!(!via(no_proxy, "http://example.com:81/"), "{no_proxy}");
        }
        assert!(!via("example.com", "http://a.example.com/") && via("example.com:82", "http://example.com:81/"));
    }
}
