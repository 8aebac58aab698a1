//! From the words of a command to what it asks for.
//!
//! The rules are those of Python's argparse, which `aws` uses: options and arguments mix freely, a repeated option
//! counts once with its last value, `--` ends the options, and what is missing is reported before what is unknown.

use std::collections::HashMap;

use switchboard_model::{Operation, Service, Type};

use crate::errors::Failure;
use crate::naming::kebab;
use crate::options::{Global, Meaning, Opt, Table, Takes, Word};
use crate::{catalog, python, shapes};

/// The words sorted into the two names and everything else.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) service: String,
    pub(crate) operation: String,
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
    Output,
}

/// The options that every command has.
#[derive(Debug, Default)]
pub(crate) struct Globals {
    pub(crate) region: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) ca_bundle: Option<String>,
    pub(crate) read_timeout_s: Option<u64>,
    pub(crate) connect_timeout_s: Option<u64>,
    pub(crate) no_sign_request: bool,
    pub(crate) no_verify_ssl: bool,
}

/// Everything a command says, still as text.
#[derive(Debug, Default)]
pub(crate) struct Arguments<'s> {
    pub(crate) globals: Globals,
    pub(crate) given: HashMap<&'s str, Given>,
    pub(crate) cli_input_json: Option<String>,
    pub(crate) skeleton: Option<Skeleton>,
    pub(crate) outfile: Option<String>,
}

/// Finds the service and the operation; global options may stand before, between and behind them.
pub(crate) fn split(words: Vec<String>) -> Result<Command, Failure> {
    let table = Table::globals();
    let mut names = Vec::new();
    let mut rest = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if names.len() == 2 {
            rest.push(word);
            continue;
        }
        let value_follows = match table.classify(&word)? {
            Word::Plain => {
                names.push(word);
                continue;
            }
            Word::Option(option, None) => option.takes == Takes::One,
            Word::Option(_, Some(_)) | Word::Unknown => false,
        };
        rest.push(word);
        if value_follows {
            rest.extend(words.next());
        }
    }
    let mut names = names.into_iter();
    match (names.next(), names.next()) {
        (Some(service), Some(operation)) => Ok(Command { service, operation, rest }),
        (Some(service), None) if !catalog::is_service(&service) => Err(catalog::unknown_service(&service)),
        (Some(_), None) => Err(missing(&["operation".to_owned()])),
        (None, _) => Err(missing(&["command".to_owned()])),
    }
}

/// The options that every command has, and the words that are none of them: for commands that are no operations.
pub(crate) fn globals(words: &[String]) -> Result<(Globals, Vec<String>), Failure> {
    let table = Table::globals();
    let (mut globals, mut others) = (Globals::default(), Vec::new());
    let mut rest = words;
    while let Some((word, behind)) = rest.split_first() {
        rest = behind;
        let Word::Option(option, inline) = table.classify(word)? else {
            others.push(word.clone());
            continue;
        };
        let (mut given, behind) = values(&table, option, inline, rest)?;
        rest = behind;
        if let Meaning::Global(global) = option.meaning {
            globals.apply(global, given.pop().unwrap_or_default())?;
        }
    }
    Ok((globals, others))
}

/// Reads the options of an operation.
pub(crate) fn parse<'s>(
    service: &'s Service,
    operation: &'s Operation,
    words: &[String],
) -> Result<Arguments<'s>, Failure> {
    let table = Table::of(service, operation);
    let mut arguments = Arguments::default();
    let mut extra = Vec::new();
    let mut rest = words;
    while let Some((word, behind)) = rest.split_first() {
        rest = behind;
        if word == "--" {
            extra.extend_from_slice(rest);
            break;
        }
        match table.classify(word)? {
            Word::Plain | Word::Unknown => extra.push(word.clone()),
            Word::Option(option, inline) => {
                let (values, behind) = values(&table, option, inline, rest)?;
                rest = behind;
                arguments.apply(option, values)?;
            }
        }
    }
    let writes_file = shapes::writes_file(service, operation);
    if let (true, Some(at)) = (writes_file, extra.iter().position(|word| !word.starts_with("--"))) {
        arguments.outfile = Some(extra.remove(at));
    }
    arguments.check_present(service, operation, writes_file)?;
    if extra.is_empty() {
        return Ok(arguments);
    }
    let names = || table.all().iter().map(|option| format!("--{}", option.name));
    let wrong = extra.iter().filter(|word| word.starts_with("--")).filter_map(|word| word.split('=').next());
    let meant = wrong.map(|word| catalog::nearest(word, names())).find(|near| !near.is_empty()).unwrap_or_default();
    Err(Failure::Usage(format!("Unknown options: {}{meant}", extra.join(", "))))
}

/// The words that belong to an option, and what is left behind them.
fn values<'w>(
    table: &Table<'_>,
    option: &Opt<'_>,
    inline: Option<&str>,
    rest: &'w [String],
) -> Result<(Vec<String>, &'w [String]), Failure> {
    match (option.takes, inline) {
        (Takes::Nothing, None) => Ok((Vec::new(), rest)),
        (Takes::Nothing, Some(value)) => {
            Err(Failure::Usage(format!("argument --{}: ignored explicit argument '{value}'", option.name)))
        }
        (_, Some(value)) => Ok((vec![value.to_owned()], rest)),
        (Takes::One, None) => match rest.split_first() {
            Some((value, behind)) if is_value(table, value)? => Ok((vec![value.clone()], behind)),
            _ => Err(Failure::Usage(format!("argument --{}: expected one argument", option.name))),
        },
        (Takes::Any, None) => {
            let mut count = 0;
            while let Some(value) = rest.get(count) {
                if !is_value(table, value)? {
                    break;
                }
                count += 1;
            }
            Ok((rest[..count].to_vec(), &rest[count..]))
        }
    }
}

fn is_value(table: &Table<'_>, word: &str) -> Result<bool, Failure> {
    Ok(matches!(table.classify(word)?, Word::Plain))
}

impl<'s> Arguments<'s> {
    fn apply(&mut self, option: &Opt<'s>, mut values: Vec<String>) -> Result<(), Failure> {
        match option.meaning {
            Meaning::Switch(member, on) => {
                self.given.insert(member, Given::Switch(on));
            }
            Meaning::Member(member) if option.takes == Takes::Any => {
                self.given.insert(member, Given::Words(values));
            }
            Meaning::Member(member) => {
                self.given.insert(member, Given::Word(values.pop().unwrap_or_default()));
            }
            Meaning::CliInputJson => self.cli_input_json = values.pop(),
            Meaning::GenerateCliSkeleton => self.skeleton = Some(skeleton(&values)?),
            Meaning::Global(global) => self.globals.apply(global, values.pop().unwrap_or_default())?,
        }
        Ok(())
    }

    /// Reports every required option that is missing. What the whole input lacks is found later, by validation.
    fn check_present(&self, service: &Service, operation: &Operation, writes_file: bool) -> Result<(), Failure> {
        if self.cli_input_json.is_some() || self.skeleton == Some(Skeleton::Input) {
            return Ok(());
        }
        let mut absent: Vec<String> = Vec::new();
        if let Some(input) = shapes::input(service, operation) {
            let required = |name: &str| input.required.iter().any(|required| required == name);
            let members = input.members.iter().filter(|(name, member)| required(name) && !member.idempotency_token);
            let members = members.filter(|(name, _)| !self.given.contains_key(name.as_str()));
            absent.extend(members.map(|(name, member)| {
                let name = kebab(name);
                let is_switch = service.shape(&member.shape).is_some_and(|shape| shape.kind == Type::Boolean);
                if is_switch { format!("--{name} | --no-{name}") } else { format!("--{name}") }
            }));
        }
        if writes_file && self.outfile.is_none() {
            absent.push("outfile".to_owned());
        }
        if absent.is_empty() { Ok(()) } else { Err(missing(&absent)) }
    }
}

impl Globals {
    fn apply(&mut self, global: Global, value: String) -> Result<(), Failure> {
        match global {
            Global::Region => self.region = Some(value),
            Global::Profile => self.profile = Some(value),
            Global::EndpointUrl => self.endpoint_url = Some(value),
            Global::CaBundle => self.ca_bundle = Some(value),
            Global::ReadTimeout => self.read_timeout_s = Some(seconds("cli-read-timeout", &value)?),
            Global::ConnectTimeout => self.connect_timeout_s = Some(seconds("cli-connect-timeout", &value)?),
            Global::NoSignRequest => self.no_sign_request = true,
            Global::NoVerifySsl => self.no_verify_ssl = true,
            Global::Output if value == "json" => {}
            Global::Output => {
                return Err(Failure::Usage(format!(
                    "argument --output: Found invalid choice '{value}', only json is written"
                )));
            }
            Global::WithoutEffect => {}
        }
        Ok(())
    }
}

fn seconds(option: &str, value: &str) -> Result<u64, Failure> {
    let seconds = python::int(value).and_then(|number| number.as_u64());
    seconds.ok_or_else(|| Failure::Usage(format!("argument --{option}: invalid int value: '{value}'")))
}

fn skeleton(values: &[String]) -> Result<Skeleton, Failure> {
    match values {
        [] => Ok(Skeleton::Input),
        [only] if only == "input" => Ok(Skeleton::Input),
        [only] if only == "output" => Ok(Skeleton::Output),
        [only] => Err(Failure::Usage(format!("argument --generate-cli-skeleton: Found invalid choice '{only}'"))),
        [_, more @ ..] => Err(Failure::Usage(format!("Unknown options: {}", more.join(", ")))),
    }
}

fn missing(names: &[String]) -> Failure {
    Failure::Usage(format!("the following arguments are required: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    /// Parses a command line without quotes and looks at the result.
    fn check<T>(line: &str, look: impl FnOnce(Result<Arguments<'_>, Failure>) -> T) -> T {
        let command = split(words(line)).expect("both names are there");
        let service = catalog::service(&command.service).expect("the service exists");
        let (_, operation) = catalog::operation(&service, &command.operation).expect("the operation exists");
        look(parse(&service, operation, &command.rest))
    }

    fn usage(line: &str) -> String {
        match check(line, |parsed| parsed.map(|_| ()).expect_err("it is wrong")) {
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
            check(line, |parsed| {
                let parsed = parsed.expect("it is right");
                assert_eq!(parsed.globals.region.as_deref(), Some("r"));
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
        assert_eq!(split(words("connect --region x")), Err(missing(&["operation".to_owned()])));
        assert_eq!(split(words("conect")), Err(catalog::unknown_service("conect")));
    }

    #[test]
    fn what_is_unknown_is_named() {
        let line = "ivs-realtime get-participant --stage-arn a --session-id b --participant-id c --nope 1";
        assert_eq!(usage(line), "Unknown options: --nope, 1");
        let line = "connect list-instances --profil-e x";
        assert_eq!(usage(line), "Unknown options: --profil-e, x\n\nMaybe you meant:\n\n  * --profile");
        assert_eq!(usage("connect describe-instance --instance-id"), "argument --instance-id: expected one argument");
        assert_eq!(
            usage("connect describe-instance --instance-id -x"),
            "argument --instance-id: expected one argument"
        );
        let line = "ivs-realtime create-ingest-configuration --ingest-protocol RTMP --insecure-ingest=true";
        assert_eq!(usage(line), "argument --insecure-ingest: ignored explicit argument 'true'");
    }

    #[test]
    fn lists_take_words_and_switches_take_none() {
        let line = "connect untag-resource --resource-arn a --tag-keys x y -5 --no-paginate";
        check(line, |parsed| {
            let expected = Given::Words(words("x y -5"));
            assert_eq!(parsed.expect("it is right").given["tagKeys"], expected);
        });
        let line =
            "ivs-realtime create-ingest-configuration --ingest-protocol R --insecure-ingest --no-insecure-ingest";
        check(line, |parsed| {
            assert_eq!(parsed.expect("it is right").given["insecureIngest"], Given::Switch(false));
        });
    }

    #[test]
    fn whole_inputs_and_skeletons_need_no_options() {
        check("connect associate-bot --cli-input-json {}", |parsed| {
            assert_eq!(parsed.expect("it is right").cli_input_json.as_deref(), Some("{}"));
        });
        check("connect associate-bot --generate-cli-skeleton", |parsed| {
            assert_eq!(parsed.expect("it is right").skeleton, Some(Skeleton::Input));
        });
        let expected = "the following arguments are required: --instance-id";
        assert_eq!(usage("connect associate-bot --generate-cli-skeleton output"), expected);
    }

    #[test]
    fn a_body_goes_to_the_file_that_is_named() {
        let line = "lexv2-runtime put-session --bot-id a --bot-alias-id b --locale-id c out.pcm --session-id d --session-state {}";
        check(line, |parsed| assert_eq!(parsed.expect("it is right").outfile.as_deref(), Some("out.pcm")));
    }
}
