//! The services that can be called, each read from its facts when it is asked for.
//!
//! The facts of `models/` are part of the binary, so that a command needs no file to run; only what the operation
//! reaches is read (`pieces`). A user may add services of their own (`user`).

mod pieces;
mod user;

use switchboard_model::{Operation, Service};

use crate::errors::Failure;
use crate::globals::invalid_choice;
use crate::help;
use crate::naming::kebab;
use pieces::Pieces;

/// The word behind a service that waits for something.
pub(crate) const WAIT: &str = "wait";

/// The names of the services that there are.
pub(crate) fn names() -> Vec<String> {
    let mut names: Vec<String> = pieces::names().map(str::to_owned).chain(user::names()).collect();
    names.sort();
    names.dedup();
    names
}

pub(crate) fn is_service(name: &str) -> bool {
    Pieces::of(name).is_some() || user::find(name).is_some()
}

/// Reads all facts of one service.
pub(crate) fn service(name: &str) -> Result<Service, Failure> {
    let own = Pieces::of(name);
    match user::find(name) {
        // Of two versions the later one counts, and of one version the user's.
        Some(model) if own.as_ref().is_none_or(|own| model.version() >= own.version()) => model.read(),
        _ => own.ok_or_else(|| unknown_service(name))?.service(),
    }
}

/// Reads the facts of one service that a command needs. An unknown command is an error.
pub(crate) fn service_for(name: &str, command: &str) -> Result<Service, Failure> {
    let own = Pieces::of(name).filter(|_| command != WAIT && user::find(name).is_none());
    match own.and_then(|own| own.operation(command)) {
        Some(part) => part,
        // What has no such operation is read whole, to name those that there are.
        None => service(name),
    }
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
            let wait = (!service.waiters.is_empty()).then(|| WAIT.to_owned());
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
    use crate::{python, skeleton};

    #[test]
    fn every_service_can_be_read_and_its_commands_differ() {
        for name in pieces::names() {
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
    fn a_part_holds_all_that_an_operation_needs() {
        for name in pieces::names() {
            let whole = service(name).expect("the file is good");
            for (name, operation) in &whole.operations {
                let Ok(part) = service_for(&whole.name, &kebab(name)) else { panic!("{name}") };
                if is_event_stream(&whole, operation) {
                    continue;
                }
                assert!(part.operations.len() == 1 && part.shapes.len() <= whole.shapes.len(), "{name}");
                let skeletons = |service| {
                    let input = python::pretty_json(&skeleton::input(service, operation), true);
                    (input, format!("{:?}", skeleton::output(service, operation)))
                };
                assert_eq!(skeletons(&part), skeletons(&whole), "{name}");
                assert_eq!(part.paginators.contains_key(name), whole.paginators.contains_key(name), "{name}");
                assert!(operation.errors.iter().all(|error| part.shape(error).is_some()), "{name}");
            }
        }
    }

    #[test]
    fn what_is_unknown_is_told_from_the_whole() {
        let part = service_for("connect", "list-botz").expect("the file is good");
        assert!(part.operations.len() > 300);
        assert!(matches!(service_for("conect", "list-bots"), Err(Failure::Usage(_))));
    }
}
