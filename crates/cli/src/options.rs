//! Which options a command has: those of every command, those of its operation, and what each of them means.

use switchboard_model::{Operation, Paginator, Service, Type};

use crate::argparse::{Opt, Parser, Takes};
use crate::naming::kebab;
use crate::shapes;

/// What an option of an operation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning<'s> {
    /// The value of a member of the input.
    Member(&'s str),
    /// A member of the input is true or false.
    Switch(&'s str, bool),
    /// The whole input, as JSON or as YAML.
    CliInput(Notation),
    /// Print what the input or output looks like, and do nothing.
    GenerateCliSkeleton,
    /// How much of a listing is wanted.
    Page(PageOption),
    /// Print the request instead of sending it.
    DryRun,
}

/// How a whole input is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notation {
    Json,
    Yaml,
}

impl Notation {
    /// The name of the option that takes it.
    pub(crate) fn option(self) -> &'static str {
        match self {
            Self::Json => "cli-input-json",
            Self::Yaml => "cli-input-yaml",
        }
    }
}

/// The options of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageOption {
    StartingToken,
    PageSize,
    MaxItems,
}

impl PageOption {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::StartingToken => "starting-token",
            Self::PageSize => "page-size",
            Self::MaxItems => "max-items",
        }
    }
}

/// An option that every command has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Global {
    Debug,
    EndpointUrl,
    NoVerifySsl,
    NoPaginate,
    Output,
    Query,
    Profile,
    Region,
    Version,
    Color,
    NoSignRequest,
    CaBundle,
    ReadTimeout,
    ConnectTimeout,
    BinaryFormat,
    NoPager,
    AutoPrompt,
    NoAutoPrompt,
    ErrorFormat,
}

/// The options of every command, in the order in which `aws` lists them.
pub(crate) const GLOBALS: [(&str, Takes, Global); 19] = [
    ("debug", Takes::Nothing, Global::Debug),
    ("endpoint-url", Takes::One, Global::EndpointUrl),
    ("no-verify-ssl", Takes::Nothing, Global::NoVerifySsl),
    ("no-paginate", Takes::Nothing, Global::NoPaginate),
    ("output", Takes::One, Global::Output),
    ("query", Takes::One, Global::Query),
    ("profile", Takes::One, Global::Profile),
    ("region", Takes::One, Global::Region),
    ("version", Takes::Nothing, Global::Version),
    ("color", Takes::One, Global::Color),
    ("no-sign-request", Takes::Nothing, Global::NoSignRequest),
    ("ca-bundle", Takes::One, Global::CaBundle),
    ("cli-read-timeout", Takes::One, Global::ReadTimeout),
    ("cli-connect-timeout", Takes::One, Global::ConnectTimeout),
    ("cli-binary-format", Takes::One, Global::BinaryFormat),
    ("no-cli-pager", Takes::Nothing, Global::NoPager),
    ("cli-auto-prompt", Takes::Nothing, Global::AutoPrompt),
    ("no-cli-auto-prompt", Takes::Nothing, Global::NoAutoPrompt),
    ("cli-error-format", Takes::One, Global::ErrorFormat),
];

/// The options of every command.
pub(crate) fn globals() -> Vec<Opt<Global>> {
    GLOBALS.into_iter().map(|(name, takes, meaning)| opt(name, takes, meaning)).collect()
}

/// All options that may stand behind the names of an operation; those of every command mean nothing here.
pub(crate) fn all<'s>(service: &'s Service, operation: &'s Operation, name: &str) -> Parser<Option<Meaning<'s>>> {
    let own = of_operation(service, operation, name).into_iter();
    let own = own.map(|Opt { name, takes, meaning }| Opt { name, takes, meaning: Some(meaning) });
    let globals = globals().into_iter().map(|Opt { name, takes, .. }| Opt { name, takes, meaning: None });
    Parser { options: own.chain(globals).collect(), arguments: 0 }
}

/// A parser that knows no option, for the words between a service and its operation.
pub(crate) fn none() -> Parser<Global> {
    Parser { options: Vec::new(), arguments: 1 }
}

/// The options of one operation, in the order of its input.
pub(crate) fn of_operation<'s>(service: &'s Service, operation: &'s Operation, name: &str) -> Vec<Opt<Meaning<'s>>> {
    let members = shapes::input(service, operation).map(|shape| &shape.members);
    let mut options: Vec<Opt<Meaning<'s>>> = members
        .into_iter()
        .flatten()
        .flat_map(|(name, member)| of_member(name, service.shape(&member.shape).map(|shape| shape.kind)))
        .collect();
    if !shapes::writes_file(service, operation) {
        options.push(opt(Notation::Json.option(), Takes::One, Meaning::CliInput(Notation::Json)));
        options.push(opt(Notation::Yaml.option(), Takes::One, Meaning::CliInput(Notation::Yaml)));
    }
    if let Some(paginator) = service.paginators.get(name) {
        options.extend(of_pages(paginator));
    }
    if !shapes::writes_file(service, operation) {
        options.push(opt("generate-cli-skeleton", Takes::Perhaps, Meaning::GenerateCliSkeleton));
    }
    // An operation's own option of that name comes first, and wins.
    options.push(opt("dry-run", Takes::Nothing, Meaning::DryRun));
    options
}

fn of_pages<'s>(paginator: &Paginator) -> impl Iterator<Item = Opt<Meaning<'s>>> {
    let size = paginator.limit_key.as_ref().map(|_| PageOption::PageSize);
    let options = [Some(PageOption::StartingToken), size, Some(PageOption::MaxItems)];
    options.into_iter().flatten().map(|option| opt(option.name(), Takes::One, Meaning::Page(option)))
}

fn of_member(member: &str, kind: Option<Type>) -> Vec<Opt<Meaning<'_>>> {
    let name = kebab(member);
    match kind {
        Some(Type::Boolean) => vec![
            opt(&name, Takes::Nothing, Meaning::Switch(member, true)),
            opt(&format!("no-{name}"), Takes::Nothing, Meaning::Switch(member, false)),
        ],
        Some(Type::List) => vec![opt(&name, Takes::Any, Meaning::Member(member))],
        _ => vec![opt(&name, Takes::One, Meaning::Member(member))],
    }
}

fn opt<M>(name: &str, takes: Takes, meaning: M) -> Opt<M> {
    Opt { name: name.to_owned(), takes, meaning }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn names(service: &str, command: &str) -> Vec<String> {
        let service = catalog::service(service).expect("the file is good");
        let (name, operation) = catalog::operation(&service, command).expect("it exists");
        of_operation(&service, operation, name).into_iter().map(|option| option.name).collect()
    }

    #[test]
    fn a_listing_can_be_cut() {
        let expected = [
            "instance-id",
            "next-token",
            "max-results",
            "lex-version",
            "cli-input-json",
            "cli-input-yaml",
            "starting-token",
            "page-size",
            "max-items",
            "generate-cli-skeleton",
            "dry-run",
        ];
        assert_eq!(names("connect", "list-bots"), expected);
        assert!(!names("connectparticipant", "get-transcript").contains(&"max-items".to_owned()));
        assert!(!names("connect", "list-contact-evaluations").contains(&"page-size".to_owned()));
    }

    #[test]
    fn a_body_that_goes_to_a_file_has_no_skeleton() {
        let names = names("lexv2-runtime", "put-session");
        assert!(!names.iter().any(|name| name.starts_with("cli-input") || name == "generate-cli-skeleton"));
    }

    #[test]
    fn a_boolean_has_two_options() {
        let names = names("ivs-realtime", "create-ingest-configuration");
        assert!(names.contains(&"insecure-ingest".to_owned()) && names.contains(&"no-insecure-ingest".to_owned()));
    }
}
