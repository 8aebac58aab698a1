//! What the program does besides calling operations: help, its version, and the commands of its own.

use std::process::ExitCode;

use crate::args;
use crate::errors::Failure;
use crate::{complete, configure, help, tail};

/// The version of the AWS command line whose behaviour this one has. Scripts look for it.
const AWS_CLI: &str = "2.36.7";

/// Does what the words say, unless they name an operation.
pub(crate) fn run(words: &[String]) -> Option<Result<ExitCode, Failure>> {
    // What is completed may look like anything.
    if words.first().is_some_and(|word| word == "complete") {
        return Some(complete::run(&words[1..]));
    }
    if asks_for_version(words) {
        return Some(crate::run::print(&format!("{}\n", version())).map(|()| ExitCode::SUCCESS));
    }
    if let Some(names) = help::asked(words) {
        return Some(help::show(&names).map(|()| ExitCode::SUCCESS));
    }
    let (globals, names) = args::globals(words).ok()?;
    let (verb, rest) = names.split_first()?;
    match verb.as_str() {
        "configure" => Some(configure::run(&globals, rest)),
        "tail" => Some(tail::run(&globals, rest)),
        "man" => Some(help::man(rest).map(|()| ExitCode::SUCCESS)),
        _ => None,
    }
}

/// `--version` counts until both names are there: behind them it may be an option of the operation.
fn asks_for_version(words: &[String]) -> bool {
    let Some(at) = words.iter().position(|word| word == "--version" || word == "-V") else { return false };
    args::globals(&words[..at])
        .is_ok_and(|(_, names)| names.len() < 2 && !names.iter().any(|name| name.starts_with('-')))
}

/// In the form of `aws --version`: names with versions, that of the AWS command line first.
pub(crate) fn version() -> String {
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    let mut letters = system.chars();
    let system: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let release = if release.trim().is_empty() { "unknown" } else { release.trim() };
    format!("aws-cli/{AWS_CLI} switchboard/{} {system}/{release} exe/{machine}", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_version_can_be_parsed_as_that_of_aws() {
        let version = version();
        let first = version.split(' ').next().expect("it has words");
        let (name, number) = first.split_once('/').expect("it has a slash");
        assert_eq!(name, "aws-cli");
        assert!(number.starts_with("2.") && number.split('.').all(|part| part.parse::<u32>().is_ok()), "{version}");
        assert!(version.contains(concat!(" switchboard/", env!("CARGO_PKG_VERSION"), " ")), "{version}");
    }

    #[test]
    fn the_version_is_asked_for_before_both_names() {
        assert!(asks_for_version(&words("--version")));
        assert!(asks_for_version(&words("--region r connect --version")));
        assert!(!asks_for_version(&words("connect list-bots --version")));
        assert!(!asks_for_version(&words("connect list-bots")));
    }

    #[test]
    fn an_operation_is_left_to_others() {
        assert!(run(&words("connect list-bots")).is_none());
        assert!(run(&words("nothing")).is_none());
        assert!(run(&[]).is_none());
    }
}
