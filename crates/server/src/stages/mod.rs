//! Stages as the server keeps them: their rows, their tokens, and what happens on them.
//!
//! The one rule: whoever carries media or room events says what happened through [`door`], and nobody else changes the
//! history. Each thing that happened is one transaction, and whoever may be concerned is told by [`Topic::Stage`].
//!
//! - [`rows`]: where everything is kept, and how a participant is loaded, decided on and saved.
//! - [`tokens`]: participant tokens, made and verified.
//! - [`door`]: for the media plane: who may come in, what flows, who goes.
//! - [`replicas`]: participants who appear on a second stage.
//! - [`ending`]: what goes with a stage, and what did not survive a restart.

pub(crate) mod door;
pub(crate) mod ending;
pub(crate) mod replicas;
pub(crate) mod rows;
pub(crate) mod tokens;

use serde::{Deserialize, Serialize};
use switchboard_domain::{
    Time,
    stage::{Addresses, Limits, ParticipantId, StageId},
};
use switchboard_state::{State, StoreError, Tx};
use switchboard_wire::jwt::SigningKey;

use crate::{
    alarm::Alarm,
    app::{App, StartError},
    ids::system_random,
};

/// What all stages of a server share.
pub(crate) struct StageDesk {
    /// Signs the server's own tokens.
    pub(crate) key: SigningKey,
    /// Where the server is reached, and where it was.
    pub(crate) addresses: Addresses,
}

impl StageDesk {
    /// Reads what is kept, and closes what the last run of the server left open.
    pub(crate) async fn open(state: &State, base: &str, limits: &Limits, now: Time) -> Result<Self, StartError> {
        let fresh = SigningKey::generate(&system_random()).ok_or(StartError::StageKey)?;
        let (base, limits) = (base.to_owned(), limits.clone());
        let (key, addresses) = state
            .write::<_, StoreError, _>(move |tx| {
                let key = tx.secret("stage-tokens", &fresh)?;
                let addresses = tx.get::<Addresses>("", "known")?.unwrap_or_default().started_at(&base, now);
                tx.put("", "known", &addresses)?;
                ending::after_restart(tx, &limits, now)?;
                Ok((key, addresses))
            })
            .await?;
        let key = SigningKey::from_pkcs8(&key).map_err(|_| StartError::StageKey)?;
        Ok(Self { key, addresses })
    }
}

/// Something on a stage that has lasted as long as it may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StageAlarm {
    /// The session, without publishers.
    Session {
        /// Whose.
        stage: StageId,
    },
    /// A participant's streams.
    Streams {
        /// Where.
        stage: StageId,
        /// Whose.
        participant: ParticipantId,
    },
    /// The wait for the source of a replica.
    Replica {
        /// Where the source was.
        stage: StageId,
        /// Who.
        participant: ParticipantId,
        /// Where the replica is.
        destination: StageId,
    },
}

impl StageAlarm {
    /// The name it is set under.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Session { stage } => format!("stage-session/{stage}"),
            Self::Streams { stage, participant } => format!("stage-streams/{stage}/{participant}"),
            Self::Replica { stage, participant, destination } => {
                format!("stage-replica/{stage}/{participant}/{destination}")
            }
        }
    }

    /// Acts on it.
    pub(crate) fn ring(&self, app: &App, tx: &mut Tx, now: Time) -> Result<(), StoreError> {
        let limits = &app.limits.stage;
        match self {
            Self::Session { stage } => rows::end_due_session(tx, *stage, limits, now),
            Self::Streams { stage, participant } => {
                rows::change(limits, tx, *stage, participant, now, |attendance| {
                    attendance.end_long_streams(limits, now);
                })?;
                Ok(())
            }
            Self::Replica { stage, participant, destination } => {
                replicas::end_if_over(limits, tx, (*stage, participant, *destination), now)
            }
        }
    }

    fn set_or_cancel(self, tx: &mut Tx, due: Option<Time>) -> Result<(), StoreError> {
        let alarm = Alarm::Stage(self);
        match due {
            Some(due) => alarm.set(tx, due),
            None => alarm.cancel(tx),
        }
    }
}

#[cfg(test)]
mod tests;
