//! Where to send a request and how: from options, the environment and the shared AWS files, in this order.
//!
//! The names and their precedence are those of version 2 of the AWS command line ("Configuration settings and
//! precedence", "Service-specific endpoints" in AWS's reference guide).

use std::time::Duration;

use switchboard_model::Service;

use crate::credentials;
use crate::endpoint;
use crate::errors::Failure;
use crate::globals::Globals;
use crate::proxy::Proxies;
use crate::python;
use crate::sources::{Sources, Wanted};

const DEFAULT_TIMEOUT_S: u64 = 60;
const DEFAULT_ATTEMPTS: u32 = 3;

/// Everything a call needs besides its input and the credentials.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) region: String,
    /// The URL in front of every path, without a slash at its end.
    pub(crate) endpoint: String,
    pub(crate) verify_tls: bool,
    pub(crate) ca_bundle: Option<String>,
    pub(crate) proxies: Proxies,
    /// `None` waits for ever.
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) read_timeout: Option<Duration>,
    /// How often a request is sent before a repeatable failure is final.
    pub(crate) attempts: u32,
}

impl Settings {
    /// Settles every question for one service.
    pub(crate) fn resolve(service: &Service, globals: &Globals, sources: &Sources) -> Result<Self, Failure> {
        sources.check_profile(globals)?;
        let region = region(globals, sources)?;
        let endpoint = match configured_endpoint(service, globals, sources)? {
            Some(url) => checked_endpoint(&url)?,
            None => endpoint::of_aws(&service.endpoint_prefix, &region, endpoint::Variant::of(globals, sources))?,
        };
        sources.log.say("config", || format!("endpoint = {endpoint}"));
        check_retry_mode(globals, sources)?;
        let attempts = attempts(globals, sources)?;
        Ok(Self { endpoint, attempts, ..Self::of_connections(globals, sources, &region) })
    }

    /// What there is to say of connections, wherever they lead.
    pub(crate) fn of_connections(globals: &Globals, sources: &Sources, region: &str) -> Self {
        let ca_bundle = Wanted::new("ca_bundle").option(globals.ca_bundle.clone()).variable("AWS_CA_BUNDLE");
        Self {
            region: region.to_owned(),
            endpoint: String::new(),
            verify_tls: !globals.no_verify_ssl,
            ca_bundle: sources.find(globals, &ca_bundle).or_else(|| sources.variable("REQUESTS_CA_BUNDLE")),
            proxies: Proxies::of(|name| sources.set_variable(name)),
            connect_timeout: timeout(globals.connect_timeout_s),
            read_timeout: timeout(globals.read_timeout_s),
            attempts: DEFAULT_ATTEMPTS,
        }
    }
}

fn region(globals: &Globals, sources: &Sources) -> Result<String, Failure> {
    let wanted = Wanted::new("region").option(globals.region.clone()).variable("AWS_REGION");
    let region = sources
        .find(globals, &wanted.variable("AWS_DEFAULT_REGION"))
        .or_else(|| credentials::instance_region(globals, sources));
    let region = region.ok_or_else(|| {
        let hint =
            "You must specify a region. You can also configure your region by running \"switchboard configure\".";
        Failure::Configuration("NoRegion", hint.to_owned())
    })?;
    let is_label = (1..=63).contains(&region.len())
        && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-');
    if is_label {
        return Ok(region);
    }
    Err(Failure::Other(format!("Provided region_name '{region}' doesn't match a supported format.")))
}

fn configured_endpoint(service: &Service, globals: &Globals, sources: &Sources) -> Result<Option<String>, Failure> {
    if globals.endpoint_url.is_some() {
        return Ok(globals.endpoint_url.clone());
    }
    let ignored = Wanted::new("ignore_configured_endpoint_urls").variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if sources.find(globals, &ignored).is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(None);
    }
    let key = service.service_id.replace([' ', '-'], "_");
    let in_environment = sources
        .variable(&format!("AWS_ENDPOINT_URL_{}", key.to_uppercase()))
        .or_else(|| sources.variable("AWS_ENDPOINT_URL"));
    if in_environment.is_some() {
        return Ok(in_environment);
    }
    let in_services = endpoint_in_services(&key.to_lowercase(), globals, sources)?;
    Ok(in_services.or_else(|| sources.find(globals, &Wanted::new("endpoint_url"))))
}

/// From the `services` section that the profile names. One that is not there is no reason to call AWS instead.
fn endpoint_in_services(key: &str, globals: &Globals, sources: &Sources) -> Result<Option<String>, Failure> {
    let Some(name) = sources.find(globals, &Wanted::new("services")) else { return Ok(None) };
    let block = sources.named_section(&format!("services {name}")).ok_or_else(|| {
        Failure::Other(format!(
            "The profile is configured to use the services section but the \"{name}\" services configuration does not \
             exist."
        ))
    })?;
    Ok(block.get(key).and_then(|settings| settings.nested.get("endpoint_url").cloned()))
}

fn checked_endpoint(url: &str) -> Result<String, Failure> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    match rest {
        Some(host) if !host.is_empty() && !host.starts_with('/') => Ok(url.trim_end_matches('/').to_owned()),
        _ => Err(Failure::Other(format!("Invalid endpoint: {url}"))),
    }
}

/// Zero waits for ever.
fn timeout(seconds: Option<u64>) -> Option<Duration> {
    Some(seconds.unwrap_or(DEFAULT_TIMEOUT_S)).filter(|&seconds| seconds > 0).map(Duration::from_secs)
}

/// Both modes that there are send a request again in the same cases.
fn check_retry_mode(globals: &Globals, sources: &Sources) -> Result<(), Failure> {
    let mode = sources.find(globals, &Wanted::new("retry_mode").variable("AWS_RETRY_MODE"));
    match mode.as_deref() {
        None | Some("standard" | "adaptive") => Ok(()),
        Some(other) => Err(Failure::Other(format!(
            "Invalid value provided to \"mode\": \"{other}\" must be one of: \"standard\" or \"adaptive\""
        ))),
    }
}

fn attempts(globals: &Globals, sources: &Sources) -> Result<u32, Failure> {
    let wanted = Wanted::new("max_attempts").variable("AWS_MAX_ATTEMPTS");
    let Some(text) = sources.find(globals, &wanted) else { return Ok(DEFAULT_ATTEMPTS) };
    let number = python::int(&text)
        .ok_or_else(|| Failure::Other(format!("invalid literal for int() with base 10: '{text}'")))?;
    let attempts = number.to_i64().and_then(|number| u32::try_from(number).ok()).filter(|&number| number > 0);
    attempts.ok_or_else(|| {
        Failure::Other(format!(
            "Value provided to \"max_attempts\": {number} must be an integer greater than or equal to one."
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::sources::tests::sources;

    fn resolve(service: &str, globals: &Globals, variables: &'static [(&str, &str)]) -> Result<Settings, Failure> {
        Settings::resolve(&catalog::service(service).expect("it exists"), globals, &sources(variables))
    }

    #[test]
    fn regions_come_from_options_then_variables_then_files() {
        let region = |globals: &Globals, variables| resolve("connect", globals, variables).map(|found| found.region);
        let none = Globals::default();
        assert_eq!(region(&none, &[]), Ok("eu-west-1".to_owned()));
        assert_eq!(region(&none, &[("AWS_DEFAULT_REGION", "b"), ("AWS_REGION", "a")]), Ok("a".to_owned()));
        assert_eq!(region(&none, &[("AWS_PROFILE", "dev")]), Ok("us-west-2".to_owned()));
        let given = Globals { region: Some("c".to_owned()), ..Globals::default() };
        assert_eq!(region(&given, &[("AWS_REGION", "a")]), Ok("c".to_owned()));
        let bad = region(&none, &[("AWS_REGION", "bad region")]);
        let expected = "Provided region_name 'bad region' doesn't match a supported format.";
        assert_eq!(bad, Err(Failure::Other(expected.to_owned())));
        let nowhere = region(&none, &[("AWS_PROFILE", "keys"), ("AWS_EC2_METADATA_DISABLED", "true")]);
        assert!(matches!(nowhere, Err(Failure::Configuration("NoRegion", _))));
        let missing = region(&none, &[("AWS_PROFILE", "nope")]);
        assert_eq!(missing, Err(Failure::Other("The config profile (nope) could not be found".to_owned())));
    }

    #[test]
    fn endpoints_go_from_the_special_to_the_general() {
        let endpoint = |service, url: Option<&str>, variables| {
            let globals = Globals { endpoint_url: url.map(str::to_owned), ..Globals::default() };
            resolve(service, &globals, variables).map(|found| found.endpoint)
        };
        let expect = |found: Result<String, Failure>, url: &str| assert_eq!(found, Ok(url.to_owned()));
        expect(endpoint("connectparticipant", None, &[]), "https://participant.connect.eu-west-1.amazonaws.com");
        expect(
            endpoint("connect", None, &[("AWS_REGION", "cn-north-1")]),
            "https://connect.cn-north-1.amazonaws.com.cn",
        );
        expect(endpoint("ivs-realtime", None, &[("AWS_PROFILE", "dev")]), "http://ivs:2");
        expect(endpoint("connect", None, &[("AWS_PROFILE", "dev")]), "http://any:1");
        const BOTH: &[(&str, &str)] =
            &[("AWS_ENDPOINT_URL", "http://a"), ("AWS_ENDPOINT_URL_LEX_RUNTIME_V2", "http://b/c/")];
        expect(endpoint("lexv2-runtime", None, BOTH), "http://b/c");
        expect(endpoint("lex-runtime", None, BOTH), "http://a");
        expect(endpoint("lexv2-runtime", Some("https://d"), BOTH), "https://d");
        const IGNORED: &[(&str, &str)] =
            &[("AWS_ENDPOINT_URL", "http://a"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")];
        expect(endpoint("connect", None, IGNORED), "https://connect.eu-west-1.amazonaws.com");
        let expected = Err(Failure::Other("Invalid endpoint: localhost:47".to_owned()));
        assert_eq!(endpoint("connect", Some("localhost:47"), &[]), expected);
    }

    #[test]
    fn attempts_are_counted_from_one() {
        let attempts = |variables| resolve("connect", &Globals::default(), variables).map(|found| found.attempts);
        assert_eq!(attempts(&[]), Ok(3));
        assert_eq!(attempts(&[("AWS_MAX_ATTEMPTS", "5"), ("AWS_RETRY_MODE", "adaptive")]), Ok(5));
        for (variables, expected) in [
            (
                &[("AWS_MAX_ATTEMPTS", "0")],
                "Value provided to \"max_attempts\": 0 must be an integer greater than or equal to one.",
            ),
            (&[("AWS_MAX_ATTEMPTS", "x")], "invalid literal for int() with base 10: 'x'"),
            (
                &[("AWS_RETRY_MODE", "legacy")],
                "Invalid value provided to \"mode\": \"legacy\" must be one of: \"standard\" or \"adaptive\"",
            ),
        ] {
            assert_eq!(attempts(variables), Err(Failure::Other(expected.to_owned())));
        }
    }

    #[test]
    fn zero_seconds_are_for_ever() {
        assert_eq!(timeout(None), Some(Duration::from_secs(60)));
        assert_eq!(timeout(Some(0)), None);
    }
}
