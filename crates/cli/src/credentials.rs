//! Whose key signs a request.
//!
//! Keys in the environment or written in a file are taken directly, which costs nothing. Everything else (roles,
//! single sign-on, processes, containers, instances) is the business of AWS's own provider chain.

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;

use crate::errors::Failure;
use crate::globals::Globals;
use crate::ini::Section;
use crate::sources::Sources;

const KEY: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";
const TOKEN: &str = "aws_session_token";

/// Keys of a profile that stand for another way to credentials, which goes before written keys.
const OTHER_WAYS: [&str; 4] = ["role_arn", "web_identity_token_file", "sso_session", "sso_start_url"];

/// Finds the credentials. A profile named on the command line leaves the environment aside.
pub(crate) fn find(globals: &Globals, sources: &Sources, region: &str) -> Result<Credentials, Failure> {
    if globals.profile.is_none()
        && let Some(found) = from_environment(sources)?
    {
        sources.log.say("credentials", || "taken from the environment".to_owned());
        return Ok(found);
    }
    let (profile, _) = sources.profile(globals);
    let found = match from_files(sources, &profile) {
        Some(found) => Ok(found),
        None => from_chain(globals, &profile, region),
    };
    if let Ok(found) = &found {
        let key = found.access_key_id();
        sources.log.say("credentials", || format!("{key} of the profile {profile}, from {found:?}"));
    }
    found
}

fn from_environment(sources: &Sources) -> Result<Option<Credentials>, Failure> {
    let Some(key) = sources.variable("AWS_ACCESS_KEY_ID") else { return Ok(None) };
    let secret = sources
        .variable("AWS_SECRET_ACCESS_KEY")
        .ok_or_else(|| Failure::Other("Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY".to_owned()))?;
    let token = sources.variable("AWS_SESSION_TOKEN");
    Ok(Some(Credentials::new(key, secret, token, None, "Environment")))
}

fn from_files(sources: &Sources, profile: &str) -> Option<Credentials> {
    let sections = [sources.credentials_section(profile), sources.config_section(profile)];
    let sections: Vec<&Section> = sections.into_iter().flatten().collect();
    if sections.iter().any(|section| OTHER_WAYS.iter().any(|key| section.contains_key(*key))) {
        return None;
    }
    // A process stands between the keys of the two files.
    let has_process = sections.iter().any(|section| section.contains_key("credential_process"));
    let written = if has_process { sources.credentials_section(profile) } else { None };
    written.into_iter().chain(sections.into_iter().filter(|_| !has_process)).find_map(written_keys)
}

fn written_keys(section: &Section) -> Option<Credentials> {
    let value = |name: &str| section.get(name).map(|entry| entry.value.clone()).filter(|value| !value.is_empty());
    Some(Credentials::new(value(KEY)?, value(SECRET)?, value(TOKEN), None, "SharedFile"))
}

/// Asks AWS's provider chain, which may call other services.
fn from_chain(globals: &Globals, profile: &str, region: &str) -> Result<Credentials, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("Credentials cannot be looked for: {error}")))?;
    let region = Region::new(region.to_owned());
    let found = runtime.block_on(async {
        if globals.profile.is_some() {
            let config = ProviderConfig::empty().with_region(Some(region));
            let provider = ProfileFileCredentialsProvider::builder().configure(&config).profile_name(profile).build();
            return provider.provide_credentials().await;
        }
        let chain = DefaultCredentialsChain::builder().profile_name(profile).region(region).build().await;
        chain.provide_credentials().await
    });
    found.map_err(|error| match error {
        CredentialsError::CredentialsNotLoaded(_) => Failure::Configuration(
            "NoCredentials",
            "Unable to locate credentials. You can configure credentials by running \"switchboard configure\"."
                .to_owned(),
        ),
        other => Failure::Other(format!("Error when retrieving credentials: {}", in_full(&other))),
    })
}

/// An error with its causes.
fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        // A wrapper may say no more than what it wraps.
        if !text.ends_with(&reason) {
            text.push_str(&format!(": {reason}"));
        }
        cause = error.source();
    }
    text
}
