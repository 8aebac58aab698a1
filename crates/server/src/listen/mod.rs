//! Listening: the socket, the connections on it, and how they end.
//!
//! The one rule: a caller is never refused while the program is only being replaced. A refused reconnect makes
//! amazon-connect-chatjs give a chat up for good, so on SIGHUP the listening socket stays open, connections wait in its
//! queue, and the next program, started in this process, takes them from there.
//!
//! Draining, step by step: no more connections are taken; idle ones are closed; chat sockets see
//! [`Shutdown::draining`] and say goodbye; begun requests are answered, for as long as the settings allow; what is left
//! then is cut off.

mod connection;
mod shutdown;
mod socket;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{extract::Request, response::Response};
use prometheus_client::metrics::gauge::Gauge;
use tokio::{
    net::TcpStream,
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::task::TaskTracker;

pub(crate) use shutdown::{Shutdown, Stop};
pub(crate) use socket::{Handover, Listener, raise_open_file_limit};

use connection::Connection;

use crate::media::Entrance;

/// Pause after the system would not give another connection: most likely it has no file descriptors left.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// The bounds of serving.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    /// Connections open at once; more wait in the socket's queue.
    pub(crate) connections: usize,
    /// How long begun requests may take once the server drains.
    pub(crate) drain: Duration,
}

/// Why [`serve`] returned.
#[derive(Debug)]
pub(crate) enum Exit {
    /// The server is done.
    Stopped,
    /// The program is to be started again, on the same socket.
    Restart(Handover),
}

/// Whoever answers the requests that come in.
pub(crate) trait Answer: Clone + Send + Sync + 'static {
    /// Where connections go that turn out to be for media.
    fn entrance(&self) -> Option<&Entrance> {
        None
    }

    /// Answers one, which came from `peer`.
    fn answer(self, peer: SocketAddr, request: Request) -> impl Future<Output = Response> + Send;
}

/// Serves connections until `shutdown` is asked for, then drains. `open` shows how many there are.
pub(crate) async fn serve(
    listener: Listener,
    answerer: impl Answer,
    shutdown: Shutdown,
    bounds: Bounds,
    open: Gauge,
) -> Exit {
    let slots = Arc::new(Semaphore::new(bounds.connections.min(Semaphore::MAX_PERMITS)));
    let tracker = TaskTracker::new();
    let accepting = async {
        loop {
            // The semaphore is never closed.
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
            let (stream, peer) = accept(&listener).await;
            let connection = Connection::new(stream, slot, tracker.token(), open.clone());
            tracker.spawn(connection::run(connection, peer, answerer.clone(), shutdown.clone()));
        }
    };
    let stop = tokio::select! {
        stop = shutdown.requested() => stop,
        () = accepting => Stop::Exit,
    };
    // Callers of a server that goes for good are to be refused now, and not to wait for nothing.
    let handover = match stop {
        Stop::Exit => drop_and_none(listener),
        Stop::Restart => Some(listener.hand_over()),
    };
    drain(&tracker, &shutdown, bounds.drain, &slots, bounds.connections).await;
    handover.map_or(Exit::Stopped, Exit::Restart)
}

fn drop_and_none(listener: Listener) -> Option<Handover> {
    drop(listener);
    None
}

async fn accept(listener: &Listener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The caller left while it waited.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted");
                sleep(ACCEPT_RETRY).await;
            }
        }
    }
}

/// Waits for the connections to end, for the time to be up, or for somebody who will not wait.
async fn drain(tracker: &TaskTracker, shutdown: &Shutdown, longest: Duration, slots: &Semaphore, all: usize) {
    tracker.close();
    tracing::info!(connections = tracker.len(), "draining");
    tokio::select! {
        outcome = timeout(longest, tracker.wait()) => if outcome.is_err() {
            let left = all.saturating_sub(slots.available_permits());
            tracing::warn!(connections = left, "cut off: not done in time");
        },
        () = shutdown.closed().cancelled() => tracing::warn!("cut off: told to stop at once"),
    }
    shutdown.close();
}

#[cfg(test)]
mod tests;
