//! Asks the person at the terminal for the code of their second factor, which is typed unseen.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Write};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::errors::Failure;

/// Asks for the code of that device. Without a terminal it is read from stdin, and asked for on stderr.
pub(super) fn ask(serial: &str) -> Result<String, Failure> {
    let question = format!("Enter MFA code for {serial}: ");
    let code = match OpenOptions::new().read(true).write(true).open("/dev/tty") {
        Ok(terminal) => unseen(terminal, &question),
        Err(_) => line(&mut io::stdin().lock(), &mut io::stderr().lock(), &question),
    };
    code.map_err(|error| Failure::Other(format!("The MFA code cannot be read: {error}")))
}

fn unseen(terminal: std::fs::File, question: &str) -> io::Result<String> {
    let usual = tcgetattr(&terminal)?;
    let mut quiet = usual.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &quiet)?;
    let code = line(&mut BufReader::new(&terminal), &mut &terminal, question);
    tcsetattr(&terminal, OptionalActions::Flush, &usual)?;
    writeln!(&terminal)?;
    code
}

fn line(from: &mut impl BufRead, to: &mut impl Write, question: &str) -> io::Result<String> {
    to.write_all(question.as_bytes())?;
    to.flush()?;
    let mut code = String::new();
    if from.read_line(&mut code)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(code.trim_end_matches(['\n', '\r']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_no_code() {
        let mut asked = Vec::new();
        let code = line(&mut b"123456\r\n".as_slice(), &mut asked, "Code: ").expect("it is there");
        assert_eq!((code.as_str(), asked.as_slice()), ("123456", b"Code: ".as_slice()));
        assert!(line(&mut io::empty(), &mut asked, "").is_err());
    }
}
