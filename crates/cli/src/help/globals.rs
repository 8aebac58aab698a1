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
    use crate::options;

    #[test]
    fn every_option_that_is_accepted_is_told() {
        let is_told = |name: &str| GLOBALS.iter().any(|(told, ..)| told[2..] == *name);
        // A prompt is refused, and the refusal says so.
        let globals = options::GLOBALS.iter().map(|(name, ..)| *name).filter(|name| *name != "cli-auto-prompt");
        let accepted = globals.chain(["dry-run"]);
        let untold: Vec<_> = accepted.filter(|name| !is_told(name)).collect();
        assert!(untold.is_empty(), "say in crates/cli/src/help/globals.rs what these do: {untold:?}");
    }
}
