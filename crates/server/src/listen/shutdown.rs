//! Shutdown: who asks for it, and how it is told.

use std::{
    io,
    sync::{Arc, OnceLock},
};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What is to follow when the server has drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Nothing: the process exits.
    Exit,
    /// The program is started again in this process.
    Restart,
}

/// The server's end, in two steps. Cheap to clone: every clone is the same shutdown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shutdown {
    draining: CancellationToken,
    closed: CancellationToken,
    stop: Arc<OnceLock<Stop>>,
}

impl Shutdown {
    /// A server that is to go on.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Asks the server to drain. The first who asks says what is to follow.
    pub(crate) fn request(&self, stop: Stop) {
        self.stop.get_or_init(|| stop);
        self.draining.cancel();
    }

    /// Cancelled when the server begins to drain: begin nothing new, and bring what can be brought to an end.
    pub(crate) const fn draining(&self) -> &CancellationToken {
        &self.draining
    }

    /// Cancelled when the server has drained, or will not wait any longer: stop at once.
    pub(crate) const fn closed(&self) -> &CancellationToken {
        &self.closed
    }

    /// Waits until the server is asked to drain; what is to follow.
    pub(crate) async fn requested(&self) -> Stop {
        self.draining.cancelled().await;
        self.stop.get().copied().unwrap_or(Stop::Exit)
    }

    pub(super) fn close(&self) {
        self.draining.cancel();
        self.closed.cancel();
    }

    /// Listens to signals from now on: SIGTERM and SIGINT ask for an exit, SIGHUP for a restart, and a SIGTERM or
    /// SIGINT while the server drains cuts the draining short.
    ///
    /// Call it before the server says that it is ready: until then a signal ends the process.
    ///
    /// # Errors
    /// The signals cannot be listened to.
    pub(crate) fn watch_signals(&self) -> io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        let shutdown = self.clone();
        tokio::spawn(async move {
            loop {
                let (name, stop) = tokio::select! {
                    _ = terminate.recv() => ("SIGTERM", Stop::Exit),
                    _ = interrupt.recv() => ("SIGINT", Stop::Exit),
                    _ = hang_up.recv() => ("SIGHUP", Stop::Restart),
                };
                tracing::info!(signal = name, "asked to stop");
                if stop == Stop::Exit && shutdown.draining.is_cancelled() {
                    return shutdown.close();
                }
                shutdown.request(stop);
            }
        });
        Ok(())
    }
}
