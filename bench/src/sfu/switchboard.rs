//! The system that this is all about: `switchboard serve` with a stage, clients coming by WHIP and WHEP.

use std::{net::SocketAddr, time::Instant};

use serde_json::{Value, json};
use tokio::process::Command;

use super::{
    client::Client,
    link::Link,
    namespace::{CLIENT, SERVER},
};
use crate::{
    Outcome,
    api::text,
    client::{Auth, Connection},
    process::{ACCESS_KEY, Server, sibling},
};

/// A server with a stage.
pub(super) struct Stage {
    pub(super) server: Server,
    arn: String,
    /// The path of its WHIP endpoint.
    whip: String,
}

/// What lets somebody in.
pub(super) struct Token {
    token: String,
    participant: String,
}

impl Stage {
    pub(super) async fn start() -> Outcome<Self> {
        let mut command = Command::new(sibling("switchboard")?);
        let any_port = SocketAddr::new(SERVER, 0).to_string();
        command.args(["serve", "--listen", &any_port, "--media", &any_port, "--log", "warn"]);
        command.args(["--access-key", &format!("{}:{}", ACCESS_KEY.0, ACCESS_KEY.1)]);
        let server = Server::start(command, "switchboard ready http://").await?;
        let made = call(&server, "/CreateStage", json!({ "name": "bench" })).await?;
        let stage = &made["stage"];
        let whip = text(&stage["endpoints"], "whip")?;
        let path = whip.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
        Ok(Self { arn: text(stage, "arn")?.to_owned(), whip: path.ok_or("the WHIP endpoint has no path")?, server })
    }

    /// A token for somebody who publishes or watches.
    pub(super) async fn token(&self, capability: &str) -> Outcome<Token> {
        let body = json!({ "stageArn": self.arn, "capabilities": [capability] });
        let made = call(&self.server, "/CreateParticipantToken", body).await?;
        let made = &made["participantToken"];
        Ok(Token { token: text(made, "token")?.to_owned(), participant: text(made, "participantId")?.to_owned() })
    }

    /// Publishes.
    pub(super) async fn publish(&self, token: &Token, first_frame: Instant) -> Outcome<Client> {
        let mut client = Client::publisher(Link::open(CLIENT)?, first_frame)?;
        let answer = self.post(&self.whip, token, &client.offer()?).await?;
        client.accept(&answer)?;
        Ok(client)
    }

    /// Watches.
    pub(super) async fn watch(&self, token: &Token, publisher: &Token, asked_ns: u64) -> Outcome<Client> {
        let mut client = Client::viewer(Link::open(CLIENT)?, asked_ns)?;
        let path = format!("{}/subscribe/{}", self.whip, publisher.participant);
        let answer = self.post(&path, token, &client.offer()?).await?;
        client.accept(&answer)?;
        Ok(client)
    }

    async fn post(&self, path: &str, token: &Token, offer: &str) -> Outcome<String> {
        let (host, token, length) = (&self.server.address, &token.token, offer.len());
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/sdp\r\ncontent-length: {length}\r\n\r\n{offer}"
        );
        let mut connection = Connection::open(host).await?;
        let (status, body) = connection.exchange(request.as_bytes()).await?;
        let body = String::from_utf8_lossy(body).into_owned();
        if status == 201 { Ok(body) } else { Err(format!("POST {path}: {status} {body}").into()) }
    }
}

async fn call(server: &Server, path: &str, body: Value) -> Outcome<Value> {
    Connection::call(&server.address, "POST", path, Auth::SignedFor("ivs"), &body.to_string()).await
}
