//! Roles: assumed with the credentials of another profile or place, or with a token of an identity provider.
//!
//! Names and rules are those of "Use an IAM role in the AWS CLI" in its user guide. A role may be assumed with a profile
//! that itself assumes a role, so there is a way from profile to profile; nobody comes by twice.

use std::fs;

use aws_credential_types::Credentials;

use super::cache::Entry;
use super::sts::Members;
use super::{Finder, Profile, mfa, unretrievable};
use crate::clock;
use crate::errors::Failure;
use crate::value::Value;
use crate::{paramfile, python};

const ROLE: &str = "assume-role";
const WEB_IDENTITY: &str = "assume-role-with-web-identity";

impl Finder<'_> {
    /// The credentials of a profile's role.
    pub(super) fn of_role(&self, profile: &Profile<'_>, visited: &mut Vec<String>) -> Result<Credentials, Failure> {
        visited.push(profile.name.to_owned());
        let source = Source::of(profile)?;
        let mut members = members(profile);
        let entry = Entry::of(&asked(&members), ROLE);
        if let Some(found) = entry.read() {
            self.sources.log.say("credentials", || format!("of the role of {}, from the cache", profile.name));
            return Ok(found);
        }
        let with = match &source {
            Source::Profile(name) => self.of_source_profile(name, profile, visited)?,
            Source::Place(place) => self.of_source_place(place, profile)?,
        };
        if let Some(serial) = profile.value("mfa_serial") {
            members.push(("TokenCode", mfa::ask(&serial)?));
        }
        let found = self.ask_sts("AssumeRole", &with_session(members)?, Some(with), ROLE)?;
        self.keep(&entry, &found);
        Ok(found)
    }

    fn of_source_profile(
        &self,
        name: &str,
        role: &Profile<'_>,
        visited: &mut Vec<String>,
    ) -> Result<Credentials, Failure> {
        let source = self.profile(name);
        if source.credentials.is_none() && source.config.is_none() {
            return Err(Failure::Other(format!(
                "The source_profile \"{name}\" referenced in the profile \"{}\" does not exist.",
                role.name
            )));
        }
        // A profile may assume its role with its own keys.
        if name != role.name && visited.iter().any(|profile| profile == name) || name == role.name && !source.has_keys()
        {
            let visited = Value::List(visited.iter().map(|name| Value::from(name.as_str())).collect());
            return Err(Failure::Other(format!(
                "Infinite loop in credential configuration detected. Attempting to load from profile {name} which has \
                 already been visited. Visited profiles: {}",
                python::repr(&visited)
            )));
        }
        let found = if source.has_keys() { self.of_profile_itself(&source) } else { self.of_profile(&source, visited) };
        found?.ok_or_else(|| Failure::Other(format!("The source profile \"{name}\" must have credentials.")))
    }

    fn of_source_place(&self, place: &str, role: &Profile<'_>) -> Result<Credentials, Failure> {
        let found = match place {
            "Environment" => self.in_environment()?,
            "EcsContainer" => self.of_container()?,
            "Ec2InstanceMetadata" => self.of_instance()?,
            _ => {
                return Err(Failure::Other(format!(
                    "The credential source \"{place}\" referenced in profile \"{}\" is not valid.",
                    role.name
                )));
            }
        };
        let problem = || format!("No credentials found in credential_source referenced in profile {}", role.name);
        found.ok_or_else(|| unretrievable(place, problem()))
    }

    /// The credentials for a token of an identity provider. What the environment says goes before the profile, unless
    /// that was named by option.
    pub(super) fn of_web_identity(&self, profile: &Profile<'_>) -> Result<Option<Credentials>, Failure> {
        let setting = |variable: &str, key: &str| {
            let variable = self.sources.variable(variable).filter(|_| self.globals.profile.is_none());
            variable.or_else(|| profile.value(key))
        };
        let Some(token) = setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file") else { return Ok(None) };
        let role = setting("AWS_ROLE_ARN", "role_arn").ok_or_else(|| {
            Failure::Other(
                "The provided profile or the current environment is configured to assume role with web identity but \
                 has no role ARN configured. Ensure that the profile has the role_arn configuration set or the \
                 AWS_ROLE_ARN env var is set."
                    .to_owned(),
            )
        })?;
        let mut members: Members = vec![("RoleArn", role)];
        members.extend(setting("AWS_ROLE_SESSION_NAME", "role_session_name").map(|name| ("RoleSessionName", name)));
        let entry = Entry::of(&asked(&members), WEB_IDENTITY);
        if let Some(found) = entry.read() {
            return Ok(Some(found));
        }
        let path = paramfile::expand(&token);
        let token = fs::read_to_string(&path)
            .map_err(|error| Failure::Other(python::os_error(&error, &path.display().to_string())))?;
        let mut members = with_session(members)?;
        members.push(("WebIdentityToken", token));
        let found = self.ask_sts("AssumeRoleWithWebIdentity", &members, None, WEB_IDENTITY)?;
        self.keep(&entry, &found);
        Ok(Some(found))
    }

    /// Keeps credentials for the next command.
    pub(super) fn keep(&self, entry: &Entry, credentials: &Credentials) {
        if let Err(error) = entry.write(credentials) {
            self.sources.log.say("credentials", || format!("they cannot be kept in the cache: {error}"));
        }
    }
}

/// With what a role is assumed.
enum Source {
    Profile(String),
    Place(String),
}

impl Source {
    fn of(profile: &Profile<'_>) -> Result<Self, Failure> {
        match (profile.value("source_profile"), profile.value("credential_source")) {
            (Some(_), Some(_)) => Err(Failure::Other(format!(
                "The profile \"{}\" contains both source_profile and credential_source.",
                profile.name
            ))),
            (Some(name), None) => Ok(Self::Profile(name)),
            (None, Some(place)) => Ok(Self::Place(place)),
            (None, None) => Err(super::partial(ROLE, "source_profile or credential_source")),
        }
    }
}

fn members(profile: &Profile<'_>) -> Members {
    // What is no number is left out, as `aws` does it.
    let duration = profile.value("duration_seconds").filter(|text| text.trim().parse::<u32>().is_ok());
    let members = [
        ("RoleArn", profile.value("role_arn")),
        ("RoleSessionName", profile.value("role_session_name")),
        ("ExternalId", profile.value("external_id")),
        ("SerialNumber", profile.value("mfa_serial")),
        ("DurationSeconds", duration),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// A session has a name, be it one of ours.
fn with_session(mut members: Members) -> Result<Members, Failure> {
    if !members.iter().any(|(name, _)| *name == "RoleSessionName") {
        members.insert(1, ("RoleSessionName", format!("switchboard-{}", clock::uuid()?)));
    }
    Ok(members)
}

/// What the cache goes by: the members as Python writes them to JSON, sorted. A name of ours is not among them.
fn asked(members: &Members) -> String {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(name, _)| *name);
    let members = members.into_iter().map(|(name, value)| {
        let text = || serde_json::Value::from(value.as_str()).to_string();
        let value = if *name == "DurationSeconds" { value.trim().to_owned() } else { text() };
        format!("\"{name}\": {value}")
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_goes_by_json_of_python() {
        let members =
            vec![("RoleArn", "r".to_owned()), ("ExternalId", "x".to_owned()), ("DurationSeconds", "900".to_owned())];
        assert_eq!(asked(&members), r#"{"DurationSeconds": 900, "ExternalId": "x", "RoleArn": "r"}"#);
    }

    #[test]
    fn a_session_has_a_name() {
        let members = with_session(vec![("RoleArn", "r".to_owned())]).expect("there is chance");
        assert!(members[1].0 == "RoleSessionName" && members[1].1.starts_with("switchboard-"));
        let members = vec![("RoleArn", "r".to_owned()), ("RoleSessionName", "me".to_owned())];
        assert_eq!(with_session(members.clone()), Ok(members));
    }
}
