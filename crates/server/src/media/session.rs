//! A session: one connection of one participant, from its offer to its end.
//!
//! The one rule: what was entered is left again. From [`Session::open`] on a task of its own sees to that, whoever ends the
//! session: the client, the network, the API, or the server when it stops.

use std::{hash::BuildHasher as _, sync::Arc};

use parking_lot::Mutex;
use switchboard_domain::stage::{
    Client, ErrorAt, ErrorCode, LegId, LegKind, ParticipantId, Protocol, StageId, token::Grant,
};
use switchboard_sfu::{
    Codec, Event, Fragment, FragmentError, JoinError, Limit, OfferError, Patched, PeerId, Role, StageId as Room,
};
use switchboard_state::Topic;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{Plane, udp::Command};
use crate::{
    app::App,
    clock,
    ids::SystemIds,
    stages::door::{self, Happened, Visitor},
};

/// What somebody comes for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// To publish.
    Publish,
    /// To watch that participant.
    Watch(ParticipantId),
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// The stage does not let them in.
    #[error(transparent)]
    Door(#[from] door::Refused),
    /// Their offer cannot be served.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// Media is not served now.
    #[error("the server is starting or stopping")]
    Unavailable,
    /// The forwarding unit did not take them in.
    #[error(transparent)]
    Join(#[from] JoinError),
}

/// A session that goes on.
pub(super) struct Session {
    pub(super) leg: LegId,
    pub(super) kind: LegKind,
    pub(super) stage: StageId,
    pub(super) participant: ParticipantId,
    pub(super) peer: PeerId,
    /// The token that opened it: it may end the session even after it has expired.
    pub(super) token: String,
    /// The present ICE session, as HTTP names it.
    etag: Mutex<String>,
    stop: CancellationToken,
    gone: CancellationToken,
}

/// What an offer led to.
pub(super) struct Opened {
    pub(super) session: Arc<Session>,
    pub(super) answer: String,
}

impl Session {
    /// Answers an offer and lets its sender in. Not to be dropped half-way: run it in a task.
    pub(super) async fn open(
        app: Arc<App>,
        visitor: Visitor,
        token: String,
        wanted: Wanted,
        client: Client,
        offer: String,
    ) -> Result<Opened, Refused> {
        if app.shutdown.draining().is_cancelled() {
            return Err(Refused::Unavailable);
        }
        let plane = app.media.plane.get().ok_or(Refused::Unavailable)?;
        let (stage, participant) = (visitor.stage, visitor.grant.participant.clone());
        let at = match &wanted {
            Wanted::Publish => ErrorAt::Publish,
            Wanted::Watch(publisher) => ErrorAt::Subscribe(publisher.clone()),
        };
        let accepted = plane.acceptor.accept(clock::instant().into_std(), wanted.role(), &offer);
        let (connection, answer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => return Err(refuse_offer(&app, (stage, participant), at, error).await),
        };
        let (kind, watched) = wanted.leg(&app, stage)?;
        let entered = door::enter(&app, visitor, kind.clone(), client).await?;
        let peer = app.media.fresh_peer();
        let (told, events) = mpsc::unbounded_channel();
        let (reply, joined) = oneshot::channel();
        let room = Room(number(stage));
        let connection = Box::new(connection);
        let command = Command::Join { peer, stage: room, connection, publisher: watched, told, reply };
        if let Err(refused) = plane.ask(command, joined).await {
            tell(&app, stage, &participant, Happened::Leaves(entered.leg)).await;
            return Err(refused);
        }
        let session = Arc::new(Self {
            leg: entered.leg,
            kind,
            stage,
            participant,
            peer,
            token,
            etag: Mutex::new(fresh_etag()),
            stop: CancellationToken::new(),
            gone: CancellationToken::new(),
        });
        app.media.remember(&session);
        app.media.keepers.spawn(session.clone().keep(app.clone(), events));
        Ok(Opened { session, answer: answer.sdp })
    }

    /// The present ICE session, as HTTP names it.
    pub(super) fn etag(&self) -> String {
        self.etag.lock().clone()
    }

    /// Whether that is who opened it.
    pub(super) fn is_of(&self, stage: StageId, grant: &Grant) -> bool {
        self.stage == stage && self.participant == grant.participant
    }

    /// Takes in more of the client's addresses, or restarts ICE: then there is a new answer.
    pub(super) async fn patch(&self, app: &App, fragment: Fragment) -> Result<Option<String>, FragmentError> {
        let plane = app.media.plane.get().ok_or(FragmentError::Gone)?;
        let (reply, patched) = oneshot::channel();
        let command = Command::Patch { peer: self.peer, fragment, reply };
        plane.commands.send(command).await.map_err(|_| FragmentError::Gone)?;
        match patched.await.map_err(|_| FragmentError::Gone)?? {
            Patched::Trickled => Ok(None),
            Patched::Restarted { sdp, .. } => {
                *self.etag.lock() = fresh_etag();
                Ok(Some(sdp))
            }
        }
    }

    /// Ends it. When this returns the history says so.
    pub(super) async fn end(&self) {
        self.stop.cancel();
        self.gone.cancelled().await;
    }

    async fn keep(self: Arc<Self>, app: Arc<App>, mut events: mpsc::UnboundedReceiver<Event>) {
        // First the subscription, then the look: whatever happens in between is seen.
        let mut news = app.state.bus().subscribe(Topic::Stage(self.stage));
        let draining = app.shutdown.draining();
        while self.may_stay(&app) {
            tokio::select! {
                event = events.recv() => {
                    let Some(event) = event else { break };
                    if !self.hear(&app, event).await {
                        break;
                    }
                }
                () = news.changed() => {}
                () = self.stop.cancelled() => break,
                () = draining.cancelled() => break,
            }
        }
        if let Some(plane) = app.media.plane.get() {
            // If the driver has stopped, so has the connection.
            let _ = plane.commands.send(Command::Close(self.peer)).await;
        }
        app.media.forget(&self);
        tell(&app, self.stage, &self.participant, Happened::Leaves(self.leg)).await;
        self.gone.cancel();
    }

    /// Whether the stage still wants the connection.
    fn may_stay(&self, app: &App) -> bool {
        match door::standing(app, self.stage, &self.participant, (self.leg, &self.kind)) {
            Ok(Ok(())) => {}
            Ok(Err(removal)) => {
                tracing::debug!(stage = %self.stage, participant = %self.participant, reason = removal.as_str(), "cut");
                return false;
            }
            Err(error) => tracing::error!(%error, "whether a connection may stay could not be read"),
        }
        let LegKind::Subscribe { publisher, .. } = &self.kind else { return true };
        match door::watched(app, self.stage, publisher) {
            Ok(watched) => watched.is_some(),
            Err(error) => {
                tracing::error!(%error, "whether a participant publishes could not be read");
                true
            }
        }
    }

    /// Tells the history what an event means. Whether the session goes on.
    async fn hear(&self, app: &Arc<App>, event: Event) -> bool {
        let watches = self.kind.subscribes();
        let happened = match event {
            Event::Connected if watches => Happened::Flows(self.leg),
            Event::MediaStarted(_) => Happened::Flows(self.leg),
            Event::LimitExceeded(limit) => Happened::Error(self.at(), code_of_limit(limit)),
            Event::CannotTake(codec) => Happened::Error(self.at(), code_of_codec(codec)),
            // AWS does not say: whether a publisher who sends nothing for a while still publishes. They do, as one who is
            // muted does; only the end of the connection ends it.
            Event::Connected | Event::MediaStopped(_) | Event::LayerSelected(_) => return true,
            // AWS does not say: what becomes of a subscription whose publisher is gone. It ends too, and says so on the
            // connection: a player that is told nothing shows a frozen picture.
            Event::SourceGone | Event::Left(_) => return false,
        };
        tell(app, self.stage, &self.participant, happened).await;
        true
    }

    fn at(&self) -> ErrorAt {
        match &self.kind {
            LegKind::Subscribe { publisher, .. } => ErrorAt::Subscribe(publisher.clone()),
            LegKind::Events | LegKind::Publish { .. } | LegKind::Replica { .. } => ErrorAt::Publish,
        }
    }
}

impl Wanted {
    const fn role(&self) -> Role {
        match self {
            Self::Publish => Role::Publisher,
            Self::Watch(_) => Role::Viewer { adaptive: true },
        }
    }

    /// The leg it makes, and the connection that it watches. Whether somebody is there to be watched is the door's to
    /// say, for it tells the history when not.
    fn leg(self, app: &App, stage: StageId) -> Result<(LegKind, Option<PeerId>), Refused> {
        let Self::Watch(publisher) = self else {
            return Ok((LegKind::Publish { protocol: Protocol::Whip }, None));
        };
        let source = door::watched(app, stage, &publisher).map_err(door::Refused::Store)?;
        let watched = source.and_then(|source| app.media.publisher(source, &publisher));
        let replica = source.is_some_and(|source| source != stage);
        Ok((LegKind::Subscribe { publisher, replica }, Some(watched.unwrap_or(NOBODY))))
    }
}

/// A name that no connection has: the forwarding unit answers that the publisher is not there.
const NOBODY: PeerId = PeerId(u64::MAX);

impl Plane {
    async fn ask(&self, command: Command, joined: oneshot::Receiver<Result<(), JoinError>>) -> Result<(), Refused> {
        self.commands.send(command).await.map_err(|_| Refused::Unavailable)?;
        Ok(joined.await.map_err(|_| Refused::Unavailable)??)
    }
}

pub(super) async fn tell(app: &Arc<App>, stage: StageId, participant: &ParticipantId, what: Happened) {
    if let Err(error) = door::tell(app, stage, participant.clone(), what).await {
        tracing::error!(%stage, %participant, %error, "what happened on a stage could not be kept");
    }
}

async fn refuse_offer(
    app: &Arc<App>,
    (stage, participant): (StageId, ParticipantId),
    at: ErrorAt,
    error: OfferError,
) -> Refused {
    if matches!(error, OfferError::NoCodec | OfferError::H264Required) {
        tell(app, stage, &participant, Happened::Error(at, ErrorCode::InvalidVideoCodec)).await;
    }
    Refused::Offer(error)
}

const fn code_of_limit(limit: Limit) -> ErrorCode {
    match limit {
        Limit::Bitrate { .. } => ErrorCode::BitrateExceeded,
        Limit::Resolution(_) => ErrorCode::ResolutionExceeded,
        Limit::Codec(codec) => code_of_codec(codec),
    }
}

const fn code_of_codec(codec: Codec) -> ErrorCode {
    match codec {
        Codec::Opus => ErrorCode::InvalidAudioCodec,
        _ => ErrorCode::InvalidVideoCodec,
    }
}

/// A stage's number in the forwarding unit, which only its own log lines use.
fn number(stage: StageId) -> u64 {
    std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default().hash_one(stage)
}

fn fresh_etag() -> String {
    format!("\"{}\"", LegId::fresh(&mut SystemIds))
}
