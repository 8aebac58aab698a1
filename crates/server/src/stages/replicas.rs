//! Replicas: what becomes of them as their source comes and goes.
//!
//! The one rule: a replica is a presence on its destination with one leg, whose id is nobody's connection. It flows and
//! stops there as its source does here.
//!
//! Rows: a stage holds the replications of its participants, each under the participant and the destination.

use switchboard_domain::{
    Time,
    stage::{
        Attendance, Client, LegId, LegKind, Limits, Muted, ParticipantId, Presence, Replication, ReplicationState,
        StageId,
        token::{Attributes, Grant},
    },
};
use switchboard_state::{StoreError, Tx};

use super::{StageAlarm, rows};
use crate::ids::SystemIds;

/// The most replications of one participant that are looked at: many more than anybody has stages.
const MOST: usize = 10_000;

/// What the ids of a participant's replications in their stage's scope begin with.
pub(crate) fn prefix(participant: &ParticipantId) -> String {
    format!("{participant}/")
}

fn id(participant: &ParticipantId, destination: StageId) -> String {
    format!("{}{destination}", prefix(participant))
}

/// A participant's replication to that stage, also one that is over.
pub(crate) fn find(
    tx: &mut Tx,
    source: StageId,
    participant: &ParticipantId,
    destination: StageId,
) -> Result<Option<Replication>, StoreError> {
    tx.get(source.as_str(), &id(participant, destination))
}

/// A participant's replications that go on.
pub(crate) fn going_on(
    tx: &mut Tx,
    source: StageId,
    participant: &ParticipantId,
) -> Result<Vec<Replication>, StoreError> {
    let prefix = prefix(participant);
    let found = tx.list::<Replication>(source.as_str(), Some(&prefix), MOST)?;
    let theirs = found.into_iter().take_while(|(id, _)| id.starts_with(&prefix)).map(|(_, replication)| replication);
    Ok(theirs.filter(Replication::goes_on).collect())
}

/// What a replication that was admitted is to be.
pub(crate) struct Wanted {
    /// Whose, and from where.
    pub(crate) source: StageId,
    /// Where to.
    pub(crate) destination: StageId,
    /// For how long the replica outlives its source.
    pub(crate) reconnect_window_seconds: i32,
    /// What its attributes are besides the token's.
    pub(crate) attributes: Attributes,
}

/// Starts a replication that was admitted. `at_source` is who is replicated.
pub(crate) fn start(
    limits: &Limits,
    tx: &mut Tx,
    wanted: &Wanted,
    at_source: &Presence,
    now: Time,
) -> Result<(), StoreError> {
    let participant = &at_source.grant.participant;
    let mut grant = at_source.grant.clone();
    grant.attributes.extend(wanted.attributes.clone());
    let there = rows::change(limits, tx, wanted.destination, participant, now, |attendance| {
        appear(attendance, &grant, wanted.source, at_source, limits, now);
        attendance.live.as_ref().map(|session| session.id)
    })?;
    let Some(Some(destination_session)) = there else { return Ok(()) };
    let replication = Replication {
        participant: participant.clone(),
        source: wanted.source,
        source_session: at_source.session,
        destination: wanted.destination,
        destination_session,
        reconnect_window_seconds: wanted.reconnect_window_seconds,
        attributes: wanted.attributes.clone(),
        state: ReplicationState::Active,
        waits_until: None,
    };
    put(tx, &replication)?;
    tell_source(limits, tx, &replication, ReplicationState::Active, now)
}

fn appear(
    attendance: &mut Attendance,
    grant: &Grant,
    source: StageId,
    at_source: &Presence,
    limits: &Limits,
    now: Time,
) {
    let mut ids = SystemIds;
    let leg = LegId::fresh(&mut ids);
    let kind = LegKind::Replica { source };
    // A replica needs no right on the stage it is shown on: whoever may start the replication gave it.
    if attendance.enter(grant, (leg, kind), Client::default(), limits, now, &mut ids).is_ok() {
        attendance.shown_from(source, at_source.session);
        attendance.flows(leg, now, &mut ids);
        attendance.mute(at_source.muted);
    }
}

/// A participant began to publish, or stopped: their replicas do too.
pub(super) fn source_changed(
    limits: &Limits,
    tx: &mut Tx,
    source: StageId,
    participant: &ParticipantId,
    publishes: bool,
    now: Time,
) -> Result<(), StoreError> {
    for mut replication in going_on(tx, source, participant)? {
        if publishes {
            resume(limits, tx, &mut replication, now)?;
            continue;
        }
        match replication.wait(now) {
            Some(until) => wait(limits, tx, &replication, until, now)?,
            None => end(limits, tx, replication, now)?,
        }
    }
    Ok(())
}

/// A participant switched something off or on: it is off or on where they are shown.
pub(super) fn source_muted(
    limits: &Limits,
    tx: &mut Tx,
    source: StageId,
    participant: &ParticipantId,
    muted: Muted,
    now: Time,
) -> Result<(), StoreError> {
    for replication in going_on(tx, source, participant)? {
        at_destination(limits, tx, &replication, now, |attendance, _| {
            attendance.mute(muted);
        })?;
    }
    Ok(())
}

fn wait(limits: &Limits, tx: &mut Tx, replication: &Replication, until: Time, now: Time) -> Result<(), StoreError> {
    put(tx, replication)?;
    alarm(replication).set_or_cancel(tx, Some(until))?;
    at_destination(limits, tx, replication, now, |attendance, leg| attendance.stops(leg, now))
}

fn resume(limits: &Limits, tx: &mut Tx, replication: &mut Replication, now: Time) -> Result<(), StoreError> {
    replication.resume();
    alarm(replication).set_or_cancel(tx, None)?;
    let mut session = None;
    at_destination(limits, tx, replication, now, |attendance, leg| {
        attendance.flows(leg, now, &mut SystemIds);
        session = attendance.live.as_ref().map(|session| session.id);
    })?;
    replication.destination_session = session.unwrap_or(replication.destination_session);
    put(tx, replication)
}

/// Ends a replication: the replica goes, and its source knows.
pub(crate) fn end(limits: &Limits, tx: &mut Tx, mut replication: Replication, now: Time) -> Result<(), StoreError> {
    replication.stop();
    put(tx, &replication)?;
    alarm(&replication).set_or_cancel(tx, None)?;
    at_destination(limits, tx, &replication, now, |attendance, _| {
        attendance.put_out(now);
    })?;
    tell_source(limits, tx, &replication, ReplicationState::Stopped, now)
}

/// Ends a replication whose source has been away too long.
pub(super) fn end_if_over(
    limits: &Limits,
    tx: &mut Tx,
    (source, participant, destination): (StageId, &ParticipantId, StageId),
    now: Time,
) -> Result<(), StoreError> {
    match find(tx, source, participant, destination)? {
        Some(replication) if replication.is_over(now) => end(limits, tx, replication, now),
        _ => Ok(()),
    }
}

/// Changes the replica, if it is there.
fn at_destination(
    limits: &Limits,
    tx: &mut Tx,
    replication: &Replication,
    now: Time,
    decide: impl FnOnce(&mut Attendance, LegId),
) -> Result<(), StoreError> {
    rows::change(limits, tx, replication.destination, &replication.participant, now, |attendance| {
        let presence = attendance.presence.as_ref();
        let replica = presence.filter(|presence| presence.replica_of() == Some(replication.source));
        let leg = replica.and_then(|presence| presence.legs.first()).map(|leg| leg.id);
        if let Some(leg) = leg {
            decide(attendance, leg);
        }
    })
    .map(drop)
}

/// Tells the source's history, of the session it happened in.
fn tell_source(
    limits: &Limits,
    tx: &mut Tx,
    replication: &Replication,
    state: ReplicationState,
    now: Time,
) -> Result<(), StoreError> {
    let Some(mut stage) = rows::stage(tx, replication.source)? else { return Ok(()) };
    let mut attendance = rows::load(limits, tx, &mut stage, &replication.participant, now)?;
    if attendance.presence.is_none() {
        rows::load_row(tx, stage.id, replication.source_session, &mut attendance)?;
    }
    attendance.replicated(replication.destination, replication.destination_session, state, now);
    rows::save(limits, tx, &mut stage, &attendance)
}

fn put(tx: &mut Tx, replication: &Replication) -> Result<(), StoreError> {
    tx.put(replication.source.as_str(), &id(&replication.participant, replication.destination), replication)
}

fn alarm(replication: &Replication) -> StageAlarm {
    StageAlarm::Replica {
        stage: replication.source,
        participant: replication.participant.clone(),
        destination: replication.destination,
    }
}
