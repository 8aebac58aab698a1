//! `switchboard tail`: a chat, live in the terminal.
//!
//! One rule: every item is printed once, in order. A socket brings what happens from now on and never what was
//! missed, so each one is subscribed first and the transcript read then; what both have is printed once. The same
//! happens when a connection was lost and is made again.

mod api;
mod line;
mod socket;
mod tls;

use std::collections::HashSet;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use serde_json::Value;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::errors::Failure;
use crate::globals::Globals;
use api::{Api, Connection};
use socket::{Lost, Socket};

/// What a shell expects of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

const SHORTEST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// How often in a row a connection may fail before the chat is given up.
const TRIES: u32 = 8;

/// How the following of a chat came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    ChatEnded,
    Interrupted,
    /// Nobody reads what is printed any more.
    Unread,
}

/// Follows what the words name.
pub(crate) fn run(globals: &Globals, words: &[String]) -> Result<ExitCode, Failure> {
    let (contact, as_json) = parse(words)?;
    let api = Api::new(globals)?;
    let token = api.join(&contact)?;
    let broken = |error: io::Error| Failure::Other(format!("Nothing can be waited for: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(broken)?;
    let end = runtime.block_on(async {
        let mut follower = Follower { api: &api, token: &token, as_json, printed: HashSet::new() };
        let mut stop = Stop::new().map_err(broken)?;
        follower.follow(&mut stop).await
    })?;
    Ok(if end == End::Interrupted { ExitCode::from(INTERRUPTED) } else { ExitCode::SUCCESS })
}

/// The contact's id, and whether items are wanted as JSON.
fn parse(words: &[String]) -> Result<(String, bool), Failure> {
    let (flags, names): (Vec<_>, Vec<_>) = words.iter().partition(|word| word.starts_with("--"));
    if let Some(unknown) = flags.iter().find(|flag| **flag != "--json") {
        return Err(Failure::Usage(format!("Unknown options: {unknown}")));
    }
    let name = match names.as_slice() {
        [] => return Err(Failure::Usage("the following arguments are required: contact-id".to_owned())),
        [name] => name.as_str(),
        [_, extra @ ..] => {
            let extra: Vec<_> = extra.iter().map(|word| word.as_str()).collect();
            return Err(Failure::Usage(format!("Unknown options: {}", extra.join(", "))));
        }
    };
    if name.contains(":stage/") {
        return Err(Failure::Usage(
            "Only chats can be followed so far: events of stages come with the stages' own server. \
             `switchboard ivs-realtime list-participant-events` lists what has happened in one."
                .to_owned(),
        ));
    }
    // The ARN of a contact ends in its id.
    let id = name.rsplit('/').next().unwrap_or(name);
    if uuid::Uuid::try_parse(id).is_err() {
        return Err(Failure::Parameters(format!("'{name}' is not the id or the ARN of a contact.")));
    }
    Ok((id.to_owned(), !flags.is_empty()))
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

struct Follower<'a> {
    api: &'a Api,
    token: &'a str,
    as_json: bool,
    /// The items that were printed, each by its id and how it looked.
    printed: HashSet<String>,
}

impl Follower<'_> {
    /// Follows the chat over as many connections as it takes.
    async fn follow(&mut self, stop: &mut Stop) -> Result<End, Failure> {
        let mut failures = 0;
        loop {
            let connection = match self.api.connect(self.token) {
                Ok(connection) => connection,
                // Once it has been followed, a chat that lets nobody in is over.
                Err(Failure::Service(_)) if !self.printed.is_empty() => return Ok(End::ChatEnded),
                Err(failure) if failures == 0 && self.printed.is_empty() => return Err(failure),
                Err(failure) => {
                    failures += 1;
                    match self.wait(failures, stop, failure).await? {
                        Some(end) => return Ok(end),
                        None => continue,
                    }
                }
            };
            let before = self.printed.len();
            let ended = tokio::select! {
                ended = self.listen(&connection) => ended?,
                () = stop.asked() => Ok(End::Interrupted),
            };
            match ended {
                Ok(End::ChatEnded) => return Ok(End::ChatEnded),
                Ok(end) => {
                    // The chat may have ended in the meantime, and then there is nothing to leave.
                    let _ = self.api.leave(&connection);
                    return Ok(end);
                }
                Err(Lost(reason)) => {
                    failures = if self.printed.len() > before { 1 } else { failures + 1 };
                    let failure = Failure::Other(format!("The connection was lost: {reason}"));
                    if let Some(end) = self.wait(failures, stop, failure).await? {
                        return Ok(end);
                    }
                }
            }
        }
    }

    /// Prints what was said and what is said, until the chat or the connection ends.
    async fn listen(&mut self, connection: &Connection) -> Result<Result<End, Lost>, Failure> {
        let mut socket = match Socket::open(&connection.url, self.api.settings()).await? {
            Ok(socket) => socket,
            Err(lost) => return Ok(Err(lost)),
        };
        let said = match self.api.transcript(connection) {
            Ok(said) => said,
            // The chat ended between the two calls: its last item is on the socket.
            Err(Failure::Service(_)) => Vec::new(),
            Err(failure) => return Ok(Err(Lost(format!("{failure:?}")))),
        };
        for item in said {
            if let Some(end) = self.print(&item)? {
                socket.close().await;
                return Ok(Ok(end));
            }
        }
        loop {
            let item = match socket.next().await {
                Ok(item) => item,
                Err(lost) => return Ok(Err(lost)),
            };
            if let Some(end) = self.print(&item)? {
                socket.close().await;
                return Ok(Ok(end));
            }
        }
    }

    /// Prints an item unless it was printed, and says whether it is the last one.
    fn print(&mut self, item: &Value) -> Result<Option<End>, Failure> {
        let end = line::is_end(item).then_some(End::ChatEnded);
        let Some(line) = line::of(item) else { return Ok(end) };
        if !self.printed.insert(format!("{} {line}", item["Id"])) {
            return Ok(end);
        }
        let line = if self.as_json { item.to_string() } else { line };
        let mut stdout = io::stdout().lock();
        match writeln!(stdout, "{line}").and_then(|()| stdout.flush()) {
            Ok(()) => Ok(end),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Some(End::Unread)),
            Err(error) => Err(Failure::Other(format!("The line cannot be written: {error}"))),
        }
    }

    /// Waits before the next try, longer from time to time; too many failures in a row are one for good.
    async fn wait(&self, failures: u32, stop: &mut Stop, failure: Failure) -> Result<Option<End>, Failure> {
        if failures >= TRIES {
            return Err(failure);
        }
        let pause = SHORTEST_WAIT.saturating_mul(1 << failures.min(8)).min(LONGEST_WAIT);
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(None),
            () = stop.asked() => Ok(Some(End::Interrupted)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "11111111-2222-3333-4444-555555555555";

    fn parsed(line: &str) -> Result<(String, bool), Failure> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_contact_has_an_id_and_an_arn() {
        assert_eq!(parsed(ID), Ok((ID.to_owned(), false)));
        let arn = format!("arn:aws:connect:us-east-1:1:instance/{ID}/contact/{ID}");
        assert_eq!(parsed(&format!("--json {arn}")), Ok((ID.to_owned(), true)));
    }

    #[test]
    fn anything_else_is_refused() {
        assert!(matches!(parsed(""), Err(Failure::Usage(_))));
        assert!(matches!(parsed("jane"), Err(Failure::Parameters(_))));
        assert!(matches!(parsed(&format!("{ID} {ID}")), Err(Failure::Usage(_))));
        assert!(matches!(parsed(&format!("{ID} --all")), Err(Failure::Usage(_))));
        let Err(Failure::Usage(message)) = parsed("arn:aws:ivs:us-east-1:1:stage/abc") else { panic!("it is a stage") };
        assert!(message.contains("stages"), "{message}");
    }
}
