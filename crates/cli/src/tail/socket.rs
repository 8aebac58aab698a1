//! The chat socket, from the client's side.
//!
//! Text frames of JSON; one asks for the topic `aws/chat`, is told so, and gets every item from then on. A heartbeat
//! goes out every ten seconds, as the clients of Amazon Connect do it, and must be answered before the next: a
//! connection that only looks alive is given up.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::connect::{self, Lost, WebSocket};
use crate::config::Settings;
use crate::errors::Failure;

const HEARTBEAT: Duration = Duration::from_secs(10);

/// How long the handshakes and the subscription may take altogether.
const OPENING: Duration = Duration::from_secs(30);

/// A socket that gets the items of a chat.
pub(super) struct Socket {
    stream: WebSocket,
    heartbeats: Interval,
    unanswered: bool,
    /// Items that came before anybody asked for one.
    early: Vec<Value>,
}

impl Socket {
    /// Opens the socket and subscribes to the chat.
    pub(super) async fn open(url: &str, settings: &Settings) -> Result<Result<Self, Lost>, Failure> {
        let connector = connect::Connector::new(url, settings)?;
        let open = async {
            let stream = connector.open(None).await?;
            let mut heartbeats = interval(HEARTBEAT);
            heartbeats.set_missed_tick_behavior(MissedTickBehavior::Delay);
            // The first one is at once.
            heartbeats.tick().await;
            let mut socket = Self { stream, heartbeats, unanswered: false, early: Vec::new() };
            socket.subscribe().await?;
            Ok(socket)
        };
        Ok(timeout(OPENING, open).await.unwrap_or_else(|_| Err(Lost("the server took too long".to_owned()))))
    }

    async fn subscribe(&mut self) -> Result<(), Lost> {
        self.say(&json!({ "topic": "aws/subscribe", "content": { "topics": ["aws/chat"] } })).await?;
        loop {
            let frame = self.frame().await?;
            match frame["topic"].as_str() {
                Some("aws/subscribe") if frame["content"]["status"] == "success" => return Ok(()),
                Some("aws/subscribe") => return Err(Lost("the server refused the subscription".to_owned())),
                _ => self.early.extend(item(&frame)),
            }
        }
    }

    /// The next item. Nothing is lost when this is given up while it waits.
    pub(super) async fn next(&mut self) -> Result<Value, Lost> {
        if !self.early.is_empty() {
            return Ok(self.early.remove(0));
        }
        loop {
            let due = tokio::select! {
                frame = self.stream.next() => {
                    self.unanswered = false;
                    if let Some(item) = item(&read(frame)?) {
                        return Ok(item);
                    }
                    false
                }
                _ = self.heartbeats.tick() => true,
            };
            if due && self.unanswered {
                return Err(Lost("the server has fallen silent".to_owned()));
            }
            if due {
                self.unanswered = true;
                self.say(&json!({ "topic": "aws/heartbeat" })).await?;
            }
        }
    }

    /// Says goodbye.
    pub(super) async fn close(mut self) {
        // The other side may have gone first.
        let _ = timeout(Duration::from_secs(1), self.stream.close(None)).await;
    }

    async fn frame(&mut self) -> Result<Value, Lost> {
        let frame = self.stream.next().await;
        read(frame)
    }

    async fn say(&mut self, frame: &Value) -> Result<(), Lost> {
        Ok(self.stream.send(Message::text(frame.to_string())).await?)
    }
}

/// The JSON of a frame; null for what is none.
fn read(frame: Option<Result<Message, Error>>) -> Result<Value, Lost> {
    match frame {
        None | Some(Ok(Message::Close(_))) => Err(Lost("the server closed the connection".to_owned())),
        Some(Ok(Message::Text(text))) => Ok(serde_json::from_str(&text).unwrap_or_default()),
        Some(Ok(_)) => Ok(Value::Null),
        Some(Err(error)) => Err(error.into()),
    }
}

/// The item that a frame of the chat carries as a text of JSON.
fn item(frame: &Value) -> Option<Value> {
    if frame["topic"] != "aws/chat" {
        return None;
    }
    serde_json::from_str(frame["content"].as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_a_text_inside_a_frame() {
        let frame = json!({ "topic": "aws/chat", "contentType": "application/json", "content": "{\"Id\":\"x\"}" });
        assert_eq!(item(&frame), Some(json!({ "Id": "x" })));
        assert_eq!(item(&json!({ "topic": "aws/heartbeat" })), None);
        assert_eq!(item(&json!({ "topic": "aws/chat", "content": "no" })), None);
    }

    #[test]
    fn an_end_is_told() {
        assert!(read(None).is_err());
        assert!(matches!(read(Some(Ok(Message::text("nonsense")))), Ok(Value::Null)));
    }
}
