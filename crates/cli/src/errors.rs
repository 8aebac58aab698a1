//! Everything that can go wrong, with the exit code and the text a script may look at.
//!
//! One rule: an error is printed once, on stderr, by [`Failure::report`]; nothing else writes there but warnings and
//! what `--debug` asks for. Exit codes, classes and layouts are those of version 2 of the AWS command line ("Return
//! codes" in its user guide): 252 for what was typed, 253 for missing configuration, 254 for an error the service
//! answered with, 255 for the rest.

use std::io::{self, Write};

use crate::globals::ErrorFormat;
use crate::output::{Printer, Reply, Style};
use crate::python;
use crate::value::{Map, Value};

/// What messages begin with.
const PROGRAM: &str = "switchboard: [ERROR]:";

/// Shown with an error in the words of a command.
const USAGE: &str = "usage: switchboard [options] <command> <subcommand> [<subcommand> ...] [parameters]\n\
                     To see help text, you can run:\n\n  \
                       switchboard help\n  \
                       switchboard <command> help\n  \
                       switchboard <command> <subcommand> help\n";

/// Collections with more entries are not shown inside a line.
const MOST_INLINE: usize = 4;

/// Why a command did not succeed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failure {
    /// The words of the command do not form a command.
    Usage(String),
    /// There are words that mean nothing.
    UnknownOptions(String),
    /// The value of an option, or the input as a whole, is not acceptable.
    Parameters(String),
    /// A setting without which nothing can be sent is missing, or unusable; the class comes first.
    Configuration(&'static str, String),
    /// The service answered with an error.
    Service(ServiceError),
    /// Anything else: no connection, an unknown profile, a file that cannot be written.
    Other(String),
    /// Whoever read the output has gone, which is not a failure.
    Closed,
}

/// An error that a service answered with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ServiceError {
    pub(crate) message: String,
    /// The code, the bare message, and the other members that the model gives the error.
    pub(crate) details: Map,
}

impl Failure {
    /// A value that could not be read, in the words `aws` uses.
    pub(crate) fn parsing(option: &str, problem: impl std::fmt::Display) -> Self {
        Self::Parameters(format!("Error parsing parameter '{option}': {problem}"))
    }

    /// Output that could not be written.
    pub(crate) fn writing(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Other(format!("The answer cannot be written: {error}")),
        }
    }

    /// A pager that did not start.
    pub(crate) fn pager(program: &str, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => format!("[Errno 2] No such file or directory: '{program}'"),
            _ => error.to_string(),
        };
        Self::Configuration(
            "Pager",
            format!(
                "Unable to redirect output to pager. Received the following error when opening pager:\n{reason}\n\n\
                 Set AWS_PAGER, or cli_pager in the configuration, to a pager that there is, or to nothing."
            ),
        )
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::UnknownOptions(_) | Self::Parameters(_) => 252,
            Self::Configuration(..) => 253,
            Self::Service(_) => 254,
            Self::Other(_) => 255,
            Self::Closed => 0,
        }
    }

    /// Writes the error as `aws` does.
    pub(crate) fn report(&self, format: ErrorFormat, style: Style, out: &mut dyn Write) -> io::Result<()> {
        match (self, format) {
            (Self::Closed, _) => Ok(()),
            (Self::UnknownOptions(message), _) => {
                writeln!(out, "\n{USAGE}")?;
                framed(out, message)
            }
            (Self::Other(message), _) => framed(out, message),
            (_, ErrorFormat::As(format)) => {
                let printer = Printer { format, query: None, style };
                // An error that cannot be laid out as asked for is told plainly.
                printer.print("error", Reply::One(self.details()), out).or_else(|_| framed(out, &self.message()))
            }
            (Self::Service(error), ErrorFormat::Enhanced) => {
                framed(out, &error.message)?;
                additional(out, &error.details)
            }
            (Self::Service(error), ErrorFormat::Legacy) => framed(out, &error.message),
            (_, ErrorFormat::Legacy) => framed(out, &self.message()),
            (_, ErrorFormat::Enhanced) => {
                let code = self.code();
                framed(out, &format!("An error occurred ({code}): {}", self.message()))
            }
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Configuration(code, _) => code,
            _ => "ParamValidation",
        }
    }

    /// The message alone.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Usage(message) => format!("{message}\n\n{USAGE}"),
            Self::UnknownOptions(message)
            | Self::Parameters(message)
            | Self::Configuration(_, message)
            | Self::Other(message) => message.clone(),
            Self::Service(error) => error.message.clone(),
            Self::Closed => String::new(),
        }
    }

    fn details(&self) -> Map {
        match self {
            Self::Service(error) => error.details.clone(),
            _ => Map::from_iter([
                ("Code".to_owned(), Value::from(self.code())),
                ("Message".to_owned(), Value::from(self.message())),
            ]),
        }
    }
}

/// A blank line, then the message.
fn framed(out: &mut dyn Write, message: &str) -> io::Result<()> {
    writeln!(out, "\n{PROGRAM} {}", message.trim())
}

/// What the service told besides the code and the message.
fn additional(out: &mut dyn Write, details: &Map) -> io::Result<()> {
    let is_told = |key: &String| !key.eq_ignore_ascii_case("code") && !key.eq_ignore_ascii_case("message");
    let more: Vec<_> = details.iter().filter(|(key, _)| is_told(key)).collect();
    if more.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nAdditional error details:")?;
    let mut is_complex = false;
    for (key, value) in more {
        match inline(value) {
            Some(text) => writeln!(out, "{key}: {text}")?,
            None => {
                is_complex = true;
                writeln!(out, "{key}: <complex value>")?;
            }
        }
    }
    if is_complex {
        writeln!(out, "Use \"--cli-error-format json\" or another error format to see the full details.")?;
    }
    Ok(())
}

/// A value within a line, if it is simple enough.
fn inline(value: &Value) -> Option<String> {
    let fits = |len: usize, mut values: Box<dyn Iterator<Item = &Value> + '_>| {
        len <= MOST_INLINE && values.all(Value::is_scalar)
    };
    match value {
        Value::List(items) if fits(items.len(), Box::new(items.iter())) => {
            Some(format!("[{}]", items.iter().map(python::display).collect::<Vec<_>>().join(", ")))
        }
        Value::Map(map) if fits(map.len(), Box::new(map.values())) => {
            let entries = map.iter().map(|(key, value)| format!("{key}: {}", python::display(value)));
            Some(format!("{{{}}}", entries.collect::<Vec<_>>().join(", ")))
        }
        Value::List(_) | Value::Map(_) => None,
        scalar => Some(python::display(scalar)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Format;
    use serde_json::json;

    fn told(failure: &Failure, format: ErrorFormat) -> String {
        let mut text = Vec::new();
        failure.report(format, Style { color: false, width: 80 }, &mut text).expect("memory takes it");
        String::from_utf8(text).expect("text")
    }

    fn service_error(details: serde_json::Value) -> Failure {
        let Value::Map(details) = Value::from(details) else { panic!("a map was expected") };
        let message = "An error occurred (X) when calling the Y operation: no".to_owned();
        Failure::Service(ServiceError { message, details })
    }

    #[test]
    fn a_service_error_is_framed_as_aws_frames_it() {
        let failure = service_error(json!({"Message": "no", "Code": "X"}));
        let expected = "\nswitchboard: [ERROR]: An error occurred (X) when calling the Y operation: no\n";
        assert_eq!(told(&failure, ErrorFormat::Enhanced), expected);
        assert_eq!(told(&failure, ErrorFormat::Legacy), expected);
        let json = "{\n    \"Message\": \"no\",\n    \"Code\": \"X\"\n}\n";
        assert_eq!(told(&failure, ErrorFormat::As(Format::Json)), json);
        assert_eq!(failure.exit_code(), 254);
    }

    #[test]
    fn what_else_a_service_tells_stands_below() {
        let failure = service_error(json!({
            "Message": "no", "Code": "X", "message": "no", "ResourceId": "r", "Ids": ["a", 1], "Map": {"k": true},
            "Long": [1, 2, 3, 4, 5],
        }));
        let expected = "\nswitchboard: [ERROR]: An error occurred (X) when calling the Y operation: no\n\n\
                        Additional error details:\nResourceId: r\nIds: [a, 1]\nMap: {k: True}\nLong: <complex value>\n\
                        Use \"--cli-error-format json\" or another error format to see the full details.\n";
        assert_eq!(told(&failure, ErrorFormat::Enhanced), expected);
    }

    #[test]
    fn errors_of_ours_have_a_class() {
        let failure = Failure::Configuration("NoRegion", "You must specify a region.".to_owned());
        let expected = "\nswitchboard: [ERROR]: An error occurred (NoRegion): You must specify a region.\n";
        assert_eq!(told(&failure, ErrorFormat::Enhanced), expected);
        let expected = "Code: NoRegion\nMessage: You must specify a region.\n";
        assert_eq!(told(&failure, ErrorFormat::As(Format::Yaml)), expected);
        assert_eq!(told(&Failure::Other("no".to_owned()), ErrorFormat::Enhanced), "\nswitchboard: [ERROR]: no\n");
    }

    #[test]
    fn a_wrong_command_shows_how_one_looks() {
        let text = told(&Failure::Usage("no".to_owned()), ErrorFormat::Enhanced);
        assert!(
            text.starts_with("\nswitchboard: [ERROR]: An error occurred (ParamValidation): no\n\nusage: "),
            "{text}"
        );
        let text = told(&Failure::UnknownOptions("Unknown options: --x".to_owned()), ErrorFormat::Enhanced);
        assert!(
            text.starts_with("\nusage: switchboard") && text.ends_with("[ERROR]: Unknown options: --x\n"),
            "{text}"
        );
    }
}
