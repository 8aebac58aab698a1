//! Where to send a request and how: from options, the environment and the shared AWS files, in this order.
//!
//! The names and their precedence are those of version 2 of the AWS command line ("Configuration settings and
//! precedence", "Service-specific endpoints" in AWS's reference guide).

use std::fs;
use std::time::Duration;

use switchboard_model::Service;

use crate::args::Globals;
use crate::errors::Failure;
use crate::ini::{Ini, Section};
use crate::paramfile;

const DEFAULT_TIMEOUT_S: u64 = 60;
const DEFAULT_ATTEMPTS: u32 = 3;

/// Everything a call needs besides its input and the credentials.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) region: String,
    /// The URL in front of every path, without a slash at its end.
    pub(crate) endpoint: String,
    pub(crate) verify_tls: bool,
    pub(crate) ca_bundle: Option<String>,
    /// `None` waits for ever.
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) read_timeout: Option<Duration>,
    /// Print times as the service sent them instead of as ISO 8601.
    pub(crate) wire_times: bool,
    /// How often a request is sent before a repeatable failure is final.
    pub(crate) attempts: u32,
}

/// The value of an environment variable that is set and not empty.
type Variables = Box<dyn Fn(&str) -> Option<String>>;

/// The environment and the files, read once.
pub(crate) struct Sources {
    variable: Variables,
    config: Ini,
    credentials: Ini,
}

impl Sources {
    /// Reads the shared files that this user has.
    pub(crate) fn load() -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let file = |name: &str, usual: &str| read(&variable(name).unwrap_or_else(|| usual.to_owned()));
        let config = file("AWS_CONFIG_FILE", "~/.aws/config")?;
        let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")?;
        Ok(Self { variable: Box::new(variable), config, credentials })
    }

    /// The value of an environment variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        (self.variable)(name)
    }

    /// The name of the profile in use, and whether someone chose it.
    pub(crate) fn profile(&self, globals: &Globals) -> (String, bool) {
        let chosen = globals.profile.clone().or_else(|| self.variable("AWS_PROFILE"));
        match chosen.or_else(|| self.variable("AWS_DEFAULT_PROFILE")) {
            Some(name) => (name, true),
            None => ("default".to_owned(), false),
        }
    }

    /// The profile's section in the config file.
    pub(crate) fn config_section(&self, profile: &str) -> Option<&Section> {
        let own = self.config.section(&format!("profile {profile}"));
        own.or_else(|| self.config.section(profile).filter(|_| profile == "default"))
    }

    /// The profile's section in the credentials file.
    pub(crate) fn credentials_section(&self, profile: &str) -> Option<&Section> {
        self.credentials.section(profile)
    }

    /// A section of the config file that is no profile, such as `services local`.
    pub(crate) fn named_section(&self, name: &str) -> Option<&Section> {
        self.config.section(name)
    }

    /// The names of all profiles, those of the config file first.
    pub(crate) fn profiles(&self) -> Vec<String> {
        let of_config = |name: &str| match name.split_once(' ') {
            None => (name == "default").then(|| name.to_owned()),
            Some((kind, name)) => (kind == "profile").then(|| name.to_owned()),
        };
        let mut names: Vec<String> = self.config.names().into_iter().filter_map(of_config).collect();
        for name in self.credentials.names() {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    }

    fn config_value(&self, profile: &str, key: &str) -> Option<String> {
        let value = &self.config_section(profile)?.get(key)?.value;
        (!value.is_empty()).then(|| value.clone())
    }
}

fn read(path: &str) -> Result<Ini, Failure> {
    let path = paramfile::expand(path);
    // A file that is not there is the usual case.
    let Ok(text) = fs::read_to_string(&path) else { return Ok(Ini::default()) };
    Ini::parse(&text).ok_or_else(|| Failure::Other(format!("Unable to parse config file: {}", path.display())))
}

impl Settings {
    /// Settles every question for one service.
    pub(crate) fn resolve(service: &Service, globals: &Globals, sources: &Sources) -> Result<Self, Failure> {
        let (profile, chosen) = sources.profile(globals);
        let known = sources.config_section(&profile).is_some() || sources.credentials_section(&profile).is_some();
        if chosen && !known {
            return Err(Failure::Other(format!("The config profile ({profile}) could not be found")));
        }
        let region = region(globals, sources, &profile)?;
        let endpoint = match configured_endpoint(service, globals, sources, &profile) {
            Some(url) => checked_endpoint(url)?,
            None => format!("https://{}.{region}.{}", service.endpoint_prefix, domain(&region)),
        };
        let ca_bundle = globals.ca_bundle.clone().or_else(|| sources.variable("AWS_CA_BUNDLE"));
        let attempts = sources.variable("AWS_MAX_ATTEMPTS").or_else(|| sources.config_value(&profile, "max_attempts"));
        Ok(Self {
            region,
            endpoint,
            verify_tls: !globals.no_verify_ssl,
            ca_bundle: ca_bundle.or_else(|| sources.config_value(&profile, "ca_bundle")),
            connect_timeout: timeout(globals.connect_timeout_s),
            read_timeout: timeout(globals.read_timeout_s),
            wire_times: wire_times(sources.config_value(&profile, "cli_timestamp_format"))?,
            attempts: attempts.map_or(Ok(DEFAULT_ATTEMPTS), |text| whole_attempts(&text))?,
        })
    }
}

fn region(globals: &Globals, sources: &Sources, profile: &str) -> Result<String, Failure> {
    let region = globals
        .region
        .clone()
        .or_else(|| sources.variable("AWS_REGION"))
        .or_else(|| sources.variable("AWS_DEFAULT_REGION"))
        .or_else(|| sources.config_value(profile, "region"))
        .ok_or_else(|| {
            let hint = "You must specify a region. You can also configure your region by running \"aws configure\".";
            Failure::Configuration(hint.to_owned())
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

fn configured_endpoint(service: &Service, globals: &Globals, sources: &Sources, profile: &str) -> Option<String> {
    if globals.endpoint_url.is_some() {
        return globals.endpoint_url.clone();
    }
    let ignored = sources
        .variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        .or_else(|| sources.config_value(profile, "ignore_configured_endpoint_urls"));
    if ignored.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return None;
    }
    let key = service.service_id.replace(' ', "_");
    let in_services_block = || {
        let name = sources.config_value(profile, "services")?;
        let block = sources.config.section(&format!("services {name}"))?;
        block.get(&key.to_lowercase())?.nested.get("endpoint_url").cloned()
    };
    sources
        .variable(&format!("AWS_ENDPOINT_URL_{}", key.to_uppercase()))
        .or_else(|| sources.variable("AWS_ENDPOINT_URL"))
        .or_else(in_services_block)
        .or_else(|| sources.config_value(profile, "endpoint_url"))
}

fn checked_endpoint(url: String) -> Result<String, Failure> {
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(Failure::Parameters(format!(
            "Bad value for --endpoint-url \"{url}\": scheme is missing.  \
             Must be of the form http://<hostname>/ or https://<hostname>/"
        )));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// The domain of AWS's hosts in a region's partition.
fn domain(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "amazonaws.com.cn",
        _ if region.starts_with("us-iso-") => "c2s.ic.gov",
        _ if region.starts_with("us-isob-") => "sc2s.sgov.gov",
        _ => "amazonaws.com",
    }
}

/// Zero waits for ever.
fn timeout(seconds: Option<u64>) -> Option<Duration> {
    Some(seconds.unwrap_or(DEFAULT_TIMEOUT_S)).filter(|&seconds| seconds > 0).map(Duration::from_secs)
}

fn wire_times(format: Option<String>) -> Result<bool, Failure> {
    match format.as_deref() {
        None | Some("iso8601") => Ok(false),
        Some("wire") => Ok(true),
        Some(other) => Err(Failure::Configuration(format!(
            "Unknown cli_timestamp_format value: {other}, valid values are \"wire\" or \"iso8601\""
        ))),
    }
}

fn whole_attempts(text: &str) -> Result<u32, Failure> {
    text.trim().parse().ok().filter(|&attempts| attempts > 0).ok_or_else(|| {
        Failure::Other(format!(
            "Invalid value provided to \"max_attempts\": \"{text}\" must be a whole number from 1 on"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    const CONFIG: &str = "[default]\nregion = eu-west-1\n[profile dev]\nregion = us-west-2\nservices = local\n\
                          endpoint_url = http://any:1/\n[services local]\nivs_realtime =\n  endpoint_url = http://ivs:2\n";

    fn sources(variables: &'static [(&str, &str)]) -> Sources {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let credentials = Ini::parse("[keys]\naws_access_key_id = a\n").expect("it is one");
        Sources { variable: Box::new(variable), config: Ini::parse(CONFIG).expect("it is one"), credentials }
    }

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
        let nowhere = region(&none, &[("AWS_PROFILE", "keys")]);
        assert!(matches!(nowhere, Err(Failure::Configuration(_))));
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
        assert!(matches!(endpoint("connect", Some("notaurl"), &[]), Err(Failure::Parameters(_))));
    }

    #[test]
    fn zero_seconds_are_for_ever() {
        assert_eq!(timeout(None), Some(Duration::from_secs(60)));
        assert_eq!(timeout(Some(0)), None);
        assert_eq!(whole_attempts("5"), Ok(5));
        assert!(whole_attempts("0").is_err());
        assert_eq!(wire_times(Some("wire".to_owned())), Ok(true));
        assert!(matches!(wire_times(Some("none".to_owned())), Err(Failure::Configuration(_))));
    }
}
