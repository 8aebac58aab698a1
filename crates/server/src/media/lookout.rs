//! Lookouts: one reader per stage for all of its sessions and sockets.
//!
//! The one rule: a stage is read once after each change, however many are connected to it, and each of them finds in the
//! same [`Look`] what concerns them. A look may be older than what its reader did last, so whoever misses themselves in
//! it asks the store before they go.

use std::{collections::HashMap, sync::Arc, sync::OnceLock, time::Duration};

use axum::extract::ws::Utf8Bytes;
use parking_lot::Mutex;
use switchboard_domain::stage::{LegId, ParticipantId, Presence, StageId};
use switchboard_state::{StoreError, Subscription, Topic};
use tokio::{sync::watch, time::sleep};

use super::frames;
use crate::{app::App, clock, stages::door};

/// Pause after the store failed.
const RETRY: Duration = Duration::from_secs(1);

/// Where to see a stage from.
pub(super) type Window = watch::Receiver<Arc<Look>>;

/// Who is on a stage.
#[derive(Default)]
pub(super) struct Look {
    present: HashMap<ParticipantId, Presence>,
    /// The frame that tells of them; made when the first socket wants it.
    frame: OnceLock<Utf8Bytes>,
}

impl Look {
    fn read(app: &App, stage: StageId) -> Result<Self, StoreError> {
        let present = door::present(app, stage)?;
        let present = present.into_iter().map(|presence| (presence.grant.participant.clone(), presence)).collect();
        Ok(Self { present, frame: OnceLock::new() })
    }

    /// Somebody who is there.
    pub(super) fn find(&self, participant: &ParticipantId) -> Option<&Presence> {
        self.present.get(participant)
    }

    /// Everybody who is there.
    pub(super) fn everybody(&self) -> impl Iterator<Item = &Presence> {
        self.present.values()
    }

    /// Whether they are there by that connection.
    pub(super) fn has(&self, participant: &ParticipantId, leg: LegId) -> bool {
        self.find(participant).is_some_and(|presence| presence.leg(leg).is_some())
    }

    /// All of them, as sockets are told.
    pub(super) fn frame(&self) -> Utf8Bytes {
        self.frame.get_or_init(|| frames::stage_state(self.present.values()).into()).clone()
    }
}

/// The lookouts of all stages that somebody is connected to.
#[derive(Default)]
pub(super) struct Lookouts(Mutex<HashMap<StageId, watch::Sender<Arc<Look>>>>);

impl Lookouts {
    /// A window on that stage. What changes after this call is seen through it.
    pub(super) fn open(&self, app: &Arc<App>, stage: StageId) -> Result<Window, StoreError> {
        let mut lookouts = self.0.lock();
        if let Some(sender) = lookouts.get(&stage) {
            return Ok(sender.subscribe());
        }
        // First the subscription, then the look: whatever happens in between is seen.
        let news = app.state.bus().subscribe(Topic::Stage(stage));
        let (sender, window) = watch::channel(Arc::new(Look::read(app, stage)?));
        lookouts.insert(stage, sender.clone());
        app.media.keepers.spawn(keep(app.clone(), stage, sender, news));
        Ok(window)
    }

    /// Makes everybody look at that stage again, though nothing is new in the store.
    pub(super) fn wake(&self, stage: StageId) {
        if let Some(sender) = self.0.lock().get(&stage) {
            sender.send_modify(|_| {});
        }
    }

    /// Closes a lookout that nobody looks out of. Whether it did.
    fn close_if_unused(&self, stage: StageId) -> bool {
        let mut lookouts = self.0.lock();
        let is_unused = lookouts.get(&stage).is_none_or(|sender| sender.receiver_count() == 0);
        if is_unused {
            lookouts.remove(&stage);
        }
        is_unused
    }
}

async fn keep(app: Arc<App>, stage: StageId, sender: watch::Sender<Arc<Look>>, mut news: Subscription) {
    loop {
        tokio::select! {
            () = news.changed() => look_again(&app, stage, &sender).await,
            () = sender.closed() => if app.media.lookouts.close_if_unused(stage) {
                return;
            },
        }
    }
}

async fn look_again(app: &App, stage: StageId, sender: &watch::Sender<Arc<Look>>) {
    let begun = clock::instant();
    loop {
        match Look::read(app, stage) {
            Ok(look) => break drop(sender.send_replace(Arc::new(look))),
            Err(error) => tracing::error!(%stage, %error, "a stage could not be read; trying again"),
        }
        sleep(RETRY).await;
    }
    // A stage with thousands on it takes long to read. It rests as long, so that it is never busy all the time.
    sleep(clock::instant() - begun).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Config, listen::Shutdown};

    #[tokio::test]
    async fn many_look_out_of_one_lookout_and_the_last_one_closes_it() {
        let config = Config::load("serve", ["--access-key=AKIDTEST:secret".into()]).expect("settings");
        let app = App::open(config, "127.0.0.1:4747", Shutdown::new()).await.expect("a server");
        let lookouts = &app.media.lookouts;
        let stage: StageId = "0a1b2c3d4e5f".parse().expect("an id");
        let mut windows: Vec<Window> = (0..3).map(|_| lookouts.open(&app, stage).expect("readable")).collect();
        assert_eq!(lookouts.0.lock().len(), 1);
        let before = windows[0].borrow_and_update().clone();

        let change = move |tx: &mut switchboard_state::Tx| {
            tx.notify(Topic::Stage(stage));
            Ok(())
        };
        app.state.write::<_, StoreError, _>(change).await.expect("kept");
        for window in &mut windows {
            window.changed().await.expect("a look");
        }
        let looks: Vec<_> = windows.iter().map(|window| window.borrow().clone()).collect();
        assert!(!Arc::ptr_eq(&looks[0], &before), "read again");
        assert!(looks.iter().all(|look| Arc::ptr_eq(look, &looks[0])), "once for all");

        drop(windows);
        app.media.keepers.close();
        app.media.keepers.wait().await;
        assert!(lookouts.0.lock().is_empty());
        app.state.close().await;
    }
}
