//! `wait`: calls an operation again and again until what it tells of has come about.
//!
//! When to go on, and when to give up, stands in the model ("waiters"); the words are those of the Python clients.

use std::time::Duration;

use switchboard_model::{Acceptor, Service, Waiter};

use crate::argparse::Parser;
use crate::errors::Failure;
use crate::globals::invalid_choice;
use crate::jmespath::Expression;
use crate::naming::kebab;
use crate::options::Global;
use crate::python;
use crate::value::{Map, Value};

/// What one call came to.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    /// The members of a success.
    pub(crate) members: Map,
    /// The code and the message of an error.
    pub(crate) error: Option<(String, String)>,
}

/// Finds the waiter that is named by the words behind `wait`, and the words that are left.
pub(crate) fn find<'s>(service: &'s Service, words: &[String]) -> Result<(&'s str, &'s Waiter, Vec<String>), Failure> {
    let sorted = Parser::<Global> { options: Vec::new(), arguments: 1 }.sort(words)?;
    let Some(command) = sorted.arguments.first() else {
        let usage = format!("usage: switchboard [options] {} wait <subcommand> [parameters]", service.name);
        return Err(Failure::Parameters(format!("{usage}\nswitchboard: [ERROR]: too few arguments")));
    };
    match service.waiters.iter().find(|(name, _)| kebab(name) == *command) {
        Some((name, waiter)) => Ok((name, waiter, sorted.rest)),
        None => Err(invalid_choice("subcommand", command, service.waiters.keys().map(|name| kebab(name)))),
    }
}

/// Calls until a condition of the waiter is met.
///
/// # Errors
/// When what was waited for cannot come about any more, or does not in time.
pub(crate) fn wait(
    name: &str,
    waiter: &Waiter,
    mut call: impl FnMut() -> Result<Seen, Failure>,
    mut sleep: impl FnMut(Duration),
) -> Result<(), Failure> {
    let failed = |reason: String| Err(Failure::Other(format!("Waiter {name} failed: {reason}")));
    let conditions = waiter.acceptors.iter().map(Condition::of).collect::<Result<Vec<_>, _>>()?;
    let mut last = None;
    for attempt in 1.. {
        let seen = call()?;
        let met = conditions.iter().find(|condition| condition.is_met(&seen));
        match (met.map(|condition| condition.acceptor.state.as_str()), &seen.error) {
            (Some("success"), _) => return Ok(()),
            (Some("failure"), _) => {
                let why = met.map(Condition::explained).unwrap_or_default();
                return failed(format!("Waiter encountered a terminal failure state: {why}"));
            }
            (None, Some((code, message))) => return failed(format!("An error occurred ({code}): {message}")),
            _ => {}
        }
        last = met.or(last);
        if attempt >= waiter.max_attempts {
            return failed(match last {
                None => "Max attempts exceeded".to_owned(),
                Some(last) => {
                    format!("Max attempts exceeded. Previously accepted state: {}", last.explained())
                }
            });
        }
        sleep(Duration::from_secs(waiter.delay.into()));
    }
    Ok(())
}

/// A condition with its path read.
struct Condition<'w> {
    acceptor: &'w Acceptor,
    path: Option<Expression>,
    expected: Value,
}

impl<'w> Condition<'w> {
    fn of(acceptor: &'w Acceptor) -> Result<Self, Failure> {
        let path = acceptor.argument.as_deref().map(Expression::parse).transpose().map_err(Failure::Other)?;
        Ok(Self { acceptor, path, expected: Value::from(&acceptor.expected) })
    }

    fn is_met(&self, seen: &Seen) -> bool {
        match self.acceptor.matcher.as_str() {
            "status" => Value::from(i64::from(seen.status)).equals(&self.expected),
            "error" => match &self.expected {
                Value::Bool(wanted) => seen.error.is_some() == *wanted,
                code => seen.error.as_ref().is_some_and(|(seen, _)| code.as_text() == Some(seen)),
            },
            _ if seen.error.is_some() => false,
            matcher => self.is_found(matcher, &seen.members),
        }
    }

    fn is_found(&self, matcher: &str, members: &Map) -> bool {
        let found = self.path.as_ref().and_then(|path| path.search(&Value::Map(members.clone())).ok());
        match (matcher, found) {
            ("path", Some(found)) => found.equals(&self.expected),
            ("pathAll", Some(Value::List(items))) => {
                !items.is_empty() && items.iter().all(|item| item.equals(&self.expected))
            }
            ("pathAny", Some(Value::List(items))) => items.iter().any(|item| item.equals(&self.expected)),
            _ => false,
        }
    }

    fn explained(&self) -> String {
        let expected = python::display(&self.expected);
        let path = self.acceptor.argument.as_deref().unwrap_or_default();
        match self.acceptor.matcher.as_str() {
            "path" => format!("For expression \"{path}\" we matched expected path: \"{expected}\""),
            "pathAll" => format!("For expression \"{path}\" all members matched excepted path: \"{expected}\""),
            "pathAny" => format!("For expression \"{path}\" we matched expected path: \"{expected}\" at least once"),
            "status" => format!("Matched expected HTTP status code: {expected}"),
            "error" => format!("Matched expected service error code: {expected}"),
            other => format!("No explanation for unknown waiter type: \"{other}\""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use serde_json::json;

    fn waiter() -> Waiter {
        serde_json::from_value(json!({
            "operation": "DescribeThing", "delay": 10, "maxAttempts": 3,
            "acceptors": [
                {"state": "success", "matcher": "path", "argument": "status", "expected": "Available"},
                {"state": "failure", "matcher": "pathAny", "argument": "things[].status", "expected": "Failed"},
                {"state": "retry", "matcher": "error", "expected": "NotFound"},
            ],
        }))
        .expect("it is one")
    }

    fn seen(value: serde_json::Value) -> Seen {
        let Value::Map(members) = Value::from(value) else { panic!("a map was expected") };
        Seen { status: 200, members, error: None }
    }

    fn error(code: &str) -> Seen {
        Seen { status: 404, error: Some((code.to_owned(), "no".to_owned())), ..Seen::default() }
    }

    /// Waits for things to be seen one after the other; gives the result and the seconds slept.
    fn waited(mut answers: Vec<Seen>) -> (Result<(), Failure>, u64) {
        let mut slept = 0;
        answers.reverse();
        let call = || Ok(answers.pop().expect("there is one more"));
        let result = wait("ThingAvailable", &waiter(), call, |time| slept += time.as_secs());
        (result, slept)
    }

    #[test]
    fn success_is_waited_for() {
        let available = || seen(json!({"status": "Available"}));
        assert_eq!(waited(vec![available()]), (Ok(()), 0));
        assert_eq!(waited(vec![error("NotFound"), seen(json!({"status": "Creating"})), available()]), (Ok(()), 20));
    }

    #[test]
    fn waiting_ends_in_botocores_words() {
        let told = |answers| match waited(answers).0 {
            Err(Failure::Other(message)) => message,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            told(vec![seen(json!({"things": [{"status": "Failed"}]}))]),
            "Waiter ThingAvailable failed: Waiter encountered a terminal failure state: For expression \
             \"things[].status\" we matched expected path: \"Failed\" at least once"
        );
        assert_eq!(told(vec![error("Denied")]), "Waiter ThingAvailable failed: An error occurred (Denied): no");
        let creating = || seen(json!({"status": "Creating"}));
        let expected = "Waiter ThingAvailable failed: Max attempts exceeded";
        assert_eq!(told(vec![creating(), creating(), creating()]), expected);
        assert_eq!(
            told(vec![error("NotFound"), creating(), creating()]),
            format!("{expected}. Previously accepted state: Matched expected service error code: NotFound")
        );
    }

    #[test]
    fn waiters_are_named_as_commands() {
        let service = catalog::service("lexv2-models").expect("it exists");
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let (name, _, rest) = find(&service, &words("bot-available --bot-id b")).expect("it exists");
        assert_eq!((name, rest), ("BotAvailable", words("--bot-id b")));
        let failure = find(&service, &words("bot-availabl")).map(|_| ()).expect_err("it is misspelt");
        let expected =
            "argument subcommand: Found invalid choice 'bot-availabl'\n\nMaybe you meant:\n\n  * bot-available";
        assert!(matches!(failure, Failure::Usage(message) if message.starts_with(expected)));
        assert!(matches!(find(&service, &[]), Err(Failure::Parameters(_))));
    }
}
