//! Requests per second and CPU per request, beside the floor and the peer.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    Outcome,
    client::{Auth, Connection, Measured, replay, request},
    floor, moto,
    process::{Server, median, scratch},
};

const CONNECTIONS: usize = 16;
const ROUND: Duration = Duration::from_secs(3);
const ROUNDS: usize = 5;

pub(crate) async fn run() -> Outcome {
    println!("## DescribeInstance: signature verified, read from the store\n");
    let data = scratch("describe-instance")?;
    let server = Server::switchboard(Some(&data)).await?;
    let describe = describe_instance(&server).await?;
    let answer = exchange(&server, &describe).await?;
    let floor = floor::start(&answer).await?;
    let (ours, bare) = alternate(&server, &describe, &floor).await?;
    print("switchboard", ours);
    print("bare axum handler", bare);
    println!("rate: {:.2} of the floor's (target: at least 0.60)", ours.per_second / bare.per_second);
    match peer().await {
        Ok(peer) => {
            print("moto server", peer);
            println!("CPU per request: 1/{:.0} of moto's (target: at most 1/150)", peer.cpu_us / ours.cpu_us);
        }
        Err(error) => println!("moto server: left out: {error}"),
    }
    floor.stop().await?;
    server.stop().await?;
    std::fs::remove_dir_all(data)?;

    println!("\n## SendMessage: acknowledged when it is on disk\n");
    let data = scratch("send-message")?;
    let server = Server::switchboard(Some(&data)).await?;
    let chat = open_chat(&server).await?;
    let body = json!({ "ContentType": "text/plain", "Content": "Where is my order?" }).to_string();
    let send = request(&server.address, "POST", "/participant/message", &Auth::Bearer(&chat.connection_token), &body)?;
    let answer = exchange(&server, &send).await?;
    let floor = floor::start(&answer).await?;
    let (ours, bare) = alternate(&server, &send, &floor).await?;
    print("switchboard", ours);
    print("bare axum handler", bare);
    println!("rate: {:.2} of the floor's\n", ours.per_second / bare.per_second);
    floor.stop().await?;
    server.stop().await?;
    Ok(std::fs::remove_dir_all(data)?)
}

/// Rounds in turn, and the median of each side's.
async fn alternate(ours: &Server, request: &[u8], floor: &Server) -> Outcome<(Measured, Measured)> {
    // The first requests of a process are slower than the rest.
    replay(ours, request, CONNECTIONS, ROUND / 6).await?;
    replay(floor, request, CONNECTIONS, ROUND / 6).await?;
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        a.push(replay(ours, request, CONNECTIONS, ROUND).await?);
        b.push(replay(floor, request, CONNECTIONS, ROUND).await?);
    }
    Ok((middle(&a), middle(&b)))
}

fn middle(rounds: &[Measured]) -> Measured {
    Measured {
        per_second: median(rounds.iter().map(|round| round.per_second).collect()),
        cpu_us: median(rounds.iter().map(|round| round.cpu_us).collect()),
    }
}

fn print(who: &str, measured: Measured) {
    println!("{who:<20} {:>8.0} requests/s   {:>8.1} µs CPU a request", measured.per_second, measured.cpu_us);
}

async fn exchange(server: &Server, request: &[u8]) -> Outcome<String> {
    let mut connection = Connection::open(&server.address).await?;
    let (_, body) = connection.exchange(request).await?;
    Ok(String::from_utf8_lossy(body).into_owned())
}

async fn peer() -> Outcome<Measured> {
    let server = moto::start().await?;
    let describe = describe_instance(&server).await?;
    replay(&server, &describe, 2, ROUND / 6).await?;
    let measured = replay(&server, &describe, 2, ROUND).await?;
    server.stop().await?;
    Ok(measured)
}

async fn create_instance(server: &Server) -> Outcome<String> {
    let body = json!({
        "IdentityManagementType": "CONNECT_MANAGED", "InstanceAlias": "bench",
        "InboundCallsEnabled": true, "OutboundCallsEnabled": false,
    });
    let created = Connection::call(&server.address, "PUT", "/instance", Auth::Signed, &body.to_string()).await?;
    Ok(text(&created, "Id")?.to_owned())
}

async fn describe_instance(server: &Server) -> Outcome<Vec<u8>> {
    let instance = create_instance(server).await?;
    request(&server.address, "GET", &format!("/instance/{instance}"), &Auth::Signed, "")
}

/// A chat that its customer has connected to.
pub(crate) struct Chat {
    pub(crate) connection_token: String,
    pub(crate) participant_token: String,
}

/// An instance that is active, and its default inbound flow.
pub(crate) async fn ready_instance(server: &Server) -> Outcome<(String, String)> {
    let instance = create_instance(server).await?;
    let path = format!("/contact-flows-summary/{instance}?contactFlowTypes=CONTACT_FLOW");
    for _ in 0..100 {
        if let Ok(flows) = Connection::call(&server.address, "GET", &path, Auth::Signed, "").await {
            let flow = text(&flows["ContactFlowSummaryList"][0], "Id")?;
            return Ok((instance, flow.to_owned()));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("the instance did not become active".into())
}

/// Starts a chat and connects its customer.
pub(crate) async fn start_chat(server: &Server, instance: &str, flow: &str) -> Outcome<Chat> {
    let body = json!({
        "InstanceId": instance, "ContactFlowId": flow, "ParticipantDetails": { "DisplayName": "Jane" },
    });
    let started = Connection::call(&server.address, "PUT", "/contact/chat", Auth::Signed, &body.to_string()).await?;
    let participant_token = text(&started, "ParticipantToken")?.to_owned();
    let connected = connect(server, &participant_token).await?;
    let connection_token = text(&connected["ConnectionCredentials"], "ConnectionToken")?.to_owned();
    Ok(Chat { connection_token, participant_token })
}

/// One CreateParticipantConnection.
pub(crate) async fn connect(server: &Server, participant_token: &str) -> Outcome<Value> {
    let body = json!({ "Type": ["WEBSOCKET", "CONNECTION_CREDENTIALS"] }).to_string();
    Connection::call(&server.address, "POST", "/participant/connection", Auth::Bearer(participant_token), &body).await
}

async fn open_chat(server: &Server) -> Outcome<Chat> {
    let (instance, flow) = ready_instance(server).await?;
    start_chat(server, &instance, &flow).await
}

/// A text member of an answer.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> Outcome<&'a str> {
    value[name].as_str().ok_or_else(|| format!("no {name} in {value}").into())
}
