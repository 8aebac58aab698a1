//! A server from its start to its end.
//!
//! Ready is said on stdout once the socket listens and the state is open; everything else goes to stderr.

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use crate::{
    alarm,
    app::App,
    commands::print,
    config::Config,
    http,
    listen::{self, Bounds, Exit, Listener, Shutdown},
    media::Media,
    telemetry, tour,
};

/// What is to be there when the server is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    /// What there was.
    Nothing,
    /// A small contact centre, and a tour of it on stdout.
    Tour,
}

/// Runs a server with those settings until it is told to stop.
pub(crate) fn run(config: Config, first: First) -> ExitCode {
    if let Err(error) = telemetry::init_logging(config.log_format, &config.log) {
        eprintln!("switchboard: --log: {error}");
        return ExitCode::FAILURE;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(live(config, first)) {
        Ok(Exit::Stopped) => ExitCode::SUCCESS,
        Ok(Exit::Restart(handover)) => {
            // The state is closed and all tasks are done: the next program takes over this process.
            drop(runtime);
            fail(&handover.exec())
        }
        Err(error) => fail(&*error),
    }
}

fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    tracing::error!(%error, "the server does not run");
    ExitCode::FAILURE
}

async fn live(config: Config, first: First) -> Result<Exit, Box<dyn std::error::Error>> {
    let shutdown = Shutdown::new();
    shutdown.watch_signals()?;
    if let Err(error) = listen::raise_open_file_limit() {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    let listener = Listener::open(config.listen)?;
    let address = listener.local_addr()?;
    config.check_exposure(address)?;
    if config.data.is_none() {
        tracing::warn!("the state is kept in memory only: it is gone when the server stops (--data DIR keeps it)");
    }
    let app = App::open(config, &reachable(address), shutdown.clone()).await?;
    let media = Media::start(&app, address).await?;
    let alarms = tokio::spawn(alarm::watch(app.clone()));
    let tour = match first {
        First::Nothing => None,
        First::Tour => Some(tour::prepare(&app).await?),
    };
    print(&format!("switchboard ready {}\n", app.public_url));
    if let Some(tour) = tour {
        print(&tour.text(&app));
    }
    let bounds =
        Bounds { connections: app.config.max_connections, drain: Duration::from_secs(app.config.drain_seconds) };
    let connections = app.telemetry.connections().clone();
    let exit = listen::serve(listener, http::door(app.clone()), shutdown, bounds, connections).await;
    // It ends at the same word; what it was doing is a transaction, whole or not at all.
    let _ = alarms.await;
    app.media.close().await;
    media.ended().await;
    app.state.close().await;
    Ok(exit)
}

/// The address as clients on this machine reach it.
fn reachable(address: SocketAddr) -> String {
    if !address.ip().is_unspecified() {
        return address.to_string();
    }
    let loopback = if address.is_ipv4() { "127.0.0.1" } else { "[::1]" };
    format!("{loopback}:{}", address.port())
}
