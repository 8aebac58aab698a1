//! The peer: moto's server, which answers DescribeInstance too.

use std::{path::PathBuf, process::Stdio, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    process::Command,
    time::sleep,
};

use crate::{
    Outcome,
    process::{Server, scratch},
};

/// The version that is compared with.
const PACKAGE: &str = "moto[server]==5.2.1";

/// Starts it, installing it first where it is missing.
pub(crate) async fn start() -> Outcome<Server> {
    let venv = scratch("moto")?.parent().ok_or("no target directory")?.join("venv");
    if !venv.join("bin/moto_server").exists() {
        println!("installing {PACKAGE} …");
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv)).await?;
        run(Command::new(venv.join("bin/pip")).args(["install", "--quiet", PACKAGE])).await?;
    }
    let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
    let mut command = Command::new(PathBuf::from(&venv).join("bin/moto_server"));
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn()?;
    let address = format!("127.0.0.1:{port}");
    for _ in 0..300 {
        if TcpStream::connect(&address).await.is_ok() {
            return Ok(Server::of(child, address));
        }
        // It says nowhere that it is ready.
        sleep(Duration::from_millis(100)).await;
    }
    Err("moto did not start".into())
}

async fn run(command: &mut Command) -> Outcome {
    let status = command.stdout(Stdio::null()).status().await?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}
