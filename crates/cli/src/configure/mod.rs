//! `switchboard configure`: shows and changes the shared files of settings and keys, as `aws configure` does.
//!
//! One rule: keys go to the credentials file and everything else to the config file, whichever way they were given.
//! The commands are those of version 2 of the AWS command line ("Configuration and credential file settings" in its
//! user guide): alone, `list`, `list-profiles`, `get` and `set`.

mod file;
mod list;

use std::fs;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::errors::Failure;
use crate::globals::{Globals, invalid_choice};
use crate::ini::Section;
use crate::paramfile;
use crate::sources::Sources;
use file::File;

const KEY: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";
const TOKEN: &str = "aws_session_token";

/// What goes to the credentials file.
const KEYS: [&str; 3] = [KEY, SECRET, TOKEN];

/// What is asked for, in this order.
const QUESTIONS: [(&str, &str); 5] = [
    (KEY, "AWS Access Key ID"),
    (SECRET, "AWS Secret Access Key"),
    (TOKEN, "AWS Session Token"),
    ("region", "Default region name"),
    ("output", "Default output format"),
];

pub(crate) const COMMANDS: [&str; 4] = ["get", "list", "list-profiles", "set"];

/// Does what the words behind `configure` say.
pub(crate) fn run(globals: &Globals, words: Vec<String>) -> Result<ExitCode, Failure> {
    let (section, words) = named_section(words)?;
    let sources = Sources::load()?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match (words.as_slice(), section) {
        ([], None) => {
            ask(globals, &sources, &mut io::stdin().lock(), &mut io::stdout().lock()).map(|()| ExitCode::SUCCESS)
        }
        (["list"], None) => print(&list::table(globals, &sources)?).map(|()| ExitCode::SUCCESS),
        (["list-profiles"], None) => print(&profiles(&sources)).map(|()| ExitCode::SUCCESS),
        (["get", name], section) => get(name, section.as_deref(), globals, &sources),
        (["set", name, value], section) => set(name, value, section, globals, &sources).map(|()| ExitCode::SUCCESS),
        (["get"], _) => Err(missing("varname")),
        (["set"], _) => Err(missing("varname, value")),
        (["set", _], _) => Err(missing("value")),
        ([command, extra @ ..], _) if COMMANDS.contains(command) => {
            Err(Failure::Usage(format!("Unknown options: {}", extra.join(", "))))
        }
        ([command, ..], _) => Err(invalid_choice("subcommand", command, COMMANDS.iter().map(|&name| name.to_owned()))),
        ([], Some(_)) => Err(Failure::Usage("--services and --sso-session are for get and set".to_owned())),
    }
}

/// Takes `--services NAME` or `--sso-session NAME` out of the words: a section that is no profile.
fn named_section(mut words: Vec<String>) -> Result<(Option<String>, Vec<String>), Failure> {
    let Some(at) = words.iter().position(|word| word == "--services" || word == "--sso-session") else {
        return Ok((None, words));
    };
    if at + 1 >= words.len() {
        return Err(Failure::Usage(format!("argument {}: expected one argument", words[at])));
    }
    let name = words.remove(at + 1);
    let kind = words.remove(at);
    Ok((Some(format!("{} {name}", kind.trim_start_matches('-'))), words))
}

fn missing(what: &str) -> Failure {
    Failure::Usage(format!("the following arguments are required: {what}"))
}

fn print(text: &str) -> Result<(), Failure> {
    io::stdout().lock().write_all(text.as_bytes()).map_err(|error| Failure::Other(error.to_string()))
}

fn profiles(sources: &Sources) -> String {
    sources.profiles().iter().map(|name| format!("{name}\n")).collect()
}

/// Asks for every setting of a profile, and writes those that are answered.
fn ask(
    globals: &Globals,
    sources: &Sources,
    answers: &mut impl BufRead,
    questions: &mut impl Write,
) -> Result<(), Failure> {
    let (profile, _) = sources.profile(globals);
    let current = |key: &str| value(sources, &profile, key);
    let mut answered: Vec<(&str, Option<String>)> = Vec::new();
    // Keys that begin so are good only together with a token.
    let is_temporary = |key: &str| key.starts_with("ASIA");
    for (key, question) in QUESTIONS {
        let new_key = answered.iter().find(|(key, _)| *key == KEY).and_then(|(_, value)| value.as_deref());
        let wants_token = new_key.map_or_else(|| current(TOKEN).is_some(), is_temporary);
        if key == TOKEN && !wants_token {
            if new_key.is_some() && current(TOKEN).is_some() {
                answered.push((TOKEN, None));
            }
            continue;
        }
        let now = current(key);
        let shown = match &now {
            None => "None".to_owned(),
            Some(value) if KEYS.contains(&key) => masked(value),
            Some(value) => value.clone(),
        };
        let answer = question_and_answer(&format!("{question} [{shown}]: "), answers, questions)?;
        if let Some(answer) = answer.filter(|answer| Some(answer) != now.as_ref()) {
            answered.push((key, Some(answer)));
        }
    }
    write(sources, &config_section(&profile), &answered)
}

fn question_and_answer(
    question: &str,
    answers: &mut impl BufRead,
    questions: &mut impl Write,
) -> Result<Option<String>, Failure> {
    let broken = |error: io::Error| Failure::Other(error.to_string());
    questions.write_all(question.as_bytes()).and_then(|()| questions.flush()).map_err(broken)?;
    let mut answer = String::new();
    if answers.read_line(&mut answer).map_err(broken)? == 0 {
        return Err(Failure::Other("EOF when reading a line".to_owned()));
    }
    let answer = answer.trim_end_matches(['\n', '\r']);
    Ok((!answer.is_empty()).then(|| answer.to_owned()))
}

/// Sixteen stars and the last four letters.
fn masked(value: &str) -> String {
    let letters: Vec<char> = value.chars().collect();
    format!("{}{}", "*".repeat(16), letters[letters.len().saturating_sub(4)..].iter().collect::<String>())
}

/// A setting of a profile; keys are looked for in the credentials file first.
fn value(sources: &Sources, profile: &str, key: &str) -> Option<String> {
    let sections = [sources.credentials_section(profile), sources.config_section(profile)];
    sections.into_iter().flatten().find_map(|section| section.get(key)).map(|entry| entry.value.clone())
}

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
        _ => return Err(Failure::Parameters(format!("There is no setting of the name {name}."))),
    };
    Ok(Place { profile: profile.map(str::to_owned), key: key.to_owned(), nested })
}

/// Prints one setting; there may be none.
fn get(name: &str, section: Option<&str>, globals: &Globals, sources: &Sources) -> Result<ExitCode, Failure> {
    let place = place(name, |name| sources.profiles().iter().any(|profile| profile == name))?;
    let (in_use, chosen) = sources.profile(globals);
    let profile = place.profile.as_deref().unwrap_or(&in_use);
    let sections: Vec<&Section> = match section {
        Some(section) => sources.named_section(section).into_iter().collect(),
        None => [sources.credentials_section(profile), sources.config_section(profile)].into_iter().flatten().collect(),
    };
    if sections.is_empty() && section.is_none() && place.profile.is_none() && chosen {
        return Err(Failure::Other(format!("The config profile ({profile}) could not be found")));
    }
    let Some(entry) = sections.into_iter().find_map(|section| section.get(&place.key.to_lowercase())) else {
        return Ok(ExitCode::FAILURE);
    };
    let value = match &place.nested {
        Some(nested) => entry.nested.get(&nested.to_lowercase()),
        None if entry.value.is_empty() && !entry.nested.is_empty() => {
            eprintln!("varname ({name}) must reference a value, not a section or sub-section.");
            None
        }
        None => Some(&entry.value),
    };
    let Some(value) = value else { return Ok(ExitCode::FAILURE) };
    print(&format!("{value}\n")).map(|()| ExitCode::SUCCESS)
}

/// Writes one setting.
fn set(name: &str, value: &str, section: Option<String>, globals: &Globals, sources: &Sources) -> Result<(), Failure> {
    if value.contains(['\n', '\r']) {
        return Err(Failure::Parameters("A value has one line.".to_owned()));
    }
    // Only `default` and `profile.X` name a profile here: another first part is a key with one nested in it.
    let place = place(name, |_| false)?;
    let section =
        section.unwrap_or_else(|| config_section(&place.profile.clone().unwrap_or_else(|| sources.profile(globals).0)));
    let Some(nested) = &place.nested else { return write(sources, &section, &[(&place.key, Some(value.to_owned()))]) };
    change(&config_path(sources), |file| file.set(&section, &place.key, Some(nested), Some(value)))
}

/// Writes settings of a section: each to the file where it belongs.
fn write(sources: &Sources, section: &str, settings: &[(&str, Option<String>)]) -> Result<(), Failure> {
    let (keys, others): (Vec<_>, Vec<_>) = settings.iter().partition(|(key, _)| KEYS.contains(key));
    if !keys.is_empty() {
        let path = credentials_path(sources);
        let profile = section.strip_prefix("profile ").unwrap_or(section).trim_matches('\'');
        change(&path, |file| keys.iter().for_each(|(key, value)| file.set(profile, key, None, value.as_deref())))?;
        if file::is_open_to_others(&path) {
            let path = path.display();
            eprintln!(
                "\nswitchboard: [WARNING]: The file '{path}' is accessible by other users. Consider running \
                 'chmod 600 {path}' to restrict access to only your user."
            );
        }
    }
    if others.is_empty() {
        return Ok(());
    }
    change(&config_path(sources), |file| {
        others.iter().for_each(|(key, value)| file.set(section, key, None, value.as_deref()));
    })
}

fn change(path: &Path, how: impl FnOnce(&mut File)) -> Result<(), Failure> {
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
fn config_section(profile: &str) -> String {
    if profile == "default" {
        return profile.to_owned();
    }
    let quote = if profile.contains(char::is_whitespace) { "'" } else { "" };
    format!("profile {quote}{profile}{quote}")
}

fn config_path(sources: &Sources) -> PathBuf {
    paramfile::expand(&list::config_file(sources))
}

fn credentials_path(sources: &Sources) -> PathBuf {
    let path = sources.variable("AWS_SHARED_CREDENTIALS_FILE");
    paramfile::expand(&path.unwrap_or_else(|| "~/.aws/credentials".to_owned()))
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

    #[test]
    fn secrets_are_masked() {
        assert_eq!(masked("AKIDEXAMPLE"), "****************MPLE");
        assert_eq!(masked("é"), "****************é");
    }
}
