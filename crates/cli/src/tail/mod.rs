//! `switchboard tail`: a chat or a stage, live in the terminal.
//!
//! One rule: what happens is printed once, in order, one line each. A connection that was lost is made again, and what
//! was missed meanwhile is made up for: from a chat's transcript (`chat`), and from the next picture of a stage
//! (`stage`).

mod api;
mod chat;
mod connect;
mod line;
mod socket;
mod stage;
mod tls;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::errors::Failure;
use crate::globals::Globals;
use crate::output::Format;

/// What a shell expects of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

const SHORTEST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// How often in a row a connection may fail before it is given up.
const TRIES: u32 = 8;

/// How the following came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// There is nothing to follow any more.
    Over,
    Interrupted,
    /// Nobody reads what is printed any more.
    Unread,
}

/// What is followed.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    /// A chat, by the id of its contact.
    Contact(String),
    /// A stage, by its ARN.
    Stage(String),
}

/// Follows what the words name.
pub(crate) fn run(globals: &Globals, words: &[String]) -> Result<ExitCode, Failure> {
    let (target, as_json) = parse(words)?;
    let as_json = as_json || globals.output == Some(Format::Json);
    let broken = |error: io::Error| Failure::Other(format!("Nothing can be waited for: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(broken)?;
    let end = match target {
        Target::Contact(contact) => {
            let api = api::Chats::new(globals)?;
            let token = api.join(&contact)?;
            runtime.block_on(async { chat::follow(&api, &token, as_json, &mut Stop::new().map_err(broken)?).await })?
        }
        Target::Stage(arn) => {
            let api = api::Stages::new(globals)?;
            runtime.block_on(async { stage::follow(&api, &arn, as_json, &mut Stop::new().map_err(broken)?).await })?
        }
    };
    Ok(if end == End::Interrupted { ExitCode::from(INTERRUPTED) } else { ExitCode::SUCCESS })
}

/// What to follow, and whether it is wanted as JSON.
fn parse(words: &[String]) -> Result<(Target, bool), Failure> {
    let (flags, names): (Vec<_>, Vec<_>) = words.iter().partition(|word| word.starts_with("--"));
    if let Some(unknown) = flags.iter().find(|flag| **flag != "--json") {
        return Err(Failure::Usage(format!("Unknown options: {unknown}")));
    }
    let name = match names.as_slice() {
        [] => return Err(Failure::Usage("the following arguments are required: contact-id or stage-arn".to_owned())),
        [name] => name.as_str(),
        [_, extra @ ..] => {
            let extra: Vec<_> = extra.iter().map(|word| word.as_str()).collect();
            return Err(Failure::Usage(format!("Unknown options: {}", extra.join(", "))));
        }
    };
    let as_json = !flags.is_empty();
    if name.starts_with("arn:") && name.contains(":stage/") {
        return Ok((Target::Stage(name.to_owned()), as_json));
    }
    // The ARN of a contact ends in its id.
    let id = name.rsplit('/').next().unwrap_or(name);
    if uuid::Uuid::try_parse(id).is_err() {
        let problem = "is not the id or the ARN of a contact, nor the ARN of a stage.";
        return Err(Failure::Parameters(format!("'{name}' {problem}")));
    }
    Ok((Target::Contact(id.to_owned()), as_json))
}

/// The signals that ask a program to end.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn new() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

// AWS does not say: for how long one tries again, as `aws` has nothing like it.
/// Waits before the next try, longer from time to time; too many failures in a row are one for good.
async fn wait(failures: u32, stop: &mut Stop, failure: Failure) -> Result<Option<End>, Failure> {
    if failures >= TRIES {
        return Err(failure);
    }
    let pause = SHORTEST_WAIT.saturating_mul(1 << failures.min(8)).min(LONGEST_WAIT);
    tokio::select! {
        () = tokio::time::sleep(pause) => Ok(None),
        () = stop.asked() => Ok(Some(End::Interrupted)),
    }
}

/// Prints a line at once. A reader that is gone is an end.
fn print(line: &str) -> Result<Option<End>, Failure> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{line}").and_then(|()| stdout.flush()) {
        Ok(()) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Some(End::Unread)),
        Err(error) => Err(Failure::Other(format!("The line cannot be written: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "11111111-2222-3333-4444-555555555555";

    fn parsed(line: &str) -> Result<(Target, bool), Failure> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_contact_has_an_id_and_an_arn() {
        assert_eq!(parsed(ID), Ok((Target::Contact(ID.to_owned()), false)));
        let arn = format!("arn:aws:connect:us-east-1:1:instance/{ID}/contact/{ID}");
        assert_eq!(parsed(&format!("--json {arn}")), Ok((Target::Contact(ID.to_owned()), true)));
    }

    #[test]
    fn anything_else_is_refused() {
        assert!(matches!(parsed(""), Err(Failure::Usage(_))));
        assert!(matches!(parsed("jane"), Err(Failure::Parameters(_))));
        assert!(matches!(parsed(&format!("{ID} {ID}")), Err(Failure::Usage(_))));
        assert!(matches!(parsed(&format!("{ID} --all")), Err(Failure::Usage(_))));
    }

    #[test]
    fn a_stage_has_an_arn() {
        let arn = "arn:aws:ivs:us-east-1:1:stage/abc";
        assert_eq!(parsed(arn), Ok((Target::Stage(arn.to_owned()), false)));
    }
}
