//! Whose key signs a request.
//!
//! One rule: the places are looked at in the order of the AWS command line ("Authentication and access credentials" in
//! its user guide), and the first that has something decides, even if what it has is broken. That is the environment
//! (unless a profile is named by option), then of the profile its role, its web identity, its sign-on, its keys in the
//! credentials file, its process and its keys in the config file, then the container and the instance.
//!
//! Keys that are written down cost nothing. Roles are assumed here, because their credentials are kept in a cache that
//! both programs share; sign-on, containers and instances are the business of AWS's own crates (`providers`).

mod cache;
mod http;
mod mfa;
mod process;
mod providers;
mod roles;
mod sts;

use aws_credential_types::Credentials;

use crate::clock;
use crate::config::Settings;
use crate::errors::Failure;
use crate::globals::Globals;
use crate::ini::Section;
use crate::sources::Sources;
pub(crate) use process::CHAIN;
pub(crate) use providers::instance_region;

const KEY: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";
/// The second is an older name.
const TOKENS: [&str; 2] = ["aws_session_token", "aws_security_token"];

/// Finds the credentials.
pub(crate) fn find(globals: &Globals, sources: &Sources, region: &str) -> Result<Credentials, Failure> {
    let found = look(globals, sources, region, None)?.ok_or_else(|| {
        Failure::Configuration(
            "NoCredentials",
            "Unable to locate credentials. You can configure credentials by running \"switchboard configure\"."
                .to_owned(),
        )
    })?;
    check_expiry(&found)?;
    Ok(found)
}

/// Looks for credentials, of which there may be none. `chain` is for programs that are asked for them: the profiles
/// that have asked so far.
pub(crate) fn look(
    globals: &Globals,
    sources: &Sources,
    region: &str,
    chain: Option<String>,
) -> Result<Option<Credentials>, Failure> {
    let found = Finder { globals, sources, region, chain }.find()?;
    if let Some(found) = &found {
        // What is printed of credentials has no secrets in it.
        sources.log.say("credentials", || format!("{} from {found:?}", found.access_key_id()));
    }
    Ok(found)
}

/// Credentials that are over are none.
pub(crate) fn check_expiry(credentials: &Credentials) -> Result<(), Failure> {
    if credentials.expiry().is_some_and(|ends| ends <= clock::now()) {
        let told = "Credentials were refreshed, but the refreshed credentials are still expired.";
        return Err(Failure::Other(told.to_owned()));
    }
    Ok(())
}

/// Looks in all places.
struct Finder<'a> {
    globals: &'a Globals,
    sources: &'a Sources,
    region: &'a str,
    chain: Option<String>,
}

/// A profile, as both files have it; the credentials file goes first.
struct Profile<'a> {
    name: &'a str,
    credentials: Option<&'a Section>,
    config: Option<&'a Section>,
}

impl Finder<'_> {
    fn find(&self) -> Result<Option<Credentials>, Failure> {
        if self.globals.profile.is_none()
            && let Some(found) = self.in_environment()?
        {
            return Ok(Some(found));
        }
        let (name, _) = self.sources.profile(self.globals);
        if let Some(found) = self.of_profile(&self.profile(&name), &mut Vec::new())? {
            return Ok(Some(found));
        }
        match self.of_container()? {
            Some(found) => Ok(Some(found)),
            None => self.of_instance(),
        }
    }

    fn profile<'p>(&'p self, name: &'p str) -> Profile<'p> {
        let (credentials, config) = (self.sources.credentials_section(name), self.sources.config_section(name));
        Profile { name, credentials, config }
    }

    fn in_environment(&self) -> Result<Option<Credentials>, Failure> {
        let variable = |name: &str| self.sources.variable(name);
        let Some(key) = variable("AWS_ACCESS_KEY_ID") else { return Ok(None) };
        let secret = variable("AWS_SECRET_ACCESS_KEY").ok_or_else(|| partial("env", "AWS_SECRET_ACCESS_KEY"))?;
        let token = variable("AWS_SESSION_TOKEN").or_else(|| variable("AWS_SECURITY_TOKEN"));
        let ends = variable("AWS_CREDENTIAL_EXPIRATION").map(|text| cache::expiration(&text)).transpose()?;
        Ok(Some(Credentials::new(key, secret, token, ends, "env")))
    }

    /// What a profile has. `visited` are the profiles on the way to it, from role to role.
    fn of_profile(&self, profile: &Profile<'_>, visited: &mut Vec<String>) -> Result<Option<Credentials>, Failure> {
        if profile.has("role_arn") && !profile.has("web_identity_token_file") {
            return self.of_role(profile, visited).map(Some);
        }
        self.of_profile_itself(profile)
    }

    /// What a profile has without assuming a role that another profile may assume.
    fn of_profile_itself(&self, profile: &Profile<'_>) -> Result<Option<Credentials>, Failure> {
        if let Some(found) = self.of_web_identity(profile)? {
            return Ok(Some(found));
        }
        if let Some(found) = self.of_sign_on(profile)? {
            return Ok(Some(found));
        }
        if let Some(found) = written(profile.credentials, "shared-credentials-file")? {
            return Ok(Some(found));
        }
        if let Some(command) = profile.value("credential_process") {
            return process::run(&command, self.chain.as_deref()).map(Some);
        }
        written(profile.config, "config-file")
    }

    /// How a service that gives credentials is spoken to. The option for an endpoint is for the other service.
    fn settings(&self, service: &switchboard_model::Service) -> Result<Settings, Failure> {
        let globals = Globals {
            region: Some(self.region.to_owned()),
            profile: self.globals.profile.clone(),
            ca_bundle: self.globals.ca_bundle.clone(),
            read_timeout_s: self.globals.read_timeout_s,
            connect_timeout_s: self.globals.connect_timeout_s,
            no_verify_ssl: self.globals.no_verify_ssl,
            ..Globals::default()
        };
        Settings::resolve(service, &globals, self.sources)
    }
}

impl Profile<'_> {
    fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// A setting that is not empty.
    fn value(&self, key: &str) -> Option<String> {
        [self.credentials, self.config].into_iter().flatten().find_map(|section| value(section, key))
    }

    fn has_keys(&self) -> bool {
        self.has(KEY) && self.has(SECRET)
    }
}

fn value(section: &Section, key: &str) -> Option<String> {
    section.get(key).map(|entry| entry.value.clone()).filter(|value| !value.is_empty())
}

/// The keys that are written in a section.
fn written(section: Option<&Section>, place: &'static str) -> Result<Option<Credentials>, Failure> {
    let Some(section) = section else { return Ok(None) };
    let Some(key) = value(section, KEY) else { return Ok(None) };
    let secret = value(section, SECRET).ok_or_else(|| partial(place, SECRET))?;
    let token = TOKENS.iter().find_map(|name| value(section, name));
    Ok(Some(Credentials::new(key, secret, token, None, place)))
}

fn partial(place: &str, missing: &str) -> Failure {
    Failure::Other(format!("Partial credentials found in {place}, missing: {missing}"))
}

/// A place that has credentials, and cannot give them.
fn unretrievable(place: &str, problem: impl std::fmt::Display) -> Failure {
    Failure::Other(format!("Error when retrieving credentials from {place}: {problem}"))
}
