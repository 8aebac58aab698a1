//! The WebSocket of room events: who is on the stage, told whole whenever it changes, and what clients tell of themselves.
//!
//! The one rule: each `STAGE_STATE` is a full picture, so a client that missed one has missed nothing. The token comes as
//! the subprotocol that the client offers, and is chosen; where someone is put out, the reason is that of the close.
//!
//! Sources: AWS's sample programs (the path, the subprotocol, `STAGE_STATE`, the client's `PING`); `StageLeftReason` of the
//! Web broadcast SDK's reference for the words of the close; *Token exchange* in the Amazon IVS Real-Time User Guide.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{
        Path, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use switchboard_domain::stage::{Client, LegId, LegKind, ParticipantId, Removal};
use tokio::{
    sync::mpsc,
    time::{sleep_until, timeout},
};

use super::{
    frames::{self, Said},
    lookout::Window,
    problem::Problem,
    session::tell,
    whip,
    wishes::Wishes,
};
use crate::{
    app::App,
    clock,
    stages::door::{self, Happened, Visitor},
};

/// Of what clients send only a token is long.
const LARGEST_FRAME_BYTES: usize = 20 * 1024;
/// A protocol ping goes out after half of this without a frame from the client; after all of it the client is gone.
const SILENCE: Duration = Duration::from_secs(20);
/// A frame that the network has not taken by then: the reader is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// Frames for one client that wait for it; what comes then is lost, as each is overtaken by the next.
const WAITING_FRAMES: usize = 32;

/// Opens the socket for whoever offers a good token.
pub(super) async fn upgrade(
    State(app): State<Arc<App>>,
    Path(stage): Path<String>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let offered = headers.get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
    let token = offered.unwrap_or_default().split(',').next().unwrap_or_default().trim().to_owned();
    let visitor = match whip::admitted(&app, &stage, &token) {
        Ok(visitor) => visitor,
        Err(problem) => return problem.into_response(),
    };
    // Where all places are taken, a newer socket still takes the place of its older one.
    let replaced = usize::from(app.media.sessions.listens(&(visitor.stage, visitor.grant.participant.clone())));
    let seats = (
        app.seats.take_other(app.config.max_sockets + replaced),
        app.media.sessions.take_seat(visitor.stage, app.config.max_stage_connections + replaced),
    );
    let (Some(socket_seat), Some(stage_seat)) = seats else {
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "There are too many connections.").into_response();
    };
    let client = whip::client(&headers);
    let upgrade = upgrade.protocols([token]).max_message_size(LARGEST_FRAME_BYTES);
    upgrade.on_upgrade(async move |socket| {
        let keepers = app.media.keepers.clone();
        keepers.track_future(attend(app, visitor, client, socket)).await;
        drop((socket_seat, stage_seat));
    })
}

/// Why a socket closes: a close code and a word for the client, or nothing where there is nobody to tell.
type Goodbye = Option<(u16, &'static str)>;

/// From the entrance to the exit, whatever ends the socket.
async fn attend(app: Arc<App>, visitor: Visitor, client: Client, mut socket: WebSocket) {
    let goodbye = talk(&app, visitor, client, &mut socket).await;
    let Some((code, reason)) = goodbye else { return };
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    // The client may be gone already; then there is nobody to tell.
    let _ = timeout(WRITE_TIMEOUT, socket.send(Message::Close(Some(frame)))).await;
}

async fn talk(app: &Arc<App>, visitor: Visitor, client: Client, socket: &mut WebSocket) -> Goodbye {
    let stage = visitor.stage;
    let window = match app.media.lookouts.open(app, stage) {
        Ok(window) => window,
        Err(error) => {
            tracing::error!(%stage, %error, "a stage could not be read");
            return Some((close_code::ERROR, "internal error"));
        }
    };
    let entered = match door::enter(app, visitor.clone(), LegKind::Events, client).await {
        Ok(entered) => entered,
        Err(refused) => {
            tracing::debug!(%stage, %refused, "a socket of room events is refused");
            return Some((close_code::POLICY, "refused"));
        }
    };
    let who = (stage, visitor.grant.participant.clone());
    let (told, for_us) = mpsc::channel(WAITING_FRAMES);
    app.media.sessions.listen(who.clone(), told.clone());
    let mut talk = Talk { app, visitor, leg: entered.leg, socket, window, for_us, sent: None };
    let Err(goodbye) = talk.run().await;
    app.media.sessions.unlisten(&who, &told);
    tell(app, stage, &who.1, Happened::Leaves(entered.leg)).await;
    goodbye
}

/// One open socket.
struct Talk<'a> {
    app: &'a Arc<App>,
    visitor: Visitor,
    leg: LegId,
    socket: &'a mut WebSocket,
    window: Window,
    /// What is for this client alone.
    for_us: mpsc::Receiver<Utf8Bytes>,
    /// The picture that the client has.
    sent: Option<Utf8Bytes>,
}

impl Talk<'_> {
    async fn run(&mut self) -> Result<Infallible, Goodbye> {
        let draining = self.app.shutdown.draining().clone();
        let (mut heard, mut pinged) = (clock::instant(), false);
        self.look().await?;
        loop {
            let next_check = heard + if pinged { SILENCE } else { SILENCE / 2 };
            tokio::select! {
                frame = self.socket.recv() => {
                    (heard, pinged) = (clock::instant(), false);
                    self.hear(frame.ok_or(None)?.map_err(|_| None)?).await?;
                }
                changed = self.window.changed() => {
                    changed.map_err(|_| Some((close_code::ERROR, "internal error")))?;
                    self.look().await?;
                }
                Some(frame) = self.for_us.recv() => self.send(Message::Text(frame)).await?,
                () = sleep_until(next_check) => {
                    if pinged {
                        return Err(None);
                    }
                    pinged = true;
                    self.send(Message::Ping(Vec::new().into())).await?;
                }
                () = draining.cancelled() => return Err(Some((close_code::RESTART, "the server is restarting"))),
            }
        }
    }

    /// Looks at the stage, and tells the client if it looks different.
    async fn look(&mut self) -> Result<(), Goodbye> {
        let look = self.window.borrow_and_update().clone();
        if !look.has(&self.visitor.grant.participant, self.leg) {
            self.check_standing()?;
            // A look from before they came: theirs comes after it.
            return Ok(());
        }
        let frame = look.frame();
        if self.sent.as_ref() == Some(&frame) {
            return Ok(());
        }
        self.send(Message::Text(frame.clone())).await?;
        self.sent = Some(frame);
        Ok(())
    }

    /// Whether the stage still wants the connection.
    fn check_standing(&self) -> Result<(), Goodbye> {
        let Visitor { stage, grant } = &self.visitor;
        match door::standing(self.app, *stage, &grant.participant, (self.leg, &LegKind::Events)) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(removal)) => Err(Some((close_code::POLICY, removal.as_str()))),
            Err(error) => {
                tracing::error!(%stage, %error, "a stage could not be read");
                Err(Some((close_code::ERROR, "internal error")))
            }
        }
    }

    /// Does what the client says.
    async fn hear(&mut self, frame: Message) -> Result<(), Goodbye> {
        let text = match frame {
            Message::Text(text) => text,
            Message::Close(_) => return Err(None),
            // That it is there.
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => return Ok(()),
        };
        match Said::read(&text) {
            Ok(Said::Ping) => self.say(frames::pong()).await,
            Ok(Said::Mute(muted)) => {
                // The next look shows it, to this client as to all others.
                let done = door::mute(self.app, &self.visitor, muted).await;
                self.excuse(done.map_err(|error| error.to_string())).await
            }
            Ok(Said::PreferLayer { participant_id, wish }) => self.prefer(&participant_id, wish.into()).await,
            Ok(Said::ExchangeToken { token }) => self.exchange(&token).await,
            Ok(Said::Leave) => {
                let done = door::put_out(self.app, &self.visitor).await;
                self.excuse(done.map_err(|error| error.to_string())).await?;
                Err(Some((close_code::NORMAL, Removal::UserInitiated.as_str())))
            }
            Err(error) => self.say(frames::error(&error)).await,
        }
    }

    async fn prefer(&mut self, publisher: &ParticipantId, wishes: Wishes) -> Result<(), Goodbye> {
        let who = (self.visitor.stage, self.visitor.grant.participant.clone());
        let session = self.app.media.sessions.viewing(who, publisher);
        let is_done = match session {
            Some(session) => session.wish(self.app, wishes).await,
            None => false,
        };
        if is_done {
            return Ok(());
        }
        self.say(frames::error("That participant is not watched here now, or has no such layer.")).await
    }

    /// Takes the newer token. One that is not good puts the client out, as it may hold rights that it has lost.
    async fn exchange(&mut self, token: &str) -> Result<(), Goodbye> {
        match door::exchange(self.app, &self.visitor, token).await {
            Ok(newer) => {
                self.visitor = newer;
                self.say(frames::token_exchanged()).await
            }
            Err(refused) => {
                tracing::debug!(stage = %self.visitor.stage, %refused, code = refused.code(), "a token is not exchanged");
                if let Err(error) = door::put_out(self.app, &self.visitor).await {
                    tracing::error!(%error, "somebody could not be put out");
                }
                Err(Some((close_code::POLICY, Removal::FailedExchange.as_str())))
            }
        }
    }

    /// Says to the client that something of ours went wrong, if it did.
    async fn excuse(&mut self, done: Result<(), String>) -> Result<(), Goodbye> {
        let Err(error) = done else { return Ok(()) };
        tracing::error!(stage = %self.visitor.stage, error, "what a client told could not be kept");
        self.say(frames::error("The service could not process the request.")).await
    }

    async fn say(&mut self, frame: String) -> Result<(), Goodbye> {
        self.send(Message::text(frame)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Goodbye> {
        match timeout(WRITE_TIMEOUT, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            // Closed, or a reader that takes nothing: there is nobody to say goodbye to.
            Ok(Err(_)) | Err(_) => Err(None),
        }
    }
}
