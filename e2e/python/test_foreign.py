"""Publishers that others wrote and that speak plain WHIP: ffmpeg, and OBS Studio's requests as it makes them."""

import contextlib
import http.client
import re
import signal
import socket
import subprocess
from urllib.parse import urlsplit

import imageio_ffmpeg
import pytest
from aiortc import RTCSessionDescription

from media import GREY, HEIGHT, WIDTH, Room, brightness
from switchboard import PATIENCE_S, Reply, clean_environment


@pytest.fixture
def room(server, loop):
    room = Room(server.client("ivs-realtime"), loop)
    yield room
    room.close()


def watch(room, speaker):
    """Somebody who watches."""
    viewer = room.viewer(room.token("SUBSCRIBE"), speaker["participantId"])
    assert viewer.reply.status == 201, viewer.reply
    return viewer


@contextlib.contextmanager
def ffmpeg(url, token):
    """ffmpeg publishes a test picture and a tone until the end, and then says goodbye."""
    picture = ["-f", "lavfi", "-re", "-i", "testsrc2=size=640x360:rate=30"]
    tone = ["-f", "lavfi", "-re", "-i", "sine=frequency=440:sample_rate=48000"]
    h264 = ["-c:v", "libx264", "-profile:v", "baseline", "-preset", "ultrafast", "-tune", "zerolatency"]
    h264 += ["-pix_fmt", "yuv420p", "-bf", "0", "-g", "30", "-b:v", "800k"]
    opus = ["-c:a", "libopus", "-ac", "2", "-ar", "48000", "-b:a", "64k"]
    whip = ["-f", "whip", "-authorization", token, url]
    process = subprocess.Popen(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "warning", "-nostdin", *picture, *tone, *h264, *opus, *whip],
        stdin=subprocess.DEVNULL,
        env=clean_environment(),
    )
    try:
        yield
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_S)
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def test_ffmpeg_publishes_and_is_seen_and_heard(room):
    speaker = room.token("PUBLISH")
    with ffmpeg(room.whip, speaker["token"]):
        room.wait_published(speaker)
        viewer = watch(room, speaker)
        picture = viewer.frame("video", lambda frame: (frame.width, frame.height) == (640, 360))
        assert picture.key_frame
        for _ in range(30):
            viewer.frame("video")
        assert viewer.frame("audio", is_loud).sample_rate == 48_000
        shown = room.participant(speaker)
        assert (shown["state"], shown["published"], shown["protocol"]) == ("CONNECTED", True, "WHIP")
    # It deletes its session when it is told to stop.
    room.wait_event(speaker, "LEFT")
    assert room.participant(speaker)["state"] == "DISCONNECTED"
    viewer.wait_end()


def is_loud(frame):
    """Whether a frame of sound is not silence."""
    return max(abs(sample) for sample in memoryview(bytes(frame.planes[0])).cast("h")) > 1_000


# What OBS Studio says of itself (its whip-utils.h), and the codecs as its library writes them.
OBS = "User-Agent: Mozilla/5.0 (OBS-Studio/32.0.2; Linux x86_64; en-US)"
OPUS = "minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1"
H264 = "profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1"


def obs_offer(local, addresses):
    """The offer that OBS would make of this connection: what belongs to the transport stands before the first section,
    there are no header extensions and no retransmission, and, since version 31, no addresses."""
    first = lambda name: re.search(f"^a={name}(.+?)\r?$", local, re.MULTILINE)[1]
    ssrcs = re.findall(r"^a=ssrc:(\d+) cname", local, re.MULTILINE)
    session = ["v=0", "o=rtc 3765103251 0 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1", "a=group:LS 0 1"]
    session += ["a=msid-semantic:WMS *", "a=ice-options:ice2,trickle", "a=setup:actpass"]
    session += [f"a=ice-ufrag:{first('ice-ufrag:')}", f"a=ice-pwd:{first('ice-pwd:')}"]
    session += [f"a=fingerprint:sha-256 {first('fingerprint:sha-256 ')}"]

    def section(kind, mid, payload_type, rtpmap, fmtp, feedback):
        tracks = [f"a=ssrc:{ssrcs[mid]} cname:obs", f"a=ssrc:{ssrcs[mid]} msid:stream stream-{kind}"]
        head = [f"m={kind} 9 UDP/TLS/RTP/SAVPF {payload_type}", "c=IN IP4 0.0.0.0", f"a=mid:{mid}", "a=sendonly"]
        codec = [f"a=rtpmap:{payload_type} {rtpmap}", *(f"a=rtcp-fb:{payload_type} {how}" for how in feedback)]
        return [*head, *tracks, f"a=msid:stream stream-{kind}", "a=rtcp-mux", *codec, f"a=fmtp:{payload_type} {fmtp}"]

    audio = section("audio", 0, 111, "opus/48000/2", OPUS, [])
    video = section("video", 1, 96, "H264/90000", H264, ["nack", "nack pli", "goog-remb"])
    if addresses:
        audio += re.findall(r"^(a=candidate:.+?)\r?$", local, re.MULTILINE)
        audio.append("a=end-of-candidates")
    return "".join(line + "\r\n" for line in [*session, *audio, *video])


def curl(url, method, lines, body=b""):
    """One request on a connection of its own, written as curl writes it."""
    parts = urlsplit(url)
    head = [f"{method} {parts.path} HTTP/1.1", f"Host: {parts.netloc}", "Accept: */*", *lines]
    if body:
        head.append(f"Content-Length: {len(body)}")
    with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE_S) as connection:
        connection.sendall("".join(line + "\r\n" for line in [*head, ""]).encode() + body)
        reply = http.client.HTTPResponse(connection, method=method)
        reply.begin()
        return Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())


@pytest.mark.parametrize("version", ["30", "31"])
def test_obs_publishes_and_is_seen_and_heard(server, room, loop, version):
    speaker = room.token("PUBLISH")
    bearer = f"Authorization: Bearer {speaker['token']}"
    peer = room.peer(room.whip, speaker)
    offer = obs_offer(peer.offer(publishes=True), addresses=version == "30").encode()
    headers = ["Content-Type: application/sdp", bearer, OBS]
    # Whoever knows only the server is sent on, and goes with all that it brought.
    sent_on = curl(f"{server.url}/", "POST", headers, offer)
    assert (sent_on.status, sent_on.headers["location"]) == (307, room.whip), sent_on
    reply = curl(room.whip, "POST", headers, offer)
    assert (reply.status, reply.headers["content-type"]) == (201, "application/sdp"), reply
    answer = reply.body.decode()
    # OBS takes what stands before "v=0" away, and builds an address of its own unless this is a whole one.
    assert answer.startswith("v=0\r\n") and reply.headers["location"].startswith("http://")
    loop.run(peer.connection.setRemoteDescription(RTCSessionDescription(answer, "answer")))
    room.wait_published(speaker)

    viewer = watch(room, speaker)
    picture = viewer.frame("video", lambda frame: (frame.width, frame.height) == (WIDTH, HEIGHT))
    assert abs(brightness(picture) - GREY) < 8
    viewer.frame("audio")
    shown = room.participant(speaker)
    assert (shown["state"], shown["published"], shown["protocol"]) == ("CONNECTED", True, "WHIP")
    assert (shown["browserName"], shown["browserVersion"], shown["osName"]) == ("OBS Studio", "32.0.2", "Linux")

    # When it is stopped it closes the connection, and deletes the session after that: nobody waits for it to come back.
    peer.close()
    room.wait_event(speaker, "LEFT")
    assert room.participant(speaker)["state"] == "DISCONNECTED"
    assert not viewer.ended.is_set()
    deleted = curl(reply.headers["location"], "DELETE", [bearer, OBS])
    assert deleted.status == 200, deleted
    viewer.wait_end(5)
    assert curl(reply.headers["location"], "DELETE", [bearer, OBS]).status == 404
