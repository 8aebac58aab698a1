//! Alarms: what is to happen later, as timer rows, and the task that acts on them when their time comes.
//!
//! The one rule: an alarm is acted on in the transaction that takes it, so it is acted on once, by one node, whatever
//! crashes. Work that leaves the server (a delivery) is leased first and done outside (`streams`).

use std::{sync::Arc, time::Duration};

use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};
use switchboard_domain::{
    AttachmentId, ChatId, InstanceId, StreamingId, Time,
    chat::{ChatTimer, Context},
};
use switchboard_state::{DueTimer, StoreError, Topic, Tx};
use tokio::time::sleep;

use crate::{
    app::App,
    chat::{apply::apply, files, lookup, passing},
    ids::SystemIds,
    instances::{self, leftovers},
    stages::StageAlarm,
    streams,
};

/// Alarms acted on before looking again.
const BATCH: usize = 64;
/// Pause after the store failed.
const RETRY: Duration = Duration::from_secs(1);
/// Looked at this often even when no alarm is known to be due: another node may have died holding one.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Something that is to happen at a given time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Alarm {
    /// A timer of a chat.
    Chat {
        /// Which chat.
        chat: ChatId,
        /// Which of its timers.
        timer: ChatTimer,
    },
    /// An instance goes on in its life.
    Instance(InstanceId),
    /// Items of a chat that no transcript keeps are forgotten.
    Passing(ChatId),
    /// Something on a stage has lasted as long as it may.
    Stage(StageAlarm),
    /// Items of a chat wait for an outside endpoint.
    Stream {
        /// Which chat.
        chat: ChatId,
        /// Which of its streams.
        stream: StreamingId,
    },
    /// The chats of an instance that is gone are forgotten.
    Leftovers {
        /// Which instance.
        instance: InstanceId,
        /// Those up to this one are looked through already.
        after: Option<ChatId>,
    },
    /// An attachment that was announced is forgotten unless it is completed by now.
    Upload {
        /// In which chat.
        chat: ChatId,
        /// Which file.
        attachment: AttachmentId,
    },
}

impl Alarm {
    /// The name it is set under: at most one of each.
    fn name(&self) -> String {
        match self {
            Self::Chat { chat, timer } => format!("chat/{chat}/{timer}"),
            Self::Instance(instance) => format!("instance/{instance}"),
            Self::Passing(chat) => format!("passing/{chat}"),
            Self::Leftovers { instance, .. } => format!("leftovers/{instance}"),
            Self::Stage(alarm) => alarm.name(),
            Self::Stream { chat, stream } => format!("stream/{chat}/{stream}"),
            Self::Upload { chat, attachment } => format!("upload/{chat}/{attachment}"),
        }
    }

    /// Sets it, in place of an earlier time.
    pub(crate) fn set(&self, tx: &mut Tx, due: Time) -> Result<(), StoreError> {
        tx.set_timer(&self.name(), due, self)
    }

    /// Sets it, unless it is set for whatever time.
    pub(crate) fn set_if_none(&self, tx: &mut Tx, due: Time) -> Result<(), StoreError> {
        tx.set_timer_if_none(&self.name(), due, self).map(drop)
    }

    /// It is not to happen.
    pub(crate) fn cancel(&self, tx: &mut Tx) -> Result<(), StoreError> {
        tx.cancel_timer(&self.name()).map(drop)
    }
}

/// Acts on alarms as they come due, until the server drains.
pub(crate) async fn watch(app: Arc<App>) {
    let mut changed = app.state.bus().subscribe(Topic::Timers);
    let mut moves = app.clock.moves();
    loop {
        let pause = match ring(&app).await {
            Ok(Some(next)) => Duration::from_millis((next.0 - app.clock.now().0).max(0).cast_unsigned()),
            Ok(None) => LONGEST_SLEEP,
            Err(error) => {
                tracing::error!(%error, "alarms could not be read; trying again");
                RETRY
            }
        };
        tokio::select! {
            () = sleep(pause.min(LONGEST_SLEEP)) => {}
            () = changed.changed() => {}
            () = moves.moved() => {}
            () = app.shutdown.draining().cancelled() => break,
        }
    }
    app.deliveries.finish().await;
}

/// Acts on everything that is due; when the next alarm is.
async fn ring(app: &Arc<App>) -> Result<Option<Time>, StoreError> {
    loop {
        let now = app.clock.now();
        let due = app.state.read(|tx| tx.due_timers(now, BATCH))?;
        if due.is_empty() {
            return app.state.read(Tx::next_due);
        }
        // Side by side, so that their transactions share commits; they begin in the order in which they were due.
        try_join_all(due.into_iter().map(|timer| act(app, timer, now))).await?;
    }
}

async fn act(app: &Arc<App>, timer: DueTimer, now: Time) -> Result<(), StoreError> {
    let alarm = match timer.read::<Alarm>() {
        Ok(alarm) => alarm,
        Err(error) => {
            tracing::error!(timer = timer.id, %error, "an alarm nobody understands is dropped");
            return app.state.write(move |tx| tx.take_timer(&timer.id, timer.due).map(drop)).await;
        }
    };
    match alarm {
        Alarm::Stream { chat, stream } => return streams::lease(app, timer, chat, stream, now).await,
        Alarm::Leftovers { instance, after } => return leftovers::forget(app, timer, instance, after).await,
        Alarm::Upload { chat, attachment } => return files::forget(app, timer, chat, attachment).await,
        Alarm::Chat { .. } | Alarm::Instance(_) | Alarm::Passing(_) | Alarm::Stage(_) => {}
    }
    let world = app.clone();
    app.state
        .write(move |tx| {
            if !tx.take_timer(&timer.id, timer.due)? {
                return Ok(());
            }
            match &alarm {
                Alarm::Chat { chat, timer } => chat_timer(&world, tx, *chat, *timer, now),
                Alarm::Instance(instance) => instances::advance(&world, tx, *instance, now),
                Alarm::Passing(chat) => passing::forget(tx, *chat, now),
                Alarm::Stage(alarm) => alarm.ring(&world, tx, now),
                // Handled above: their work is done outside this transaction.
                Alarm::Leftovers { .. } | Alarm::Stream { .. } | Alarm::Upload { .. } => Ok(()),
            }
        })
        .await
}

fn chat_timer(app: &App, tx: &mut Tx, chat: ChatId, timer: ChatTimer, now: Time) -> Result<(), StoreError> {
    let Some(mut chat) = lookup::chat(tx, chat)? else { return Ok(()) };
    let mut ids = SystemIds;
    let changes = chat.fire(timer, &mut Context::new(now, &app.limits.chat, &mut ids));
    apply(tx, &chat, &changes)
}
