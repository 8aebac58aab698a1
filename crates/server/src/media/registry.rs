//! Who is connected to this server: its sessions, and by which connection each participant publishes or watches.
//!
//! The one rule: it is about connections that are held here and goes with the process; who is on a stage is the store's to
//! say. What is found here may be over a moment later, so whoever uses it must bear that.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::extract::ws::Utf8Bytes;
use parking_lot::Mutex;
use switchboard_domain::stage::{LegId, LegKind, ParticipantId, StageId};
use switchboard_sfu::{Kinds, PeerId};
use switchboard_wire::sigv4::Secret;
use tokio::{sync::mpsc, time::Instant};

use super::session::Session;
use crate::clock;

/// For how long viewers wait for a publisher who lost their connection.
// AWS does not say: for how long its subscribers keep the stream of somebody who reconnects. Ten seconds: clients notice a
// broken connection after about five, and publish anew at once.
const RETURNS_WITHIN: Duration = Duration::from_secs(10);

/// Somebody on a stage.
type Who = (StageId, ParticipantId);

/// A connection by which somebody publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Publishing {
    /// Its name.
    pub(super) peer: PeerId,
    /// What it sends.
    pub(super) kinds: Kinds,
}

/// All sessions of this server.
#[derive(Default)]
pub(super) struct Registry(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    by_leg: HashMap<LegId, Arc<Session>>,
    /// The connection by which somebody publishes.
    publishers: HashMap<Who, Publishing>,
    /// The session by which somebody watches somebody.
    viewers: HashMap<(Who, ParticipantId), LegId>,
    /// Until when a publisher who lost their connection is expected back.
    lost: HashMap<Who, Instant>,
    /// Sessions that ended with their connection, as long as somebody might wait for them.
    broken: HashMap<LegId, Broken>,
    /// The socket of room events that somebody has open.
    sockets: HashMap<Who, Told>,
    /// Sockets and sessions of each stage.
    seats: HashMap<StageId, usize>,
}

/// A session that ended with its connection.
struct Broken {
    who: Who,
    token: Secret,
    until: Instant,
}

/// Where a socket is told something for its participant alone.
pub(super) type Told = mpsc::Sender<Utf8Bytes>;

/// The place of one socket or session on its stage; free again when dropped.
pub(super) struct Seat {
    known: Arc<Mutex<Known>>,
    stage: StageId,
}

impl Registry {
    /// A place on that stage, unless as many as there may be (`most`) are taken.
    pub(super) fn take_seat(&self, stage: StageId, most: usize) -> Option<Seat> {
        let mut known = self.0.lock();
        let taken = known.seats.entry(stage).or_default();
        if *taken >= most {
            return None;
        }
        *taken += 1;
        Some(Seat { known: self.0.clone(), stage })
    }

    pub(super) fn session(&self, leg: LegId) -> Option<Arc<Session>> {
        self.0.lock().by_leg.get(&leg).cloned()
    }

    /// The session by which `viewer` watches `publisher`.
    pub(super) fn viewing(&self, viewer: Who, publisher: &ParticipantId) -> Option<Arc<Session>> {
        let known = self.0.lock();
        let leg = known.viewers.get(&(viewer, publisher.clone()))?;
        known.by_leg.get(leg).cloned()
    }

    /// The connection by which somebody publishes to that stage.
    pub(super) fn publisher(&self, stage: StageId, participant: &ParticipantId) -> Option<Publishing> {
        self.0.lock().publishers.get(&(stage, participant.clone())).copied()
    }

    pub(super) fn remember(&self, session: &Arc<Session>) {
        let mut known = self.0.lock();
        known.by_leg.insert(session.leg, session.clone());
        let who = (session.stage, session.participant.clone());
        match &session.kind {
            LegKind::Publish { .. } => {
                known.lost.remove(&who);
                known.publishers.insert(who, Publishing { peer: session.peer, kinds: session.kinds });
            }
            LegKind::Subscribe { publisher, .. } => {
                known.viewers.insert((who, publisher.clone()), session.leg);
            }
            LegKind::Events | LegKind::Replica { .. } => {}
        }
    }

    /// The session is over; `lost` when it is likely that a publisher comes back.
    pub(super) fn forget(&self, session: &Session, lost: bool) {
        let mut guard = self.0.lock();
        let known = &mut *guard;
        known.by_leg.remove(&session.leg);
        let who = (session.stage, session.participant.clone());
        let now = clock::instant();
        known.broken.retain(|_, broken| broken.until > now);
        if lost {
            let broken = Broken { who: who.clone(), token: session.token.clone(), until: now + RETURNS_WITHIN };
            known.broken.insert(session.leg, broken);
        }
        // In both cases a newer connection of theirs may have taken its place.
        match &session.kind {
            LegKind::Publish { .. } if known.publishers.get(&who).is_some_and(|newest| newest.peer == session.peer) => {
                known.publishers.remove(&who);
                known.lost.retain(|_, until| *until > now);
                if lost {
                    known.lost.insert(who, now + RETURNS_WITHIN);
                }
            }
            LegKind::Subscribe { publisher, .. } => {
                let key = (who, publisher.clone());
                if known.viewers.get(&key) == Some(&session.leg) {
                    known.viewers.remove(&key);
                }
            }
            _ => {}
        }
    }

    /// A session that ended with its connection is deleted too: nobody waits for its publisher any more, unless that
    /// has come back. Whether there was such a session of that token.
    pub(super) fn give_up(&self, leg: LegId, token: &str) -> bool {
        let mut guard = self.0.lock();
        let known = &mut *guard;
        if known.broken.get(&leg).is_none_or(|broken| !broken.token.is(token)) {
            return false;
        }
        let Some(broken) = known.broken.remove(&leg) else { return false };
        // One that broke later is waited for in its own right.
        if known.lost.get(&broken.who) == Some(&broken.until) {
            known.lost.remove(&broken.who);
        }
        true
    }

    /// Until when somebody who published is expected back.
    pub(super) fn expected_until(&self, stage: StageId, participant: &ParticipantId) -> Option<Instant> {
        self.0.lock().lost.get(&(stage, participant.clone())).copied()
    }

    /// From now on that socket is the one of its participant.
    pub(super) fn listen(&self, who: Who, told: Told) {
        self.0.lock().sockets.insert(who, told);
    }

    /// Whether somebody has a socket open.
    pub(super) fn listens(&self, who: &Who) -> bool {
        self.0.lock().sockets.contains_key(who)
    }

    /// The socket is closed.
    pub(super) fn unlisten(&self, who: &Who, told: &Told) {
        let mut known = self.0.lock();
        if known.sockets.get(who).is_some_and(|present| present.same_channel(told)) {
            known.sockets.remove(who);
        }
    }

    /// Tells somebody's socket something that is for them alone. One that takes nothing misses it.
    pub(super) fn tell(&self, who: &Who, frame: impl Into<Utf8Bytes>) {
        if let Some(told) = self.0.lock().sockets.get(who) {
            let _ = told.try_send(frame.into());
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut known = self.known.lock();
        let Some(taken) = known.seats.get_mut(&self.stage) else { return };
        *taken -= 1;
        if *taken == 0 {
            known.seats.remove(&self.stage);
        }
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::stage::StageId;

    use super::*;

    #[test]
    fn a_stage_has_so_many_seats_and_others_have_their_own() {
        let registry = Registry::default();
        let [one, two]: [StageId; 2] = ["0a1b2c3d4e5f", "0a1b2c3d4e5g"].map(|id| id.parse().expect("an id"));
        let first = registry.take_seat(one, 1).expect("a seat");
        assert!(registry.take_seat(one, 1).is_none());
        assert!(registry.take_seat(two, 1).is_some());
        drop(first);
        assert!(registry.take_seat(one, 1).is_some());
        assert!(registry.0.lock().seats.is_empty());
    }
}
