//! What a server costs that has nothing to do.

use crate::{
    Outcome,
    api::{ready_instance, start_chat},
    chat::subscribe,
    process::{Server, median},
};

const STARTS: usize = 11;
const SOCKETS: usize = 10_000;
const SOCKETS_PER_CHAT: usize = 5;

pub(crate) async fn run() -> Outcome {
    println!("## A server with nothing to do\n");
    let mut ready_ms = Vec::new();
    for _ in 0..STARTS {
        let server = Server::switchboard(None).await?;
        ready_ms.push(server.ready_after.as_secs_f64() * 1e3);
        server.stop().await?;
    }
    println!("start to ready       {:>8.1} ms (median of {STARTS}; target: 100)", median(ready_ms));

    rustix::process::setrlimit(rustix::process::Resource::Nofile, {
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
        rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum }
    })?;
    let server = Server::switchboard(None).await?;
    let idle = server.resident_mib()?;
    println!("resident when idle   {idle:>8.1} MiB (target: 40)");
    let (instance, flow) = ready_instance(&server).await?;
    let mut sockets = Vec::with_capacity(SOCKETS);
    while sockets.len() < SOCKETS {
        let chat = start_chat(&server, &instance, &flow).await?;
        for _ in 0..SOCKETS_PER_CHAT {
            sockets.push(subscribe(&server, &chat).await?);
        }
    }
    let full = server.resident_mib()?;
    println!(
        "with {SOCKETS} sockets  {full:>8.1} MiB (target: 300), {:.1} KiB a socket\n",
        (full - idle) * 1_024.0 / SOCKETS as f64
    );
    server.stop().await
}
