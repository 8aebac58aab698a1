//! One connection: HTTP/1.1 with keep-alive, until it is done or the server drains.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus_client::metrics::gauge::Gauge;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::{Notify, OwnedSemaphorePermit},
    time::timeout,
};
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::{Answer, Shutdown};
use crate::media::Entrance;

/// The head of a request must be there by then, counted from the connection's start or the last answer: clients keep
/// idle connections for a while, but not this long.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

/// A server that drains still waits this long for the first request of a connection. A client whose idle connection is
/// closed tries again with another one; a client whose fresh connection is closed takes that for an answer.
const FIRST_REQUEST: Duration = Duration::from_secs(1);

/// A connection's stream, with what is counted while it is open. A WebSocket that the connection becomes keeps it.
pub(super) struct Connection {
    stream: TcpStream,
    counted: Counted,
}

struct Counted {
    open: Gauge,
    _slot: OwnedSemaphorePermit,
    _tracked: TaskTrackerToken,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, slot: OwnedSemaphorePermit, tracked: TaskTrackerToken, open: Gauge) -> Self {
        open.inc();
        Self { stream, counted: Counted { open, _slot: slot, _tracked: tracked } }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.open.dec();
    }
}

/// Answers the requests of one connection.
pub(super) async fn run<A: Answer>(connection: Connection, peer: SocketAddr, answerer: A, shutdown: Shutdown) {
    // Answers are small and complete; waiting to fill a packet only delays them.
    if let Err(error) = connection.stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    if let Some(entrance) = answerer.entrance()
        && begins_with_media(&connection.stream, &shutdown).await
    {
        let Connection { stream, counted } = connection;
        // From now on it is one of those of the media plane, which ends it when the sessions have ended.
        drop(counted);
        tokio::spawn(entrance.clone().serve(stream, peer));
        return;
    }
    let first = Arc::new(First::default());
    let asked = Arc::clone(&first);
    let service = service_fn(move |request: Request<Incoming>| {
        asked.has_come();
        let answer = answerer.clone().answer(peer, request.map(Body::new));
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let mut serving = std::pin::pin!(http.serve_connection(TokioIo::new(connection), service).with_upgrades());
    let outcome = tokio::select! {
        outcome = serving.as_mut() => outcome,
        () = shutdown.draining().cancelled() => tokio::select! {
            outcome = async {
                tokio::select! {
                    outcome = serving.as_mut() => return outcome,
                    () = first.came() => {}
                }
                serving.as_mut().graceful_shutdown();
                serving.await
            } => outcome,
            () = shutdown.closed().cancelled() => Ok(()),
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%peer, %error, "a connection broke");
    }
}

/// Whether what comes first is not HTTP but media. Who says nothing is left to HTTP, which will not wait for ever either.
async fn begins_with_media(stream: &TcpStream, shutdown: &Shutdown) -> bool {
    let mut first = [0];
    tokio::select! {
        outcome = timeout(HEAD_TIMEOUT, stream.peek(&mut first)) => {
            matches!(outcome, Ok(Ok(1))) && Entrance::is_for_me(first[0])
        }
        () = shutdown.draining().cancelled() => false,
    }
}

/// The first request of a connection.
#[derive(Default)]
struct First {
    came: AtomicBool,
    news: Notify,
}

impl First {
    fn has_come(&self) {
        if !self.came.swap(true, Ordering::Relaxed) {
            self.news.notify_one();
        }
    }

    /// Waits until it came, or did not in time.
    async fn came(&self) {
        // Either way the connection is to end now.
        let _ = timeout(FIRST_REQUEST, self.news.notified()).await;
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

/// Not vectored: replies are small, and to copy one behind its head costs less than what the system does for two pieces.
impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
