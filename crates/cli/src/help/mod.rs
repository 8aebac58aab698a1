//! `help`: the manual of the program, of each service and of each operation.
//!
//! One rule: nothing here knows an operation by name. A page follows from the facts in `models/` and the words in
//! `crates/cli/help/`; the same page makes the screen's and the manual's. The layout is that of `aws … help`.

mod globals;
mod man;
mod operation;
mod overview;
mod page;
mod pager;
mod roff;
mod screen;
mod syntax;
mod texts;
mod waiters;

pub(crate) use globals::{GLOBALS, PAGING};
pub(crate) use man::run as man;
pub(crate) use overview::{VERBS, commands};
pub(crate) use texts::Texts;

use crate::errors::Failure;
use crate::{args, catalog, wait};
use page::Page;

/// The words of the pages that are asked for, when a command asks for help: `help` in the place of a command, or
/// `--help` anywhere.
pub(crate) fn asked(words: &[String]) -> Option<Vec<String>> {
    // Behind a bare `--` there are no options.
    let flagged = words.iter().take_while(|word| *word != "--").any(|word| word == "--help");
    let (_, names) = args::globals(words).ok()?;
    let mut names: Vec<String> = names.into_iter().filter(|word| word != "--help").collect();
    if !flagged && names.first().is_some_and(|word| word == "help") {
        // `help connect list-bots` is how one asks other programs.
        return names.split_off(1).into_iter().map(|word| (!word.starts_with('-')).then_some(word)).collect();
    }
    if !flagged {
        // `help` is the last word, and nothing but names is before it.
        let at = names.iter().take(most_names(&names) + 1).position(|word| word == "help")?;
        if at + 1 != names.len() || names.iter().any(|word| word.starts_with('-')) {
            return None;
        }
        names.truncate(at);
    }
    names.truncate(most_names(&names));
    // The value of an option is no name; an option can only follow both names.
    let first_option = names.iter().position(|word| word.starts_with('-')).unwrap_or(names.len());
    names.truncate(first_option);
    Some(names)
}

/// A service and an operation, or a service and what it is waited for.
fn most_names(names: &[String]) -> usize {
    if names.get(1).is_some_and(|name| name == catalog::WAIT) { 3 } else { 2 }
}

/// Shows the page that the names stand for.
pub(crate) fn show(names: &[String]) -> Result<(), Failure> {
    pager::show(&find(names)?)
}

fn find(names: &[String]) -> Result<Page, Failure> {
    let [first, rest @ ..] = names else { return Ok(overview::program()) };
    if let Some(verb) = VERBS.iter().find(|verb| verb.name == first) {
        return Ok(overview::verb(verb));
    }
    let service = catalog::service(first)?;
    let texts = Texts::of(&service.name)?;
    let Some(command) = rest.first() else { return Ok(overview::service(&service, &texts)) };
    if command == catalog::WAIT && !service.waiters.is_empty() {
        let Some(waiter) = rest.get(1..).filter(|words| !words.is_empty()) else {
            return Ok(waiters::overview(&service));
        };
        let (name, waiter, _) = wait::find(&service, waiter)?;
        return waiters::page(&service, name, waiter, &texts);
    }
    let (name, operation) = catalog::operation(&service, command)?;
    Ok(operation::page(&service, name, operation, &texts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_by(line: &str) -> Option<String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        asked(&words).map(|names| names.join(" "))
    }

    #[test]
    fn help_is_the_last_name() {
        assert_eq!(asked_by("help").as_deref(), Some(""));
        assert_eq!(asked_by("--help").as_deref(), Some(""));
        assert_eq!(asked_by("connect help").as_deref(), Some("connect"));
        assert_eq!(asked_by("help connect list-bots").as_deref(), Some("connect list-bots"));
        assert_eq!(asked_by("--region r connect list-bots help").as_deref(), Some("connect list-bots"));
        assert_eq!(asked_by("connect list-bots --lex-version V1 --help").as_deref(), Some("connect list-bots"));
        assert_eq!(asked_by("lexv2-models wait help").as_deref(), Some("lexv2-models wait"));
        assert_eq!(
            asked_by("lexv2-models wait bot-available help").as_deref(),
            Some("lexv2-models wait bot-available")
        );
        assert_eq!(asked_by("connect --help list-bots").as_deref(), Some("connect list-bots"));
    }

    #[test]
    fn the_word_may_be_a_value() {
        assert_eq!(asked_by("connectparticipant send-message --content help"), None);
        assert_eq!(asked_by("lexv2-runtime put-session --bot-id b help"), None);
        assert_eq!(asked_by("connect help list-bots"), None);
        assert_eq!(asked_by("configure set help me"), None);
        assert_eq!(asked_by("connect list-bots"), None);
        assert_eq!(asked_by("connect list-bots -- --help"), None);
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        let names = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert!(matches!(find(&names("conect")), Err(Failure::Usage(_))));
        assert!(matches!(find(&names("connect do-it")), Err(Failure::Usage(_))));
        assert!(matches!(find(&names("connect wait")), Err(Failure::Usage(_))));
        assert!(matches!(find(&names("lexv2-models wait do-it")), Err(Failure::Usage(_))));
        assert_eq!(find(&names("lexv2-models wait")).expect("it exists").title, "wait");
        assert_eq!(find(&names("lexv2-models wait bot-available")).expect("it exists").title, "bot-available");
        assert_eq!(find(&names("tail")).expect("it exists").title, "tail");
        assert_eq!(find(&[]).expect("it exists").title, "switchboard");
    }
}
