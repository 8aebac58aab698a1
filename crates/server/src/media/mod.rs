//! The media plane of stages: signalling over HTTP ([`whip`]), the media over one port ([`plane`]), and a WebSocket that
//! tells who is there ([`events`]).
//!
//! The one rule: the history goes by what really happened here. A session is one connection of one participant; one
//! task keeps it ([`session`]), and that task alone tells the door of the stage what becomes of it.
//!
//! How a datagram goes, on threads of their own and without a lock:
//!
//! 1. One thread takes it in ([`receive`]) and looks whose it is ([`routes`]); a TCP connection's frame joins there
//!    ([`tcp`]).
//! 2. It goes to the shard of its stage ([`placement`]) in a parcel ([`parcel`]).
//! 3. The shard's own thread lets the forwarding unit have it ([`driver`]), and sends what comes of it ([`send`]).
//!
//! Who may come in and what it means is decided by [`crate::stages`]; how packets are forwarded, by the forwarding unit.

mod answer;
mod command;
mod counter;
mod driver;
mod events;
pub(crate) mod figures;
mod frames;
mod keeper;
mod lookout;
mod parcel;
mod placement;
mod plane;
mod problem;
mod receive;
mod registry;
mod resource;
mod routes;
mod send;
mod session;
mod sockets;
mod sse;
mod strangers;
mod tcp;
mod whip;
mod wishes;

pub(crate) use plane::MediaError;
pub(crate) use tcp::Entrance;

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

use axum::{Router, middleware::from_fn_with_state, routing::any};
use switchboard_domain::stage::EVENTS_PATH;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    lookout::Lookouts,
    plane::{Plane, Threads},
    registry::Registry,
    strangers::Strangers,
};
use crate::app::App;

/// The media plane as requests see it.
#[derive(Default)]
pub(crate) struct Media {
    plane: OnceLock<Plane>,
    /// Who is connected here.
    sessions: Registry,
    /// What they know of their stages.
    lookouts: Lookouts,
    strangers: Strangers,
    keepers: TaskTracker,
    stop: CancellationToken,
}

/// The routes of every stage.
pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let routes = whip::routes().route(&format!("{EVENTS_PATH}/{{stage}}"), any(events::upgrade));
    routes.layer(from_fn_with_state(app.clone(), strangers::turn_away))
}

impl Media {
    /// Opens the ports and begins to forward. `listening` is where connections for everything else come in.
    ///
    /// # Errors
    /// A port cannot be had.
    pub(crate) async fn start(app: &Arc<App>, listening: SocketAddr) -> Result<Threads, MediaError> {
        let (plane, threads) = Plane::open(&app.config, listening, app.telemetry.media(), &app.media.stop).await?;
        // Started once; were it not, the first start would go on.
        let _ = app.media.plane.set(plane);
        Ok(threads)
    }

    /// Where connections for media go that come in with those for everything else.
    pub(crate) fn entrance(&self) -> Option<&Entrance> {
        self.plane.get()?.shared_entrance()
    }

    /// Waits until the last session is told of, then stops forwarding. The sessions end when the server drains.
    pub(crate) async fn close(&self) {
        self.keepers.close();
        self.keepers.wait().await;
        self.stop.cancel();
    }
}
