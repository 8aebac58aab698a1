"""Media by the ways that networks leave open: TCP where there is no UDP, one listener for everything, both families on
one port; and the figures of it."""

import re
import socket

import pytest
from aiortc import RTCSessionDescription

from bridge import Bridge, candidates, with_only
from media import GREY, Room, brightness, send
from switchboard import PATIENCE_S, Server, poll


@pytest.fixture
def serve(tmp_path):
    """Starts a server with settings."""
    started = []

    def start(*flags, **how):
        started.append(Server(tmp_path / "data", *flags).start(**how))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def meet(loop):
    """A stage on a server."""
    rooms = []

    def open_room(server):
        rooms.append(Room(server.client("ivs-realtime"), loop))
        return rooms[-1]

    yield open_room
    for room in rooms:
        room.close()


def join(room, url, token, where, **how):
    """Joins by the one address that `where` picks from the answer."""
    peer = room.peer(url, token)
    peer.reply = send("POST", url, token["token"], peer.offer(**how))
    assert peer.reply.status == 201, peer.reply
    text = peer.reply.body.decode()
    answer = RTCSessionDescription(with_only(text, *where(candidates(text))), "answer")
    room.loop.run(peer.connection.setRemoteDescription(answer))
    return peer


def publish_and_watch(room, where):
    """One publishes and another sees it, both by that way."""
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    join(room, room.whip, speaker, where, publishes=True)
    room.wait_published(speaker)
    viewer = join(room, f"{room.whip}/subscribe/{speaker['participantId']}", guest, where, publishes=False)
    picture = viewer.frame("video")
    assert abs(brightness(picture) - GREY) < 8
    assert viewer.frame("audio").sample_rate == 48_000


def over_tcp(loop, bridges, port=None):
    """The way over TCP, at that port if several are offered."""

    def where(offered):
        found = [(ip, at) for transport, ip, at in offered if transport == "tcp" and port in (None, at)]
        bridges.append(loop.run(Bridge.open(found[0])))
        return bridges[-1].address

    return where


@pytest.fixture
def bridges(loop):
    """Bridges that are closed at the end."""
    bridges = []
    yield bridges
    for bridge in bridges:
        loop.run(bridge.close())


def figures(server):
    """The server's figures, by name and labels."""
    text = server.request("GET", "/_switchboard/metrics").body.decode()
    return {name: float(value) for name, value in re.findall(r"^(switchboard_\S+) (\S+)$", text, re.MULTILINE)}


def test_media_over_tcp(serve, meet, loop, bridges):
    server = serve()
    publish_and_watch(meet(server), over_tcp(loop, bridges))
    assert figures(server)["switchboard_media_tcp_connections"] == 2


@pytest.mark.parametrize(("flags", "transports"), [((), ["udp", "tcp"]), (("--media-tcp=false",), ["udp"])])
def test_udp_comes_before_tcp_which_can_be_switched_off(serve, meet, flags, transports):
    room = meet(serve(*flags))
    offered = candidates(room.publisher(room.token("PUBLISH")).reply.body.decode())
    assert [transport for transport, _, _ in offered] == transports, offered
    assert len({port for _, _, port in offered}) == 1, "one port number"


def test_one_listener_takes_media_and_everything_else(serve, meet, loop, bridges):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    server = serve("--media", address, listen=address)
    publish_and_watch(meet(server), over_tcp(loop, bridges, port))
    # Somebody who begins as media do, and is nobody.
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as stranger:
        stranger.sendall(b"\0\x20" + bytes(0x20))
        assert stranger.recv(1) == b""
    assert server.request("GET", "/_switchboard/health").status == 200


def has_ipv6():
    """Whether this machine has IPv6 at all."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_both_families_on_one_port(serve, meet):
    everywhere, families = ("[::]:0", ["127.0.0.1", "::1"]) if has_ipv6() else ("0.0.0.0:0", ["127.0.0.1"])
    room = meet(serve("--media", everywhere))

    def by_ipv4(offered):
        udp = [(ip, port) for transport, ip, port in offered if transport == "udp"]
        port = udp[-1][1]
        assert [ip for ip, at in udp if at == port] == families, offered
        return "127.0.0.1", port

    publish_and_watch(room, by_ipv4)


def test_stages_on_several_threads(serve, meet):
    server = serve("--media-shards", "3")
    rooms = [meet(server) for _ in range(4)]
    speakers = [room.token("PUBLISH") for room in rooms]
    for room, speaker in zip(rooms, speakers, strict=True):
        assert room.publisher(speaker).reply.status == 201
    for room, speaker in zip(rooms, speakers, strict=True):
        room.wait_published(speaker)
    viewers = [room.viewer(room.token("SUBSCRIBE"), one["participantId"]) for room, one in zip(rooms, speakers)]
    # A viewer of a replica is where its publisher is, whichever stage it watches on.
    for source, destination, speaker in zip(rooms, rooms[1:], speakers):
        replica = {"sourceStageArn": source.arn, "destinationStageArn": destination.arn}
        source.ivs.start_participant_replication(participantId=speaker["participantId"], **replica)
        viewers.append(destination.viewer(destination.token("SUBSCRIBE"), speaker["participantId"]))
    for viewer in viewers:
        assert viewer.reply.status == 201, viewer.reply
        assert abs(brightness(viewer.frame("video")) - GREY) < 8
    assert figures(server)['switchboard_media_sessions{kind="subscribe"}'] == len(viewers)


def test_figures(serve, meet):
    server = serve()
    room = meet(server)
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publisher = room.publisher(speaker)
    room.wait_published(speaker)
    viewer = room.viewer(guest, speaker["participantId"])
    viewer.frame("video")
    [(_, ip, port)] = [one for one in candidates(publisher.reply.body.decode()) if one[0] == "udp"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"\x80" * 100, (ip, port))
    unknown = 'switchboard_media_dropped_total{reason="unknown"}'
    poll(lambda: figures(server)[unknown] == 1, "a stranger's datagram")
    now = figures(server)
    for direction in "in", "out":
        datagrams = now[f'switchboard_media_datagrams_total{{direction="{direction}"}}']
        octets = now[f'switchboard_media_bytes_total{{direction="{direction}"}}']
        assert datagrams >= 10 and octets > 50 * datagrams
    assert now['switchboard_media_sessions{kind="publish"}'] == 1
    assert now['switchboard_media_sessions{kind="subscribe"}'] == 1
    for reason in "overrun", "congested", "failed":
        assert now[f'switchboard_media_dropped_total{{reason="{reason}"}}'] == 0
    assert send("DELETE", viewer.session, guest["token"]).status == 200
    assert figures(server)['switchboard_media_sessions{kind="subscribe"}'] == 0
