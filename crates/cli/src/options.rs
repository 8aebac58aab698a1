//! Which options a command has: those of every command, and one or two for each member of the operation's input.
//!
//! An option may be shortened to any beginning that is unique, as Python's argparse allows it.

use switchboard_model::{Operation, Service, Type};

use crate::errors::Failure;
use crate::naming::kebab;
use crate::shapes;

/// How many words an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    One,
    Any,
}

/// What an option is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning<'s> {
    /// The value of a member of the input.
    Member(&'s str),
    /// A member of the input is true or false.
    Switch(&'s str, bool),
    /// The whole input as JSON.
    CliInputJson,
    /// Print what the input or output looks like, and do nothing.
    GenerateCliSkeleton,
    Global(Global),
}

/// An option that every command has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Global {
    Region,
    Profile,
    EndpointUrl,
    Output,
    CaBundle,
    ReadTimeout,
    ConnectTimeout,
    NoSignRequest,
    NoVerifySsl,
    /// Known to `aws` and without effect here: there is no pager, no colour, no prompt, and one call gives one page.
    WithoutEffect,
}

const GLOBALS: [(&str, Takes, Global); 14] = [
    ("region", Takes::One, Global::Region),
    ("profile", Takes::One, Global::Profile),
    ("endpoint-url", Takes::One, Global::EndpointUrl),
    ("output", Takes::One, Global::Output),
    ("ca-bundle", Takes::One, Global::CaBundle),
    ("cli-read-timeout", Takes::One, Global::ReadTimeout),
    ("cli-connect-timeout", Takes::One, Global::ConnectTimeout),
    ("no-sign-request", Takes::Nothing, Global::NoSignRequest),
    ("no-verify-ssl", Takes::Nothing, Global::NoVerifySsl),
    ("no-paginate", Takes::Nothing, Global::WithoutEffect),
    ("no-cli-pager", Takes::Nothing, Global::WithoutEffect),
    ("no-cli-auto-prompt", Takes::Nothing, Global::WithoutEffect),
    ("color", Takes::One, Global::WithoutEffect),
    ("cli-binary-format", Takes::One, Global::WithoutEffect),
];

/// One option, named without its leading hyphens.
#[derive(Debug, Clone)]
pub(crate) struct Opt<'s> {
    pub(crate) name: String,
    pub(crate) takes: Takes,
    pub(crate) meaning: Meaning<'s>,
}

/// What a word of the command line is.
#[derive(Debug)]
pub(crate) enum Word<'t, 's> {
    /// An option, perhaps with its value behind `=`.
    Option(&'t Opt<'s>, Option<&'t str>),
    /// Looks like an option and is none of ours.
    Unknown,
    /// A value or an argument without a name.
    Plain,
}

/// All options of a command. The operation's own come first: they win over a global of the same name.
#[derive(Debug)]
pub(crate) struct Table<'s>(Vec<Opt<'s>>);

impl Table<'_> {
    /// The options that may stand before the operation is known.
    pub(crate) fn globals() -> Self {
        Self(globals().collect())
    }
}

impl<'s> Table<'s> {
    /// The options of one operation.
    pub(crate) fn of(service: &'s Service, operation: &'s Operation) -> Self {
        let members = shapes::input(service, operation).map(|shape| &shape.members);
        let mut options: Vec<Opt<'s>> = members
            .into_iter()
            .flatten()
            .flat_map(|(name, member)| of_member(name, service.shape(&member.shape).map(|shape| shape.kind)))
            .collect();
        if !shapes::writes_file(service, operation) {
            options.push(opt("cli-input-json".to_owned(), Takes::One, Meaning::CliInputJson));
            // The word is optional, so any number is taken and then judged.
            options.push(opt("generate-cli-skeleton".to_owned(), Takes::Any, Meaning::GenerateCliSkeleton));
        }
        options.extend(globals());
        Self(options)
    }

    /// Every option, those of the operation first.
    pub(crate) fn all(&self) -> &[Opt<'s>] {
        &self.0
    }

    /// Tells options from values, as argparse does: a word with a leading hyphen is an option unless it is a negative
    /// number, has a blank in it, or is the hyphen alone.
    pub(crate) fn classify<'t>(&'t self, word: &'t str) -> Result<Word<'t, 's>, Failure> {
        if !word.starts_with('-') || word == "-" {
            return Ok(Word::Plain);
        }
        if let Some(typed) = word.strip_prefix("--").filter(|typed| !typed.is_empty()) {
            let (name, value) = match typed.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (typed, None),
            };
            if let Some(found) = self.find(name)? {
                return Ok(Word::Option(found, value));
            }
        }
        let plain = is_negative_number(word) || word.contains(' ');
        Ok(if plain { Word::Plain } else { Word::Unknown })
    }

    fn find(&self, typed: &str) -> Result<Option<&Opt<'s>>, Failure> {
        if let Some(exact) = self.0.iter().find(|option| option.name == typed) {
            return Ok(Some(exact));
        }
        let near: Vec<_> = self.0.iter().filter(|option| option.name.starts_with(typed)).collect();
        match near.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            several => {
                let names: Vec<_> = several.iter().map(|option| format!("--{}", option.name)).collect();
                Err(Failure::Usage(format!("ambiguous option: --{typed} could match {}", names.join(", "))))
            }
        }
    }
}

fn globals<'s>() -> impl Iterator<Item = Opt<'s>> {
    GLOBALS.into_iter().map(|(name, takes, global)| opt(name.to_owned(), takes, Meaning::Global(global)))
}

fn of_member(member: &str, kind: Option<Type>) -> Vec<Opt<'_>> {
    let name = kebab(member);
    match kind {
        Some(Type::Boolean) => vec![
            opt(name.clone(), Takes::Nothing, Meaning::Switch(member, true)),
            opt(format!("no-{name}"), Takes::Nothing, Meaning::Switch(member, false)),
        ],
        Some(Type::List) => vec![opt(name, Takes::Any, Meaning::Member(member))],
        _ => vec![opt(name, Takes::One, Meaning::Member(member))],
    }
}

fn opt(name: String, takes: Takes, meaning: Meaning<'_>) -> Opt<'_> {
    Opt { name, takes, meaning }
}

/// `-5`, `-1.5` and `-.5`.
fn is_negative_number(word: &str) -> bool {
    let Some(number) = word.strip_prefix('-') else { return false };
    let (whole, fraction) = number.split_once('.').unwrap_or(("", number));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    !fraction.is_empty() && digits(whole) && digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn words_are_told_apart_as_argparse_does() {
        let table = Table::globals();
        let is_plain = |word: &str| matches!(table.classify(word), Ok(Word::Plain));
        for word in ["", "-", "x", "-5", "-1.5", "-.5", "-a b", "--a b"] {
            assert!(is_plain(word), "{word:?}");
        }
        for word in ["-x", "--", "--nope", "--nope=1", "-5x", "-5."] {
            assert!(matches!(table.classify(word), Ok(Word::Unknown)), "{word:?}");
        }
        let found = |word: &str, expected: Global, value: Option<&str>| match table.classify(word) {
            Ok(Word::Option(option, v)) => option.meaning == Meaning::Global(expected) && v == value,
            _ => false,
        };
        assert!(found("--region", Global::Region, None));
        assert!(found("--reg=x", Global::Region, Some("x")));
    }

    #[test]
    fn an_ambiguous_beginning_is_refused() {
        let service = catalog::service("connectparticipant").expect("the file is good");
        let (_, operation) = catalog::operation(&service, "get-transcript").expect("it exists");
        let table = Table::of(&service, operation);
        let failure = table.classify("--con").expect_err("two options begin so");
        let expected = "ambiguous option: --con could match --contact-id, --connection-token";
        assert_eq!(failure, Failure::Usage(expected.to_owned()));
        assert!(matches!(table.classify("--connection-tok"), Ok(Word::Option(..))));
    }
}
