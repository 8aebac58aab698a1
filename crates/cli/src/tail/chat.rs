//! A chat, followed by its socket and its transcript.
//!
//! One rule: every item is printed once, in order. A socket brings what happens from now on and never what was missed,
//! so each one is subscribed first and the transcript read then; what both have is printed once.

use std::collections::HashSet;

use serde_json::Value;

use super::api::{Chats, Connection};
use super::connect::Lost;
use super::socket::Socket;
use super::{End, Stop, line, wait};
use crate::errors::Failure;

/// Follows the chat that the token is for.
pub(super) async fn follow(api: &Chats, token: &str, as_json: bool, stop: &mut Stop) -> Result<End, Failure> {
    Follower { api, token, as_json, printed: HashSet::new() }.follow(stop).await
}

struct Follower<'a> {
    api: &'a Chats,
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
                Err(Failure::Service(_)) if !self.printed.is_empty() => return Ok(End::Over),
                Err(failure) if failures == 0 && self.printed.is_empty() => return Err(failure),
                Err(failure) => {
                    failures += 1;
                    match wait(failures, stop, failure).await? {
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
                Ok(End::Over) => return Ok(End::Over),
                Ok(end) => {
                    // The chat may have ended in the meantime, and then there is nothing to leave.
                    let _ = self.api.leave(&connection);
                    return Ok(end);
                }
                Err(Lost(reason)) => {
                    failures = if self.printed.len() > before { 1 } else { failures + 1 };
                    let failure = Failure::Other(format!("The connection was lost: {reason}"));
                    if let Some(end) = wait(failures, stop, failure).await? {
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
        let end = line::is_end(item).then_some(End::Over);
        let Some(line) = line::of(item) else { return Ok(end) };
        if !self.printed.insert(format!("{} {line}", item["Id"])) {
            return Ok(end);
        }
        let line = if self.as_json { item.to_string() } else { line };
        Ok(super::print(&line)?.or(end))
    }
}
