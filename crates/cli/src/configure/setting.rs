//! `configure get` and `configure set`: one setting by its name, which may lead into another profile or section.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use super::file::{self, File};
use super::{KEYS, Told, config_path, credentials_path, print, warn};
use crate::errors::Failure;
use crate::globals::Globals;
use crate::ini::{Entry, Section};
use crate::sources::Sources;

/// Where a name with dots leads: a section, a key, and perhaps a key nested in that.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// `None` is the profile in use.
    profile: Option<String>,
    key: String,
    nested: Option<String>,
}

/// Takes a name apart. `known` says whether there is a profile of that name.
fn place(name: &str, known: impl Fn(&str) -> bool) -> Result<Place, Failure> {
    let parts: Vec<&str> = name.split('.').collect();
    let (profile, rest) = match parts.as_slice() {
        ["profile", profile, rest @ ..] if !rest.is_empty() => (Some(*profile), rest),
        [first, rest @ ..] if !rest.is_empty() && (*first == "default" || known(first)) => (Some(*first), rest),
        rest => (None, rest),
    };
    let (key, nested) = match rest {
        [key] => (*key, None),
        [key, nested] => (*key, Some((*nested).to_owned())),
        _ => {
            return Err(Failure::Parameters(
                "Found more than two parts in the property to set. Deep nesting of properties is not supported."
                    .to_owned(),
            ));
        }
    };
    Ok(Place { profile: profile.map(str::to_owned), key: key.to_owned(), nested })
}

/// The section that the options name, if it is no profile: as the file has it, and its name alone.
fn section(told: &Told) -> Result<Option<(String, String)>, Failure> {
    let named = |kind: &str| told.option(kind).map(|name| (format!("{kind} {name}"), name.to_owned()));
    match (named("services"), named("sso-session")) {
        (Some(_), Some(_)) => Err(Failure::Parameters(
            "The key \"services\" cannot be specified when one of the following keys are also specified: sso_session"
                .to_owned(),
        )),
        (services, session) => Ok(services.or(session)),
    }
}

/// Prints one setting; there may be none.
pub(super) fn get(told: &Told, globals: &Globals, sources: &Sources) -> Result<ExitCode, Failure> {
    let name = told.arguments[0].as_str();
    let found = match section(told)? {
        Some((section, bare)) => {
            let section = sources.named_section(&section);
            let section =
                section.ok_or_else(|| Failure::Other(format!("The config sub-section ({bare}) could not be found")))?;
            in_sections(&[section], name.split_once('.').map_or((name, None), |(key, nested)| (key, Some(nested))))
        }
        None => {
            // What is nested deeper than anything can be is not there.
            let known = |name: &str| sources.profiles().iter().any(|profile| profile == name);
            let Ok(place) = place(name, known) else { return Ok(ExitCode::FAILURE) };
            if place.profile.is_none() {
                sources.check_profile(globals)?;
            }
            let profile = place.profile.unwrap_or_else(|| sources.profile(globals).0);
            let sections = [sources.credentials_section(&profile), sources.config_section(&profile)];
            let sections: Vec<&Section> = sections.into_iter().flatten().collect();
            in_sections(&sections, (&place.key, place.nested.as_deref()))
        }
    };
    match found {
        Found::Value(value) => print(&format!("{value}\n")),
        Found::Nothing => Ok(ExitCode::FAILURE),
        Found::Section => {
            warn(&format!("varname ({name}) must reference a value, not a section or sub-section."));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// What there is at a place.
enum Found {
    Value(String),
    Section,
    Nothing,
}

fn in_sections(sections: &[&Section], (key, nested): (&str, Option<&str>)) -> Found {
    let Some(entry) = sections.iter().find_map(|section| section.get(&key.to_lowercase())) else {
        return Found::Nothing;
    };
    match (entry, nested) {
        (Entry { nested: entries, .. }, Some(nested)) => {
            entries.get(&nested.to_lowercase()).map_or(Found::Nothing, |value| Found::Value(value.clone()))
        }
        (Entry { value, nested: entries }, None) if value.is_empty() && !entries.is_empty() => Found::Section,
        (Entry { value, .. }, None) => Found::Value(value.clone()),
    }
}

/// Writes one setting.
pub(super) fn set(told: &Told, globals: &Globals, sources: &Sources) -> Result<ExitCode, Failure> {
    let (name, value) = (told.arguments[0].as_str(), told.arguments[1].as_str());
    // Only `default` and `profile.X` name a profile here: another first part is a key with one nested in it.
    let place = place(name, |_| false)?;
    if value.contains(['\n', '\r']) {
        let key = &place.key;
        return Err(Failure::Other(format!(
            "Invalid value for key {key}: newline characters and carriage returns are not allowed."
        )));
    }
    let section = section(told)?.map(|(section, _)| section);
    let section =
        section.unwrap_or_else(|| config_section(&place.profile.clone().unwrap_or_else(|| sources.profile(globals).0)));
    let done = match &place.nested {
        None => write(sources, &section, &[(&place.key, Some(value.to_owned()))]),
        Some(nested) => change(&config_path(sources), |file| file.set(&section, &place.key, Some(nested), Some(value))),
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// Writes settings of a section: each to the file where it belongs.
pub(super) fn write(sources: &Sources, section: &str, settings: &[(&str, Option<String>)]) -> Result<(), Failure> {
    let (keys, others): (Vec<_>, Vec<_>) = settings.iter().partition(|(key, _)| KEYS.contains(key));
    if !keys.is_empty() {
        let path = credentials_path(sources);
        let profile = section.strip_prefix("profile ").unwrap_or(section).trim_matches('\'');
        change(&path, |file| keys.iter().for_each(|(key, value)| file.set(profile, key, None, value.as_deref())))?;
        warn_if_open(&path);
    }
    if others.is_empty() {
        return Ok(());
    }
    change(&config_path(sources), |file| {
        others.iter().for_each(|(key, value)| file.set(section, key, None, value.as_deref()));
    })
}

/// Keys that others can read are no secrets.
pub(super) fn warn_if_open(path: &Path) {
    if file::is_open_to_others(path) {
        let path = path.display();
        warn(&format!(
            "\nswitchboard: [WARNING]: The file '{path}' is accessible by other users. Consider running 'chmod 600 \
             {path}' to restrict access to only your user."
        ));
    }
}

pub(super) fn change(path: &Path, how: impl FnOnce(&mut File)) -> Result<(), Failure> {
    let unusable = |error: io::Error| Failure::Other(format!("{}: {error}", path.display()));
    let mut file = match fs::read_to_string(path) {
        Ok(text) => File::parse(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => File::default(),
        Err(error) => return Err(unusable(error)),
    };
    how(&mut file);
    file.write(path).map_err(unusable)
}

/// The profile's section in the config file; the default one has no word in front.
pub(super) fn config_section(profile: &str) -> String {
    if profile == "default" {
        return profile.to_owned();
    }
    let quote = if profile.contains(char::is_whitespace) { "'" } else { "" };
    format!("profile {quote}{profile}{quote}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_places() {
        let known = |name: &str| name == "dev";
        let at = |profile: Option<&str>, key: &str, nested: Option<&str>| Place {
            profile: profile.map(str::to_owned),
            key: key.to_owned(),
            nested: nested.map(str::to_owned),
        };
        assert_eq!(place("region", known), Ok(at(None, "region", None)));
        assert_eq!(place("s3.a", known), Ok(at(None, "s3", Some("a"))));
        assert_eq!(place("dev.region", known), Ok(at(Some("dev"), "region", None)));
        assert_eq!(place("dev.region", |_| false), Ok(at(None, "dev", Some("region"))));
        assert_eq!(place("default.s3.a", known), Ok(at(Some("default"), "s3", Some("a"))));
        assert_eq!(place("profile.x.region", known), Ok(at(Some("x"), "region", None)));
        assert!(place("a.b.c", known).is_err());
    }
}
