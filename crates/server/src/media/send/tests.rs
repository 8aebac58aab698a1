//! What goes out arrives, cut or whole, and what cannot go out does not hold up the rest.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

use prometheus_client::registry::Registry;

use super::*;
use crate::media::sockets;

/// A socket of ours.
async fn port(address: &str) -> Port {
    let address = address.parse().expect("an address");
    sockets::open(address, &[], false, address).await.expect("a port").0
}

/// A client's socket.
fn client() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket")
}

/// An outbox with datagrams of these lengths for that client. Each begins with its number.
fn outbox(port: &Port, client: &UdpSocket, transport: Transport, lengths: &[usize]) -> Outbox {
    let client = client.local_addr().expect("an address");
    let ours = port.told.to(client).expect("an address of ours");
    let path = Path { transport, source: client, destination: ours };
    let mut outbox = Outbox::default();
    for (number, length) in lengths.iter().enumerate() {
        let mut contents = vec![0; *length];
        contents[0] = number as u8;
        outbox.push(&path, &contents);
    }
    outbox
}

fn arrived(client: &UdpSocket, count: usize) -> Vec<usize> {
    let mut buffer = [0; 2_048];
    let receive = |number| {
        let length = client.recv(&mut buffer).expect("a datagram");
        assert_eq!(usize::from(buffer[0]), number, "in order");
        length
    };
    (0..count).map(receive).collect()
}

fn outgoing(port: Port) -> (Outgoing, Arc<[Port]>, Figures) {
    let (ports, figures) = (Arc::from([port]), Figures::new(&mut Registry::default()));
    (Outgoing::new(Arc::clone(&ports), figures.clone()), ports, figures)
}

#[tokio::test]
async fn runs_arrive_as_the_datagrams_they_are() {
    let lengths = [1_200, 1_200, 1_200, 700, 300, 1_000, 1_000, 9];
    let clients: [(&str, IpAddr); 4] = [
        ("127.0.0.1:0", Ipv4Addr::LOCALHOST.into()),
        ("[::1]:0", Ipv6Addr::LOCALHOST.into()),
        ("[::]:0", Ipv6Addr::LOCALHOST.into()),
        ("[::]:0", Ipv4Addr::LOCALHOST.into()),
    ];
    // Where there is no IPv6 there is only the first.
    let has_v6 = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    for (address, ip) in clients.into_iter().take(if has_v6 { 4 } else { 1 }) {
        let (mut outgoing, ports, figures) = outgoing(port(address).await);
        for cut in [Cut::Runs, Cut::Datagrams] {
            outgoing.cut = cut;
            let client = UdpSocket::bind((ip, 0)).expect("a socket");
            outgoing.post(outbox(&ports[0], &client, Transport::Udp, &lengths));
            assert_eq!(arrived(&client, lengths.len()), lengths, "{cut:?} from {address} to {ip}");
        }
        let bytes: usize = lengths.iter().sum();
        assert_eq!(figures.sent.total(), (2 * lengths.len() as u64, 2 * bytes as u64));
        assert!(outgoing.waiting.is_empty());
    }
}

#[tokio::test]
async fn what_cannot_go_is_passed_over() {
    let (mut outgoing, ports, figures) = outgoing(port("127.0.0.1:0").await);
    let client = client();
    let mut outbox = outbox(&ports[0], &client, Transport::Udp, &[9]);
    let path =
        Path { transport: Transport::Udp, source: "203.0.113.1:0".parse().expect("an address"), ..path(&outbox) };
    outbox.push(&path, b"to port 0, where nobody can be");
    outbox.push(&path, b"to port 0, where nobody can be");
    let strange = Path { destination: "203.0.113.9:1".parse().expect("an address"), ..path };
    outbox.push(&strange, b"from an address that is not ours");
    outbox.push(&Path { transport: Transport::Tcp, ..path }, b"to a connection that is not there");
    outgoing.post(outbox);
    assert_eq!(arrived(&client, 1), [9]);
    assert_eq!((figures.failed.get(), figures.congested.get()), (3, 1));
    assert!(outgoing.waiting.is_empty());
}

fn path(outbox: &Outbox) -> Path {
    let run = &outbox.runs()[0];
    Path { transport: run.transport, source: run.destination, destination: run.source }
}

#[tokio::test]
async fn what_waits_is_bounded_and_goes_out_later() {
    let (mut outgoing, ports, figures) = outgoing(port("127.0.0.1:0").await);
    let client = client();
    // As if the socket had taken nothing.
    let first = outbox(&ports[0], &client, Transport::Udp, &[5, 6]);
    outgoing.full = Some(0);
    outgoing.waiting_bytes = first.bytes().len();
    outgoing.waiting.push_back(Waiting { outbox: first, cursor: Cursor::default() });
    let large = vec![1_000; 200];
    for _ in 0..100 {
        outgoing.post(outbox(&ports[0], &client, Transport::Udp, &large));
    }
    assert!(outgoing.waiting_bytes <= MOST_WAITING_BYTES);
    assert_eq!(figures.congested.get(), (100 - (outgoing.waiting.len() as u64 - 1)) * 200);
    outgoing.room().await;
    outgoing.resume();
    assert_eq!(arrived(&client, 2), [5, 6]);
    assert_eq!(outgoing.waiting_bytes, 0);
}
