//! From the words of a command to what it asks for, in the three steps that `aws` takes: the options of every command
//! and the service, then the operation, then the options of the operation.

use std::collections::HashMap;

use switchboard_model::{Operation, Service, Type};

use crate::argparse::{Parser, Sorted};
use crate::errors::Failure;
use crate::globals::{Globals, invalid_choice};
use crate::naming::kebab;
use crate::options::{self, Meaning, Notation, PageOption};
use crate::value::Value;
use crate::{python, shapes, similar};

/// The service a command names, with what else it says.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) globals: Globals,
    pub(crate) service: String,
    pub(crate) rest: Vec<String>,
}

/// What was given for one member of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Given {
    Word(String),
    Words(Vec<String>),
    Switch(bool),
}

/// Which skeleton is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Skeleton {
    Input,
    YamlInput,
    Output,
}

/// How much of a listing is wanted.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Limits {
    pub(crate) starting_token: Option<String>,
    /// A number, or a text where the service wants one.
    pub(crate) page_size: Option<Value>,
    pub(crate) max_items: Option<i64>,
}

/// Everything an operation is told, still as text.
#[derive(Debug, Default)]
pub(crate) struct Arguments<'s> {
    pub(crate) given: HashMap<&'s str, Given>,
    pub(crate) cli_input: Vec<(Notation, String)>,
    pub(crate) skeleton: Option<Skeleton>,
    pub(crate) limits: Limits,
    pub(crate) dry_run: bool,
    /// Print the manual page instead of calling.
    pub(crate) help: bool,
    pub(crate) outfile: Option<String>,
}

/// Finds the service; the options of every command may stand anywhere.
pub(crate) fn command(words: &[String]) -> Result<Command, Failure> {
    let Sorted { options, arguments, rest } = Parser { options: options::globals(), arguments: 1 }.sort(words)?;
    let globals = Globals::read(options)?;
    match arguments.into_iter().next() {
        Some(service) => Ok(Command { globals, service, rest }),
        None if globals.version => Ok(Command { globals, service: String::new(), rest }),
        None => Err(missing(&["command".to_owned()])),
    }
}

/// The options that every command has, and the words that are none of them: for commands that are no operations.
pub(crate) fn globals(words: &[String]) -> Result<(Globals, Vec<String>), Failure> {
    let sorted = Parser { options: options::globals(), arguments: 0 }.sort(words)?;
    Ok((Globals::read(sorted.options)?, sorted.rest))
}

/// Finds the operation among the words that are left: its name, and the words that are left then.
pub(crate) fn operation(words: &[String]) -> Result<(String, Vec<String>), Failure> {
    let Sorted { arguments, rest, .. } = options::none().sort(words)?;
    match arguments.into_iter().next() {
        Some(operation) => Ok((operation, rest)),
        None => Err(missing(&["operation".to_owned()])),
    }
}

/// Reads the options of an operation; `name` is the API's name for it.
pub(crate) fn parse<'s>(
    service: &'s Service,
    operation: &'s Operation,
    name: &'s str,
    words: &[String],
) -> Result<Arguments<'s>, Failure> {
    let mut arguments = Arguments::default();
    if words == ["help"] {
        arguments.help = true;
        return Ok(arguments);
    }
    let writes_file = shapes::writes_file(service, operation);
    // Behind the file, if there is one, the word `help` may stand.
    let parser =
        Parser { options: options::of_operation(service, operation, name), arguments: if writes_file { 2 } else { 1 } };
    let Sorted { options, arguments: words, mut rest } = parser.sort(words)?;
    let reader = OptionReader { service, operation, name };
    for (meaning, values) in options {
        reader.apply(&mut arguments, meaning, values)?;
    }
    let mut words = words.into_iter();
    arguments.outfile = if writes_file { words.next() } else { None };
    reader.check_present(&arguments, writes_file)?;
    match words.next() {
        Some(word) if word == "help" => arguments.help = true,
        other => rest.extend(other),
    }
    if rest.is_empty() {
        return Ok(arguments);
    }
    let names =
        || options::all(service, operation, name).options.into_iter().map(|option| format!("--{}", option.name));
    let wrong = rest.iter().filter(|word| word.starts_with("--")).filter_map(|word| word.split('=').next());
    let near = wrong.map(|word| similar::similar(word, names())).find(|near| !near.is_empty()).unwrap_or_default();
    let mut message = format!("Unknown options: {}", rest.join(", "));
    message.push_str(&similar::offer(&near));
    Err(Failure::UnknownOptions(message))
}

/// Reads the options of one operation.
struct OptionReader<'s> {
    service: &'s Service,
    operation: &'s Operation,
    name: &'s str,
}

impl<'s> OptionReader<'s> {
    fn apply(
        &self,
        arguments: &mut Arguments<'s>,
        meaning: Meaning<'s>,
        mut values: Vec<String>,
    ) -> Result<(), Failure> {
        match meaning {
            Meaning::Switch(member, on) => {
                arguments.given.insert(member, Given::Switch(on));
            }
            Meaning::Member(member) if self.kind(member) == Some(Type::List) => {
                arguments.given.insert(member, Given::Words(values));
            }
            Meaning::Member(member) => {
                let word = values.pop().unwrap_or_default();
                self.check_number(member, &word)?;
                arguments.given.insert(member, Given::Word(word));
            }
            Meaning::CliInput(notation) => {
                arguments.cli_input.retain(|(given, _)| *given != notation);
                arguments.cli_input.push((notation, values.pop().unwrap_or_default()));
            }
            Meaning::GenerateCliSkeleton => arguments.skeleton = Some(skeleton(values.first())?),
            Meaning::Page(option) => self.page(&mut arguments.limits, option, values.pop().unwrap_or_default())?,
            Meaning::DryRun => arguments.dry_run = true,
        }
        Ok(())
    }

    fn kind(&self, member: &str) -> Option<Type> {
        let member = shapes::input(self.service, self.operation)?.members.get(member)?;
        Some(self.service.shape(&member.shape)?.kind)
    }

    /// Numbers of some types are read with the options, and those of others later; it shows in the error.
    fn check_number(&self, member: &str, word: &str) -> Result<(), Failure> {
        let (kind, fits) = match self.kind(member) {
            Some(Type::Long) => ("int", python::int(word).is_some()),
            Some(Type::Float | Type::Double) => ("float", python::float(word).is_some()),
            _ => return Ok(()),
        };
        if fits { Ok(()) } else { Err(invalid_number(&kebab(member), kind, word)) }
    }

    fn page(&self, limits: &mut Limits, option: PageOption, word: String) -> Result<(), Failure> {
        let limit = self.service.paginators.get(self.name).and_then(|paginator| paginator.limit_key.as_deref());
        let is_text = limit.and_then(|limit| self.kind(limit)) == Some(Type::String);
        let number = || python::int(&word).ok_or_else(|| invalid_number(option.name(), "int", &word));
        match option {
            PageOption::StartingToken => limits.starting_token = Some(word),
            PageOption::PageSize if is_text => limits.page_size = Some(word.into()),
            PageOption::PageSize => limits.page_size = Some(number()?.into()),
            PageOption::MaxItems => limits.max_items = Some(number()?.to_i64().unwrap_or(i64::MAX)),
        }
        Ok(())
    }

    /// Reports every required option that is missing. What the whole input lacks is found later, by validation.
    fn check_present(&self, arguments: &Arguments<'s>, writes_file: bool) -> Result<(), Failure> {
        let skeleton = matches!(arguments.skeleton, Some(Skeleton::Input | Skeleton::YamlInput));
        if !arguments.cli_input.is_empty() || skeleton {
            return Ok(());
        }
        let mut absent: Vec<String> = Vec::new();
        if let Some(input) = shapes::input(self.service, self.operation) {
            let required = |name: &str| input.required.iter().any(|required| required == name);
            let members = input.members.iter().filter(|(name, member)| required(name) && !member.idempotency_token);
            let members = members.filter(|(name, _)| !arguments.given.contains_key(name.as_str()));
            // A switch always has a value to `aws`; that it was not given is found by validation.
            let members = members.filter(|(name, _)| self.kind(name) != Some(Type::Boolean));
            absent.extend(members.map(|(name, _)| format!("--{}", kebab(name))));
        }
        if writes_file && arguments.outfile.is_none() {
            absent.push("outfile".to_owned());
        }
        if absent.is_empty() { Ok(()) } else { Err(missing(&absent)) }
    }
}

fn invalid_number(option: &str, kind: &str, word: &str) -> Failure {
    Failure::Usage(format!("argument --{option}: invalid {kind} value: '{word}'"))
}

fn skeleton(word: Option<&String>) -> Result<Skeleton, Failure> {
    match word.map_or("input", String::as_str) {
        "input" => Ok(Skeleton::Input),
        "yaml-input" => Ok(Skeleton::YamlInput),
        "output" => Ok(Skeleton::Output),
        other => {
            let choices = ["input", "output", "yaml-input"].into_iter().map(str::to_owned);
            Err(invalid_choice("--generate-cli-skeleton", other, choices))
        }
    }
}

fn missing(names: &[String]) -> Failure {
    Failure::Usage(format!("the following arguments are required: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    /// Parses a command line without quotes and looks at the result.
    fn check<T>(line: &str, look: impl FnOnce(&Globals, Result<Arguments<'_>, Failure>) -> T) -> T {
        let command = command(&words(line)).expect("the service is there");
        let service = catalog::service(&command.service).expect("the service exists");
        let (name, rest) = operation(&command.rest).expect("the operation is there");
        let (name, operation) = catalog::operation(&service, &name).expect("the operation exists");
        look(&command.globals, parse(&service, operation, name, &rest))
    }

    fn failure(line: &str) -> Failure {
        check(line, |_, parsed| parsed.map(|_| ()).expect_err("it is wrong"))
    }

    fn usage(line: &str) -> String {
        match failure(line) {
            Failure::Usage(message) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn global_options_stand_anywhere() {
        for line in [
            "--region r connect list-bots --instance-id i --lex-version V2",
            "connect --region=r list-bots --instance-id i --lex-version V2",
            "connect list-bots --instance-id i --lex-version V1 --region r --lex-version V2",
        ] {
            check(line, |globals, parsed| {
                let parsed = parsed.expect("it is right");
                assert_eq!(globals.region.as_deref(), Some("r"));
                assert_eq!(parsed.given["InstanceId"], Given::Word("i".to_owned()));
                assert_eq!(parsed.given["LexVersion"], Given::Word("V2".to_owned()));
            });
        }
    }

    #[test]
    fn what_is_missing_is_named_in_the_models_order() {
        let expected = "the following arguments are required: --stage-arn, --session-id, --participant-id";
        assert_eq!(usage("ivs-realtime get-participant --nope 1"), expected);
        let expected = "the following arguments are required: --bot-alias-id, --locale-id, --session-id, \
                        --request-content-type, outfile";
        assert_eq!(usage("lexv2-runtime recognize-utterance --bot-id x"), expected);
        assert_eq!(command(&words("--region x")).map(|_| ()), Err(missing(&["command".to_owned()])));
        assert_eq!(operation(&words("--nope")).map(|_| ()), Err(missing(&["operation".to_owned()])));
    }

    #[test]
    fn what_is_unknown_is_named() {
        let base = "ivs-realtime get-participant --stage-arn a --session-id b --participant-id c";
        let unknown = |more: &str| match failure(&format!("{base} {more}")) {
            Failure::UnknownOptions(message) => message,
            other => panic!("{other:?}"),
        };
        assert_eq!(unknown("--nope 1"), "Unknown options: --nope, 1");
        assert_eq!(unknown("x --nope a b"), "Unknown options: --nope, a, b, x");
        let expected = "Unknown options: --profil-e, x\n\nMaybe you meant:\n\n  * --profile";
        assert_eq!(unknown("--profil-e x"), expected);
        assert_eq!(usage("connect describe-instance --instance-id"), "argument --instance-id: expected one argument");
    }

    #[test]
    fn lists_take_words_and_switches_take_none() {
        let line = "connect untag-resource --resource-arn a --tag-keys x y -5 --no-paginate";
        check(line, |globals, parsed| {
            let expected = Given::Words(words("x y -5"));
            assert_eq!(parsed.expect("it is right").given["tagKeys"], expected);
            assert!(globals.no_paginate);
        });
        let line =
            "ivs-realtime create-ingest-configuration --ingest-protocol R --insecure-ingest --no-insecure-ingest";
        check(line, |_, parsed| {
            assert_eq!(parsed.expect("it is right").given["insecureIngest"], Given::Switch(false));
        });
    }

    #[test]
    fn whole_inputs_and_skeletons_need_no_options() {
        check("connect associate-bot --cli-input-json {} --cli-input-json []", |_, parsed| {
            assert_eq!(parsed.expect("it is right").cli_input, [(Notation::Json, "[]".to_owned())]);
        });
        for (word, expected) in
            [("", Skeleton::Input), (" yaml-input", Skeleton::YamlInput), (" input", Skeleton::Input)]
        {
            check(&format!("connect associate-bot --generate-cli-skeleton{word}"), |_, parsed| {
                assert_eq!(parsed.expect("it is right").skeleton, Some(expected));
            });
        }
        let expected = "the following arguments are required: --instance-id";
        assert_eq!(usage("connect associate-bot --generate-cli-skeleton output"), expected);
        let expected =
            "argument --generate-cli-skeleton: Found invalid choice 'inptu'\n\nMaybe you meant:\n\n  * input";
        assert_eq!(usage("connect associate-bot --generate-cli-skeleton inptu"), expected);
    }

    #[test]
    fn a_listing_may_be_cut() {
        let base = "connect list-bots --instance-id i --lex-version V1";
        check(&format!("{base} --max-items 5 --page-size 2 --starting-token t"), |_, parsed| {
            let expected =
                Limits { starting_token: Some("t".to_owned()), page_size: Some(Value::from(2)), max_items: Some(5) };
            assert_eq!(parsed.expect("it is right").limits, expected);
        });
        assert_eq!(usage(&format!("{base} --max-items x")), "argument --max-items: invalid int value: 'x'");
    }

    #[test]
    fn a_body_goes_to_the_file_that_is_named() {
        let line = "lexv2-runtime put-session --bot-id a --bot-alias-id b --locale-id c out.pcm --session-id d --session-state {}";
        check(line, |_, parsed| assert_eq!(parsed.expect("it is right").outfile.as_deref(), Some("out.pcm")));
    }

    #[test]
    fn help_is_an_argument() {
        for line in ["connect list-bots help", "connect list-bots --instance-id i --lex-version V1 help"] {
            check(line, |_, parsed| assert!(parsed.expect("it is right").help, "{line}"));
        }
    }
}
