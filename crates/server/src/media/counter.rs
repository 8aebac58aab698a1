//! Counter-offers: a player whose own offer cannot be answered is made one, and its session waits for the answer.
//!
//! The one rule: a session that waits is a session. It has its seat, its place in the history, and a keeper who ends it
//! when nobody answers, when its publisher goes or when the player deletes it; only nothing flows by it yet. So there are
//! no more of them than of sessions, and one of a participant for one publisher.
//!
//! Source: draft-ietf-wish-whep ("Server Sends Counter-Offer").

use std::{sync::Arc, time::Duration};

use switchboard_domain::stage::{ErrorAt, ErrorCode, LegKind};
use switchboard_sfu::{CounterOffer, JoinError, OfferError, Peer, PeerId, PeerStats, Role};
use tokio::{sync::oneshot, time::Instant};

use super::{
    command::{Command, Told},
    plane::Plane,
    session::{Refused, Session, present_publisher, tell},
};
use crate::{app::App, clock, stages::door::Happened};

/// For how long a counter-offer stands that does not say so itself.
// AWS does not say: whether a bad answer may be followed by a better within that time. It may: a player learns from the
// refusal, and what waits costs a seat whichever way it ends.
const STANDS: Duration = Duration::from_secs(30);

/// What a session waits with.
pub(super) struct Asked {
    offer: Box<CounterOffer>,
    /// Where is told what becomes of the connection.
    told: Told,
    until: Instant,
}

impl Asked {
    pub(super) fn new(offer: Box<CounterOffer>, told: Told) -> Self {
        Self { offer, told, until: clock::instant() + STANDS }
    }
}

impl Plane {
    /// An offer to a viewer of that publisher; `refused` is why its own cannot be answered, where that is the end of it.
    pub(super) async fn counter(
        &self,
        role: Role,
        publisher: Option<PeerId>,
        refused: OfferError,
    ) -> Result<Box<CounterOffer>, OfferError> {
        if role == Role::Publisher || !refused.can_be_countered() {
            return Err(refused);
        }
        let picture = match publisher {
            Some(publisher) => self.figures(publisher).await.and_then(|figures| figures.video_codec),
            None => None,
        };
        self.acceptor.counter(clock::instant().into_std(), role, picture).map(Box::new).map_err(|_| refused)
    }

    /// What a publisher sends, if they are there.
    pub(super) async fn figures(&self, publisher: PeerId) -> Option<PeerStats> {
        let (reply, figures) = oneshot::channel();
        self.commands.send(Command::Figures { publisher, reply }).await.ok()?;
        figures.await.ok()?
    }
}

impl Session {
    /// Until when it waits for the player's answer, if it does.
    pub(super) fn waits_until(&self) -> Option<Instant> {
        self.asked.lock().as_ref().map(|asked| asked.until)
    }

    /// Whether no answer has come in time. Then none is taken any more.
    pub(super) fn waited_long_enough(&self) -> bool {
        self.asked.lock().take_if(|asked| asked.until <= clock::instant()).is_some()
    }

    /// Takes the player's answer. A bad one may be followed by a better. Not to be dropped half-way: run it in a task.
    pub(super) async fn take_answer(self: Arc<Self>, app: Arc<App>, sdp: String) -> Result<(), Refused> {
        let taken = self.read_answer(&sdp);
        if let (Err(Refused::Offer(OfferError::NoCodec)), LegKind::Subscribe { publisher, .. }) = (&taken, &self.kind) {
            let at = ErrorAt::Subscribe(publisher.clone());
            tell(&app, self.stage, &self.participant, Happened::Error(at, ErrorCode::InvalidVideoCodec)).await;
        }
        let (connection, told) = taken?;
        let joined = self.join(&app, connection, told).await;
        if joined.is_err() {
            self.stop.cancel();
        }
        joined
    }

    fn read_answer(&self, sdp: &str) -> Result<(Box<Peer>, Told), Refused> {
        let mut place = self.asked.lock();
        let now = clock::instant();
        let asked = place.as_ref().filter(|asked| asked.until > now).ok_or(Refused::Over)?;
        let answer = asked.offer.read(sdp)?;
        let Asked { offer, told, .. } = place.take().ok_or(Refused::Over)?;
        drop(place);
        // Where this fails the sender is dropped, by which the keeper knows that nothing will come of it.
        Ok((Box::new(offer.complete(now.into_std(), answer)?), told))
    }

    /// Lets the connection in, to its publisher's present one.
    async fn join(&self, app: &Arc<App>, connection: Box<Peer>, told: Told) -> Result<(), Refused> {
        let plane = app.media.plane.get().ok_or(Refused::Unavailable)?;
        let LegKind::Subscribe { publisher, .. } = &self.kind else { return Err(Refused::Over) };
        let (present, _) = present_publisher(app, self.stage, publisher)?;
        let is_near = |peer| plane.commands.shard_of(peer) == plane.commands.shard_of(self.peer);
        let present = present.filter(|present| is_near(present.peer)).ok_or(JoinError::NoSuchPublisher)?;
        plane.join((self.peer, self.stage, &self.participant), connection, Some(present.peer), told).await?;
        *self.watched.lock() = Some(present);
        self.send_wishes(app, present.peer).await;
        Ok(())
    }
}
