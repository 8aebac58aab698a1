//! A session: one connection of one participant, from its offer to its end.
//!
//! The one rule: what was entered is left again. From [`Session::open`] on a task of its own sees to that ([`Keeper`]),
//! whoever ends the session: the client, the network, the API, or the server when it stops.

use std::{
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher, Hash},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;
use switchboard_domain::stage::{
    Client, ErrorAt, ErrorCode, LegId, LegKind, ParticipantId, Presence, Protocol, StageId, token::Grant,
};
use switchboard_sfu::{
    Codec, CounterOffer, Fragment, FragmentError, JoinError, Kinds, LayerStats, Limit, OfferError, Patched, Peer,
    PeerId, Role,
};
use switchboard_wire::sigv4::Secret;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{
    answer::whole,
    command::{Command, Told},
    counter::Asked,
    keeper::Keeper,
    placement::Place,
    plane::Plane,
    registry::Publishing,
    sse::Streams,
    wishes::Wishes,
};
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
    /// As many are connected to the stage as may be.
    #[error("the stage has as many connections as this server allows")]
    Full,
    /// The forwarding unit did not take them in.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// The session that they answer for does not wait for an answer any more.
    #[error("the session is over")]
    Over,
}

/// A session that goes on.
pub(super) struct Session {
    pub(super) leg: LegId,
    pub(super) kind: LegKind,
    pub(super) stage: StageId,
    pub(super) participant: ParticipantId,
    pub(super) peer: PeerId,
    /// Where its packets are forwarded.
    _place: Place,
    /// The token that opened it: it may end the session even after it has expired.
    pub(super) token: Secret,
    /// What flows by it, or would once the connection stands.
    pub(super) kinds: Kinds,
    /// What a viewer would get too if it came anew and its publisher sent it.
    pub(super) idle: Kinds,
    /// The connection that a viewer watches; none while its publisher is away.
    pub(super) watched: Mutex<Option<Publishing>>,
    /// What it waits with for its player's answer.
    pub(super) asked: Mutex<Option<Asked>>,
    /// What a viewer wishes to get.
    wishes: Mutex<Wishes>,
    /// The place of the picture among the sections of its session description.
    pub(super) video_line: Option<usize>,
    /// Who is told of what by server-sent events.
    pub(super) streams: Streams,
    /// The present ICE session, as HTTP names it.
    etag: Mutex<String>,
    /// Whether it ends only for its client to come anew.
    pub(super) is_moved: AtomicBool,
    pub(super) stop: CancellationToken,
    pub(super) gone: CancellationToken,
}

/// What an offer led to.
pub(super) struct Opened {
    pub(super) session: Arc<Session>,
    /// The answer; or a counter-offer, which the session waits to be answered.
    pub(super) sdp: String,
    pub(super) is_countered: bool,
}

/// What was agreed on with a client, or is proposed to it.
enum Begun {
    Agreed(Box<Peer>, String),
    Countered(Box<CounterOffer>),
}

impl Begun {
    fn kinds(&self, role: Role) -> (Kinds, Kinds) {
        match self {
            Self::Agreed(peer, _) => (peer.kinds(), peer.idle()),
            Self::Countered(_) => (role.sends(), Kinds::BOTH.without(role.sends())),
        }
    }

    fn sdp(&self) -> &str {
        match self {
            Self::Agreed(_, answer) => answer,
            Self::Countered(offer) => offer.sdp(),
        }
    }
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
        // Where the stage is full, a newer connection still takes the place of its older one.
        let most = app.config.max_stage_connections + usize::from(wanted.replaces_one(&app, stage, &participant));
        let seat = app.media.sessions.take_seat(stage, most).ok_or(Refused::Full)?;
        let window = app.media.lookouts.open(&app, stage).map_err(door::Refused::Store)?;
        let (kind, watched, source) = wanted.leg(&app, stage)?;
        let role = wanted.role(watched);
        let begun = match plane.begin(role, watched, &offer).await {
            Ok(begun) => begun,
            Err(error) => return Err(turn_away(&app, visitor, client, wanted, error).await),
        };
        let entered = door::enter(&app, visitor, kind.clone(), client).await?;
        let place = plane.placement.take(source);
        let peer = plane.fresh_peer(&place);
        let (told, events) = mpsc::unbounded_channel();
        let ((kinds, idle), sdp) = (begun.kinds(role), whole(begun.sdp()));
        let asked = match begun {
            Begun::Countered(offer) => Some(Asked::new(offer, told)),
            Begun::Agreed(connection, _) => {
                let publisher = kind.subscribes().then(|| watched.map_or(NOBODY, |present| present.peer));
                if let Err(refused) = plane.join((peer, stage, &participant), connection, publisher, told).await {
                    tell(&app, stage, &participant, Happened::Leaves(entered.leg)).await;
                    return Err(refused);
                }
                None
            }
        };
        let is_countered = asked.is_some();
        let session = Arc::new(Self {
            leg: entered.leg,
            kind,
            stage,
            participant,
            peer,
            _place: place,
            token: Secret::new(token),
            kinds,
            idle,
            watched: Mutex::new(watched),
            asked: Mutex::new(asked),
            wishes: Mutex::default(),
            video_line: sdp
                .lines()
                .filter(|line| line.starts_with("m="))
                .position(|line| line.starts_with("m=video"))
                .filter(|_| kinds.video),
            streams: Streams::default(),
            etag: Mutex::new(fresh_etag()),
            is_moved: AtomicBool::new(false),
            stop: CancellationToken::new(),
            gone: CancellationToken::new(),
        });
        app.media.sessions.remember(&session);
        let keeper = Keeper::new(app.clone(), session.clone(), events, window);
        app.media.keepers.spawn(keeper.run(seat));
        Ok(Opened { session, sdp, is_countered })
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

    /// What its viewer wishes from now on. False when its publisher has no such layer, and then nothing changes.
    pub(super) async fn wish(&self, app: &App, wishes: Wishes) -> bool {
        let Some(Publishing { peer, .. }) = *self.watched.lock() else { return false };
        let is_there = self.send(app, peer, wishes.clone()).await;
        if is_there {
            *self.wishes.lock() = wishes;
        }
        is_there
    }

    /// Turns a viewer to another connection of its publisher. Whether that is there.
    pub(super) async fn turn(&self, app: &App, present: Publishing) -> bool {
        let Some(plane) = app.media.plane.get() else { return false };
        let publisher = present.peer;
        if plane.commands.shard_of(publisher) != plane.commands.shard_of(self.peer) {
            // AWS does not say: what becomes of who watches a replica when its media come from another stage. That may be
            // forwarded by another thread, and a connection cannot change threads: its keys and numbers are there.
            self.is_moved.store(true, Ordering::Relaxed);
            self.stop.cancel();
            return false;
        }
        let (reply, turned) = oneshot::channel();
        if plane.ask(Command::Watch { viewer: self.peer, publisher, reply }, turned).await.is_err() {
            return false;
        }
        *self.watched.lock() = Some(present);
        self.send_wishes(app, publisher).await;
        true
    }

    /// Tells a connection that was not watched before what its viewer wishes. What that does not have cannot be had; then it
    /// is the best that there is.
    pub(super) async fn send_wishes(&self, app: &App, publisher: PeerId) {
        let wishes = self.wishes.lock().clone();
        self.send(app, publisher, wishes).await;
    }

    async fn send(&self, app: &App, publisher: PeerId, wish: Wishes) -> bool {
        let Some(plane) = app.media.plane.get() else { return false };
        let (reply, has) = oneshot::channel();
        let command = Command::Wish { viewer: self.peer, publisher, wish, reply };
        plane.commands.send(command).await.is_ok() && has.await.unwrap_or(false)
    }

    /// In which layers its publisher sends a picture; `None` while the publisher is away.
    pub(super) async fn layers(&self, app: &App) -> Option<Vec<LayerStats>> {
        let (plane, present) = (app.media.plane.get()?, (*self.watched.lock())?);
        Some(plane.figures(present.peer).await.map(|figures| figures.layers).unwrap_or_default())
    }

    /// Ends it. When this returns the history says so.
    pub(super) async fn end(&self) {
        self.stop.cancel();
        self.gone.cancelled().await;
    }
}

impl Wanted {
    /// Of a publisher of whom nothing is known everything is expected.
    fn role(&self, watched: Option<Publishing>) -> Role {
        match self {
            Self::Publish => Role::Publisher,
            Self::Watch(_) => {
                Role::Viewer { adaptive: true, sends: watched.map_or(Kinds::BOTH, |present| present.kinds) }
            }
        }
    }

    /// Whether that participant has such a connection already, which goes when the new one comes.
    fn replaces_one(&self, app: &App, stage: StageId, participant: &ParticipantId) -> bool {
        match self {
            Self::Publish => app.media.sessions.publisher(stage, participant).is_some(),
            Self::Watch(publisher) => app.media.sessions.viewing((stage, participant.clone()), publisher).is_some(),
        }
    }

    fn error_at(self) -> ErrorAt {
        match self {
            Self::Publish => ErrorAt::Publish,
            Self::Watch(publisher) => ErrorAt::Subscribe(publisher),
        }
    }

    /// The leg it makes, the connection that it watches, and the stage that its media come from. Whether somebody is
    /// there to be watched is the door's to say, for it tells the history when not.
    fn leg(&self, app: &App, stage: StageId) -> Result<(LegKind, Option<Publishing>, StageId), Refused> {
        let Self::Watch(publisher) = self else {
            return Ok((LegKind::Publish { protocol: Protocol::Whip }, None, stage));
        };
        let (watched, source) = present_publisher(app, stage, publisher)?;
        let leg = LegKind::Subscribe { publisher: publisher.clone(), replica: source != stage };
        Ok((leg, watched, source))
    }
}

/// The connection by which somebody publishes whom one sees on that stage, and the stage that it is on itself.
pub(super) fn present_publisher(
    app: &App,
    stage: StageId,
    publisher: &ParticipantId,
) -> Result<(Option<Publishing>, StageId), Refused> {
    let presence = door::presence(app, stage, publisher).map_err(door::Refused::Store)?;
    let source = presence.filter(Presence::is_publishing).map(|presence| presence.source_on(stage));
    let present = source.and_then(|source| app.media.sessions.publisher(source, publisher));
    Ok((present, source.unwrap_or(stage)))
}

/// A name that no connection has: the forwarding unit answers that the publisher is not there.
const NOBODY: PeerId = PeerId(u64::MAX);

impl Plane {
    /// Answers an offer; or, to a viewer whose offer cannot be answered, makes one.
    async fn begin(&self, role: Role, watched: Option<Publishing>, offer: &str) -> Result<Begun, OfferError> {
        match self.acceptor.accept(clock::instant().into_std(), role, offer) {
            Ok((peer, answer)) => Ok(Begun::Agreed(Box::new(peer), answer.sdp)),
            Err(error) => Ok(Begun::Countered(self.counter(role, watched.map(|present| present.peer), error).await?)),
        }
    }

    /// Lets a connection in by that name, to watch that publisher or to publish.
    pub(super) async fn join(
        &self,
        (peer, stage, participant): (PeerId, StageId, &ParticipantId),
        connection: Box<Peer>,
        publisher: Option<PeerId>,
        told: Told,
    ) -> Result<(), Refused> {
        let (reply, joined) = oneshot::channel();
        let connection = Box::new(connection.of(switchboard_sfu::ParticipantId(number((stage, participant)))));
        let stage = switchboard_sfu::StageId(number(stage));
        self.ask(Command::Join { peer, stage, connection, publisher, told, reply }, joined).await
    }

    async fn ask(&self, command: Command, done: oneshot::Receiver<Result<(), JoinError>>) -> Result<(), Refused> {
        self.commands.send(command).await.map_err(|_| Refused::Unavailable)?;
        Ok(done.await.map_err(|_| Refused::Unavailable)??)
    }
}

pub(super) async fn tell(app: &Arc<App>, stage: StageId, participant: &ParticipantId, what: Happened) {
    if let Err(error) = door::tell(app, stage, participant.clone(), what).await {
        tracing::error!(%stage, %participant, %error, "what happened on a stage could not be kept");
    }
}

/// Refuses an offer. The history hears of it where it is the codec's fault: then the error has a name there.
async fn turn_away(app: &Arc<App>, visitor: Visitor, client: Client, wanted: Wanted, error: OfferError) -> Refused {
    if matches!(error, OfferError::NoCodec | OfferError::H264Required) {
        let told = door::turn_away(app, visitor, client, wanted.error_at(), ErrorCode::InvalidVideoCodec).await;
        if let Err(error) = told {
            tracing::error!(%error, "a refused offer could not be kept");
        }
    }
    Refused::Offer(error)
}

/// How the history names a limit that was broken.
pub(super) const fn code_of_limit(limit: Limit) -> ErrorCode {
    match limit {
        Limit::Bitrate { .. } | Limit::AudioBitrate { .. } => ErrorCode::BitrateExceeded,
        // AWS does not say: the error of a viewer who would have to be sent too much. That of a publisher who sends it.
        Limit::Download { .. } => ErrorCode::BitrateExceeded,
        Limit::Resolution(_) => ErrorCode::ResolutionExceeded,
        // AWS does not say: the error of too many frames a second. None is named after them.
        Limit::FrameRate { .. } => ErrorCode::InvalidInput,
        Limit::BFrame => ErrorCode::BFramePresent,
        Limit::Codec(codec) => code_of_codec(codec),
    }
}

/// How the history names a codec that cannot be.
pub(super) const fn code_of_codec(codec: Codec) -> ErrorCode {
    match codec {
        Codec::Opus => ErrorCode::InvalidAudioCodec,
        _ => ErrorCode::InvalidVideoCodec,
    }
}

/// The number of a stage, or of a participant of one, in the forwarding unit.
fn number(named: impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(named)
}

fn fresh_etag() -> String {
    format!("\"{}\"", LegId::fresh(&mut SystemIds))
}
