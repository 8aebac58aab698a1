//! `configure export-credentials`: the credentials in use, written for another program or a shell.
//!
//! One rule: what is printed is what `aws` prints, character by character: scripts `eval` it, and other programs run
//! it as their `credential_process` ("aws configure export-credentials" in the AWS CLI Command Reference).

use std::process::ExitCode;

use aws_credential_types::Credentials;
use time::OffsetDateTime;

use super::{Told, print, region};
use crate::credentials::{self, CHAIN};
use crate::errors::Failure;
use crate::globals::{Globals, invalid_choice};
use crate::python;
use crate::sources::Sources;
use crate::timestamps;

/// How many profiles may ask each other for credentials, one behind the other.
const LONGEST_CHAIN: usize = 4;

/// What stands around the name of a variable and its value.
struct Shell {
    name: &'static str,
    line: fn(&str, &str) -> String,
}

/// The format that is no shell's.
const PROCESS: &str = "process";

const SHELLS: [Shell; 5] = [
    Shell { name: "env", line: |name, value| format!("export {name}={value}\n") },
    Shell { name: "env-no-export", line: |name, value| format!("{name}={value}\n") },
    Shell { name: "powershell", line: |name, value| format!("$Env:{name}=\"{value}\"\n") },
    Shell { name: "windows-cmd", line: |name, value| format!("set {name}={value}\n") },
    Shell { name: "fish", line: |name, value| format!("set -gx {name} \"{value}\"\n") },
];

/// The names of the formats, as `--format` takes them.
pub(crate) fn formats() -> impl Iterator<Item = &'static str> {
    [PROCESS].into_iter().chain(SHELLS.iter().map(|shell| shell.name))
}

pub(super) fn run(told: &Told, globals: &Globals, sources: &Sources) -> Result<ExitCode, Failure> {
    let format = told.option("format").unwrap_or(PROCESS);
    if !formats().any(|name| name == format) {
        return Err(invalid_choice("--format", format, formats().map(str::to_owned)));
    }
    let (profile, _) = sources.profile(globals);
    let chain = chained(&sources.variable(CHAIN).unwrap_or_default(), &profile)?;
    let region = region(globals, sources);
    let unretrievable =
        |why: String| Failure::Configuration("Configuration", format!("Unable to retrieve credentials: {why}"));
    let found = sources.check_profile(globals).and_then(|()| credentials::look(globals, sources, &region, Some(chain)));
    let found = found.map_err(|failure| unretrievable(failure.message().trim().to_owned()))?;
    let found = found.ok_or_else(|| unretrievable("no credentials found".to_owned()))?;
    credentials::check_expiry(&found)?;
    print(&written(&found, format))
}

fn written(credentials: &Credentials, format: &str) -> String {
    let ends = credentials.expiry().map(|ends| timestamps::display(OffsetDateTime::from(ends)));
    let members = [
        ("AccessKeyId", "AWS_ACCESS_KEY_ID", Some(credentials.access_key_id())),
        ("SecretAccessKey", "AWS_SECRET_ACCESS_KEY", Some(credentials.secret_access_key())),
        ("SessionToken", "AWS_SESSION_TOKEN", credentials.session_token()),
        ("Expiration", "AWS_CREDENTIAL_EXPIRATION", ends.as_deref()),
    ];
    let members = members.into_iter().filter_map(|(key, variable, value)| Some((key, variable, value?)));
    match SHELLS.iter().find(|shell| shell.name == format) {
        Some(shell) => members.map(|(_, variable, value)| (shell.line)(variable, value)).collect(),
        None => {
            let members =
                members.map(|(key, _, value)| format!(",\n  \"{key}\": {}", python::inline_json(&value.into())));
            format!("{{\n  \"Version\": 1{}\n}}\n", members.collect::<String>())
        }
    }
}

/// The chain of profiles that ask each other, one longer. It goes from process to process in a variable.
fn chained(chain: &str, profile: &str) -> Result<String, Failure> {
    let broken = |why: String| Err(Failure::Configuration("Configuration", why));
    let mut seen = fields(chain);
    let is_loop = seen.iter().any(|seen| seen == profile);
    let shown = seen.join(" -> ");
    if seen.len() >= LONGEST_CHAIN {
        return broken(format!(
            "Maximum recursive credential process resolution reached ({LONGEST_CHAIN}).\nProfiles seen: {shown}"
        ));
    }
    if is_loop {
        return broken(format!(
            "Credential process resolution detected an infinite loop, profile cycle: {shown} -> {profile}"
        ));
    }
    seen.push(profile.to_owned());
    Ok(seen.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(","))
}

/// A field of CSV.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// The fields of a line of CSV (RFC 4180).
fn fields(line: &str) -> Vec<String> {
    if line.is_empty() {
        return Vec::new();
    }
    let mut fields = vec![String::new()];
    let mut in_quotes = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if in_quotes && letters.peek() == Some(&'"') => {
                letters.next();
                push(&mut fields, '"');
            }
            '"' => in_quotes = !in_quotes,
            ',' if !in_quotes => fields.push(String::new()),
            letter => push(&mut fields, letter),
        }
    }
    fields
}

fn push(fields: &mut [String], letter: char) {
    if let Some(last) = fields.last_mut() {
        last.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn every_format_is_that_of_aws() {
        let ends = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_500);
        let all = Credentials::new("é\"", "s", Some("t".to_owned()), Some(ends), "test");
        for (format, expected) in [
            (
                "process",
                "{\n  \"Version\": 1,\n  \"AccessKeyId\": \"\\u00e9\\\"\",\n  \"SecretAccessKey\": \"s\",\n  \
                 \"SessionToken\": \"t\",\n  \"Expiration\": \"2023-11-14T22:13:20.500000+00:00\"\n}\n",
            ),
            (
                "env",
                "export AWS_ACCESS_KEY_ID=é\"\nexport AWS_SECRET_ACCESS_KEY=s\nexport AWS_SESSION_TOKEN=t\n\
                 export AWS_CREDENTIAL_EXPIRATION=2023-11-14T22:13:20.500000+00:00\n",
            ),
        ] {
            assert_eq!(written(&all, format), expected, "{format}");
        }
        let two = Credentials::new("a", "s", None, None, "test");
        for (format, expected) in [
            ("process", "{\n  \"Version\": 1,\n  \"AccessKeyId\": \"a\",\n  \"SecretAccessKey\": \"s\"\n}\n"),
            ("env-no-export", "AWS_ACCESS_KEY_ID=a\nAWS_SECRET_ACCESS_KEY=s\n"),
            ("powershell", "$Env:AWS_ACCESS_KEY_ID=\"a\"\n$Env:AWS_SECRET_ACCESS_KEY=\"s\"\n"),
            ("windows-cmd", "set AWS_ACCESS_KEY_ID=a\nset AWS_SECRET_ACCESS_KEY=s\n"),
            ("fish", "set -gx AWS_ACCESS_KEY_ID \"a\"\nset -gx AWS_SECRET_ACCESS_KEY \"s\"\n"),
        ] {
            assert_eq!(written(&two, format), expected, "{format}");
        }
    }

    #[test]
    fn a_chain_of_profiles_ends() {
        assert_eq!(chained("", "a"), Ok("a".to_owned()));
        assert_eq!(chained("a", "b,\"c"), Ok("a,\"b,\"\"c\"".to_owned()));
        assert_eq!(fields("a,\"b,\"\"c\",d"), ["a", "b,\"c", "d"]);
        let why = |chain, profile| match chained(chain, profile) {
            Err(Failure::Configuration(_, why)) => why,
            other => panic!("{other:?}"),
        };
        assert!(why("a,\"x, y\"", "x, y").ends_with("profile cycle: a -> x, y -> x, y"));
        assert!(why("a,b,c,d", "e").ends_with("Profiles seen: a -> b -> c -> d"));
    }
}
