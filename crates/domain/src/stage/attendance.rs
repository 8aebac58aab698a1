//! One participant of one stage: what their coming, publishing, watching and going changes.
//!
//! The one rule: whoever carries the media says what happened, here is decided what that means. An [`Attendance`] is
//! loaded from its rows, told of one thing, and saved, refused or not: a refusal may have left an event.
//!
//! Facts: *Monitoring Amazon IVS Real-Time Streaming* and *Token exchange* in the Amazon IVS Real-Time User Guide; *Event*
//! in the API Reference.

use super::{
    Client, ErrorAt, ErrorCode, Event, EventKind, Leg, LegId, LegKind, Limits, Muted, Participant, ParticipantId,
    Presence, Replica, Session, SessionId, StageId, State, admit, event::ExchangedToken, replication::ReplicationState,
    token::Grant,
};
use crate::{Ids, Time};

/// A participant's rows, and what is to be added to the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendance {
    /// Who.
    pub participant: ParticipantId,
    /// The session that is going on.
    pub live: Option<Session>,
    /// The session that `row` belongs to, where that is not the live one.
    pub past: Option<Session>,
    /// The participant, where they are on the stage.
    pub presence: Option<Presence>,
    /// The participant in the history.
    pub row: Option<Participant>,
    /// The row they had in a session that ended before them, to be saved too.
    pub carried: Option<Carried>,
    /// What happened, with the session and the number of each.
    pub events: Vec<(SessionId, u64, Event)>,
}

/// A row that its participant left for one in a newer session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The older session.
    pub session: Session,
    /// The row in it.
    pub row: Participant,
}

/// Somebody may not come in so; the error is in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EntryRefused(pub ErrorCode);

/// A token cannot take another's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// They are not on the stage.
    #[error("the participant is not on the stage")]
    NotHere,
    /// Another participant's.
    #[error("the new token is for another participant")]
    OtherParticipant,
}

/// What an exchange took from a participant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchanged {
    /// Connections that they no longer have the right to.
    pub cut: Vec<LegId>,
}

impl Attendance {
    /// Somebody of whom there is nothing yet.
    #[must_use]
    pub const fn unknown(participant: ParticipantId, live: Option<Session>) -> Self {
        Self { participant, live, past: None, presence: None, row: None, carried: None, events: Vec::new() }
    }

    /// They come in by a new leg: the first one joins them to the stage. Which older legs it takes the place of.
    ///
    /// # Errors
    /// [`EntryRefused`] when their token or a quota does not let them.
    pub fn enter(
        &mut self,
        grant: &Grant,
        leg: (LegId, LegKind),
        client: Client,
        limits: &Limits,
        now: Time,
        ids: &mut dyn Ids,
    ) -> Result<Vec<LegId>, EntryRefused> {
        let (id, kind) = leg;
        if let Err((at, code)) = self.may_enter(grant, &kind, limits) {
            self.turn_away(grant, client, at, code, now, ids);
            return Err(EntryRefused(code));
        }
        let displaced = self.displace(&kind, now);
        self.attend(grant, client, now, ids);
        let seated = self.presence.as_ref().is_some_and(Presence::has_publisher_seat);
        if let Some(session) = self.known_in().filter(|_| kind.publishes() && !seated) {
            session.publisher_seats += 1;
        }
        if let (LegKind::Publish { protocol }, Some(row)) = (&kind, &mut self.row) {
            row.protocol = *protocol;
        }
        if let Some(presence) = &mut self.presence {
            presence.grant = grant.clone();
            presence.legs.push(Leg { id, kind, flows_since: None });
        }
        Ok(displaced)
    }

    fn may_enter(&self, grant: &Grant, kind: &LegKind, limits: &Limits) -> Result<(), (ErrorAt, ErrorCode)> {
        let (at, allowed) = match kind {
            LegKind::Events | LegKind::Replica { .. } => return Ok(()),
            LegKind::Publish { .. } => (ErrorAt::Publish, grant.capabilities.publish),
            LegKind::Subscribe { publisher, .. } => {
                (ErrorAt::Subscribe(publisher.clone()), grant.capabilities.subscribe)
            }
        };
        if !allowed {
            return Err((at, ErrorCode::InsufficientCapabilities));
        }
        let (live, presence) = (self.live.as_ref(), self.presence.as_ref());
        let (is_counted, limit, present) = match at {
            ErrorAt::Publish => (
                presence.is_some_and(Presence::has_publisher_seat),
                limits.publishers,
                live.map_or(0, |session| session.publisher_seats),
            ),
            _ => (
                presence.is_some_and(Presence::is_subscribing),
                limits.subscribers,
                live.map_or(0, |session| session.subscribers),
            ),
        };
        if !is_counted && admit("of them", limit, present.into()).is_err() {
            return Err((at, ErrorCode::QuotaExceeded));
        }
        Ok(())
    }

    /// They came, and cannot have what they came for. Their join is in the history with its error, and their leaving too
    /// unless they are here by other legs.
    // AWS does not say: whether somebody whose only request is refused has joined. They have: their token was good, and an
    // error that is in no session could be read by nobody.
    pub fn turn_away(
        &mut self,
        grant: &Grant,
        client: Client,
        at: ErrorAt,
        code: ErrorCode,
        now: Time,
        ids: &mut dyn Ids,
    ) {
        self.attend(grant, client, now, ids);
        self.error(at, code, now);
        self.go_if_unconnected(now);
    }

    /// Makes room for a leg of that kind.
    // AWS does not say: what a second use of a token takes from the first where the two are connections of different kinds.
    // Nothing: media shows its own token, often from another program than the socket's, and a socket that is opened anew
    // after a change of network must not end a broadcast. A client whose socket is closed as `token-reused` leaves itself.
    fn displace(&mut self, kind: &LegKind, now: Time) -> Vec<LegId> {
        let Some(presence) = &self.presence else { return Vec::new() };
        let replaced: Vec<LegId> =
            presence.legs.iter().filter(|leg| kind.replaces(&leg.kind)).map(|leg| leg.id).collect();
        for leg in &replaced {
            self.close(*leg, now);
        }
        replaced
    }

    /// Sees to it that they are on the stage, in the live session.
    fn attend(&mut self, grant: &Grant, client: Client, now: Time, ids: &mut dyn Ids) {
        if self.presence.is_some() {
            self.carry_over(now, ids);
            if let Some(row) = &mut self.row {
                row.wear(grant);
                row.client.learn(client);
            }
            return;
        }
        // A row of an older session, to which nobody belongs who is not here.
        if self.past.take().is_some() {
            self.row = None;
        }
        let session = self.live.get_or_insert_with(|| Session::begin(now, ids)).id;
        match &mut self.row {
            Some(row) => {
                row.state = State::Connected;
                row.wear(grant);
                row.client.learn(client);
            }
            None => self.row = Some(Participant::joining(grant, client, now)),
        }
        self.presence = Some(Presence { grant: grant.clone(), session, legs: Vec::new(), muted: Muted::default() });
        self.note(EventKind::Joined, now);
    }

    /// They stayed while their session ended: they leave it for the live one, which begins with them if there is none.
    fn carry_over(&mut self, now: Time, ids: &mut dyn Ids) {
        let (Some(presence), Some(_)) = (&self.presence, &self.past) else { return };
        let (grant, seated) = (presence.grant.clone(), presence.has_publisher_seat());
        self.note(EventKind::Left, now);
        if let (Some(session), Some(mut row)) = (self.past.take(), self.row.take()) {
            row.state = State::Disconnected;
            self.row =
                Some(Participant { state: State::Connected, first_joined: now, published: false, ..row.clone() });
            self.carried = Some(Carried { session, row });
        } else {
            self.row = Some(Participant::joining(&grant, Client::default(), now));
        }
        let session = self.live.get_or_insert_with(|| Session::begin(now, ids));
        if seated {
            session.publisher_seats += 1;
        }
        if let Some(presence) = &mut self.presence {
            presence.session = session.id;
        }
        self.note(EventKind::Joined, now);
    }

    /// Media flows in or out by this leg.
    pub fn flows(&mut self, leg: LegId, now: Time, ids: &mut dyn Ids) {
        let is_new = self.presence.as_ref().and_then(|presence| presence.leg(leg)?.flows_since.xor(Some(now)));
        if is_new.is_none() {
            return;
        }
        self.carry_over(now, ids);
        let Some(presence) = &mut self.presence else { return };
        let was_subscribing = presence.is_subscribing();
        let Some(leg) = presence.leg_mut(leg) else { return };
        leg.flows_since = Some(now);
        match leg.kind.clone() {
            LegKind::Events => {}
            LegKind::Publish { .. } | LegKind::Replica { .. } => {
                if let Some(row) = &mut self.row {
                    row.published = true;
                }
                if let Some(session) = self.known_in() {
                    session.publish_started();
                }
                self.note(EventKind::PublishStarted, now);
            }
            LegKind::Subscribe { publisher, replica } => {
                if let Some(session) = self.known_in().filter(|_| !was_subscribing) {
                    session.subscribers += 1;
                }
                self.note(EventKind::SubscribeStarted { remote: publisher, replica }, now);
            }
        }
    }

    /// No more media flows by this leg, though the leg may stay.
    pub fn stops(&mut self, leg: LegId, now: Time) {
        let Some(presence) = &mut self.presence else { return };
        let Some(leg) = presence.leg_mut(leg).filter(|leg| leg.flows_since.is_some()) else { return };
        leg.flows_since = None;
        let kind = leg.kind.clone();
        let is_subscribing = presence.is_subscribing();
        match kind {
            LegKind::Events => {}
            LegKind::Publish { .. } | LegKind::Replica { .. } => {
                if let Some(session) = self.known_in() {
                    session.publish_stopped(now);
                }
                self.note(EventKind::PublishStopped, now);
            }
            LegKind::Subscribe { publisher, replica } => {
                if let Some(session) = self.known_in().filter(|_| !is_subscribing) {
                    session.subscribers = session.subscribers.saturating_sub(1);
                }
                self.note(EventKind::SubscribeStopped { remote: publisher, replica }, now);
            }
        }
    }

    /// A leg is gone. With the last one the participant is.
    pub fn leaves(&mut self, leg: LegId, now: Time) {
        self.close(leg, now);
        self.go_if_unconnected(now);
    }

    fn go_if_unconnected(&mut self, now: Time) {
        if self.presence.as_ref().is_some_and(|presence| presence.legs.is_empty()) {
            self.go(now);
        }
    }

    /// They switch their sound or their picture off or on. Whether anything changed.
    pub fn mute(&mut self, muted: Muted) -> bool {
        let Some(presence) = &mut self.presence else { return false };
        std::mem::replace(&mut presence.muted, muted) != muted
    }

    /// All their legs are to go: they are disconnected, or their stage is deleted. Which those were.
    pub fn put_out(&mut self, now: Time) -> Vec<LegId> {
        let Some(presence) = &self.presence else { return Vec::new() };
        let legs: Vec<LegId> = presence.legs.iter().map(|leg| leg.id).collect();
        for leg in &legs {
            self.close(*leg, now);
        }
        self.go(now);
        legs
    }

    fn close(&mut self, leg: LegId, now: Time) {
        self.stops(leg, now);
        let Some(presence) = &mut self.presence else { return };
        let was_seated = presence.has_publisher_seat();
        presence.legs.retain(|other| other.id != leg);
        let is_seated = presence.has_publisher_seat();
        if let Some(session) = self.known_in().filter(|_| was_seated && !is_seated) {
            session.publisher_seats = session.publisher_seats.saturating_sub(1);
        }
    }

    fn go(&mut self, now: Time) {
        self.note(EventKind::Left, now);
        self.presence = None;
        let Some(row) = &mut self.row else { return };
        row.state = State::Disconnected;
        if let Replica::Of { state, .. } = &mut row.replica {
            *state = ReplicationState::Stopped;
        }
    }

    /// Something did not go as they wanted. Without a session there is nothing that could tell of it.
    pub fn error(&mut self, at: ErrorAt, code: ErrorCode, now: Time) {
        self.note(EventKind::error(at, code), now);
    }

    /// They show a newer token. What it no longer allows ends at once.
    ///
    /// # Errors
    /// [`NotAllowed`]: the client is to be put out.
    pub fn exchange(&mut self, new: Grant, now: Time) -> Result<Exchanged, NotAllowed> {
        let presence = self.presence.as_mut().ok_or(NotAllowed::NotHere)?;
        if new.participant != presence.grant.participant {
            return Err(NotAllowed::OtherParticipant);
        }
        let previous = ExchangedToken::from(&presence.grant);
        let lost = |leg: &&Leg| match leg.kind {
            LegKind::Publish { .. } => !new.capabilities.publish,
            LegKind::Subscribe { .. } => !new.capabilities.subscribe,
            LegKind::Events | LegKind::Replica { .. } => false,
        };
        let cut: Vec<LegId> = presence.legs.iter().filter(lost).map(|leg| leg.id).collect();
        presence.grant = new.clone();
        if let Some(row) = &mut self.row {
            row.wear(&new);
        }
        self.note(EventKind::TokenExchanged { previous, new: ExchangedToken::from(&new) }, now);
        for leg in &cut {
            self.leaves(*leg, now);
        }
        Ok(Exchanged { cut })
    }

    /// When the first of their streams has lasted as long as one may.
    #[must_use]
    pub fn streams_due(&self, limits: &Limits) -> Option<Time> {
        let longest = limits.stream_seconds?;
        let legs = self.presence.iter().flat_map(|presence| &presence.legs);
        legs.filter_map(|leg| leg.flows_since).min().map(|since| since.plus_seconds(longest))
    }

    /// Ends the streams that have lasted too long. Which those were.
    pub fn end_long_streams(&mut self, limits: &Limits, now: Time) -> Vec<LegId> {
        let (Some(presence), Some(longest)) = (&self.presence, limits.stream_seconds) else { return Vec::new() };
        let is_over = |leg: &&Leg| leg.flows_since.is_some_and(|since| since.plus_seconds(longest) <= now);
        let over: Vec<Leg> = presence.legs.iter().filter(is_over).cloned().collect();
        for leg in &over {
            let at = match &leg.kind {
                LegKind::Subscribe { publisher, .. } => ErrorAt::Subscribe(publisher.clone()),
                LegKind::Events | LegKind::Publish { .. } | LegKind::Replica { .. } => ErrorAt::Publish,
            };
            self.error(at, ErrorCode::StreamDurationExceeded, now);
            self.leaves(leg.id, now);
        }
        over.into_iter().map(|leg| leg.id).collect()
    }

    /// Marks the row as the picture of somebody on another stage.
    pub fn shown_from(&mut self, stage: StageId, session: SessionId) {
        if let Some(row) = &mut self.row {
            row.replica = Replica::Of { stage, session, state: ReplicationState::Active };
        }
    }

    /// They appear on another stage, or no longer do.
    pub fn replicated(&mut self, stage: StageId, session: SessionId, state: ReplicationState, now: Time) {
        if let Some(row) = &mut self.row {
            let active = if let Replica::Source { active } = row.replica { active } else { 0 };
            let active = match state {
                ReplicationState::Active => active + 1,
                ReplicationState::Stopped => active.saturating_sub(1),
            };
            row.replica = Replica::Source { active };
        }
        let kind = match state {
            ReplicationState::Active => EventKind::ReplicationStarted { stage, session },
            ReplicationState::Stopped => EventKind::ReplicationStopped { stage, session },
        };
        self.note(kind, now);
    }

    /// The session that knows of them.
    fn known_in(&mut self) -> Option<&mut Session> {
        self.past.as_mut().or(self.live.as_mut())
    }

    fn note(&mut self, kind: EventKind, at: Time) {
        let participant = self.participant.clone();
        let Some(session) = self.known_in() else { return };
        let (id, number) = (session.id, session.count_event());
        self.events.push((id, number, Event { participant, at, kind }));
    }
}
