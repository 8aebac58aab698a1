//! Everything that can go wrong, with the exit code and the text a script may look at.
//!
//! One rule: an error is printed once, on stderr, by [`Failure::report`]; nothing else writes there. Exit codes are
//! those of version 2 of the AWS command line ("Return codes" in its user guide): 252 for what was typed, 253 for
//! missing configuration, 254 for an error the service answered with, 255 for the rest.

use std::io::{self, Write};

/// Shown above an error in the command itself.
const USAGE: &str = "usage: switchboard [options] <service> <operation> [parameters]";

/// Why a command did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The words of the command do not form a command.
    Usage(String),
    /// The value of an option, or the input as a whole, is not acceptable.
    Parameters(String),
    /// A setting without which nothing can be sent is missing.
    Configuration(String),
    /// The service answered with an error.
    Service(String),
    /// Anything else: no connection, an unknown profile, a file that cannot be written.
    Other(String),
}

impl Failure {
    /// A value that could not be read, in the words `aws` uses.
    pub(crate) fn parsing(option: &str, problem: impl std::fmt::Display) -> Self {
        Self::Parameters(format!("Error parsing parameter '{option}': {problem}"))
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Parameters(_) => 252,
            Self::Configuration(_) => 253,
            Self::Service(_) => 254,
            Self::Other(_) => 255,
        }
    }

    /// Writes the error as `aws` does: a blank line, then the message; a wrong command is preceded by its usage.
    pub(crate) fn report(&self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Usage(message) => writeln!(out, "\n{USAGE}\n\nswitchboard: error: {message}"),
            Self::Parameters(message)
            | Self::Configuration(message)
            | Self::Service(message)
            | Self::Other(message) => {
                writeln!(out, "\n{message}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_error_is_framed_as_aws_frames_it() {
        let failure = Failure::Service("An error occurred (X) when calling the Y operation: no".to_owned());
        let mut text = Vec::new();
        failure.report(&mut text).expect("memory takes it");
        assert_eq!(text, b"\nAn error occurred (X) when calling the Y operation: no\n");
        assert_eq!(failure.exit_code(), 254);
    }

    #[test]
    fn a_wrong_command_shows_how_one_looks() {
        let mut text = Vec::new();
        Failure::Usage("no".to_owned()).report(&mut text).expect("memory takes it");
        assert!(String::from_utf8_lossy(&text).contains("usage: switchboard"));
    }
}
