//! Ends: of one participant's stay, of a stage, and of whatever a server left open when it stopped.
//!
//! The one rule: nobody stays in the history as connected who is not. A connection does not outlive the process that
//! held it.

use switchboard_domain::{
    Time,
    stage::{
        Event, Limits, Participant, ParticipantId, Presence, Replication, Session, Stage, StageId,
        token::{Ban, IssuedToken},
    },
};
use switchboard_state::{StoreError, Topic, Tx};

use super::{replicas, rows};

/// Rows that are read at once.
const CHUNK: usize = 500;

/// Puts a participant out, by whatever they are there: connections of their own, or as a replica.
pub(crate) fn put_out(
    limits: &Limits,
    tx: &mut Tx,
    stage: StageId,
    participant: &ParticipantId,
    now: Time,
) -> Result<(), StoreError> {
    let presence = tx.get::<Presence>(stage.as_str(), participant.as_str())?;
    if let Some(source) = presence.and_then(|presence| presence.replica_of())
        && let Some(replication) = replicas::find(tx, source, participant, stage)?
    {
        return replicas::end(limits, tx, replication, now);
    }
    rows::change(limits, tx, stage, participant, now, |attendance| {
        attendance.put_out(now);
    })
    .map(drop)
}

/// Disconnects a participant for good: no token lets them in again, and their replicas go too.
pub(crate) fn disconnect(
    limits: &Limits,
    tx: &mut Tx,
    stage: StageId,
    participant: &ParticipantId,
    now: Time,
) -> Result<(), StoreError> {
    tx.put(stage.as_str(), participant.as_str(), &Ban { since: now })?;
    for replication in replicas::going_on(tx, stage, participant)? {
        replicas::end(limits, tx, replication, now)?;
    }
    put_out(limits, tx, stage, participant, now)
}

/// Deletes a stage: everybody is put out, and its history goes with it.
pub(crate) fn delete_stage(limits: &Limits, tx: &mut Tx, stage: &Stage, now: Time) -> Result<(), StoreError> {
    let id = stage.id;
    for (_, replication) in tx.list::<Replication>(id.as_str(), None, usize::MAX >> 1)? {
        if replication.goes_on() {
            replicas::end(limits, tx, replication, now)?;
        }
    }
    put_all_out(limits, tx, id, now)?;
    let mut stage = rows::stage(tx, id)?.unwrap_or_else(|| stage.clone());
    if let Some(session) = stage.active_session
        && let Some(mut session) = tx.get::<Session>(id.as_str(), session.as_str())?
    {
        session.end(now);
        rows::end_session(tx, &mut stage, &session)?;
    }
    for (_, session) in tx.list::<Session>(id.as_str(), None, usize::MAX >> 1)? {
        let scope = rows::session_scope(id, session.id);
        tx.delete_all::<Participant>(&scope)?;
        tx.delete_all::<Event>(&scope)?;
    }
    tx.delete_all::<Session>(id.as_str())?;
    tx.delete_all::<Replication>(id.as_str())?;
    tx.delete_all::<Ban>(id.as_str())?;
    tx.delete_all::<IssuedToken>(id.as_str())?;
    tx.delete::<Stage>("", id.as_str())?;
    tx.notify(Topic::Stage(id));
    Ok(())
}

/// Closes what the last run left open: everybody's connections are gone.
pub(super) fn after_restart(tx: &mut Tx, limits: &Limits, now: Time) -> Result<(), StoreError> {
    let mut after: Option<String> = None;
    loop {
        let stages = tx.list::<Stage>("", after.as_deref(), CHUNK)?;
        for (_, stage) in &stages {
            put_all_out(limits, tx, stage.id, now)?;
        }
        match stages.last() {
            Some((last, _)) => after = Some(last.clone()),
            None => return Ok(()),
        }
    }
}

fn put_all_out(limits: &Limits, tx: &mut Tx, stage: StageId, now: Time) -> Result<(), StoreError> {
    loop {
        let present = tx.list::<Presence>(stage.as_str(), None, CHUNK)?;
        if present.is_empty() {
            return Ok(());
        }
        for (_, presence) in present {
            put_out(limits, tx, stage, &presence.grant.participant, now)?;
            // Were it still there, this would never end.
            tx.delete::<Presence>(stage.as_str(), presence.grant.participant.as_str())?;
        }
    }
}
