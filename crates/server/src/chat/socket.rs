//! The chat socket: what a client opens with the URL of CreateParticipantConnection.
//!
//! Text frames, one JSON object each. The client subscribes to `aws/chat`; from then on it is sent every item its
//! participant may see, once, in the log's order. It sends `aws/heartbeat` and `aws/ping` and gets them back at once:
//! ChatJS opens a second socket when a heartbeat is missing, the Android SDK reconnects when a ping is. Frames and
//! timings as seen in amazon-connect-chatjs and the mobile SDKs.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        Query, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code, rejection::WebSocketUpgradeRejection},
    },
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use switchboard_domain::chat::{EventType, Item, Viewer};
use switchboard_state::{LogRow, StoreError, Subscription, Topic};
use tokio::time::{sleep_until, timeout};

use super::{arrival, render, seats::Seat};
use crate::{
    app::App,
    clock,
    ids::request_id,
    tokens::{Claims, Purpose},
};

/// Where sockets are opened.
pub(crate) const PATH: &str = "/_switchboard/chat/socket";

/// The only topic there is to subscribe to.
const CHAT: &str = "aws/chat";
/// Frames from clients are a few hundred bytes.
const LARGEST_FRAME_BYTES: usize = 64 * 1024;
/// Small, since most sockets are idle; longer frames are still read whole.
const BUFFER_BYTES: usize = 2 * 1024;
/// Items read from the log at a time.
const BATCH: usize = 100;
/// A frame that the network has not taken by then: the reader is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);
/// A protocol ping goes out after half of this without a frame from the client; after all of it the socket is cut.
const SILENCE: Duration = Duration::from_secs(10 * 60);
/// ChatJS rolls its socket every 59 minutes; nobody needs one for longer than this.
const LIFE: Duration = Duration::from_secs(2 * 60 * 60);
/// Between the last item and the close: time for the client to close first, as ChatJS does.
const FAREWELL: Duration = Duration::from_secs(5);

/// The query of a socket's URL.
#[derive(Deserialize)]
pub(crate) struct Ticket {
    #[serde(default)]
    ticket: String,
}

/// Checks the ticket and opens the socket.
pub(crate) async fn upgrade(
    State(app): State<Arc<App>>,
    Query(Ticket { ticket }): Query<Ticket>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade.read_buffer_size(BUFFER_BYTES).write_buffer_size(0),
        Err(rejection) => return rejection.into_response(),
    };
    let claims = app.tokens.open(&ticket, app.clock.now()).filter(|claims| claims.purpose == Purpose::Socket);
    let Some(claims) = claims else { return refuse(StatusCode::FORBIDDEN, "Forbidden") };
    let Some(seat) = app.seats.take(claims.participant, app.config.max_sockets) else {
        return refuse(StatusCode::TOO_MANY_REQUESTS, "Too many open sockets");
    };
    match arrival::arrive(&app, claims).await {
        Ok(Some(viewer)) => upgrade.max_message_size(LARGEST_FRAME_BYTES).on_upgrade(move |socket| async move {
            let news = app.state.bus().subscribe(Topic::Chat(claims.chat));
            Talk { app, claims, viewer, socket, news, sent: None, over: false }.run(seat).await;
        }),
        Ok(None) => refuse(StatusCode::FORBIDDEN, "Forbidden"),
        Err(error) => {
            tracing::error!(chat_id = %claims.chat, %error, "a socket could not be opened");
            refuse(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
        }
    }
}

/// A refusal in the form of the gateway that stands before the real service.
fn refuse(status: StatusCode, message: &str) -> Response {
    let body = json!({ "message": message, "connectionId": request_id(), "requestId": request_id() });
    (status, axum::Json(body)).into_response()
}

/// One open socket.
struct Talk {
    app: Arc<App>,
    claims: Claims,
    viewer: Viewer,
    socket: WebSocket,
    news: Subscription,
    /// The place of the last item sent or passed over; none before the client subscribes.
    sent: Option<i64>,
    /// Nothing that is yet to come is for this viewer.
    over: bool,
}

/// Why a socket closes: a close code and a word for the client, or nothing where there is nobody to tell.
type Goodbye = Option<(u16, &'static str)>;

impl Talk {
    async fn run(mut self, _seat: Seat) {
        let Err(goodbye) = self.talk().await;
        let Some((code, reason)) = goodbye else { return };
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        // The client may be gone already; then there is nobody to tell.
        let _ = timeout(WRITE_TIMEOUT, self.socket.send(Message::Close(Some(frame)))).await;
    }

    async fn talk(&mut self) -> Result<std::convert::Infallible, Goodbye> {
        let draining = self.app.shutdown.draining().clone();
        let mut heard = clock::instant();
        let mut pinged = false;
        let mut close_at = heard + LIFE;
        loop {
            let next_check = (heard + if pinged { SILENCE } else { SILENCE / 2 }).min(close_at);
            tokio::select! {
                frame = self.socket.recv() => {
                    heard = clock::instant();
                    pinged = false;
                    self.answer(frame.ok_or(None)?.map_err(|_| None)?).await?;
                }
                () = self.news.changed(), if self.sent.is_some() && !self.over => {
                    if self.send_news().await? {
                        close_at = clock::instant() + FAREWELL;
                    }
                }
                () = sleep_until(next_check) => {
                    if next_check == close_at {
                        return Err(Some((close_code::NORMAL, "")));
                    }
                    if pinged {
                        return Err(None);
                    }
                    pinged = true;
                    self.send(Message::Ping(Vec::new().into())).await?;
                }
                () = draining.cancelled() => return Err(Some((close_code::RESTART, "The server is restarting"))),
            }
        }
    }

    /// Answers one frame of the client.
    async fn answer(&mut self, frame: Message) -> Result<(), Goodbye> {
        let text = match frame {
            Message::Text(text) => text,
            Message::Close(_) => return Err(None),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => return Ok(()),
        };
        let Some(request) = first_value(&text) else { return Ok(()) };
        let was_subscribed = self.sent.is_some();
        let reply = match request["topic"].as_str() {
            Some("aws/heartbeat") => json!({ "topic": "aws/heartbeat" }),
            Some("aws/ping") => json!({ "topic": "aws/ping", "statusCode": 200, "statusContent": "OK" }),
            Some("aws/subscribe") => self.subscribe(&request["content"]["topics"]),
            Some("aws/unsubscribe") => self.unsubscribe(&request["content"]["topics"]),
            _ => return Ok(()),
        };
        self.send(Message::text(reply.to_string())).await?;
        if self.sent.is_some() && !was_subscribed {
            self.greet().await;
        }
        Ok(())
    }

    /// What a customer is told when they begin to listen; nothing else depends on it, so a failure is only logged.
    async fn greet(&mut self) {
        if let Err(error) = arrival::subscribed(&self.app, self.claims).await {
            tracing::error!(chat_id = %self.claims.chat, %error, "greeting a socket failed");
        }
    }

    fn subscribe(&mut self, topics: &Value) -> Value {
        let known = topics.as_array().is_some_and(|topics| topics.iter().any(|topic| topic == CHAT));
        // Subscribing again goes on from where the socket stands: nothing twice, nothing left out.
        let from = match self.sent {
            _ if !known => {
                return json!({ "topic": "aws/subscribe", "content": { "status": "failure", "topics": topics } });
            }
            Some(sent) => Ok(sent),
            None => {
                self.app.state.read(|tx| Ok::<_, StoreError>(tx.log_end(self.claims.chat)?.map_or(0, |end| end.seq)))
            }
        };
        let status = match from {
            Ok(from) => {
                self.sent = Some(from);
                "success"
            }
            Err(error) => {
                tracing::error!(chat_id = %self.claims.chat, %error, "a subscription failed");
                "failure"
            }
        };
        json!({ "topic": "aws/subscribe", "content": { "status": status, "topics": topics } })
    }

    fn unsubscribe(&mut self, topics: &Value) -> Value {
        self.sent = None;
        json!({ "topic": "aws/unsubscribe", "content": { "status": "success", "topics": topics } })
    }

    /// Sends what is new. True when nothing more will come: the chat is over, or this viewer has left it. Who leaves is
    /// still told when that was the end, which stands right behind: ChatJS waits for it.
    async fn send_news(&mut self) -> Result<bool, Goodbye> {
        loop {
            let Some(from) = self.sent else { return Ok(false) };
            let rows: Vec<LogRow<Item>> = match self.app.state.read(|tx| tx.items_after(self.claims.chat, from, BATCH))
            {
                Ok(rows) => rows,
                Err(error) => {
                    let error: StoreError = error;
                    tracing::error!(chat_id = %self.claims.chat, %error, "reading a chat's log failed");
                    return Err(Some((close_code::ERROR, "Internal server error")));
                }
            };
            let full = rows.len() == BATCH;
            for row in rows {
                let is_end = row.doc.event() == Some(EventType::ChatEnded);
                if row.doc.is_for(self.viewer) && (is_end || !self.over) {
                    self.send(Message::text(render::frame(&row.doc))).await?;
                }
                self.sent = Some(row.seq);
                self.over |= is_end || is_leaving(&row.doc, self.viewer);
            }
            if !full {
                return Ok(self.over);
            }
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), Goodbye> {
        match timeout(WRITE_TIMEOUT, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            // Closed, or a reader that takes nothing: there is nobody to say goodbye to.
            Ok(Err(_)) | Err(_) => Err(None),
        }
    }
}

/// Whether the viewer leaves with this item.
fn is_leaving(item: &Item, viewer: Viewer) -> bool {
    let sender = item.sender.as_ref().map(|sender| sender.participant);
    item.event() == Some(EventType::Left) && sender == Some(viewer.participant)
}

/// The first JSON value of a frame. What follows it is ignored: the iOS SDK ships a stray bracket after its subscribe.
fn first_value(text: &str) -> Option<Value> {
    serde_json::Deserializer::from_str(text).into_iter().next()?.ok()
}
