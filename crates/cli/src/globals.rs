//! What the options of every command say.

use crate::errors::Failure;
use crate::jmespath::Expression;
use crate::options::Global;
use crate::output::Format;
use crate::{python, similar};

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Color {
    /// Where a person looks.
    #[default]
    Auto,
    On,
    Off,
}

/// How bytes are given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum BinaryFormat {
    #[default]
    Base64,
    /// As they are.
    Raw,
}

impl BinaryFormat {
    pub(crate) const NAMES: [&'static str; 2] = ["base64", "raw-in-base64-out"];

    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "base64" => Some(Self::Base64),
            "raw-in-base64-out" => Some(Self::Raw),
            _ => None,
        }
    }
}

/// How an error is laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ErrorFormat {
    /// The message, and what else the service told.
    #[default]
    Enhanced,
    /// The message alone.
    Legacy,
    /// As answers are.
    As(Format),
}

impl ErrorFormat {
    pub(crate) const NAMES: [&'static str; 6] = ["legacy", "json", "yaml", "text", "table", "enhanced"];

    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "legacy" => Some(Self::Legacy),
            "enhanced" => Some(Self::Enhanced),
            "json" | "yaml" | "text" | "table" => Format::named(name).map(Self::As),
            _ => None,
        }
    }
}

/// The options that every command has, as they were given.
#[derive(Debug, Default)]
pub(crate) struct Globals {
    pub(crate) debug: bool,
    pub(crate) region: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) ca_bundle: Option<String>,
    pub(crate) read_timeout_s: Option<u64>,
    pub(crate) connect_timeout_s: Option<u64>,
    pub(crate) no_sign_request: bool,
    pub(crate) no_verify_ssl: bool,
    pub(crate) no_paginate: bool,
    pub(crate) no_pager: bool,
    pub(crate) output: Option<Format>,
    pub(crate) query: Option<Expression>,
    pub(crate) color: Color,
    pub(crate) binary_format: Option<BinaryFormat>,
    pub(crate) error_format: Option<ErrorFormat>,
    /// Print the version and do nothing else.
    pub(crate) version: bool,
}

impl Globals {
    /// Takes the options in the order given; the last one of a kind counts.
    pub(crate) fn read(options: Vec<(Global, Vec<String>)>) -> Result<Self, Failure> {
        let mut globals = Self::default();
        // Words must be chosen well before anything is made of them, as in `aws`.
        for (global, values) in &options {
            globals.choose(*global, values.last().map_or("", String::as_str))?;
        }
        if globals.version {
            return Ok(globals);
        }
        let value = |wanted: Global| {
            options.iter().rev().find(|(global, _)| *global == wanted).and_then(|(_, values)| values.last().cloned())
        };
        globals.region = value(Global::Region);
        // As in `aws`, no name is no choice.
        globals.profile = value(Global::Profile).filter(|name| !name.is_empty());
        globals.ca_bundle = value(Global::CaBundle);
        globals.query = value(Global::Query).map(|text| query(&text)).transpose()?;
        globals.endpoint_url = value(Global::EndpointUrl).map(endpoint_url).transpose()?;
        globals.read_timeout_s = value(Global::ReadTimeout).map(|text| seconds("read", &text)).transpose()?;
        globals.connect_timeout_s = value(Global::ConnectTimeout).map(|text| seconds("connect", &text)).transpose()?;
        let has = |wanted: Global| options.iter().any(|(global, _)| *global == wanted);
        check_prompt(has(Global::AutoPrompt), has(Global::NoAutoPrompt))?;
        Ok(globals)
    }

    fn choose(&mut self, global: Global, value: &str) -> Result<(), Failure> {
        match global {
            Global::Debug => self.debug = true,
            Global::NoVerifySsl => self.no_verify_ssl = true,
            Global::NoPaginate => self.no_paginate = true,
            Global::NoSignRequest => self.no_sign_request = true,
            Global::NoPager => self.no_pager = true,
            Global::Version => self.version = true,
            Global::Output => {
                self.output = Format::named(value);
                chosen(self.output.is_some(), "--output", value, &Format::NAMES)?;
            }
            Global::Color => {
                let colors = ["on", "off", "auto"];
                chosen(colors.contains(&value), "--color", value, &colors)?;
                self.color = match value {
                    "on" => Color::On,
                    "off" => Color::Off,
                    _ => Color::Auto,
                };
            }
            Global::BinaryFormat => {
                self.binary_format = BinaryFormat::named(value);
                chosen(self.binary_format.is_some(), "--cli-binary-format", value, &BinaryFormat::NAMES)?;
            }
            Global::ErrorFormat => {
                self.error_format = ErrorFormat::named(value);
                chosen(self.error_format.is_some(), "--cli-error-format", value, &ErrorFormat::NAMES)?;
            }
            Global::EndpointUrl
            | Global::Query
            | Global::Profile
            | Global::Region
            | Global::CaBundle
            | Global::ReadTimeout
            | Global::ConnectTimeout
            | Global::AutoPrompt
            | Global::NoAutoPrompt => {}
        }
        Ok(())
    }
}

fn chosen(is_choice: bool, option: &str, value: &str, choices: &[&str]) -> Result<(), Failure> {
    if is_choice {
        return Ok(());
    }
    Err(invalid_choice(option, value, choices.iter().map(|&choice| choice.to_owned())))
}

/// The error for a word that is none of `choices`.
pub(crate) fn invalid_choice(argument: &str, typed: &str, choices: impl Iterator<Item = String>) -> Failure {
    let offer = similar::offer(&similar::similar(typed, choices));
    // Where nothing is near, a newline is left of what would be offered.
    let offer = if offer.is_empty() { "\n" } else { &offer };
    Failure::Usage(format!("argument {argument}: Found invalid choice '{typed}'{offer}"))
}

fn query(text: &str) -> Result<Expression, Failure> {
    Expression::parse(text).map_err(|problem| Failure::Parameters(format!("Bad value for --query {text}: {problem}")))
}

fn endpoint_url(url: String) -> Result<String, Failure> {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if is_scheme {
        return Ok(url);
    }
    Err(Failure::Parameters(format!(
        "Bad value for --endpoint-url \"{url}\": scheme is missing.  \
         Must be of the form http://<hostname>/ or https://<hostname>/"
    )))
}

fn seconds(timeout: &str, text: &str) -> Result<u64, Failure> {
    let shown = || python::repr(&text.into());
    let number = python::int(text)
        .ok_or_else(|| Failure::Other(format!("invalid literal for int() with base 10: {}", shown())))?;
    let seconds = number.to_i64().and_then(|seconds| u64::try_from(seconds).ok());
    seconds.ok_or_else(|| {
        Failure::Other(format!(
            "Attempted to set {timeout} timeout to {number}, but the timeout cannot be set to a value less than or \
             equal to 0."
        ))
    })
}

fn check_prompt(wanted: bool, unwanted: bool) -> Result<(), Failure> {
    match (wanted, unwanted) {
        (true, true) => Err(Failure::Parameters(
            "Both --cli-auto-prompt and --no-cli-auto-prompt cannot be specified at the same time.".to_owned(),
        )),
        (true, false) => Err(Failure::Parameters(
            "--cli-auto-prompt is not offered; `switchboard complete` sets up completion in the shell.".to_owned(),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: &[(Global, &str)]) -> Result<Globals, Failure> {
        Globals::read(options.iter().map(|(global, value)| (*global, vec![(*value).to_owned()])).collect())
    }

    #[test]
    fn the_last_of_a_kind_counts() {
        let globals = read(&[(Global::Region, "a"), (Global::Region, "b"), (Global::Output, "yaml-stream")]);
        let globals = globals.expect("they are good");
        assert_eq!(globals.region.as_deref(), Some("b"));
        assert_eq!(globals.output, Some(Format::YamlStream));
    }

    #[test]
    fn bad_values_are_told_in_awss_words() {
        for (option, value, expected) in [
            (
                Global::Output,
                "jsn",
                Failure::Usage(
                    "argument --output: Found invalid choice 'jsn'\n\nMaybe you meant:\n\n  * json".to_owned(),
                ),
            ),
            (Global::Color, "red", Failure::Usage("argument --color: Found invalid choice 'red'\n".to_owned())),
            (Global::ReadTimeout, "abc", Failure::Other("invalid literal for int() with base 10: 'abc'".to_owned())),
            (
                Global::ReadTimeout,
                "-1",
                Failure::Other(
                    "Attempted to set read timeout to -1, but the timeout cannot be set to a value less than or equal \
                     to 0."
                        .to_owned(),
                ),
            ),
            (
                Global::EndpointUrl,
                "notaurl",
                Failure::Parameters(
                    "Bad value for --endpoint-url \"notaurl\": scheme is missing.  \
                     Must be of the form http://<hostname>/ or https://<hostname>/"
                        .to_owned(),
                ),
            ),
            (
                Global::Query,
                "a[",
                Failure::Parameters(
                    "Bad value for --query a[: Invalid jmespath expression: Incomplete expression:\n\"a[\"\n   ^"
                        .to_owned(),
                ),
            ),
        ] {
            assert_eq!(read(&[(option, value)]).map(|_| ()), Err(expected));
        }
    }
}
