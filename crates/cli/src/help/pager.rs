//! Shows a page: through a pager on a terminal, as plain text anywhere else.
//!
//! The pager is the one that `aws … help` uses: `MANPAGER`, else `PAGER`, else `less -R`; an empty variable is none.

use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};

use super::page::Page;
use super::screen;
use crate::errors::Failure;
use crate::terminal;

/// Lines of prose longer than this are hard to follow.
const WIDEST: usize = 100;

pub(super) fn show(page: &Page) -> Result<(), Failure> {
    let is_terminal = io::stdout().is_terminal();
    let columns = terminal::columns().min(WIDEST);
    let text = screen::render(page, columns, is_terminal);
    if is_terminal
        && let Some(command) = pager()
        && through(&command, &text)
    {
        return Ok(());
    }
    match io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| Failure::Other(format!("The page cannot be written: {error}"))),
    }
}

fn pager() -> Option<String> {
    let chosen = std::env::var("MANPAGER").or_else(|_| std::env::var("PAGER"));
    Some(chosen.unwrap_or_else(|_| "less -R".to_owned())).filter(|command| !command.trim().is_empty())
}

/// Whether the pager could be run.
fn through(command: &str, text: &str) -> bool {
    let pager = Command::new("sh").arg("-c").arg(command).stdin(Stdio::piped()).spawn();
    let Ok(mut pager) = pager else { return false };
    if let Some(mut stdin) = pager.stdin.take() {
        // A pager that is left early does not read to the end.
        let _ = stdin.write_all(text.as_bytes());
    }
    // 127 is the shell's word for a command that is not there.
    pager.wait().is_ok_and(|status| status.code() != Some(127))
}
