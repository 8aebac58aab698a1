//! Media over TCP, for clients whose network has no UDP: ICE candidates of the passive kind, and frames.
//!
//! The one rule: a connection may cost a few kilobytes until the forwarding unit has answered on it, which it does only to
//! a request that one of its clients has authenticated; and a bounded number of frames afterwards. A client that reads
//! too slowly loses packets, as it would over UDP; it is told so by its own reports.
//!
//! A frame is two bytes of length and as many bytes of what would be a datagram. Frames join all other datagrams where
//! they are received, so a shard does not know how they came but by their path.
//!
//! Sources: RFC 4571 (framing), RFC 6544 (ICE over TCP; §4.5 passive candidates), RFC 7983 (first bytes).

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use rustix::net::sockopt;
use switchboard_sfu::{Path, Transport, stun_ufrag};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Notify, Semaphore, mpsc},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    figures::{Counted, Figures},
    sockets::Told,
};

/// Connections open at once; more are closed as they come.
const MOST_CONNECTIONS: usize = 2_000;
/// Frames read from all connections that wait to be handed out; then connections are read from no longer.
const WAITING_FRAMES: usize = 1_024;
/// Frames that wait to be written to one connection: a third of a second of 720p.
const UNWRITTEN_FRAMES: usize = 64;
/// What the system keeps of a connection's frames besides: more would be old when it arrives.
const SEND_BUFFER_BYTES: usize = 128 * 1024;
/// A datagram that fits an Ethernet frame, and room for a client that thinks otherwise.
const LARGEST_FRAME_BYTES: usize = 4 * 1024;
/// What a client may send before it is answered: a few requests.
const UNKNOWN_BYTES: usize = 4 * 1024;
/// By then it must be answered.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// A client that is there sends consent checks every few seconds (RFC 7675).
const IDLE: Duration = Duration::from_secs(30);
/// Pause after the system would not give another connection.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);
/// Frames begin with their length, which is below [`LARGEST_FRAME_BYTES`]; HTTP begins with a letter, TLS with 22.
const FIRST_BYTES: std::ops::RangeInclusive<u8> = 0..=15;

/// Something that came in a frame.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) path: Path,
    pub(super) contents: Bytes,
    /// How to answer.
    pub(super) line: Line,
}

/// Writes to one client's connection. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Line(mpsc::Sender<Bytes>);

impl Line {
    /// Queues a frame. False when it is lost: the client reads too slowly, or is gone.
    pub(super) fn write(&self, contents: &[u8]) -> bool {
        let Ok(length) = u16::try_from(contents.len()) else { return false };
        let Ok(place) = self.0.try_reserve() else { return false };
        let mut frame = BytesMut::with_capacity(2 + contents.len());
        frame.put_u16(length);
        frame.extend_from_slice(contents);
        place.send(frame.freeze());
        true
    }

    /// Whether the connection is still there.
    pub(super) fn is_open(&self) -> bool {
        !self.0.is_closed()
    }

    /// Whether they are the same connection's.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.0.same_channel(&other.0)
    }
}

/// Where connections for media come in. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Entrance {
    told: Arc<[Told]>,
    frames: mpsc::Sender<Frame>,
    slots: Arc<Semaphore>,
    stop: CancellationToken,
    figures: Figures,
}

impl Entrance {
    /// An entrance to sockets that clients know by these addresses, and where its frames come out.
    pub(super) fn new(told: Arc<[Told]>, stop: CancellationToken, figures: Figures) -> (Self, mpsc::Receiver<Frame>) {
        let (frames, taken) = mpsc::channel(WAITING_FRAMES);
        (Self { told, frames, slots: Arc::new(Semaphore::new(MOST_CONNECTIONS)), stop, figures }, taken)
    }

    /// Whether a connection that begins with that byte is one for media.
    pub(crate) fn is_for_me(first: u8) -> bool {
        FIRST_BYTES.contains(&first)
    }

    /// Accepts connections until the media plane stops.
    pub(super) async fn listen(self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.stop.cancelled() => return,
            };
            match accepted {
                Ok((stream, client)) => {
                    tokio::spawn(self.clone().serve(stream, client));
                }
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::error!(%error, "a connection for media could not be accepted");
                    sleep(ACCEPT_RETRY).await;
                }
            }
        }
    }

    /// Carries frames until the client goes, is told nothing, or says nothing.
    pub(crate) async fn serve(self, mut stream: TcpStream, client: SocketAddr) {
        let Ok(_slot) = self.slots.try_acquire() else { return };
        let client = SocketAddr::new(client.ip().to_canonical(), client.port());
        let Some(path) = self.path(&stream, client) else { return };
        let _counted = Counted::new(&self.figures.lines);
        if let Err(error) = prepare(&stream) {
            tracing::debug!(%error, "a connection for media keeps the system's settings");
        }
        let (reader, writer) = stream.split();
        let outcome = tokio::select! {
            outcome = carry(path, reader, writer, &self.frames) => outcome,
            () = self.stop.cancelled() => Ok(()),
        };
        if let Err(error) = outcome {
            tracing::debug!(%client, %error, "a connection for media is over");
        }
    }

    fn path(&self, stream: &TcpStream, client: SocketAddr) -> Option<Path> {
        let local = stream.local_addr().ok()?;
        let local = SocketAddr::new(local.ip().to_canonical(), local.port());
        let known = || self.told.iter().filter_map(|told| told.to(client));
        // Behind a NAT the address that the client knows is not the one that the connection has here; its number is.
        let by_number = || known().find(|ours| ours.port() == local.port());
        let destination = known().find(|ours| *ours == local).or_else(by_number)?;
        Some(Path { transport: Transport::Tcp, source: client, destination })
    }
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    sockopt::set_socket_send_buffer_size(stream, SEND_BUFFER_BYTES)?;
    Ok(())
}

async fn carry(
    path: Path,
    reader: impl AsyncRead + Unpin,
    writer: impl AsyncWrite + Unpin,
    frames: &mpsc::Sender<Frame>,
) -> io::Result<()> {
    let (line, queue) = mpsc::channel(UNWRITTEN_FRAMES);
    let answered = Notify::new();
    tokio::select! {
        outcome = read(path, reader, Line(line), frames, &answered) => outcome,
        outcome = write(writer, queue, &answered) => outcome,
    }
}

async fn read(
    path: Path,
    mut reader: impl AsyncRead + Unpin,
    line: Line,
    frames: &mpsc::Sender<Frame>,
    answered: &Notify,
) -> io::Result<()> {
    let mut buffer = BytesMut::new();
    let mut unknown = Some(UNKNOWN_BYTES);
    let mut answer = std::pin::pin!(timeout(ANSWERED_WITHIN, answered.notified()));
    loop {
        buffer.reserve(LARGEST_FRAME_BYTES);
        let read = tokio::select! {
            // First this: what the client says after the answer is read after it.
            biased;
            outcome = answer.as_mut(), if unknown.is_some() => {
                outcome?;
                unknown = None;
                continue;
            }
            read = timeout(IDLE, reader.read_buf(&mut buffer)) => read??,
        };
        if read == 0 {
            return Ok(());
        }
        if let Some(left) = &mut unknown {
            *left = left.checked_sub(read).ok_or(io::ErrorKind::PermissionDenied)?;
        }
        while let Some(contents) = next_frame(&mut buffer)? {
            if unknown.is_some() && stun_ufrag(&contents).is_none() {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            let frame = Frame { path, contents, line: line.clone() };
            frames.send(frame).await.map_err(|_| io::ErrorKind::BrokenPipe)?;
        }
    }
}

/// Takes the first frame out, if it is there as a whole.
fn next_frame(buffer: &mut BytesMut) -> io::Result<Option<Bytes>> {
    let Some(length) = buffer.first_chunk().map(|length| usize::from(u16::from_be_bytes(*length))) else {
        return Ok(None);
    };
    if length > LARGEST_FRAME_BYTES - 2 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    if buffer.len() < 2 + length {
        return Ok(None);
    }
    buffer.advance(2);
    Ok(Some(buffer.split_to(length).freeze()))
}

async fn write(
    mut writer: impl AsyncWrite + Unpin,
    mut queue: mpsc::Receiver<Bytes>,
    answered: &Notify,
) -> io::Result<()> {
    while let Some(frame) = queue.recv().await {
        answered.notify_one();
        writer.write_all(&frame).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A STUN binding request (RFC 8489) for a name.
    fn request() -> Vec<u8> {
        let mut bytes = vec![0, 1, 0, 16, 0x21, 0x12, 0xa4, 0x42];
        bytes.extend([0; 12]);
        bytes.extend([0, 6, 0, 11]);
        bytes.extend(b"ours:theirs\0");
        bytes
    }

    fn framed(contents: &[u8]) -> Vec<u8> {
        [&(contents.len() as u16).to_be_bytes(), contents].concat()
    }

    fn path() -> Path {
        let address = SocketAddr::from(([127, 0, 0, 1], 4747));
        Path { transport: Transport::Tcp, source: address, destination: address }
    }

    #[tokio::test]
    async fn frames_go_both_ways_once_the_client_is_known() {
        let (mut client, server) = tokio::io::duplex(64 * 1024);
        let (frames, mut taken) = mpsc::channel(8);
        let carried = tokio::spawn(async move {
            let (reader, writer) = tokio::io::split(server);
            carry(path(), reader, writer, &frames).await
        });
        let bytes = framed(&request());
        let (begin, rest) = bytes.split_at(7);
        client.write_all(begin).await.expect("written");
        client.write_all(rest).await.expect("written");
        let frame = taken.recv().await.expect("a frame");
        assert_eq!(frame.contents, request());

        assert!(frame.line.write(b"yes"));
        let mut answer = [0; 5];
        client.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(&answer, b"\0\x03yes");
        // Now anything goes.
        client.write_all(&[framed(b""), framed(&[0x80; 1_200]), framed(b"x")].concat()).await.expect("written");
        for length in [0, 1_200, 1] {
            assert_eq!(taken.recv().await.expect("a frame").contents.len(), length);
        }
        drop(client);
        carried.await.expect("no panic").expect("a quiet end");
        assert!(!frame.line.is_open() && !frame.line.write(b"late"));
    }

    #[tokio::test]
    async fn strangers_may_say_little() {
        let many: Vec<u8> = (0..200).flat_map(|_| framed(&request())).collect();
        for bytes in [framed(&[0x80; 100]), vec![0xff; 10], many] {
            let (mut client, server) = tokio::io::duplex(64 * 1024);
            let (frames, mut taken) = mpsc::channel(256);
            client.write_all(&bytes).await.expect("written");
            let (reader, writer) = tokio::io::split(server);
            carry(path(), reader, writer, &frames).await.expect_err("put out");
            drop(frames);
            let mut count = 0;
            while taken.recv().await.is_some() {
                count += 1;
            }
            assert!(count < 120, "{count} frames were handed on");
        }
    }

    /// Whatever bytes come, in whatever pieces: frames of no more than a datagram, or the end.
    #[tokio::test]
    async fn any_bytes_are_frames_or_the_end() {
        let mut seed = 1_u64;
        let mut next = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize
        };
        for _ in 0..500 {
            let mut bytes = framed(&request());
            for _ in 0..next() % 8 {
                let place = next() % bytes.len();
                bytes[place] = next() as u8;
            }
            bytes.truncate(1 + next() % bytes.len());
            let (frames, mut taken) = mpsc::channel(64);
            let (first, second) = bytes.split_at(next() % bytes.len());
            let reader = tokio::io::AsyncReadExt::chain(first, second);
            let _ = carry(path(), reader, tokio::io::sink(), &frames).await;
            drop(frames);
            while let Some(frame) = taken.recv().await {
                assert!(frame.contents.len() < LARGEST_FRAME_BYTES && stun_ufrag(&frame.contents).is_some());
            }
        }
    }

    #[test]
    fn a_slow_reader_loses_frames() {
        let (line, queue) = mpsc::channel(UNWRITTEN_FRAMES);
        let line = Line(line);
        assert_eq!((0..1_000).filter(|_| line.write(b"packet")).count(), UNWRITTEN_FRAMES);
        drop(queue);
        assert!(!line.write(b"packet"));
    }
}
