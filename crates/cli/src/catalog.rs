//! The services that can be called, each read from its facts when it is asked for.
//!
//! The files of `models/` are part of the binary, so that a command needs no file to run; only the one of the service
//! called is parsed.

use switchboard_model::{Operation, Service};

use crate::errors::Failure;
use crate::globals::invalid_choice;
use crate::help;
use crate::naming::kebab;

pub(crate) const FILES: [(&str, &[u8]); 6] = [
    ("connect", include_bytes!("../../../models/connect.json")),
    ("connectparticipant", include_bytes!("../../../models/connectparticipant.json")),
    ("ivs-realtime", include_bytes!("../../../models/ivs-realtime.json")),
    ("lex-runtime", include_bytes!("../../../models/lex-runtime.json")),
    ("lexv2-models", include_bytes!("../../../models/lexv2-models.json")),
    ("lexv2-runtime", include_bytes!("../../../models/lexv2-runtime.json")),
];

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
    invalid_choice("command", name, names().into_iter().chain(help::VERBS.iter().map(|verb| verb.name.to_owned())))
}

/// The operation a command names, with the name the API has for it.
pub(crate) fn operation<'s>(service: &'s Service, command: &str) -> Result<(&'s str, &'s Operation), Failure> {
    let operations = || service.operations.iter().filter(|(_, operation)| !is_event_stream(service, operation));
    match operations().find(|(name, _)| kebab(name) == command) {
        Some((name, operation)) => Ok((name, operation)),
        None => {
            let wait = (!service.waiters.is_empty()).then(|| "wait".to_owned());
            let names = operations().map(|(name, _)| kebab(name)).chain(wait).chain(["help".to_owned()]);
            Err(invalid_choice("operation", command, names))
        }
    }
}

/// Whether the body of the request or of the answer is a stream of events.
fn is_event_stream(service: &Service, operation: &Operation) -> bool {
    [&operation.input, &operation.output].into_iter().flatten().filter_map(|name| service.shape(name)).any(|shape| {
        let payload = shape.payload.as_ref().and_then(|name| shape.members.get(name));
        payload.and_then(|member| service.shape(&member.shape)).is_some_and(|body| body.eventstream)
    })
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
}
