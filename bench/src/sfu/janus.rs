//! The peer: Janus with its videoroom, as Debian packages it, over its JSON API.
//!
//! The one rule: it gets its best setting, `event_loops` with one loop a core; by default it has a thread for every
//! connection, which costs twice as much. Janus makes the offer to those who watch.
//!
//! Source: the documentation of Janus 1.1, "JSON API" and "VideoRoom plugin".

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    process::Command,
    time::sleep,
};

use super::{
    client::Client,
    link::Link,
    namespace::{CLIENT, INTERFACE, SERVER},
};
use crate::{
    Outcome,
    process::{Server, scratch},
};

const PORT: u16 = 8_088;
const ROOM: u64 = 1_234;
/// Events of other kinds that may come before the wanted one.
const MOST_EVENTS: usize = 50;
/// Where packages put its plugins.
const FOLDERS: [&str; 3] = ["/usr/lib/x86_64-linux-gnu/janus", "/usr/lib/aarch64-linux-gnu/janus", "/usr/lib/janus"];

/// A server with a room.
pub(super) struct Room {
    pub(super) server: Server,
    folder: PathBuf,
}

/// A place in the room: a session with a handle.
pub(super) struct Seat {
    path: String,
    /// The name that a publisher has in the room.
    feed: u64,
}

/// Whether it is installed.
pub(super) fn is_installed() -> bool {
    Path::new("/usr/bin/janus").exists()
}

impl Room {
    pub(super) async fn start(cores: usize) -> Outcome<Self> {
        let folder = scratch("janus")?;
        configure(&folder, cores)?;
        let mut command = Command::new("/usr/bin/janus");
        command.arg("--configs-folder").arg(&folder).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let child = command.spawn()?;
        let address = SocketAddr::new(SERVER, PORT).to_string();
        for _ in 0..100 {
            if TcpStream::connect(&address).await.is_ok() {
                let room = Self { server: Server::of(child, address), folder };
                room.make().await?;
                return Ok(room);
            }
            // It says nowhere that it is ready.
            sleep(Duration::from_millis(100)).await;
        }
        Err("janus did not start".into())
    }

    /// Ends it.
    pub(super) async fn stop(self) -> Outcome {
        self.server.stop().await?;
        Ok(fs::remove_dir_all(self.folder)?)
    }

    async fn make(&self) -> Outcome {
        let seat = self.seat(0).await?;
        let room = json!({
            "request": "create", "room": ROOM, "publishers": 100, "bitrate": 10_000_000, "videocodec": "vp8",
            "audiocodec": "opus", "fir_freq": 0, "notify_joining": false,
        });
        let reply = self.ask(&seat.path, json!({ "janus": "message", "body": room })).await?;
        if reply["plugindata"]["data"]["videoroom"] == "created" { Ok(()) } else { Err(format!("{reply}").into()) }
    }

    /// Takes a seat, under that name if it is a publisher's.
    pub(super) async fn seat(&self, feed: u64) -> Outcome<Seat> {
        let session = self.ask("/janus", json!({ "janus": "create" })).await?;
        let session = format!("/janus/{}", session["data"]["id"]);
        let handle = self.ask(&session, json!({ "janus": "attach", "plugin": "janus.plugin.videoroom" })).await?;
        Ok(Seat { path: format!("{session}/{}", handle["data"]["id"]), feed })
    }

    /// Publishes.
    pub(super) async fn publish(&self, seat: &Seat, first_frame: Instant) -> Outcome<Client> {
        let mut client = Client::publisher(Link::open(CLIENT)?, first_frame)?;
        let join = json!({
            "request": "joinandconfigure", "ptype": "publisher", "room": ROOM, "id": seat.feed, "video": true,
            "audio": false,
        });
        let offer = json!({ "type": "offer", "sdp": client.offer()? });
        self.ask(&seat.path, json!({ "janus": "message", "body": join, "jsep": offer })).await?;
        client.accept(&self.description(seat).await?)?;
        Ok(client)
    }

    /// Watches.
    pub(super) async fn watch(&self, seat: &Seat, publisher: &Seat, asked_ns: u64) -> Outcome<Client> {
        let mut client = Client::viewer(Link::open(CLIENT)?, asked_ns)?;
        let streams = json!([{ "feed": publisher.feed }]);
        let join = json!({ "request": "join", "ptype": "subscriber", "room": ROOM, "streams": streams });
        self.ask(&seat.path, json!({ "janus": "message", "body": join })).await?;
        let answer = client.answer(&self.description(seat).await?)?;
        let (start, answer) = (json!({ "request": "start" }), json!({ "type": "answer", "sdp": answer }));
        self.ask(&seat.path, json!({ "janus": "message", "body": start, "jsep": answer })).await?;
        Ok(client)
    }

    /// Waits for the event that brings its offer or answer.
    async fn description(&self, seat: &Seat) -> Outcome<String> {
        let session = seat.path.rsplit_once('/').map_or("", |(session, _)| session);
        for _ in 0..MOST_EVENTS {
            let event = self.http("GET", &format!("{session}?maxev=1"), "").await?;
            if let Some(sdp) = event["jsep"]["sdp"].as_str() {
                return Ok(sdp.to_owned());
            }
            if !event["plugindata"]["data"]["error_code"].is_null() {
                return Err(event.to_string().into());
            }
        }
        Err("janus sent no description".into())
    }

    async fn ask(&self, path: &str, mut body: Value) -> Outcome<Value> {
        body["transaction"] = "bench".into();
        let reply = self.http("POST", path, &body.to_string()).await?;
        if reply["janus"] == "error" { Err(reply.to_string().into()) } else { Ok(reply) }
    }

    /// In the old version of HTTP, for an answer that ends with its connection: by the new one Janus cuts it in pieces.
    async fn http(&self, method: &str, path: &str, body: &str) -> Outcome<Value> {
        let (host, length) = (&self.server.address, body.len());
        let request = format!(
            "{method} {path} HTTP/1.0\r\nhost: {host}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        stream.write_all(request.as_bytes()).await?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await?;
        match reply.split_once("\r\n\r\n") {
            Some((head, body)) if head.split(' ').nth(1) == Some("200") => Ok(serde_json::from_str(body)?),
            _ => Err(format!("{method} {path}: {reply}").into()),
        }
    }
}

/// Writes the configuration: one transport, one plugin, nothing else.
fn configure(folder: &Path, cores: usize) -> Outcome {
    let code = FOLDERS.iter().find(|folder| Path::new(folder).exists()).ok_or("janus has no plugins")?;
    let (plugins, transports) =
        (only(&format!("{code}/plugins"), "videoroom")?, only(&format!("{code}/transports"), "http")?);
    let core = format!(
        "general: {{\n  configs_folder = \"{folder}\"\n  plugins_folder = \"{code}/plugins\"\n  \
         transports_folder = \"{code}/transports\"\n  events_folder = \"{folder}/none\"\n  \
         loggers_folder = \"{folder}/none\"\n  debug_level = 1\n  event_loops = {cores}\n  session_timeout = 0\n}}\n\
         nat: {{ ice_enforce_list = \"{INTERFACE}\" }}\nplugins: {{ disable = \"{plugins}\" }}\n\
         transports: {{ disable = \"{transports}\" }}\n",
        folder = folder.display(),
    );
    fs::create_dir_all(folder.join("none"))?;
    fs::write(folder.join("janus.jcfg"), core)?;
    fs::write(folder.join("janus.plugin.videoroom.jcfg"), "general: { }\n")?;
    let http = format!(
        "general: {{ json = \"compact\"\n base_path = \"/janus\"\n http = true\n port = {PORT}\n ip = \"{SERVER}\" }}\n"
    );
    Ok(fs::write(folder.join("janus.transport.http.jcfg"), http)?)
}

/// The libraries of a folder but the wanted one, as a list.
fn only(folder: &str, wanted: &str) -> Outcome<String> {
    let mut others = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".so") && !name.contains(wanted) {
            others.push(name);
        }
    }
    Ok(others.join(","))
}
