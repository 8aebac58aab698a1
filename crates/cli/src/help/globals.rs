//! The options that every command has, and those of every listing, in words.

use super::page::{Page, Text};

/// An option with its type, the values there are, and what it does.
type Global = (&'static str, &'static str, &'static [&'static str], &'static str);

/// In the order of `aws help`; the last one is our own.
pub(crate) const GLOBALS: [Global; 19] = [
    ("--debug", "boolean", &[], "Tells on the error output what was resolved from where, the request and the reply."),
    ("--endpoint-url", "string", &[], "Sends to this URL instead of the service's own."),
    (
        "--no-verify-ssl",
        "boolean",
        &[],
        "Calls over TLS check the certificate of the other side. With this option they do not.",
    ),
    (
        "--no-paginate",
        "boolean",
        &[],
        "Does not go on to the next page by itself: one call is made, for the first page.",
    ),
    ("--output", "string", &["json", "text", "table", "yaml", "yaml-stream", "off"], "How the answer is printed."),
    ("--query", "string", &[], "A JMESPath expression that picks from the answer what is printed."),
    ("--profile", "string", &[], "Takes settings and keys from this profile of the shared files."),
    ("--region", "string", &[], "The region to call. It goes before the environment and the files."),
    ("--version", "string", &[], "Prints the version of this program."),
    ("--color", "string", &["on", "off", "auto"], "Whether tables are coloured; `auto` colours them on a terminal."),
    ("--no-sign-request", "boolean", &[], "Does not sign requests. No credentials are looked for."),
    (
        "--ca-bundle",
        "string",
        &[],
        "A file of CA certificates (PEM) to check the other side's with. It goes before the environment and the files.",
    ),
    (
        "--cli-read-timeout",
        "int",
        &[],
        "How many seconds to wait for data. The default is 60; with 0 the wait has no end.",
    ),
    (
        "--cli-connect-timeout",
        "int",
        &[],
        "How many seconds to wait for a connection. The default is 60; with 0 the wait has no end.",
    ),
    (
        "--cli-binary-format",
        "string",
        &["base64", "raw-in-base64-out"],
        "How bytes are written in options: as base64, or as they are. A value from `fileb://` is always taken as it is.",
    ),
    ("--no-cli-pager", "boolean", &[], "Does not put the answer through a pager."),
    ("--no-cli-auto-prompt", "boolean", &[], "Accepted, and without effect: this program does not prompt."),
    (
        "--cli-error-format",
        "string",
        &["legacy", "json", "yaml", "text", "table", "enhanced"],
        "How an error of the service is printed.",
    ),
    ("--dry-run", "boolean", &[], "Prints the signed request as a curl command, and sends nothing."),
];

/// The options of a listing that comes in pages.
pub(crate) const PAGING: [(&str, &str, &str); 3] = [
    ("--starting-token", "string", "Goes on where a listing was cut: the `NextToken` that it printed."),
    (
        "--page-size",
        "integer",
        "How many items each call asks for. The listing is the same; more, smaller calls may keep one from timing out.",
    ),
    (
        "--max-items",
        "integer",
        "How many items are printed at most. If there are more, a `NextToken` is printed for `--starting-token`.",
    ),
];

/// The lines of a synopsis.
pub(crate) fn synopsis() -> impl Iterator<Item = String> {
    GLOBALS.iter().map(|(name, kind, ..)| match *kind {
        "boolean" => format!("[{name}]"),
        _ => format!("[{name} <value>]"),
    })
}

/// Puts the section at the end of a page.
pub(crate) fn section(page: &mut Page) {
    let section = page.section("GLOBAL OPTIONS");
    for (name, kind, choices, text) in GLOBALS {
        section.paragraph(0, Text::strong(name).then(format!(" ({kind})")));
        section.paragraph(0, Text::marked(text));
        for choice in choices {
            section.bullet(0, Text::plain(*choice));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{args, catalog, options};

    #[test]
    fn what_is_accepted_is_told_and_what_is_told_is_accepted() {
        let mut told: Vec<_> = GLOBALS.iter().map(|(name, ..)| &name[2..]).collect();
        // A prompt is refused, and the refusal says so.
        let globals = options::GLOBALS.iter().map(|(name, ..)| *name).filter(|name| *name != "cli-auto-prompt");
        let mut accepted: Vec<_> = globals.chain(["dry-run"]).collect();
        told.sort_unstable();
        accepted.sort_unstable();
        assert_eq!(told, accepted, "what crates/cli/src/help/globals.rs tells is what options.rs accepts");
    }

    /// As a user gives it: each with a value of those that are told, before and behind a command.
    #[test]
    fn every_option_that_is_told_can_be_given() {
        for (name, kind, choices, _) in GLOBALS {
            let values: Vec<Option<&str>> = match (kind, choices) {
                ("boolean", _) => vec![None],
                // Told with a value, as on AWS's pages, and given without one.
                _ if name == "--version" => vec![None],
                ("int", _) => vec![Some("0")],
                _ if name == "--endpoint-url" => vec![Some("http://x")],
                (_, []) => vec![Some("x")],
                (_, choices) => choices.iter().copied().map(Some).collect(),
            };
            for value in values {
                let given: Vec<String> = [Some(name), value].into_iter().flatten().map(str::to_owned).collect();
                let command = ["connect", "list-instances"].map(str::to_owned);
                for words in [[&given[..], &command[..]].concat(), [&command[..], &given[..]].concat()] {
                    // The dry run is an option of operations, so it stands behind them.
                    if name != "--dry-run" || words[0] == "connect" {
                        is_accepted(&words);
                    }
                }
            }
        }
    }

    fn is_accepted(words: &[String]) {
        let command = args::command(words).unwrap_or_else(|failure| panic!("{words:?}: {failure:?}"));
        let (name, rest) = args::operation(&command.rest).expect("it is there");
        let service = catalog::service(&command.service).expect("it is one of ours");
        let (name, operation) = catalog::operation(&service, &name).expect("it is one of the service's");
        let parsed = args::parse(&service, operation, name, &rest);
        assert!(parsed.is_ok(), "{words:?}: {parsed:?}");
    }

    #[test]
    fn choices_that_are_told_are_all_there_are() {
        for (name, _, choices, _) in GLOBALS.iter().filter(|(_, _, choices, _)| !choices.is_empty()) {
            let words = ["connect", "list-instances", name, "odd"].map(str::to_owned);
            assert!(args::command(&words).is_err(), "{name} has other values than {choices:?}");
        }
    }
}
