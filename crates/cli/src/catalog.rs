//! The services that can be called, each read from its facts when it is asked for.
//!
//! The files of `models/` are part of the binary, so that a command needs no file to run; only the one of the service
//! called is parsed.

use switchboard_model::{Operation, Service};

use crate::errors::Failure;
use crate::help;
use crate::naming::kebab;

const FILES: [(&str, &[u8]); 6] = [
    ("connect", include_bytes!("../../../models/connect.json")),
    ("connectparticipant", include_bytes!("../../../models/connectparticipant.json")),
    ("ivs-realtime", include_bytes!("../../../models/ivs-realtime.json")),
    ("lex-runtime", include_bytes!("../../../models/lex-runtime.json")),
    ("lexv2-models", include_bytes!("../../../models/lexv2-models.json")),
    ("lexv2-runtime", include_bytes!("../../../models/lexv2-runtime.json")),
];

/// How many similar names an error offers, and how alike they must be.
const SUGGESTIONS: usize = 3;
const ALIKE: f64 = 0.8;

/// The names of the services that there are.
pub(crate) fn names() -> Vec<String> {
    FILES.iter().map(|(name, _)| (*name).to_owned()).collect()
}

pub(crate) fn is_service(name: &str) -> bool {
    FILES.iter().any(|(known, _)| *known == name)
}

/// Reads the facts of one service.
pub(crate) fn service(name: &str) -> Result<Service, Failure> {
    let Some((_, bytes)) = FILES.iter().find(|(known, _)| *known == name) else {
        return Err(unknown_service(name));
    };
    Service::from_json(bytes).map_err(|error| Failure::Other(format!("The facts of {name} cannot be read: {error}")))
}

/// The error for a word that is no service.
pub(crate) fn unknown_service(name: &str) -> Failure {
    invalid_choice(
        "command",
        name,
        FILES.iter().map(|(known, _)| (*known).to_owned()).chain(help::VERBS.iter().map(|verb| verb.name.to_owned())),
    )
}

/// The operation a command names, with the name the API has for it.
pub(crate) fn operation<'s>(service: &'s Service, command: &str) -> Result<(&'s str, &'s Operation), Failure> {
    match service.operations.iter().find(|(name, _)| kebab(name) == command) {
        Some((name, operation)) if is_event_stream(service, operation) => Err(Failure::Usage(format!(
            "argument operation: {name} is a two-way stream of events, which only the SDKs can speak"
        ))),
        Some((name, operation)) => Ok((name, operation)),
        None => Err(invalid_choice("operation", command, service.operations.keys().map(|name| kebab(name)))),
    }
}

/// Whether the body of the request or of the answer is a stream of events.
fn is_event_stream(service: &Service, operation: &Operation) -> bool {
    [&operation.input, &operation.output].into_iter().flatten().filter_map(|name| service.shape(name)).any(|shape| {
        let payload = shape.payload.as_ref().and_then(|name| shape.members.get(name));
        payload.and_then(|member| service.shape(&member.shape)).is_some_and(|body| body.eventstream)
    })
}

/// The error for a word that is none of the choices, with those it may have meant.
pub(crate) fn invalid_choice(argument: &str, typed: &str, choices: impl Iterator<Item = String>) -> Failure {
    Failure::Usage(format!("argument {argument}: Found invalid choice '{typed}'{}", nearest(typed, choices)))
}

/// What may have been meant, to be put behind an error; nothing when nothing is near.
pub(crate) fn nearest(typed: &str, choices: impl Iterator<Item = String>) -> String {
    let mut near: Vec<(f64, String)> = choices.map(|choice| (likeness(&choice, typed), choice)).collect();
    near.retain(|(likeness, _)| *likeness >= ALIKE);
    // The most alike first, as Python's `get_close_matches` orders them.
    near.sort_by(|(a, first), (b, second)| b.total_cmp(a).then_with(|| second.cmp(first)));
    if near.is_empty() {
        return String::new();
    }
    let names: String = near.iter().take(SUGGESTIONS).map(|(_, choice)| format!("\n  * {choice}")).collect();
    format!("\n\nMaybe you meant:\n{names}")
}

/// How alike two words are, from 0 to 1: the share of letters in common runs, as Python's `difflib` counts them
/// (Ratcliff and Obershelp's measure).
fn likeness(a: &str, b: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let letters = a.len() + b.len();
    if letters == 0 { 1.0 } else { 2.0 * common(&a, &b) as f64 / letters as f64 }
}

/// The letters of the longest common run, and of those on both sides of it.
fn common(a: &[char], b: &[char]) -> usize {
    let (mut longest, mut at) = (0, (0, 0));
    for i in 0..a.len() {
        for j in 0..b.len() {
            let length = a[i..].iter().zip(&b[j..]).take_while(|(x, y)| x == y).count();
            if length > longest {
                (longest, at) = (length, (i, j));
            }
        }
    }
    if longest == 0 {
        return 0;
    }
    let (i, j) = at;
    longest + common(&a[..i], &b[..j]) + common(&a[i + longest..], &b[j + longest..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_can_be_read_and_its_commands_differ() {
        for (name, _) in FILES {
            let service = service(name).expect("the file is good");
            assert_eq!(service.name, name);
            let mut commands: Vec<_> = service.operations.keys().map(|name| kebab(name)).collect();
            commands.sort();
            commands.dedup();
            assert_eq!(commands.len(), service.operations.len());
        }
    }

    #[test]
    fn an_unknown_operation_names_similar_ones() {
        let service = service("connectparticipant").expect("the file is good");
        let failure = operation(&service, "disconect-participant").expect_err("it is misspelt");
        let expected = "argument operation: Found invalid choice 'disconect-participant'\n\n\
                        Maybe you meant:\n\n  * disconnect-participant";
        assert_eq!(failure, Failure::Usage(expected.to_owned()));
        assert!(operation(&service, "disconnect-participant").is_ok());
    }

    #[test]
    fn an_event_stream_is_not_offered() {
        let service = service("lexv2-runtime").expect("the file is good");
        assert!(matches!(operation(&service, "start-conversation"), Err(Failure::Usage(_))));
        assert!(operation(&service, "recognize-text").is_ok());
    }

    #[test]
    fn likeness_is_that_of_difflib() {
        let close = |a: &str, b: &str, expected: f64| assert!((likeness(a, b) - expected).abs() < 1e-9, "{a} {b}");
        close("", "", 1.0);
        close("same", "same", 1.0);
        close("", "abc", 0.0);
        close("list-bots", "lits-bots", 16.0 / 18.0);
        close("kitten", "sitting", 8.0 / 13.0);
    }
}
