//! `switchboard complete`: makes a shell complete commands, options, values, and the names of what is on the server.
//!
//! One rule: completing never says an error and never waits long. A shell's script (`bash`, `zsh`, `fish`) calls back
//! with what was typed, as a line or as words, and gets one candidate a line. `complete -C 'switchboard complete'
//! switchboard` works too: that is how `aws_completer` is set up.

mod candidates;
mod position;
mod resources;
mod words;

use std::io::{self, Write};
use std::process::ExitCode;

use crate::errors::Failure;
use candidates::Candidate;

/// The shells, with their scripts.
pub(crate) const SHELLS: [(&str, &str); 3] = [
    ("bash", include_str!("switchboard.bash")),
    ("fish", include_str!("switchboard.fish")),
    ("zsh", include_str!("switchboard.zsh")),
];

/// Prints a script, or the candidates for what was typed.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode, Failure> {
    let text = match arguments {
        [first, line] if first == "--line" => plain(&of_line(line)),
        [first, words @ ..] if first == "--words" => described(&candidates::of(words)),
        _ => match std::env::var("COMP_LINE") {
            Ok(line) => plain(&of_line(&up_to_cursor(line))),
            Err(_) => script(arguments)?.to_owned(),
        },
    };
    // A shell that does not listen has its reasons.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    Ok(ExitCode::SUCCESS)
}

fn script(arguments: &[String]) -> Result<&'static str, Failure> {
    let found = SHELLS.iter().find(|(name, _)| arguments == [*name]).map(|(_, script)| *script);
    found.ok_or_else(|| {
        let names = SHELLS.map(|(name, _)| name).join(", ");
        Failure::Usage(format!("switchboard complete takes the name of a shell: {names}"))
    })
}

/// The candidates for a line that begins with the program's name.
fn of_line(line: &str) -> Vec<Candidate> {
    let words = words::split(line);
    candidates::of(words.get(1..).unwrap_or_default())
}

fn up_to_cursor(line: String) -> String {
    let cursor = std::env::var("COMP_POINT").ok().and_then(|point| point.parse::<usize>().ok());
    match cursor.and_then(|cursor| line.get(..cursor)) {
        Some(typed) => typed.to_owned(),
        None => line,
    }
}

fn plain(candidates: &[Candidate]) -> String {
    candidates.iter().map(|candidate| format!("{}\n", candidate.value)).collect()
}

fn described(candidates: &[Candidate]) -> String {
    let line = |candidate: &Candidate| match candidate.about.as_str() {
        "" => format!("{}\n", candidate.value),
        about => format!("{}\t{about}\n", candidate.value),
    };
    candidates.iter().map(line).collect()
}
