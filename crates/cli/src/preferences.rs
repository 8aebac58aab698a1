//! How the user likes answers and errors: the `cli_…` settings and what goes with them.
//!
//! Names and precedence are those of version 2 of the AWS command line ("Configuration and credential file settings").

use crate::errors::Failure;
use crate::globals::{BinaryFormat, Color, ErrorFormat, Globals};
use crate::output::{Format, Style};
use crate::sources::{Sources, Wanted};
use crate::terminal;

/// The pager where none is named.
const USUAL_PAGER: &str = "less";

/// How answers are printed, and values given.
#[derive(Debug)]
pub(crate) struct Preferences {
    /// The name of the format; whether it is one is found when there is something to print.
    output: Option<String>,
    chosen: Option<Format>,
    pub(crate) style: Style,
    /// The command line of the pager, unless there shall be none.
    pub(crate) pager: Option<String>,
    pub(crate) binary: BinaryFormat,
    /// Print times as the service sent them instead of as ISO 8601.
    pub(crate) wire_times: bool,
}

impl Preferences {
    /// Settles them all.
    pub(crate) fn resolve(globals: &Globals, sources: &Sources) -> Result<Self, Failure> {
        Ok(Self {
            output: sources.find(globals, &Wanted::new("output").variable("AWS_DEFAULT_OUTPUT")),
            chosen: globals.output,
            style: style(globals),
            pager: pager(globals, sources),
            binary: binary(globals, sources)?,
            wire_times: wire_times(sources.find(globals, &Wanted::new("cli_timestamp_format")))?,
        })
    }

    /// The format for answers.
    pub(crate) fn format(&self) -> Result<Format, Failure> {
        match (&self.chosen, &self.output) {
            (Some(format), _) => Ok(*format),
            (None, None) => Ok(Format::Json),
            (None, Some(name)) => {
                Format::named(name).ok_or_else(|| Failure::Other(format!("Unknown output type: {name}")))
            }
        }
    }
}

/// What tables look like.
pub(crate) fn style(globals: &Globals) -> Style {
    let color = match globals.color {
        Color::On => true,
        Color::Off => false,
        Color::Auto => terminal::is_there(),
    };
    Style { color, width: terminal::width() }
}

/// How errors are laid out.
pub(crate) fn error_format(globals: &Globals, sources: Option<&Sources>) -> ErrorFormat {
    let configured = || {
        let name = sources?.find(globals, &Wanted::new("cli_error_format").variable("AWS_CLI_ERROR_FORMAT"))?;
        // An unknown one is no reason to keep an error back.
        ErrorFormat::named(&name.to_lowercase())
    };
    globals.error_format.or_else(configured).unwrap_or_default()
}

/// A pager that is set to nothing is none.
fn pager(globals: &Globals, sources: &Sources) -> Option<String> {
    if globals.no_pager {
        return None;
    }
    let (profile, _) = sources.profile(globals);
    let in_file = || sources.config_section(&profile)?.get("cli_pager").map(|entry| entry.value.clone());
    let pager = sources.set_variable("AWS_PAGER").or_else(in_file).or_else(|| sources.set_variable("PAGER"));
    Some(pager.unwrap_or_else(|| USUAL_PAGER.to_owned())).filter(|pager| !pager.trim().is_empty())
}

fn binary(globals: &Globals, sources: &Sources) -> Result<BinaryFormat, Failure> {
    if let Some(format) = globals.binary_format {
        return Ok(format);
    }
    match sources.find(globals, &Wanted::new("cli_binary_format")) {
        None => Ok(BinaryFormat::default()),
        Some(name) => BinaryFormat::named(&name).ok_or_else(|| {
            Failure::Other(format!("Unknown cli_binary_format: {name}, valid are {}", BinaryFormat::NAMES.join(", ")))
        }),
    }
}

fn wire_times(format: Option<String>) -> Result<bool, Failure> {
    match format.as_deref() {
        None | Some("iso8601") => Ok(false),
        Some("wire") => Ok(true),
        Some(other) => Err(Failure::Configuration(
            "Configuration",
            format!("Unknown cli_timestamp_format value: {other}, valid values are \"wire\" or \"iso8601\""),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::tests::sources;

    fn preferences(globals: &Globals, variables: &'static [(&str, &str)]) -> Preferences {
        Preferences::resolve(globals, &sources(variables)).expect("they are good")
    }

    #[test]
    fn formats_come_from_options_then_variables_then_files() {
        let none = Globals::default();
        let format = |globals: &Globals, variables| preferences(globals, variables).format();
        assert_eq!(format(&none, &[]), Ok(Format::Json));
        assert_eq!(format(&none, &[("AWS_PROFILE", "dev")]), Ok(Format::Yaml));
        assert_eq!(format(&none, &[("AWS_PROFILE", "dev"), ("AWS_DEFAULT_OUTPUT", "text")]), Ok(Format::Text));
        let table = Globals { output: Some(Format::Table), ..Globals::default() };
        assert_eq!(format(&table, &[("AWS_DEFAULT_OUTPUT", "xml")]), Ok(Format::Table));
        let expected = Err(Failure::Other("Unknown output type: xml".to_owned()));
        assert_eq!(format(&none, &[("AWS_DEFAULT_OUTPUT", "xml")]), expected);
    }

    #[test]
    fn a_pager_may_be_set_to_nothing() {
        let pager = |variables| preferences(&Globals::default(), variables).pager;
        assert_eq!(pager(&[]).as_deref(), Some("less"));
        assert_eq!(pager(&[("PAGER", "most")]).as_deref(), Some("most"));
        assert_eq!(pager(&[("PAGER", "most"), ("AWS_PROFILE", "dev")]).as_deref(), Some("more"));
        assert_eq!(pager(&[("PAGER", "most"), ("AWS_PAGER", "")]), None);
        let without = Globals { no_pager: true, ..Globals::default() };
        assert_eq!(preferences(&without, &[]).pager, None);
    }

    #[test]
    fn times_have_two_forms() {
        assert_eq!(wire_times(Some("wire".to_owned())), Ok(true));
        assert!(matches!(wire_times(Some("none".to_owned())), Err(Failure::Configuration(..))));
    }

    #[test]
    fn an_unknown_error_format_is_the_usual_one() {
        let format = |variables| error_format(&Globals::default(), Some(&sources(variables)));
        assert_eq!(format(&[("AWS_CLI_ERROR_FORMAT", "JSON")]), ErrorFormat::As(Format::Json));
        assert_eq!(format(&[("AWS_CLI_ERROR_FORMAT", "xml")]), ErrorFormat::Enhanced);
        assert_eq!(format(&[]), ErrorFormat::Enhanced);
    }
}
