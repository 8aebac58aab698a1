//! `configure list`: what is in use, and where it comes from.

use std::process::ExitCode;

use super::print;
use crate::credentials;
use crate::errors::Failure;
use crate::globals::Globals;
use crate::sources::Sources;

/// A setting: its value, the kind of place it is from, and which one.
type Found = Option<(String, String, String)>;

/// Prints the table of `aws configure list`, as version 2 has it; what is known before something fails is printed too.
pub(super) fn run(globals: &Globals, sources: &Sources) -> Result<ExitCode, Failure> {
    let (name, _) = sources.profile(globals);
    let profile = match &globals.profile {
        Some(profile) => Some((profile.clone(), "manual".to_owned(), "--profile".to_owned())),
        None => variable(sources, &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]),
    };
    print(&row("NAME", Some(("VALUE".to_owned(), "TYPE".to_owned(), "LOCATION".to_owned()))))?;
    print(&row("profile", profile))?;
    sources.check_profile(globals)?;
    let (key, secret) = keys(globals, sources, &name)?;
    let region = variable(sources, &["AWS_REGION", "AWS_DEFAULT_REGION"]).or_else(|| {
        let value = sources.config_section(&name)?.get("region")?.value.clone();
        Some((value, "config-file".to_owned(), config_file(sources)))
    });
    print(&(row("access_key", key) + &row("secret_key", secret) + &row("region", region)))
}

/// The config file's name, as it was given.
pub(super) fn config_file(sources: &Sources) -> String {
    sources.variable("AWS_CONFIG_FILE").unwrap_or_else(|| "~/.aws/config".to_owned())
}

fn row(name: &str, found: Found) -> String {
    let none = || "None".to_owned();
    let (value, kind, place) = found.unwrap_or_else(|| ("<not set>".to_owned(), none(), none()));
    format!("{name:<10} : {value:<24} : {kind:<16} : {place}\n")
}

/// The first of the variables that is set; all of them are named, as `aws` does.
fn variable(sources: &Sources, names: &[&str]) -> Found {
    let value = names.iter().find_map(|name| sources.variable(name))?;
    let names: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
    Some((value, "env".to_owned(), format!("[{}]", names.join(", "))))
}

fn keys(globals: &Globals, sources: &Sources, profile: &str) -> Result<(Found, Found), Failure> {
    let found = credentials::look(globals, sources, &super::region(globals, sources), None)?;
    let Some(found) = found else { return Ok((None, None)) };
    let kind = kind(globals, sources, profile);
    let shown = |value: &str| Some((super::masked(value), kind.to_owned(), String::new()));
    Ok((shown(found.access_key_id()), shown(found.secret_access_key())))
}

/// The way the credentials came, by the name that `aws` has for it.
fn kind(globals: &Globals, sources: &Sources, profile: &str) -> &'static str {
    if globals.profile.is_none() && sources.variable("AWS_ACCESS_KEY_ID").is_some() {
        return "env";
    }
    let sections = [sources.credentials_section(profile), sources.config_section(profile)];
    let has = |key: &str| sections.iter().flatten().any(|section| section.contains_key(key));
    match () {
        () if has("role_arn") && has("web_identity_token_file") => "assume-role-with-web-identity",
        () if has("role_arn") => "assume-role",
        () if has("sso_session") || has("sso_start_url") => "sso",
        () if sections[0].is_some_and(|section| section.contains_key(super::KEY)) => "shared-credentials-file",
        () if has("credential_process") => "custom-process",
        () if has(super::KEY) => "config-file",
        () if sources.variable("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() => "assume-role-with-web-identity",
        () if sources.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").is_some()
            || sources.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI").is_some() =>
        {
            "container-role"
        }
        () => "iam-role",
    }
}
