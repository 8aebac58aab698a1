//! Messages acknowledged on disk and delivered to two sockets, beside SQLite's own commits.

use std::{path::Path, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::{
    Outcome,
    api::{Chat, connect, ready_instance, start_chat, text},
    client::{Auth, Connection, request},
    process::{Server, now, scratch},
};

/// A subscribed chat socket.
pub(crate) type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// One writer for each chat.
const CHATS: usize = 32;
const MESSAGES_EACH: usize = 500;
const ROWS: u32 = 2_000;

pub(crate) async fn run() -> Outcome {
    println!("## Messages acknowledged on disk and delivered to two sockets\n");
    let data = scratch("chat")?;
    let server = Server::switchboard(Some(&data)).await?;
    let (instance, flow) = ready_instance(&server).await?;
    let mut chats = Vec::new();
    for _ in 0..CHATS {
        let chat = start_chat(&server, &instance, &flow).await?;
        let sockets = [subscribe(&server, &chat).await?, subscribe(&server, &chat).await?];
        chats.push((chat, sockets));
    }

    let (cpu, started) = (server.cpu()?, now());
    let mut tasks = Vec::new();
    for (chat, sockets) in chats {
        for socket in sockets {
            tasks.push(tokio::spawn(receive(socket)));
        }
        tasks.push(tokio::spawn(send(server.address.clone(), chat)));
    }
    for task in tasks {
        task.await??;
    }
    let messages = (CHATS * MESSAGES_EACH) as f64;
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), server.cpu()? - cpu);
    let rate = messages / seconds;
    println!(
        "switchboard          {rate:>8.0} messages/s, each to two sockets   {:.1} µs CPU a message",
        cpu.as_secs_f64() * 1e6 / messages
    );
    server.stop().await?;

    let single = commits(&data, 1)?;
    let shared = commits(&data, CHATS as u32)?;
    println!("SQLite alone         {single:>8.0} rows/s, a commit for each");
    println!("SQLite alone         {shared:>8.0} rows/s, a commit for {CHATS}");
    println!("rate: {:.1} of SQLite's single commits, {:.2} of its shared ones\n", rate / single, rate / shared);
    Ok(std::fs::remove_dir_all(data)?)
}

/// Opens a socket for the chat's customer and subscribes it.
pub(crate) async fn subscribe(server: &Server, chat: &Chat) -> Outcome<Socket> {
    let connected = connect(server, &chat.participant_token).await?;
    let (mut socket, _) = connect_async(text(&connected["Websocket"], "Url")?).await?;
    let request = json!({ "topic": "aws/subscribe", "content": { "topics": ["aws/chat"] } });
    socket.send(Message::text(request.to_string())).await?;
    socket.next().await.ok_or("the socket closed")??;
    Ok(socket)
}

async fn send(address: String, chat: Chat) -> Outcome {
    let body = json!({ "ContentType": "text/plain", "Content": "Where is my order?" }).to_string();
    let message = request(&address, "POST", "/participant/message", &Auth::Bearer(&chat.connection_token), &body)?;
    let mut connection = Connection::open(&address).await?;
    for _ in 0..MESSAGES_EACH {
        let (status, body) = connection.exchange(&message).await?;
        if status != 200 {
            return Err(format!("SendMessage: {status} {}", String::from_utf8_lossy(body)).into());
        }
    }
    Ok(())
}

/// Reads until the last message has come; a lost one shows as a time-out.
async fn receive(mut socket: Socket) -> Outcome {
    let all = async {
        let mut received = 0;
        while received < MESSAGES_EACH {
            let frame = socket.next().await.ok_or("the socket closed")??;
            received += usize::from(frame.to_text().is_ok_and(|text| text.contains("Where is my order")));
        }
        Outcome::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(60), all).await?
}

/// Rows per second that SQLite alone writes on that disk, so many of them to a commit.
fn commits(dir: &Path, rows_per_commit: u32) -> Outcome<f64> {
    let path = dir.join(format!("floor-{rows_per_commit}.db"));
    let mut database = rusqlite::Connection::open(path)?;
    database.pragma_update(None, "journal_mode", "wal")?;
    database.pragma_update(None, "synchronous", "full")?;
    database.execute("CREATE TABLE item (chat TEXT, seq INTEGER, doc TEXT, PRIMARY KEY (chat, seq))", [])?;
    let (doc, started) = ("x".repeat(400), now());
    let mut seq = 0;
    while seq < ROWS {
        let transaction = database.transaction()?;
        for _ in 0..rows_per_commit {
            transaction.prepare_cached("INSERT INTO item VALUES ('chat', ?1, ?2)")?.execute((seq, &doc))?;
            seq += 1;
        }
        transaction.commit()?;
    }
    Ok(f64::from(seq) / started.elapsed().as_secs_f64())
}
