//! The floor: what a forwarder cannot do without. It copies a packet, seals it for each viewer, and sends it.
//!
//! The one rule: nothing else. No publisher, no RTCP, no decision; the same packets to as many sockets at the same
//! times, the frames of all publishers spread over the time of a frame. The kernel's part of sending is in it, as it is
//! in what servers are charged.
//!
//! It runs as a process of its own, so that its CPU time is read as a server's is.

use std::{
    io::IoSlice,
    net::{SocketAddrV4, UdpSocket},
    os::fd::AsRawFd as _,
    time::Duration,
};

use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use nix::sys::socket::{ControlMessage, MsgFlags, MultiHeaders, SockaddrIn, sendmmsg};
use tokio::process::Command;

use super::{
    namespace::{CLIENT, SERVER},
    picture::{Camera, FRAME, PACKET_BYTES, wall_ns},
    srtp::{TAG_BYTES, rtp_nonce, seal},
};
use crate::{
    Outcome,
    process::{Server, now, sibling},
};

/// Datagrams, or bursts, that are given to the kernel at once.
const BATCH: usize = 64;
/// A header, an extension of two words with the mark, readable without keys.
const HEADER_BYTES: usize = 12 + 12;
const SEALED_BYTES: usize = PACKET_BYTES + TAG_BYTES;

/// How packets are given to the kernel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// One by one, many in a call: sendmmsg.
    Single,
    /// What a viewer gets of a frame as one burst, cut by the kernel: UDP_SEGMENT.
    Segmented,
}

/// Starts one that sends to these ports for so long.
pub(super) async fn start(manner: Manner, publishers: usize, ports: &[u16], length: Duration) -> Outcome<Server> {
    let mut command = Command::new(sibling("switchboard-bench")?);
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let manner = if manner == Manner::Single { "single" } else { "segmented" };
    command.args(["sfu-floor", manner, &publishers.to_string(), &length.as_secs().to_string(), &ports.join(",")]);
    Server::start(command, "floor ready").await
}

/// Runs one.
pub(crate) fn run(mut arguments: impl Iterator<Item = String>) -> Outcome {
    let mut next = || arguments.next().ok_or("sfu-floor MANNER PUBLISHERS SECONDS PORTS");
    let manner = if next()? == "single" { Manner::Single } else { Manner::Segmented };
    let (publishers, length) = (next()?.parse()?, Duration::from_secs(next()?.parse()?));
    let ports: Vec<u16> = next()?.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let mut floor = Floor::new(manner, publishers, &ports)?;
    println!("floor ready");
    let (begun, mut frames) = (now(), 0_u32);
    while begun.elapsed() < length {
        // One publisher after the other, evenly.
        let due = FRAME * (frames / publishers as u32) + FRAME * (frames % publishers as u32) / publishers as u32;
        std::thread::sleep((begun + due).saturating_duration_since(now()));
        floor.forward(frames as usize % publishers)?;
        frames += 1;
    }
    Ok(())
}

struct Viewer {
    address: SockaddrIn,
    key: LessSafeKey,
    sequence: u64,
}

struct Floor {
    manner: Manner,
    socket: UdpSocket,
    /// Of each publisher.
    viewers: Vec<Vec<Viewer>>,
    cameras: Vec<Camera>,
    single: MultiHeaders<SockaddrIn>,
    segmented: MultiHeaders<SockaddrIn>,
}

impl Floor {
    fn new(manner: Manner, publishers: usize, ports: &[u16]) -> Outcome<Self> {
        let socket = UdpSocket::bind((SERVER, 0))?;
        let std::net::IpAddr::V4(client) = CLIENT else { return Err("clients have IPv4 addresses".into()) };
        let mut viewers: Vec<Vec<Viewer>> = (0..publishers).map(|_| Vec::new()).collect();
        for (place, port) in ports.iter().enumerate() {
            let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[place as u8; 32])?);
            let address = SocketAddrV4::new(client, *port).into();
            viewers[place % publishers].push(Viewer { address, key, sequence: 0 });
        }
        Ok(Self {
            manner,
            socket,
            viewers,
            cameras: (0..publishers).map(|_| Camera::new()).collect(),
            single: MultiHeaders::preallocate(BATCH, None),
            segmented: MultiHeaders::preallocate(BATCH, Some(nix::cmsg_space!(u16))),
        })
    }

    /// Sends a publisher's next frame to its viewers.
    fn forward(&mut self, publisher: usize) -> Outcome {
        let packets = self.cameras[publisher].shoot().packets;
        let original = original();
        let most = if self.manner == Manner::Single { BATCH / packets } else { BATCH };
        for viewers in self.viewers[publisher].chunks_mut(most.max(1)) {
            let mut room = Vec::with_capacity(viewers.len() * packets * SEALED_BYTES);
            let mut packet = Vec::with_capacity(SEALED_BYTES);
            for viewer in viewers.iter_mut() {
                for _ in 0..packets {
                    packet.clear();
                    packet.extend_from_slice(&original);
                    packet[2..4].copy_from_slice(&(viewer.sequence as u16).to_be_bytes());
                    let nonce = rtp_nonce(&[7; 12], &packet, viewer.sequence).ok_or("too short a packet")?;
                    seal(&viewer.key, nonce, HEADER_BYTES, &mut packet).ok_or("a packet was not sealed")?;
                    viewer.sequence += 1;
                    room.extend_from_slice(&packet);
                }
            }
            let addresses: Vec<SockaddrIn> = viewers.iter().map(|viewer| viewer.address).collect();
            send(self.manner, &self.socket, (&mut self.single, &mut self.segmented), &room, packets, &addresses)?;
        }
        Ok(())
    }
}

/// The packet as it came from a publisher, dated now.
fn original() -> Vec<u8> {
    let mut packet = vec![0; PACKET_BYTES];
    packet[..2].copy_from_slice(&[0x90, 96]);
    packet[12..16].copy_from_slice(&[0xbe, 0xde, 0, 2]);
    packet[16..24].copy_from_slice(&wall_ns().to_be_bytes());
    packet
}

/// The mark of one of its packets.
pub(super) fn read_mark(packet: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(*packet.get(16..)?.first_chunk()?))
}

fn send(
    manner: Manner,
    socket: &UdpSocket,
    (single, segmented): (&mut MultiHeaders<SockaddrIn>, &mut MultiHeaders<SockaddrIn>),
    room: &[u8],
    packets: usize,
    addresses: &[SockaddrIn],
) -> Outcome {
    let segment = SEALED_BYTES as u16;
    let (headers, bytes, copies, control) = match manner {
        Manner::Single => (single, SEALED_BYTES, packets, vec![]),
        Manner::Segmented => (segmented, packets * SEALED_BYTES, 1, vec![ControlMessage::UdpGsoSegments(&segment)]),
    };
    let slices: Vec<_> = room.chunks_exact(bytes).map(|datagram| [IoSlice::new(datagram)]).collect();
    let addresses: Vec<_> = addresses.iter().flat_map(|address| std::iter::repeat_n(Some(*address), copies)).collect();
    let mut from = 0;
    while from < slices.len() {
        let sent =
            sendmmsg(socket.as_raw_fd(), headers, &slices[from..], &addresses[from..], &control, MsgFlags::empty())?;
        from += sent.count();
    }
    Ok(())
}
