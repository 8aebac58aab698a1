//! Benchmarks of Switchboard, each beside a peer or a floor, each ending in a ratio. See `README.md`.

#![allow(clippy::disallowed_methods, reason = "measuring time is what this program is for")]

mod api;
mod chat;
mod cli;
mod client;
mod floor;
mod idle;
mod moto;
mod process;
mod python;
mod sfu;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let part = arguments.next().unwrap_or_default();
    match part.as_str() {
        "" => {
            api::run().await?;
            chat::run().await?;
            idle::run().await?;
            cli::run().await
        }
        "api" => api::run().await,
        "chat" => chat::run().await,
        "idle" => idle::run().await,
        "sfu" => sfu::run(arguments).await,
        "cli" => cli::run().await,
        // Started by the others, as a process of its own.
        "floor" => floor::run(arguments.next().unwrap_or_default()).await,
        "meter" => cli::meter(arguments),
        "sfu-floor" => sfu::floor::run(arguments),
        other => Err(format!("no part {other}: api, chat, idle, cli or sfu").into()),
    }
}
