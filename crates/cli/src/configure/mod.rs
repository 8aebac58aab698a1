//! `switchboard configure`: shows and changes the shared files of settings and keys, as `aws configure` does.
//!
//! One rule: keys go to the credentials file and everything else to the config file, whichever way they were given.
//! The commands are those of version 2 of the AWS command line ("Configuration and credential file settings" in its
//! user guide): alone, it asks for a profile's settings (`ask`); the others stand in [`COMMANDS`].

mod ask;
mod export;
mod file;
mod import;
mod list;
mod model;
mod setting;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::argparse::{Opt, Parser, Sorted, Takes};
use crate::errors::Failure;
use crate::globals::{Globals, invalid_choice};
use crate::paramfile;
use crate::sources::{Sources, Wanted};
pub(crate) use export::formats;

const KEY: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";
const TOKEN: &str = "aws_session_token";

/// What goes to the credentials file; the last is an older name of the one before it.
const KEYS: [&str; 4] = [KEY, SECRET, TOKEN, "aws_security_token"];

/// For credentials that come with a region of their own choice: any will do to ask for them.
const ANY_REGION: &str = "us-east-1";

/// One of the commands: its name, what it must be told, and its options.
struct Command {
    name: &'static str,
    arguments: &'static [&'static str],
    options: &'static [(&'static str, Takes)],
    run: fn(&Told, &Globals, &Sources) -> Result<ExitCode, Failure>,
}

const SECTIONS: &[(&str, Takes)] = &[("sso-session", Takes::One), ("services", Takes::One)];

const COMMANDS: [Command; 7] = [
    Command {
        name: "add-model",
        arguments: &[],
        options: &[("service-model", Takes::One), ("service-name", Takes::One)],
        run: |told, _, _| model::add(told),
    },
    Command { name: "export-credentials", arguments: &[], options: &[("format", Takes::One)], run: export::run },
    Command { name: "get", arguments: &["varname"], options: SECTIONS, run: setting::get },
    Command {
        name: "import",
        arguments: &[],
        options: &[("csv", Takes::One), ("skip-invalid", Takes::Nothing), ("profile-prefix", Takes::One)],
        run: |told, _, sources| import::run(told, sources),
    },
    Command { name: "list", arguments: &[], options: &[], run: |_, globals, sources| list::run(globals, sources) },
    Command { name: "list-profiles", arguments: &[], options: &[], run: |_, _, sources| profiles(sources) },
    Command { name: "set", arguments: &["varname", "value"], options: SECTIONS, run: setting::set },
];

/// What a command was told.
#[derive(Debug, Default)]
struct Told {
    arguments: Vec<String>,
    options: Vec<(&'static str, String)>,
}

impl Told {
    /// The value of an option; of two the last counts.
    fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The value of an option that must be there, or the text of the file that it names.
    fn text(&self, name: &str) -> Result<String, Failure> {
        let value = self.option(name).ok_or_else(|| missing(&[format!("--{name}")]))?;
        paramfile::text(value).map_err(|problem| Failure::parsing(&format!("--{name}"), problem))
    }
}

/// The names of the commands.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|command| command.name)
}

/// The options of a command, by their names with hyphens.
pub(crate) fn options(command: &str) -> impl Iterator<Item = String> {
    let found = COMMANDS.iter().find(|known| known.name == command);
    found.into_iter().flat_map(|command| command.options).map(|(name, _)| format!("--{name}"))
}

/// Does what the words behind `configure` say.
pub(crate) fn run(globals: &Globals, words: &[String]) -> Result<ExitCode, Failure> {
    let Some((name, rest)) = words.split_first() else {
        return ask::run(globals, &Sources::load()?, &mut io::stdin().lock(), &mut io::stdout().lock());
    };
    if name.starts_with('-') {
        return Err(unknown(words));
    }
    let command = COMMANDS.iter().find(|command| command.name == name);
    let command = command.ok_or_else(|| invalid_choice("subcommand", name, names().map(str::to_owned)))?;
    let told = command.read(rest)?;
    (command.run)(&told, globals, &Sources::load()?)
}

impl Command {
    fn read(&self, words: &[String]) -> Result<Told, Failure> {
        let option =
            |(name, takes): &(&'static str, Takes)| Opt { name: (*name).to_owned(), takes: *takes, meaning: *name };
        // What is too much is told apart below, and not taken for an argument that may be left out.
        let parser = Parser { options: self.options.iter().map(option).collect(), arguments: self.arguments.len() };
        let Sorted { options, arguments, rest } = parser.sort(words)?;
        let absent: Vec<String> = self.arguments[arguments.len()..].iter().map(|name| (*name).to_owned()).collect();
        if !absent.is_empty() {
            return Err(missing(&absent));
        }
        if !rest.is_empty() {
            return Err(unknown(&rest));
        }
        let options = options.into_iter().map(|(name, mut values)| (name, values.pop().unwrap_or_default())).collect();
        Ok(Told { arguments, options })
    }
}

/// Unlike behind an operation, there is no blank behind a comma.
fn unknown(words: &[String]) -> Failure {
    Failure::Parameters(format!("Unknown options: {}", words.join(",")))
}

fn missing(what: &[String]) -> Failure {
    Failure::Usage(format!("the following arguments are required: {}", what.join(", ")))
}

fn print(text: &str) -> Result<ExitCode, Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    written.map(|()| ExitCode::SUCCESS).map_err(|error| Failure::writing(&error))
}

fn warn(text: &str) {
    // With nobody to warn, there is nothing to do.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn profiles(sources: &Sources) -> Result<ExitCode, Failure> {
    print(&sources.profiles().iter().map(|name| format!("{name}\n")).collect::<String>())
}

/// Where credentials are asked for.
fn region(globals: &Globals, sources: &Sources) -> String {
    let wanted = Wanted::new("region").option(globals.region.clone()).variable("AWS_REGION");
    sources.find(globals, &wanted.variable("AWS_DEFAULT_REGION")).unwrap_or_else(|| ANY_REGION.to_owned())
}

/// Sixteen stars and the last four letters.
fn masked(value: &str) -> String {
    let letters: Vec<char> = value.chars().collect();
    format!("{}{}", "*".repeat(16), letters[letters.len().saturating_sub(4)..].iter().collect::<String>())
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

    fn read(name: &str, words: &[&str]) -> Result<Told, Failure> {
        let command = COMMANDS.iter().find(|command| command.name == name).expect("it is one");
        command.read(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn words_are_told_apart() {
        let told = read("set", &["--services", "s", "a", "b"]).expect("they are right");
        assert_eq!(told.arguments, ["a", "b"]);
        assert_eq!((told.option("services"), told.option("sso-session")), (Some("s"), None));
        for (name, words, expected) in [
            ("set", &["a"][..], missing(&["value".to_owned()])),
            ("set", &["a", "-b"], missing(&["value".to_owned()])),
            ("get", &["--nope"], missing(&["varname".to_owned()])),
            ("get", &["a", "b", "--c"], Failure::Parameters("Unknown options: b,--c".to_owned())),
            ("list", &["a"], Failure::Parameters("Unknown options: a".to_owned())),
        ] {
            assert_eq!(read(name, words).map(|told| told.arguments), Err(expected), "{name} {words:?}");
        }
    }

    #[test]
    fn secrets_are_masked() {
        assert_eq!(masked("AKIDEXAMPLE"), "****************MPLE");
        assert_eq!(masked("é"), "****************é");
    }
}
