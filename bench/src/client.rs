//! The load: HTTP requests made once and replayed, and calls whose answers matter.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    Outcome,
    process::{ACCESS_KEY, Server, now},
};

/// How a request proves who sends it.
pub(crate) enum Auth<'a> {
    /// A signature for `connect`.
    Signed,
    /// A signature for that service.
    SignedFor(&'a str),
    /// A token of the Participant Service.
    Bearer(&'a str),
}

/// The bytes of one request.
pub(crate) fn request(address: &str, method: &str, path: &str, auth: &Auth<'_>, body: &str) -> Outcome<Vec<u8>> {
    let mut headers = vec![("host".to_owned(), address.to_owned())];
    if !body.is_empty() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    match auth {
        Auth::Bearer(token) => headers.push(("x-amz-bearer".to_owned(), (*token).to_owned())),
        Auth::Signed => headers.extend(signature("connect", address, method, path, body)?),
        Auth::SignedFor(service) => headers.extend(signature(service, address, method, path, body)?),
    }
    let mut text = format!("{method} {path} HTTP/1.1\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(body);
    Ok(text.into_bytes())
}

fn signature(service: &str, address: &str, method: &str, path: &str, body: &str) -> Outcome<Vec<(String, String)>> {
    let identity = Credentials::new(ACCESS_KEY.0, ACCESS_KEY.1, None, None, "bench").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name(service)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?
        .into();
    let url = format!("http://{address}{path}");
    let signable = SignableRequest::new(method, url, std::iter::empty(), SignableBody::Bytes(body.as_bytes()))?;
    let (instructions, _) = sign(signable, &params)?.into_parts();
    Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// One keep-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// The server said that it closes this connection after its last answer.
    closes: bool,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1_024), closes: false })
    }

    /// Sends a request and reads its whole answer; the status and the body.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Outcome<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            let Some(head) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
            let text = String::from_utf8_lossy(&self.buffer[..head]).to_ascii_lowercase();
            self.closes = text.lines().any(|line| line == "connection: close");
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.ok_or("no content-length")?.trim().parse()?;
            if self.buffer.len() >= head + 4 + length {
                let status = text.get(9..12).ok_or("no status")?.parse()?;
                return Ok((status, &self.buffer[head + 4..head + 4 + length]));
            }
        }
    }

    /// Calls one operation and gives its answer.
    pub(crate) async fn call(address: &str, method: &str, path: &str, auth: Auth<'_>, body: &str) -> Outcome<Value> {
        let request = request(address, method, path, &auth, body)?;
        let mut connection = Self::open(address).await?;
        let (status, body) = connection.exchange(&request).await?;
        if status != 200 {
            return Err(format!("{method} {path}: {status} {}", String::from_utf8_lossy(body)).into());
        }
        Ok(if body.is_empty() { Value::Null } else { serde_json::from_slice(body)? })
    }
}

/// What a load measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    pub(crate) cpu_us: f64,
}

/// Replays a request over so many connections for so long. A server that closes its connections gets new ones.
pub(crate) async fn replay(server: &Server, request: &[u8], connections: usize, length: Duration) -> Outcome<Measured> {
    let (cpu, started) = (server.cpu()?, now());
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (request, address) = (request.to_vec(), server.address.clone());
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(&address).await?;
            let mut answered = 0_u64;
            while started.elapsed() < length {
                let (status, body) = connection.exchange(&request).await?;
                if status != 200 {
                    return Err(format!("answered {status}: {}", String::from_utf8_lossy(body)).into());
                }
                answered += 1;
                if connection.closes {
                    connection = Connection::open(&address).await?;
                }
            }
            Outcome::Ok(answered)
        }));
    }
    let mut answered = 0;
    for task in tasks {
        answered += task.await??;
    }
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), server.cpu()? - cpu);
    Ok(Measured { per_second: answered as f64 / seconds, cpu_us: cpu.as_secs_f64() * 1e6 / answered as f64 })
}
