//! The media plane of stages: signalling over HTTP ([`whip`]), the media over one UDP port ([`udp`]), and a
//! WebSocket that tells who is there ([`events`]).
//!
//! The one rule: the history goes by what really happened here. A session is one connection of one participant; one
//! task keeps it ([`session`]), and that task alone tells the door of the stage what becomes of it.
//!
//! Who may come in and what it means is decided by [`crate::stages`]; how packets are forwarded, by the forwarding unit.

mod events;
mod frames;
mod keeper;
mod lookout;
mod problem;
mod registry;
mod resource;
mod session;
mod udp;
mod whip;
mod wishes;

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{Router, routing::any};
use switchboard_domain::stage::EVENTS_PATH;
use switchboard_sfu::{Acceptor, Address, Identity, PeerId, Policy, Transport};
use tokio::{net::UdpSocket, sync::mpsc, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    lookout::Lookouts,
    registry::Registry,
    udp::{Command, Driver},
};
use crate::{app::App, config::Quotas};

/// Commands that wait for the driver; whoever has one more waits too.
const WAITING_COMMANDS: usize = 256;

/// Why there is no media plane.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MediaError {
    /// Its port cannot be had.
    #[error("media cannot be served at {0} (--media HOST:PORT chooses another place): {1}")]
    Port(SocketAddr, io::Error),
    /// It has no certificate.
    #[error(transparent)]
    Identity(#[from] switchboard_sfu::NoIdentity),
}

/// The media plane as requests see it.
#[derive(Default)]
pub(crate) struct Media {
    plane: OnceLock<Plane>,
    /// Who is connected here.
    sessions: Registry,
    /// What they know of their stages.
    lookouts: Lookouts,
    keepers: TaskTracker,
    stop: CancellationToken,
    last_peer: AtomicU64,
}

/// The routes of every stage.
pub(crate) fn routes() -> Router<Arc<App>> {
    whip::routes().route(&format!("{EVENTS_PATH}/{{stage}}"), any(events::upgrade))
}

/// What is there once the port is open.
struct Plane {
    acceptor: Acceptor,
    commands: mpsc::Sender<Command>,
}

impl Media {
    /// Opens the port and begins to forward. The task ends after [`Media::close`].
    pub(crate) async fn start(app: &Arc<App>) -> Result<JoinHandle<()>, MediaError> {
        let wanted = app.config.media;
        let opened = async {
            let socket = UdpSocket::bind(wanted).await?;
            let bound = socket.local_addr()?;
            Ok((socket, bound))
        };
        let (socket, bound) = opened.await.map_err(|error| MediaError::Port(wanted, error))?;
        let told = announced(bound, app.config.media_address);
        let policy = Arc::new(match app.config.limits {
            Quotas::Aws => Policy::strict(),
            Quotas::Default => Policy::default(),
        });
        let addresses = vec![Address { transport: Transport::Udp, address: told }];
        let acceptor = Acceptor::new(Identity::generate()?, addresses, policy.clone());
        let (commands, inbox) = mpsc::channel(WAITING_COMMANDS);
        // Started once; were it not, the first start would go on.
        let _ = app.media.plane.set(Plane { acceptor, commands });
        tracing::info!(address = %told, "media is forwarded");
        Ok(tokio::spawn(Driver::new(socket, told, policy).run(inbox, app.media.stop.clone())))
    }

    /// Waits until the last session is told of, then stops forwarding. The sessions end when the server drains.
    pub(crate) async fn close(&self) {
        self.keepers.close();
        self.keepers.wait().await;
        self.stop.cancel();
    }

    fn fresh_peer(&self) -> PeerId {
        PeerId(self.last_peer.fetch_add(1, Ordering::Relaxed))
    }
}

/// The address that clients are told. Nobody can send to "any address", so that becomes this machine's own.
fn announced(bound: SocketAddr, outer: Option<IpAddr>) -> SocketAddr {
    if let Some(outer) = outer {
        return SocketAddr::new(outer, bound.port());
    }
    if !bound.ip().is_unspecified() {
        return bound;
    }
    let local: IpAddr = if bound.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
    let told = SocketAddr::new(local, bound.port());
    tracing::warn!(%bound, %told, "only clients on this machine can send media: --media-address tells others where to");
    told
}
