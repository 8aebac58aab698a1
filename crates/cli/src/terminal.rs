//! What is known of the terminal.

use std::io::{self, IsTerminal};

/// The width of what is no terminal, and of a terminal that does not say.
const USUAL: usize = 80;

/// How many columns the output has.
pub(crate) fn columns() -> usize {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return USUAL;
    }
    let chosen = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let asked = || rustix::termios::tcgetwinsize(&stdout).ok().map(|size| usize::from(size.ws_col));
    chosen.or_else(asked).filter(|&columns| columns > 0).unwrap_or(USUAL)
}
