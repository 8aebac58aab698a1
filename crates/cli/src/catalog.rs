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

/// How many similar names an error offers.
const SUGGESTIONS: usize = 3;

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

pub(crate) fn invalid_choice(argument: &str, typed: &str, choices: impl Iterator<Item = String>) -> Failure {
    let mut message = format!("argument {argument}: Found invalid choice '{typed}'");
    let mut near: Vec<(usize, String)> = choices.map(|choice| (distance(typed, &choice), choice)).collect();
    // One letter in five may be wrong.
    near.retain(|(distance, choice)| distance * 5 <= choice.len().max(typed.len()));
    near.sort();
    if !near.is_empty() {
        message.push_str("\n\nMaybe you meant:\n");
        for (_, choice) in near.iter().take(SUGGESTIONS) {
            message.push_str(&format!("\n  * {choice}"));
        }
    }
    Failure::Usage(message)
}

/// How many letters must be put in, left out or replaced to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
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
    fn distances() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
