"""Clients of the media plane, made of aiortc: one publishes a picture and a tone, another watches and decodes; and the
stage that they meet on.

They live on a thread of their own, so that tests stay plain functions. Nothing here waits without a limit.
"""

import asyncio
import concurrent.futures
import http.client
import threading
from urllib.parse import urlsplit

import av
from aiortc import AudioStreamTrack, RTCPeerConnection, RTCRtpSender, RTCSessionDescription, VideoStreamTrack

from switchboard import PATIENCE_S, Reply, poll

WIDTH, HEIGHT = 320, 240
# The picture is one grey, which survives every codec; a viewer who decodes it has got this picture and no other.
GREY = 170


class Picture(VideoStreamTrack):
    """A grey picture, 30 times a second."""

    def __init__(self, width=WIDTH, height=HEIGHT):
        super().__init__()
        self.size = width, height

    async def recv(self):
        pts, time_base = await self.next_timestamp()
        frame = av.VideoFrame(*self.size, "yuv420p")
        for plane, value in zip(frame.planes, (GREY, 128, 128), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = pts, time_base
        return frame


class Loop:
    """An event loop on a thread."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine, timeout_s=PATIENCE_S):
        """What a coroutine returns."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(timeout_s)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise AssertionError(f"nothing came of it within {timeout_s} s") from None

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()


def send(method, url, token=None, body=None, content_type="application/sdp", **headers):
    """One HTTP request, as a WHIP or WHEP client makes it."""
    parts = urlsplit(url)
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if body is not None and content_type is not None:
        headers["Content-Type"] = content_type
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE_S)
    try:
        connection.request(method, parts.path, body=body, headers=headers)
        reply = connection.getresponse()
        headers = {name.lower(): reply.getheader(name) for name, _ in reply.getheaders()}
        return Reply(reply.status, headers, reply.read())
    finally:
        connection.close()


class Peer:
    """One WebRTC connection to the server."""

    def __init__(self, loop, url, token):
        self.loop, self.url, self.token = loop, url, token
        self.reply = None
        self.tracks = {}
        self.ended = threading.Event()
        self.connection = loop.run(self._make())

    async def _make(self):
        connection = RTCPeerConnection()
        connection.on("track", lambda track: self.tracks.__setitem__(track.kind, track))
        connection.on("connectionstatechange", self._changed)
        return connection

    def _changed(self):
        if self.connection.connectionState in ("closed", "failed"):
            self.ended.set()

    def offer(self, *, publishes, kinds=("audio", "video"), picture=Picture, sound=AudioStreamTrack, codec=None):
        """The offer, as text: with that picture and sound, and with no other video codec than the named."""

        async def make():
            for kind in kinds:
                if publishes:
                    track = sound() if kind == "audio" else picture()
                    line = self.connection.addTransceiver(track, direction="sendonly")
                else:
                    line = self.connection.addTransceiver(kind, direction="recvonly")
                if codec and kind == "video":
                    known = RTCRtpSender.getCapabilities("video").codecs
                    line.setCodecPreferences([one for one in known if one.mimeType == f"video/{codec}"])
            await self.connection.setLocalDescription(await self.connection.createOffer())
            return self.connection.localDescription.sdp

        return self.loop.run(make())

    def join(self, *, user_agent="OBS-Studio/32.1.0", **how):
        """Sends the offer, and takes the answer if there is one."""
        offer = self.offer(**how)
        agent = {"User-Agent": user_agent} if user_agent else {}
        self.reply = send("POST", self.url, self.token, offer, **agent)
        if self.reply.status == 201:
            answer = RTCSessionDescription(self.reply.body.decode(), "answer")
            self.loop.run(self.connection.setRemoteDescription(answer))
        return self

    def take_offer(self, offer):
        """Answers an offer of the server's by a connection that is made for it. Gives the answer."""
        before, self.connection = self.connection, self.loop.run(self._make())

        async def make():
            await before.close()
            await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            await self.connection.setLocalDescription(await self.connection.createAnswer())
            return self.connection.localDescription.sdp

        return self.loop.run(make())

    @property
    def session(self):
        """Where the session is."""
        return self.reply.headers["location"]

    def frame(self, kind, wanted=lambda frame: True):
        """The next decoded frame that is as wanted."""

        async def next_frame():
            while True:
                frame = await self.tracks[kind].recv()
                if wanted(frame):
                    return frame

        return self.loop.run(next_frame())

    def received(self, kind):
        """How many packets of that kind have come."""
        stats = self.loop.run(self.connection.getStats())
        inbound = [one for one in stats.values() if one.type == "inbound-rtp" and one.kind == kind]
        return sum(one.packetsReceived for one in inbound)

    def is_silent(self, *kinds, for_s=0.5):
        """Whether nothing of those kinds comes for that long."""
        before = [self.received(kind) for kind in kinds]
        assert not self.ended.wait(for_s), "the connection was ended"
        return before == [self.received(kind) for kind in kinds]

    def fall_silent(self):
        """Stops sending anything, without a goodbye."""

        async def cut():
            for transceiver in self.connection.getTransceivers():
                ice = transceiver.sender.transport.transport._connection
                for protocol in ice._protocols:
                    protocol.transport.close()

        self.loop.run(cut())

    def wait_end(self, timeout_s=PATIENCE_S):
        """Waits until the server has said goodbye."""
        assert self.ended.wait(timeout_s), f"the connection was not ended within {timeout_s} s"

    def close(self):
        self.loop.run(self.connection.close())


class Room:
    """A stage with its participants. Clients of other kinds than ours need no loop."""

    def __init__(self, ivs, loop=None):
        self.ivs, self.loop, self.peers = ivs, loop, []
        self.stage = ivs.create_stage(name="room")["stage"]
        self.arn, self.whip = self.stage["arn"], self.stage["endpoints"]["whip"]

    def token(self, *capabilities):
        made = self.ivs.create_participant_token(stageArn=self.arn, capabilities=list(capabilities))
        return made["participantToken"]

    def publisher(self, token, path="", **how):
        return self.peer(self.whip + path, token).join(publishes=True, **how)

    def viewer(self, token, publisher, **how):
        return self.peer(f"{self.whip}/subscribe/{publisher}", token).join(publishes=False, **how)

    def peer(self, url, token):
        peer = Peer(self.loop, url, token["token"])
        self.peers.append(peer)
        return peer

    @property
    def session(self):
        """The present session, or the last; the first begins when somebody comes."""
        sessions = poll(lambda: self.ivs.list_stage_sessions(stageArn=self.arn)["stageSessions"], "a session")
        return sessions[0]["sessionId"]

    def participant(self, token):
        where = {"stageArn": self.arn, "sessionId": self.session, "participantId": token["participantId"]}
        return self.ivs.get_participant(**where)["participant"]

    def events(self, token):
        where = {"stageArn": self.arn, "sessionId": self.session, "participantId": token["participantId"]}
        return [event["name"] for event in self.ivs.list_participant_events(**where)["events"]]

    def wait_published(self, token):
        poll(lambda: "PUBLISH_STARTED" in self.events(token), "publishing")

    def wait_event(self, token, name):
        poll(lambda: name in self.events(token), name)

    def close(self):
        for peer in self.peers:
            peer.close()
        self.ivs.delete_stage(arn=self.arn)


def brightness(frame):
    """The middle of a decoded picture, in the scale of its own format."""
    plane = frame.planes[0]
    return bytes(plane)[plane.line_size * (frame.height // 2) + frame.width // 2]
