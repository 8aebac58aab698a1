//! The WebSocket of room events: who is on the stage, told whole whenever it changes.
//!
//! The one rule: each frame is a full picture, so a client that missed one has missed nothing. The token comes as the
//! subprotocol that the client offers, and is chosen; where someone is put out, the reason is that of the close.
//!
//! Sources: AWS's sample programs (the path, the subprotocol, `STAGE_STATE`, the client's `PING`); `StageLeftReason` of the
//! Web broadcast SDK's reference for the words of the close.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{
        Path, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use switchboard_domain::stage::{Client, LegId, LegKind, Presence};
use switchboard_state::{StoreError, Subscription, Topic};
use tokio::time::{sleep_until, timeout};

use super::{session::tell, whip};
use crate::{
    app::App,
    clock,
    stages::door::{self, Happened, Visitor},
};

/// What clients send is a few bytes.
const LARGEST_FRAME_BYTES: usize = 4 * 1024;
/// A protocol ping goes out after half of this without a frame from the client; after all of it the client is gone.
const SILENCE: Duration = Duration::from_secs(20);
/// A frame that the network has not taken by then: the reader is gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

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
    let client = whip::client(&headers);
    let upgrade = upgrade.protocols([token]).max_message_size(LARGEST_FRAME_BYTES);
    upgrade.on_upgrade(async move |socket| {
        let keepers = app.media.keepers.clone();
        keepers.track_future(attend(app, visitor, client, socket)).await;
    })
}

/// Why a socket closes: a close code and a word for the client, or nothing where there is nobody to tell.
type Goodbye = Option<(u16, &'static str)>;

/// From the entrance to the exit, whatever ends the socket.
async fn attend(app: Arc<App>, visitor: Visitor, client: Client, mut socket: WebSocket) {
    // First the subscription, then the look: whatever happens in between is seen.
    let news = app.state.bus().subscribe(Topic::Stage(visitor.stage));
    let entered = door::enter(&app, visitor.clone(), LegKind::Events, client).await;
    let goodbye = match entered {
        Err(refused) => {
            tracing::debug!(stage = %visitor.stage, %refused, "a socket of room events is refused");
            Some((close_code::POLICY, "refused"))
        }
        Ok(entered) => {
            let mut talk = Talk { app: &app, visitor: &visitor, leg: entered.leg, socket: &mut socket, sent: None };
            let Err(goodbye) = talk.run(news).await;
            tell(&app, visitor.stage, &visitor.grant.participant, Happened::Leaves(entered.leg)).await;
            goodbye
        }
    };
    let Some((code, reason)) = goodbye else { return };
    let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    // The client may be gone already; then there is nobody to tell.
    let _ = timeout(WRITE_TIMEOUT, socket.send(Message::Close(Some(frame)))).await;
}

/// One open socket.
struct Talk<'a> {
    app: &'a Arc<App>,
    visitor: &'a Visitor,
    leg: LegId,
    socket: &'a mut WebSocket,
    /// The picture that the client has.
    sent: Option<Value>,
}

impl Talk<'_> {
    async fn run(&mut self, mut news: Subscription) -> Result<Infallible, Goodbye> {
        let draining = self.app.shutdown.draining().clone();
        let (mut heard, mut pinged) = (clock::instant(), false);
        self.look().await?;
        loop {
            let next_check = heard + if pinged { SILENCE } else { SILENCE / 2 };
            tokio::select! {
                frame = self.socket.recv() => {
                    (heard, pinged) = (clock::instant(), false);
                    // A `PING` of the client says that it is there, as every frame does.
                    if let Message::Close(_) = frame.ok_or(None)?.map_err(|_| None)? {
                        return Err(None);
                    }
                }
                () = news.changed() => self.look().await?,
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
        let Visitor { stage, grant } = self.visitor;
        let standing = door::standing(self.app, *stage, &grant.participant, (self.leg, &LegKind::Events));
        if let Err(removal) = standing.map_err(|error| fault(&error))? {
            return Err(Some((close_code::POLICY, removal.as_str())));
        }
        let present = door::present(self.app, *stage).map_err(|error| fault(&error))?;
        let participants: Vec<Value> = present.iter().map(participant).collect();
        let state = json!({ "type": "STAGE_STATE", "payload": { "participants": participants } });
        if self.sent.as_ref() == Some(&state) {
            return Ok(());
        }
        self.send(Message::text(state.to_string())).await?;
        self.sent = Some(state);
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), Goodbye> {
        match timeout(WRITE_TIMEOUT, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            // Closed, or a reader that takes nothing: there is nobody to say goodbye to.
            Ok(Err(_)) | Err(_) => Err(None),
        }
    }
}

fn participant(presence: &Presence) -> Value {
    let grant = &presence.grant;
    json!({
        "id": grant.participant,
        "userId": grant.user_id.as_deref().unwrap_or_default(),
        "attributes": grant.attributes,
        "isPublishing": presence.is_publishing(),
    })
}

fn fault(error: &StoreError) -> Goodbye {
    tracing::error!(%error, "a stage could not be read");
    Some((close_code::ERROR, "internal error"))
}
