//! Where stages and their history are kept, and the one way a participant changes: load, decide, save.
//!
//! The one rule: an [`Attendance`] is saved in the transaction that loaded it, with the events of its decision, whether
//! the decision was a yes or a no.
//!
//! Scopes: a stage holds its sessions, presences, bans and tokens; a session of it holds participants and events.

use switchboard_domain::{
    Time,
    stage::{
        Attendance, Event, Limits, Muted, Participant, ParticipantId, Presence, Session, SessionId, Stage, StageId,
    },
};
use switchboard_state::{StoreError, Topic, Tx};

use super::{StageAlarm, replicas};

/// The stage of that id.
pub(crate) fn stage(tx: &mut Tx, id: StageId) -> Result<Option<Stage>, StoreError> {
    tx.get("", id.as_str())
}

/// The scope of a session's participants and events.
pub(crate) fn session_scope(stage: StageId, session: SessionId) -> String {
    format!("{stage}/{session}")
}

/// What the ids of a participant's events in their session's scope begin with.
pub(crate) fn event_prefix(participant: &ParticipantId) -> String {
    format!("{participant}/")
}

/// The id of an event: the newest sorts first.
fn event_id(participant: &ParticipantId, number: u64) -> String {
    format!("{}{:020}", event_prefix(participant), u64::MAX - number)
}

/// Loads a participant of a stage, decides, saves. `None`: there is no such stage.
pub(crate) fn change<T>(
    limits: &Limits,
    tx: &mut Tx,
    id: StageId,
    participant: &ParticipantId,
    now: Time,
    decide: impl FnOnce(&mut Attendance) -> T,
) -> Result<Option<T>, StoreError> {
    let Some(mut stage) = stage(tx, id)? else { return Ok(None) };
    let mut attendance = load(limits, tx, &mut stage, participant, now)?;
    let (was_publishing, was_muted) = (is_publishing(&attendance), muted(&attendance));
    let decided = decide(&mut attendance);
    let (is_publishing, is_muted) = (is_publishing(&attendance), muted(&attendance));
    save(limits, tx, &mut stage, &attendance)?;
    if was_publishing != is_publishing {
        replicas::source_changed(limits, tx, id, participant, is_publishing, now)?;
    }
    if let Some(is_muted) = is_muted
        && was_muted.is_some_and(|was| was != is_muted)
    {
        replicas::source_muted(limits, tx, id, participant, is_muted, now)?;
    }
    Ok(Some(decided))
}

fn muted(attendance: &Attendance) -> Option<Muted> {
    attendance.presence.as_ref().map(|presence| presence.muted)
}

fn is_publishing(attendance: &Attendance) -> bool {
    attendance.presence.as_ref().is_some_and(Presence::is_publishing)
}

/// A participant with the sessions that matter to them.
pub(crate) fn load(
    limits: &Limits,
    tx: &mut Tx,
    stage: &mut Stage,
    participant: &ParticipantId,
    now: Time,
) -> Result<Attendance, StoreError> {
    let live = live_session(limits, tx, stage, now)?;
    let mut attendance = Attendance::unknown(participant.clone(), live);
    attendance.presence = tx.get(stage.id.as_str(), participant.as_str())?;
    let live = attendance.live.as_ref().map(|session| session.id);
    let known_in = attendance.presence.as_ref().map(|presence| presence.session).or(live);
    if let Some(session) = known_in {
        load_row(tx, stage.id, session, &mut attendance)?;
    }
    Ok(attendance)
}

/// The participant's row of that session, which may be over.
pub(crate) fn load_row(
    tx: &mut Tx,
    stage: StageId,
    session: SessionId,
    attendance: &mut Attendance,
) -> Result<(), StoreError> {
    if attendance.live.as_ref().is_none_or(|live| live.id != session) {
        attendance.past = tx.get(stage.as_str(), session.as_str())?;
    }
    attendance.row = tx.get(&session_scope(stage, session), attendance.participant.as_str())?;
    Ok(())
}

/// The session that is going on. One whose time has come ends here, if its alarm has not rung yet.
fn live_session(limits: &Limits, tx: &mut Tx, stage: &mut Stage, now: Time) -> Result<Option<Session>, StoreError> {
    let Some(id) = stage.active_session else { return Ok(None) };
    let Some(mut session) = tx.get::<Session>(stage.id.as_str(), id.as_str())? else { return Ok(None) };
    if !session.end_if_due(now, limits) {
        return Ok(Some(session));
    }
    end_session(tx, stage, &session)?;
    Ok(None)
}

/// Keeps a session that is over.
pub(crate) fn end_session(tx: &mut Tx, stage: &mut Stage, session: &Session) -> Result<(), StoreError> {
    stage.active_session = None;
    tx.put("", stage.id.as_str(), stage)?;
    tx.put(stage.id.as_str(), session.id.as_str(), session)?;
    StageAlarm::Session { stage: stage.id }.set_or_cancel(tx, None)?;
    tx.notify(Topic::Stage(stage.id));
    Ok(())
}

/// Ends the stage's session if its time has come.
pub(super) fn end_due_session(tx: &mut Tx, id: StageId, limits: &Limits, now: Time) -> Result<(), StoreError> {
    let Some(mut stage) = stage(tx, id)? else { return Ok(()) };
    live_session(limits, tx, &mut stage, now).map(drop)
}

/// Saves a participant and everything that their decision changed.
pub(crate) fn save(limits: &Limits, tx: &mut Tx, stage: &mut Stage, attendance: &Attendance) -> Result<(), StoreError> {
    let participant = &attendance.participant;
    for (session, number, event) in &attendance.events {
        tx.put::<Event>(&session_scope(stage.id, *session), &event_id(participant, *number), event)?;
    }
    if let Some(carried) = &attendance.carried {
        save_row(tx, stage.id, Some(&carried.session), Some(&carried.row))?;
    }
    if let Some(live) = &attendance.live {
        save_row(tx, stage.id, Some(live), None)?;
        if stage.active_session != Some(live.id) {
            stage.active_session = Some(live.id);
            tx.put("", stage.id.as_str(), stage)?;
        }
        StageAlarm::Session { stage: stage.id }.set_or_cancel(tx, live.ends_at(limits))?;
    }
    save_row(tx, stage.id, attendance.past.as_ref().or(attendance.live.as_ref()), attendance.row.as_ref())?;
    match &attendance.presence {
        Some(presence) => tx.put(stage.id.as_str(), participant.as_str(), presence)?,
        None => tx.delete::<Presence>(stage.id.as_str(), participant.as_str()).map(drop)?,
    }
    if limits.stream_seconds.is_some() {
        let alarm = StageAlarm::Streams { stage: stage.id, participant: participant.clone() };
        alarm.set_or_cancel(tx, attendance.streams_due(limits))?;
    }
    tx.notify(Topic::Stage(stage.id));
    Ok(())
}

fn save_row(
    tx: &mut Tx,
    stage: StageId,
    session: Option<&Session>,
    row: Option<&Participant>,
) -> Result<(), StoreError> {
    let Some(session) = session else { return Ok(()) };
    tx.put(stage.as_str(), session.id.as_str(), session)?;
    match row {
        Some(row) => tx.put(&session_scope(stage, session.id), row.id.as_str(), row),
        None => Ok(()),
    }
}
