//! What may stand where the cursor is.

use switchboard_model::{Operation, Service, Shape};

use super::position::Position;
use super::resources;
use crate::argparse::Parser;
use crate::help::{GLOBALS, PAGING, Texts, VERBS};
use crate::options::{self, Meaning};
use crate::sources::Sources;
use crate::{catalog, configure, help, shapes};

/// The options that may stand behind the names of an operation.
type Options<'s> = Parser<Option<Meaning<'s>>>;

/// A word that may stand there, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) value: String,
    pub(super) about: String,
}

impl Candidate {
    pub(super) fn new(value: impl Into<String>, about: impl AsRef<str>) -> Self {
        // One line, and as much of it as fits beside the word.
        let about = about.as_ref().replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ");
        let first = about.split_once(". ").map_or(about.as_str(), |(first, _)| first);
        Self { value: value.into(), about: first.trim_end_matches('.').to_owned() }
    }

    fn bare(value: impl Into<String>) -> Self {
        Self::new(value, "")
    }
}

/// The values that `configure` is asked for most.
const SETTINGS: [&str; 10] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "ca_bundle",
    "cli_pager",
    "cli_timestamp_format",
    "endpoint_url",
    "output",
    "region",
    "services",
];

/// Completes the last of the words, the program's own name left out.
pub(super) fn of(words: &[String]) -> Vec<Candidate> {
    let Some((current, before)) = words.split_last() else { return Vec::new() };
    // `--option=val` is two words in one.
    if let Some((option, value)) = current.split_once('=').filter(|(option, _)| option.starts_with("--")) {
        let words: Vec<String> = before.iter().cloned().chain([option.to_owned(), value.to_owned()]).collect();
        let of_value = of(&words).into_iter();
        return of_value
            .filter(|found| !found.value.starts_with("--"))
            .map(|found| Candidate { value: format!("{option}={}", found.value), ..found })
            .collect();
    }
    let mut found = anywhere(before, current);
    found.retain(|candidate| candidate.value.starts_with(current.as_str()));
    found
}

fn anywhere(before: &[String], current: &str) -> Vec<Candidate> {
    let (position, rest) = Position::of_names(before);
    if let Some(option) = position.awaiting.as_deref() {
        return of_global(option);
    }
    match position.names.as_slice() {
        [] if current.starts_with('-') => globals(&position),
        [] => commands(),
        [service] if catalog::is_service(service) && !current.starts_with('-') => of_service(service),
        [service] if catalog::is_service(service) => globals(&position),
        [service, operation] if catalog::is_service(service) => {
            let Ok(service) = catalog::service(service) else { return Vec::new() };
            let Ok((name, operation)) = catalog::operation(&service, operation) else { return Vec::new() };
            Place { service: &service, name, operation }.options_and_values(position, rest, current)
        }
        [verb, names @ ..] => of_verb(verb, names, rest, current),
    }
}

/// The first word.
fn commands() -> Vec<Candidate> {
    let mut found: Vec<_> = VERBS.iter().map(|verb| Candidate::new(verb.name, verb.summary)).collect();
    found.push(Candidate::new("help", "Show the manual"));
    found.extend(catalog::names().into_iter().map(|name| {
        let texts = Texts::of(&name).unwrap_or_default();
        let about = texts.service().unwrap_or_default().to_owned();
        Candidate::new(name, about)
    }));
    found
}

/// The second word.
fn of_service(name: &str) -> Vec<Candidate> {
    let Ok(service) = catalog::service(name) else { return Vec::new() };
    let texts = Texts::of(name).unwrap_or_default();
    let about = |command: &str| {
        let found = catalog::operation(&service, command).ok();
        found.and_then(|(name, _)| texts.operation(name)).unwrap_or_default()
    };
    help::commands(&service).iter().map(|command| Candidate::new(command, about(command))).collect()
}

fn of_verb(verb: &str, names: &[String], rest: &[String], current: &str) -> Vec<Candidate> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match (verb, names.as_slice()) {
        ("serve" | "demo" | "env", _) => resources::flags(verb),
        ("complete", []) => super::SHELLS.iter().map(|(name, _)| Candidate::bare(*name)).collect(),
        ("configure", []) => configure::names().map(Candidate::bare).collect(),
        ("configure", ["export-credentials"]) if rest.last().is_some_and(|word| word == "--format") => {
            configure::formats().map(Candidate::bare).collect()
        }
        ("configure", [command, ..]) if current.starts_with('-') => {
            configure::options(command).map(Candidate::bare).collect()
        }
        ("configure", ["get" | "set"]) => SETTINGS.iter().map(|name| Candidate::bare(*name)).collect(),
        ("tail", _) if current.starts_with('-') => vec![Candidate::new("--json", "Every item as a line of JSON")],
        ("help", []) => commands(),
        ("help", [service]) => of_service(service),
        _ => Vec::new(),
    }
}

/// The global options that are not there yet.
fn globals(position: &Position) -> Vec<Candidate> {
    let absent = GLOBALS.iter().filter(|(name, ..)| !position.is_given(name.trim_start_matches('-')));
    absent.map(|(name, _, _, about)| Candidate::new(*name, about)).collect()
}

/// The values of an option that every command has.
fn of_global(option: &str) -> Vec<Candidate> {
    if option == "profile" {
        let profiles = Sources::load().map(|sources| sources.profiles()).unwrap_or_default();
        return profiles.into_iter().map(Candidate::bare).collect();
    }
    let known = GLOBALS.iter().find(|(name, ..)| name.trim_start_matches('-') == option);
    known.into_iter().flat_map(|(_, _, choices, _)| choices.iter()).map(|choice| Candidate::bare(*choice)).collect()
}

/// An operation, behind whose names the cursor is.
struct Place<'s> {
    service: &'s Service,
    name: &'s str,
    operation: &'s Operation,
}

impl Place<'_> {
    fn options_and_values(&self, mut position: Position, rest: &[String], current: &str) -> Vec<Candidate> {
        let table = options::all(self.service, self.operation, self.name);
        position.go_on(&table, rest);
        let mut found = Vec::new();
        if let Some(awaiting) = &position.awaiting {
            found = self.values(&table, awaiting, &position);
        }
        if position.awaiting.is_none() || (position.may_be_over && current.starts_with('-')) {
            found.extend(self.options(&table, &position));
        }
        if rest.is_empty() {
            found.push(Candidate::new("help", "Show the manual of this operation"));
        }
        found
    }

    /// The options that are not there yet, the required ones first.
    fn options(&self, table: &Options<'_>, position: &Position) -> Vec<Candidate> {
        let texts = Texts::of(&self.service.name).unwrap_or_default();
        let input = self.operation.input.as_deref().unwrap_or_default();
        let shape = shapes::input(self.service, self.operation);
        let mut found = Vec::new();
        for option in table.options.iter().filter(|option| !position.is_given(&option.name)) {
            let name = format!("--{}", option.name);
            let of_member = |member: &str| texts.member(self.name, input, member).unwrap_or_default().to_owned();
            let about = match option.meaning {
                Some(Meaning::Member(member) | Meaning::Switch(member, _)) => of_member(member),
                _ => about_common(&name).to_owned(),
            };
            let required = match option.meaning {
                Some(Meaning::Member(member)) => is_required(shape, member),
                _ => false,
            };
            found.push((!required, Candidate::new(name, about)));
        }
        found.sort_by_key(|(optional, _)| *optional);
        found.into_iter().map(|(_, candidate)| candidate).collect()
    }

    fn values(&self, table: &Options<'_>, option: &str, position: &Position) -> Vec<Candidate> {
        let Some(option) = table.options.iter().find(|known| known.name == option) else { return Vec::new() };
        let Some(Meaning::Member(member)) = option.meaning else {
            return match option.name.as_str() {
                "generate-cli-skeleton" => ["input", "output", "yaml-input"].map(Candidate::bare).to_vec(),
                name => of_global(name),
            };
        };
        let of_model = self.enumerated(member);
        if of_model.is_empty() { resources::of(self.service, self.name, member, position) } else { of_model }
    }

    /// The values that a member, or each element of it, may have.
    fn enumerated(&self, member: &str) -> Vec<Candidate> {
        let shape = |name: &str| self.service.shape(name);
        let found = shapes::input(self.service, self.operation)
            .and_then(|input| shape(&input.members.get(member)?.shape))
            .map(|found| found.member.as_ref().and_then(|element| shape(&element.shape)).unwrap_or(found));
        found.into_iter().flat_map(|shape| &shape.values).map(Candidate::bare).collect()
    }
}

fn is_required(shape: Option<&Shape>, member: &str) -> bool {
    shape.is_some_and(|shape| shape.required.iter().any(|required| required == member))
}

/// What is said of an option that is not one operation's own.
fn about_common(name: &str) -> &'static str {
    let global = GLOBALS.iter().find(|(known, ..)| *known == name).map(|(_, _, _, about)| *about);
    let paging = || PAGING.iter().find(|(known, ..)| *known == name).map(|(_, _, about)| *about);
    global.or_else(paging).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words that complete a line, which begins behind the program's name.
    fn completed(line: &str) -> Vec<String> {
        of(&super::super::words::split(line)).into_iter().map(|candidate| candidate.value).collect()
    }

    #[test]
    fn the_first_word_is_a_command() {
        assert_eq!(completed("connectp"), ["connectparticipant"]);
        assert_eq!(completed("se"), ["serve"]);
        assert!(completed("").len() > 10);
        assert_eq!(completed("--prof"), ["--profile"]);
    }

    #[test]
    fn the_second_is_an_operation() {
        assert_eq!(completed("connect disassociate-b"), ["disassociate-bot"]);
        assert!(completed("connect help").contains(&"help".to_owned()));
        assert_eq!(completed("help connect disassociate-b"), ["disassociate-bot"]);
        assert_eq!(completed("--region r connect disassociate-b"), ["disassociate-bot"]);
        assert!(completed("lexv2-runtime start").is_empty());
    }

    #[test]
    fn then_come_options_that_are_not_there_yet() {
        assert_eq!(completed("connect disassociate-bot --ins"), ["--instance-id"]);
        let found = completed("connect disassociate-bot --instance-id x --");
        assert!(!found.contains(&"--instance-id".to_owned()) && found.contains(&"--lex-bot".to_owned()), "{found:?}");
        assert_eq!(
            completed("ivs-realtime get-participant ")[..3],
            ["--stage-arn", "--session-id", "--participant-id"]
        );
    }

    #[test]
    fn values_come_from_the_model() {
        assert_eq!(completed("connect list-bots --lex-version "), ["V1", "V2"]);
        assert_eq!(completed("connect list-bots --lex-version=V"), ["--lex-version=V1", "--lex-version=V2"]);
        assert_eq!(completed("connect list-queues --queue-types STANDARD A"), ["AGENT"]);
        assert_eq!(completed("connect list-bots --color o"), ["on", "off"]);
        assert_eq!(completed("connect list-bots --generate-cli-skeleton o"), ["output"]);
        let more = completed("connect list-queues --queue-types STANDARD --in");
        assert_eq!(more, ["--instance-id"]);
    }

    #[test]
    fn our_own_commands_have_words_too() {
        assert_eq!(completed("complete "), ["bash", "fish", "zsh"]);
        assert_eq!(completed("configure s"), ["set"]);
        assert_eq!(completed("configure import --c"), ["--csv"]);
        assert_eq!(completed("configure export-credentials --format f"), ["fish"]);
        assert_eq!(completed("configure get reg"), ["region"]);
        assert_eq!(completed("tail --"), ["--json"]);
    }

    #[test]
    fn a_candidate_says_one_thing() {
        let candidate = Candidate::new("x", "First `thing`\nhere. Second thing.");
        assert_eq!(candidate.about, "First thing here");
    }
}
