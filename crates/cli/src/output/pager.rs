//! Where output goes: to stdout, or through a pager when stdout is a terminal.
//!
//! The pager is started with the first byte, so that a command that prints nothing starts none (AWS CLI User Guide,
//! "Client-side pager").

use std::io::{self, StdoutLock, Write};
use std::process::{Child, Command, Stdio};

use crate::errors::Failure;
use crate::terminal;

/// What `less` is told unless the user tells it otherwise: end when all fits, keep colours, leave the text standing.
const LESS: &str = "FRX";

/// Stdout, or the pager in front of it.
pub(crate) struct Screen {
    /// The pager's words, if there is to be one.
    pager: Option<Vec<String>>,
    running: Option<Child>,
    stdout: StdoutLock<'static>,
    /// Why the pager did not start.
    failed: Option<Failure>,
}

impl Screen {
    /// `pager` is the command line of one; it is used only where a person looks.
    pub(crate) fn new(pager: Option<&str>) -> Self {
        let words = pager.filter(|_| terminal::is_there()).and_then(shlex::split).filter(|words| !words.is_empty());
        Self { pager: words, running: None, stdout: io::stdout().lock(), failed: None }
    }

    /// Waits until the person has read it all.
    ///
    /// # Errors
    /// When the pager could not be started.
    pub(crate) fn close(mut self) -> Result<(), Failure> {
        if let Some(mut pager) = self.running.take() {
            drop(pager.stdin.take());
            // However it ended, there is nothing left to say to it.
            let _ = pager.wait();
        }
        self.failed.take().map_or(Ok(()), Err)
    }

    fn start(&mut self, words: &[String]) -> io::Result<()> {
        let Some((program, arguments)) = words.split_first() else { return Ok(()) };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped());
        if std::env::var_os("LESS").is_none() {
            command.env("LESS", LESS);
        }
        match command.spawn() {
            Ok(child) => self.running = Some(child),
            Err(error) => {
                self.failed = Some(Failure::pager(program, &error));
                return Err(io::ErrorKind::BrokenPipe.into());
            }
        }
        Ok(())
    }

    fn target(&mut self) -> &mut dyn Write {
        match self.running.as_mut().and_then(|pager| pager.stdin.as_mut()) {
            Some(stdin) => stdin,
            None => &mut self.stdout,
        }
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(words) = self.pager.take() {
            self.start(&words)?;
        }
        self.target().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.target().flush()
    }
}
