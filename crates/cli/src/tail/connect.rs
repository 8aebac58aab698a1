//! A WebSocket to the server: with TLS or without, through a proxy or without.
//!
//! One rule: the same roots are trusted and the same proxies used as for every other call.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Uri;
use http::header::{HeaderValue, SEC_WEBSOCKET_PROTOCOL};
use percent_encoding::percent_decode_str;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::tls;
use crate::config::Settings;
use crate::errors::Failure;

/// More than that is no answer of a proxy.
const LONGEST_ANSWER_BYTES: usize = 16 * 1024;

/// Plain or with TLS.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// An open socket.
pub(super) type WebSocket = WebSocketStream<Box<dyn Stream>>;

/// Why a connection is of no more use.
pub(super) struct Lost(pub(super) String);

impl From<Error> for Lost {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

/// The way to one URL.
pub(super) struct Connector {
    url: String,
    tls: Option<Arc<ClientConfig>>,
    proxy: Option<String>,
}

impl Connector {
    pub(super) fn new(url: &str, settings: &Settings) -> Result<Self, Failure> {
        let tls = if url.starts_with("wss:") { Some(tls::config(settings)?) } else { None };
        Ok(Self { url: url.to_owned(), tls, proxy: settings.proxies.for_url(url) })
    }

    /// Opens a socket, offering a subprotocol if one is given.
    pub(super) async fn open(&self, protocol: Option<&str>) -> Result<WebSocket, Lost> {
        let (host, port) = address(&self.url, if self.tls.is_some() { 443 } else { 80 })?;
        let tcp = match &self.proxy {
            None => dial(&host, port).await?,
            Some(proxy) => through(proxy, &host, port).await?,
        };
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(tcp),
            Some(config) => {
                let name = ServerName::try_from(host).map_err(|error| Lost(error.to_string()))?;
                let secure = TlsConnector::from(config.clone()).connect(name, tcp).await;
                Box::new(secure.map_err(|error| Lost(error.to_string()))?)
            }
        };
        let mut request = self.url.as_str().into_client_request()?;
        if let Some(protocol) = protocol {
            let protocol = HeaderValue::from_str(protocol).map_err(|error| Lost(error.to_string()))?;
            request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, protocol);
        }
        let (socket, _) = client_async(request, stream).await?;
        Ok(socket)
    }
}

fn address(url: &str, usual_port: u16) -> Result<(String, u16), Lost> {
    let uri: Uri = url.parse().map_err(|error| Lost(format!("the URL {url} is wrong: {error}")))?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    Ok((host, uri.port_u16().unwrap_or(usual_port)))
}

async fn dial(host: &str, port: u16) -> Result<TcpStream, Lost> {
    TcpStream::connect((host, port)).await.map_err(|error| Lost(error.to_string()))
}

/// Asks a proxy for the connection.
async fn through(proxy: &str, host: &str, port: u16) -> Result<TcpStream, Lost> {
    let broken = |error: std::io::Error| Lost(format!("the proxy {proxy}: {error}"));
    let (proxy_host, proxy_port) = address(proxy, 80)?;
    let mut stream = dial(&proxy_host, proxy_port).await?;
    let target = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let login = login(proxy).map(|login| format!("Proxy-Authorization: {login}\r\n")).unwrap_or_default();
    let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{login}\r\n");
    stream.write_all(request.as_bytes()).await.map_err(broken)?;
    // Byte by byte, as what follows is not the proxy's.
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") && answer.len() < LONGEST_ANSWER_BYTES {
        answer.push(stream.read_u8().await.map_err(broken)?);
    }
    let status = String::from_utf8_lossy(&answer);
    if status.split(' ').nth(1) == Some("200") {
        return Ok(stream);
    }
    Err(Lost(format!("the proxy {proxy} answers {}", status.lines().next().unwrap_or_default())))
}

/// The name and the password in a proxy's URL.
fn login(proxy: &str) -> Option<String> {
    let (login, _) = proxy.split_once("://")?.1.rsplit_once('@')?;
    let login = percent_decode_str(login).decode_utf8_lossy();
    Some(format!("Basic {}", BASE64_STANDARD.encode(login.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        let read = |url| address(url, 443).map_err(|Lost(reason)| reason);
        assert_eq!(read("wss://example.com/x"), Ok(("example.com".to_owned(), 443)));
        assert_eq!(read("ws://[::1]:80/x"), Ok(("::1".to_owned(), 80)));
        assert!(read("ws://a b").is_err());
    }

    #[test]
    fn a_proxy_may_want_a_password() {
        assert_eq!(login("http://me:p%40ss@proxy:1").as_deref(), Some("Basic bWU6cEBzcw=="));
        assert_eq!(login("http://proxy:1"), None);
    }
}
