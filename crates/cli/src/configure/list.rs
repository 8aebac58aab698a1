//! `configure list`: what is in use, and where it comes from.

use crate::credentials;
use crate::errors::Failure;
use crate::globals::Globals;
use crate::sources::Sources;

/// A setting: its value, the kind of place it is from, and which one.
type Found = Option<(String, String, String)>;

/// For credentials that come with a region of their own choice: any will do to ask for them.
const ANY_REGION: &str = "us-east-1";

/// The table of `aws configure list`, as version 2 prints it.
pub(super) fn table(globals: &Globals, sources: &Sources) -> Result<String, Failure> {
    let (name, chosen) = sources.profile(globals);
    let is_known = sources.config_section(&name).is_some() || sources.credentials_section(&name).is_some();
    if chosen && !is_known {
        return Err(Failure::Other(format!("The config profile ({name}) could not be found")));
    }
    let profile = match &globals.profile {
        Some(profile) => Some((profile.clone(), "manual".to_owned(), "--profile".to_owned())),
        None => variable(sources, &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]),
    };
    let region = variable(sources, &["AWS_REGION", "AWS_DEFAULT_REGION"]).or_else(|| {
        let value = sources.config_section(&name)?.get("region")?.value.clone();
        Some((value, "config-file".to_owned(), config_file(sources)))
    });
    let (key, secret) = keys(globals, sources, &name, region.as_ref().map_or(ANY_REGION, |(region, ..)| region));
    let mut text = row("NAME", Some(("VALUE".to_owned(), "TYPE".to_owned(), "LOCATION".to_owned())));
    for (name, found) in [("profile", profile), ("access_key", key), ("secret_key", secret), ("region", region)] {
        text.push_str(&row(name, found));
    }
    Ok(text)
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

fn keys(globals: &Globals, sources: &Sources, profile: &str, region: &str) -> (Found, Found) {
    let Ok(found) = credentials::find(globals, sources, region) else { return (None, None) };
    let kind = kind(globals, sources, profile);
    let shown = |value: &str| Some((super::masked(value), kind.to_owned(), String::new()));
    (shown(found.access_key_id()), shown(found.secret_access_key()))
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
