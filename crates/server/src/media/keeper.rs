//! The task that keeps a session: it hears what the connection does, looks at the stage, and ends what is over.
//!
//! The one rule: a viewer belongs to a participant, not to a connection of theirs. While the publisher reconnects the viewer
//! stays and sees nothing; it is turned to the new connection when that sends, and ends when the publisher is gone for good.

use std::{mem, sync::Arc};

use switchboard_domain::stage::{ErrorAt, LegId, LegKind, Muted, ParticipantId};
use switchboard_sfu::{Event, Kind, LeftReason};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    command::Command,
    frames,
    lookout::{Look, Window},
    registry::Seat,
    session::{Session, code_of_codec, code_of_limit, tell},
};
use crate::{
    app::App,
    clock,
    stages::door::{self, Happened},
};

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client said so.
    Asked,
    /// Its connection broke. A publisher is likely to come back.
    Lost,
    /// The stage or the server does not want it any more.
    PutOut,
}

/// Keeps one session.
pub(super) struct Keeper {
    app: Arc<App>,
    session: Arc<Session>,
    events: mpsc::UnboundedReceiver<Event>,
    window: Window,
    /// Whether the client's connection stands.
    connected: bool,
    /// What of a publisher is switched off at the forwarding unit.
    muted: Muted,
    /// The leg of its publisher that a viewer is at.
    followed: Option<LegId>,
}

impl Keeper {
    pub(super) fn new(
        app: Arc<App>,
        session: Arc<Session>,
        events: mpsc::UnboundedReceiver<Event>,
        window: Window,
    ) -> Self {
        Self { app, session, events, window, connected: false, muted: Muted::default(), followed: None }
    }

    /// From the entrance to the exit.
    pub(super) async fn run(mut self, seat: Seat) {
        let end = self.attend().await;
        let Self { app, session, .. } = self;
        if let Some(plane) = app.media.plane.get() {
            // If the driver has stopped, so has the connection.
            let _ = plane.commands.send(Command::Close(session.peer)).await;
        }
        // Before the history, so that viewers who see there that the publisher left know whether to wait.
        app.media.sessions.forget(&session, end == End::Lost);
        tell(&app, session.stage, &session.participant, Happened::Leaves(session.leg)).await;
        drop(seat);
        session.gone.cancel();
    }

    async fn attend(&mut self) -> End {
        let draining = self.app.shutdown.draining().clone();
        loop {
            let until = match self.look().await {
                Ok(until) => until,
                Err(end) => return end,
            };
            let Self { session, events, window, .. } = &mut *self;
            tokio::select! {
                event = events.recv() => {
                    let Some(event) = event else { return End::Lost };
                    if let Some(end) = self.hear(event).await {
                        return end;
                    }
                }
                changed = window.changed() => if changed.is_err() {
                    return End::PutOut;
                },
                () = reached(until) => {}
                () = session.stop.cancelled() => return End::Asked,
                () = draining.cancelled() => return End::PutOut,
            }
        }
    }

    /// Looks at the stage and does what is to be done. Until when the session may go on so, if not for ever; or its end.
    async fn look(&mut self) -> Result<Option<Instant>, End> {
        let look = self.window.borrow_and_update().clone();
        if !look.has(&self.session.participant, self.session.leg) {
            self.check_standing()?;
        }
        if let LegKind::Subscribe { publisher, .. } = &self.session.kind {
            if self.session.waited_long_enough() {
                return Err(End::PutOut);
            }
            let publisher = publisher.clone();
            let until = self.follow(&look, &publisher).await?;
            return Ok([until, self.session.waits_until()].into_iter().flatten().min());
        }
        self.apply_mute(&look).await;
        Ok(None)
    }

    /// Whether the stage still wants the connection.
    fn check_standing(&self) -> Result<(), End> {
        let Session { stage, participant, leg, kind, .. } = &*self.session;
        match door::standing(&self.app, *stage, participant, (*leg, kind)) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(removal)) => {
                tracing::debug!(%stage, %participant, reason = removal.as_str(), "cut");
                Err(End::PutOut)
            }
            Err(error) => {
                tracing::error!(%error, "whether a connection may stay could not be read");
                Ok(())
            }
        }
    }

    /// Keeps a viewer at its publisher, by whatever connection that publishes.
    async fn follow(&mut self, look: &Look, publisher: &ParticipantId) -> Result<Option<Instant>, End> {
        let stage = self.session.stage;
        let Some(presence) = look.find(publisher).filter(|presence| presence.has_publisher_seat()) else {
            return self.wait_for(publisher);
        };
        let publishes_by = presence.publishes_by();
        let is_there = publishes_by == self.followed && self.session.watched.lock().is_some();
        if publishes_by.is_none() || is_there {
            return Ok(None);
        }
        let source = presence.source_on(stage);
        let Some(present) = self.app.media.sessions.publisher(source, publisher) else { return Ok(None) };
        let watched = *self.session.watched.lock();
        if watched == Some(present) {
            self.followed = publishes_by;
            return Ok(None);
        }
        if self.session.turn(&self.app, present).await {
            self.followed = publishes_by;
            if self.connected {
                self.tell(Happened::Flows(self.session.leg)).await;
            }
        }
        Ok(None)
    }

    /// The publisher is not there: until when to wait for them.
    // AWS does not say: what becomes of a subscription whose publisher is gone. It ends too, and says so on the connection: a
    // player that is told nothing shows a frozen picture.
    fn wait_for(&self, publisher: &ParticipantId) -> Result<Option<Instant>, End> {
        let stage = self.session.stage;
        let presence = door::presence(&self.app, stage, publisher);
        let is_out = door::is_disconnected(&self.app, stage, publisher);
        match (presence, is_out) {
            (Ok(Some(presence)), _) if presence.has_publisher_seat() => return Ok(None),
            (_, Ok(true)) => return Err(End::PutOut),
            (Ok(_), Ok(false)) => {}
            (Err(error), _) | (_, Err(error)) => {
                tracing::error!(%error, "whether a participant publishes could not be read");
            }
        }
        let until = self.app.media.sessions.expected_until(stage, publisher);
        until.filter(|until| *until > clock::instant()).map(Some).ok_or(End::PutOut)
    }

    /// Stops forwarding what the publisher's client says is off.
    async fn apply_mute(&mut self, look: &Look) {
        let Some(presence) = look.find(&self.session.participant) else { return };
        let Some(plane) = self.app.media.plane.get() else { return };
        let before = mem::replace(&mut self.muted, presence.muted);
        let kinds = [(Kind::Audio, before.audio, self.muted.audio), (Kind::Video, before.video, self.muted.video)];
        for (kind, _, muted) in kinds.into_iter().filter(|(_, before, now)| before != now) {
            let command = Command::Mute { publisher: self.session.peer, kind, muted };
            // If the driver has stopped, nothing is forwarded.
            let _ = plane.commands.send(command).await;
        }
    }

    /// Tells the history what an event means. The session's end, if it is that.
    async fn hear(&mut self, event: Event) -> Option<End> {
        let leg = self.session.leg;
        match event {
            Event::Connected => {
                self.connected = true;
                if self.session.watched.lock().is_some() {
                    self.tell(Happened::Flows(leg)).await;
                }
            }
            Event::MediaStarted(_) => self.tell(Happened::Flows(leg)).await,
            Event::LimitExceeded(limit) => self.tell(Happened::Error(self.at(), code_of_limit(limit))).await,
            Event::CannotTake(codec) => self.tell(Happened::Error(self.at(), code_of_codec(codec))).await,
            // AWS does not say: whether a publisher who sends nothing for a while still publishes. They do, as one who is
            // muted does; only the end of the connection ends it.
            Event::MediaStopped(_) => {}
            Event::LayerSelected(layer) => self.tell_layer(layer.as_deref()),
            Event::SourceGone => {
                *self.session.watched.lock() = None;
                self.tell(Happened::Stops(leg)).await;
            }
            Event::Left(LeftReason::LimitExceeded) => return Some(End::PutOut),
            Event::Left(_) => return Some(End::Lost),
        }
        None
    }

    fn tell_layer(&self, layer: Option<&str>) {
        let LegKind::Subscribe { publisher, .. } = &self.session.kind else { return };
        let who = (self.session.stage, self.session.participant.clone());
        self.app.media.sessions.tell(&who, frames::layer_selected(publisher, layer));
    }

    async fn tell(&self, what: Happened) {
        tell(&self.app, self.session.stage, &self.session.participant, what).await;
    }

    fn at(&self) -> ErrorAt {
        match &self.session.kind {
            LegKind::Subscribe { publisher, .. } => ErrorAt::Subscribe(publisher.clone()),
            LegKind::Events | LegKind::Publish { .. } | LegKind::Replica { .. } => ErrorAt::Publish,
        }
    }
}

async fn reached(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}
