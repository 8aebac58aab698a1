//! The peer: moto's server, which answers DescribeInstance too.

use std::{process::Stdio, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    process::Command,
    time::sleep,
};

use crate::{Outcome, process::Server, python};

/// The version that is compared with.
const PACKAGE: &str = "moto[server]==5.2.1";

/// Starts it.
pub(crate) async fn start() -> Outcome<Server> {
    let program = python::installed(PACKAGE, "moto_server").await?;
    let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
    let mut command = Command::new(program);
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
