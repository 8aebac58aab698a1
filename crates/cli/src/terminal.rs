//! What is known of the terminal.

use std::io::{self, IsTerminal};

/// The width of what is no terminal, and of a terminal that does not say.
const USUAL: usize = 80;

/// Whether stdout is a terminal.
pub(crate) fn is_there() -> bool {
    io::stdout().is_terminal()
}

/// How many columns the terminal itself says it has.
pub(crate) fn width() -> usize {
    rustix::termios::tcgetwinsize(io::stdout()).map_or(USUAL, |size| usize::from(size.ws_col))
}

/// How many columns the output has; a person may have chosen.
pub(crate) fn columns() -> usize {
    if !is_there() {
        return USUAL;
    }
    let chosen = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    chosen.or_else(|| Some(width())).filter(|&columns| columns > 0).unwrap_or(USUAL)
}
