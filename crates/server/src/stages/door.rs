//! The door of a stage: all that the media plane and the socket of room events tell and ask.
//!
//! The one rule: say what happened, when it happened, once. [`admit`] and [`enter`] before anything is set up for a
//! connection; [`flows`] with the first packet and [`stops`] when no more come; [`leaves`] when the connection is gone,
//! whatever ended it. In between, subscribe to [`switchboard_state::Topic::Stage`] and ask [`standing`] after each
//! change: a leg that may no longer be there is to be cut, for the reason it gives.

use std::sync::Arc;

use switchboard_domain::stage::{
    Client, ErrorAt, ErrorCode, LegId, LegKind, Muted, ParticipantId, Presence, Removal, StageId,
    token::{Ban, Grant},
};
use switchboard_state::{StoreError, Tx};

use super::{ending, rows, tokens};
use crate::{app::App, ids::SystemIds};

/// Who showed a token that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Visitor {
    /// Where to.
    pub(crate) stage: StageId,
    /// Who they are and what they may do.
    pub(crate) grant: Grant,
}

/// Somebody who came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entered {
    /// Their new connection.
    pub(crate) leg: LegId,
    /// Connections whose place it takes: to be cut as [`Removal::TokenReused`].
    pub(crate) displaced: Vec<LegId>,
}

/// Why somebody does not come in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// Their token is not good.
    #[error(transparent)]
    Token(#[from] tokens::Refused),
    /// They were disconnected for good.
    #[error("the participant was disconnected")]
    Disconnected,
    /// The stage is gone.
    #[error("the stage was deleted")]
    StageDeleted,
    /// What they want is not theirs to have now; the history tells why.
    #[error("{0}")]
    Entry(ErrorCode),
    /// A fault of ours.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refused {
    /// `StageErrorCode`, as the SDKs number it.
    pub(crate) const fn code(&self) -> u32 {
        match self {
            Self::Token(tokens::Refused::Malformed(_)) => 1,
            Self::Token(tokens::Refused::Expired) => 2,
            Self::Token(tokens::Refused::Store(_)) | Self::Store(_) => 4,
            Self::Entry(ErrorCode::QuotaExceeded) => 6,
            Self::Entry(ErrorCode::InvalidAudioCodec | ErrorCode::InvalidVideoCodec) => 7,
            Self::Entry(_) => 8,
            Self::Token(tokens::Refused::NoStage) | Self::StageDeleted => 9,
            Self::Disconnected => 10,
        }
    }
}

/// Who shows this token. Leaves no trace: a bad token makes no event.
pub(crate) fn admit(app: &App, token: &str) -> Result<Visitor, Refused> {
    let now = app.clock.now();
    app.state.read(|tx| {
        let (stage, grant) = tokens::verify(app, tx, token, now)?;
        if is_banned(tx, stage, &grant.participant)? {
            return Err(Refused::Disconnected);
        }
        Ok(Visitor { stage, grant })
    })
}

fn is_banned(tx: &mut Tx, stage: StageId, participant: &ParticipantId) -> Result<bool, StoreError> {
    Ok(tx.get::<Ban>(stage.as_str(), participant.as_str())?.is_some())
}

/// They come in by a new connection of that kind.
pub(crate) async fn enter(app: &Arc<App>, visitor: Visitor, kind: LegKind, client: Client) -> Result<Entered, Refused> {
    let (world, now) = (app.clone(), app.clock.now());
    app.state
        .write(move |tx| {
            let Visitor { stage, grant } = &visitor;
            if is_banned(tx, *stage, &grant.participant)? {
                return Ok(Err(Refused::Disconnected));
            }
            let (kind, is_watchable) = watchable(tx, *stage, kind.clone())?;
            let (leg, limits) = (LegId::fresh(&mut SystemIds), &world.limits.stage);
            let entered = rows::change(limits, tx, *stage, &grant.participant, now, |attendance| {
                if let (LegKind::Subscribe { publisher, .. }, false) = (&kind, is_watchable) {
                    let code = ErrorCode::PublisherNotFound;
                    attendance.error(ErrorAt::Subscribe(publisher.clone()), code, now);
                    return Err(Refused::Entry(code));
                }
                let entered = attendance.enter(grant, (leg, kind.clone()), client.clone(), limits, now, &mut SystemIds);
                let displaced = entered.map_err(|refused| Refused::Entry(refused.0))?;
                Ok(Entered { leg, displaced })
            })?;
            // A refusal is kept too: it may have left an event.
            Ok::<_, Refused>(entered.unwrap_or(Err(Refused::StageDeleted)))
        })
        .await?
}

/// Whether what a subscription is for is published; and the subscription, which knows whether that is a replica.
fn watchable(tx: &mut Tx, stage: StageId, kind: LegKind) -> Result<(LegKind, bool), StoreError> {
    let LegKind::Subscribe { publisher, .. } = kind else { return Ok((kind, true)) };
    let presence = tx.get::<Presence>(stage.as_str(), publisher.as_str())?;
    let replica = presence.as_ref().is_some_and(|presence| presence.replica_of().is_some());
    let is_published = presence.is_some_and(|presence| presence.is_publishing());
    Ok((LegKind::Subscribe { publisher, replica }, is_published))
}

/// Somebody on a stage, if they are there.
pub(crate) fn presence(app: &App, stage: StageId, participant: &ParticipantId) -> Result<Option<Presence>, StoreError> {
    app.state.read(|tx| tx.get::<Presence>(stage.as_str(), participant.as_str()))
}

/// Whether somebody was disconnected for good.
pub(crate) fn is_disconnected(app: &App, stage: StageId, participant: &ParticipantId) -> Result<bool, StoreError> {
    app.state.read(|tx| is_banned(tx, stage, participant))
}

/// Something that happened to a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Happened {
    /// Media flows by it.
    Flows(LegId),
    /// No more media flows by it.
    Stops(LegId),
    /// It is gone.
    Leaves(LegId),
    /// Something did not go as the participant wanted.
    Error(ErrorAt, ErrorCode),
}

/// Tells the history what happened.
pub(crate) async fn tell(
    app: &Arc<App>,
    stage: StageId,
    participant: ParticipantId,
    what: Happened,
) -> Result<(), StoreError> {
    let (world, now) = (app.clone(), app.clock.now());
    app.state
        .write(move |tx| {
            rows::change(&world.limits.stage, tx, stage, &participant, now, |attendance| match &what {
                Happened::Flows(leg) => attendance.flows(*leg, now, &mut SystemIds),
                Happened::Stops(leg) => attendance.stops(*leg, now),
                Happened::Leaves(leg) => attendance.leaves(*leg, now),
                Happened::Error(at, code) => attendance.error(at.clone(), *code, now),
            })
            .map(drop)
        })
        .await
}

/// Somebody whose token is good is refused before they could come in: the history says why.
pub(crate) async fn turn_away(
    app: &Arc<App>,
    visitor: Visitor,
    client: Client,
    at: ErrorAt,
    code: ErrorCode,
) -> Result<(), StoreError> {
    let (world, now) = (app.clone(), app.clock.now());
    app.state
        .write(move |tx| {
            let Visitor { stage, grant } = &visitor;
            rows::change(&world.limits.stage, tx, *stage, &grant.participant, now, |attendance| {
                attendance.turn_away(grant, client.clone(), at.clone(), code, now, &mut SystemIds);
            })
            .map(drop)
        })
        .await
}

/// Somebody switches their sound or their picture off or on.
pub(crate) async fn mute(app: &Arc<App>, visitor: &Visitor, muted: Muted) -> Result<(), StoreError> {
    let (world, now, visitor) = (app.clone(), app.clock.now(), visitor.clone());
    app.state
        .write(move |tx| {
            let Visitor { stage, grant } = &visitor;
            let limits = &world.limits.stage;
            rows::change(limits, tx, *stage, &grant.participant, now, |attendance| attendance.mute(muted)).map(drop)
        })
        .await
}

/// Somebody goes by all their connections, and may come back.
pub(crate) async fn put_out(app: &Arc<App>, visitor: &Visitor) -> Result<(), StoreError> {
    let (world, now, visitor) = (app.clone(), app.clock.now(), visitor.clone());
    app.state
        .write(move |tx| ending::put_out(&world.limits.stage, tx, visitor.stage, &visitor.grant.participant, now))
        .await
}

/// They show a newer token: who they are from now on. Connections that it no longer allows are gone; an error puts the
/// client out as [`Removal::FailedExchange`].
pub(crate) async fn exchange(app: &Arc<App>, from: &Visitor, token: &str) -> Result<Visitor, Refused> {
    let newer = admit(app, token)?;
    let not_theirs = || tokens::Refused::Malformed("the new token is for somebody else".to_owned());
    if newer.stage != from.stage || newer.grant.participant != from.grant.participant {
        return Err(not_theirs().into());
    }
    let (world, now, visitor) = (app.clone(), app.clock.now(), newer.clone());
    let outcome = app
        .state
        .write(move |tx| {
            let Visitor { stage, grant } = &visitor;
            rows::change(&world.limits.stage, tx, *stage, &grant.participant, now, |attendance| {
                attendance.exchange(grant.clone(), now)
            })
        })
        .await
        .map_err(|error: StoreError| Refused::Store(error))?;
    let exchanged = outcome.ok_or(Refused::StageDeleted)?;
    exchanged.map_err(|error| tokens::Refused::Malformed(error.to_string()))?;
    Ok(newer)
}

/// Whether a leg may still be there; if not, why.
pub(crate) fn standing(
    app: &App,
    stage: StageId,
    participant: &ParticipantId,
    (leg, kind): (LegId, &LegKind),
) -> Result<Result<(), Removal>, StoreError> {
    app.state.read(|tx| {
        if rows::stage(tx, stage)?.is_none() {
            return Ok(Err(Removal::StageDeleted));
        }
        if is_banned(tx, stage, participant)? {
            return Ok(Err(Removal::ParticipantDisconnected));
        }
        let presence = tx.get::<Presence>(stage.as_str(), participant.as_str())?;
        Ok(match presence {
            Some(presence) if presence.leg(leg).is_some() => Ok(()),
            Some(presence) if presence.legs.iter().any(|newer| newer.kind.replaces(kind)) => Err(Removal::TokenReused),
            Some(_) | None => Err(Removal::Unknown),
        })
    })
}

/// Everybody who is on a stage now.
pub(crate) fn present(app: &App, stage: StageId) -> Result<Vec<Presence>, StoreError> {
    app.state.read(|tx| {
        let found = tx.list::<Presence>(stage.as_str(), None, usize::MAX >> 1)?;
        Ok(found.into_iter().map(|(_, presence)| presence).collect())
    })
}
