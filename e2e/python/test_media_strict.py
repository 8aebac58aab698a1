"""`--limits aws`: the media limits and quotas of IVS, with IVS's own errors in the history; by default none of them."""

import functools

import av
import boto3
import pytest
from aiortc import AudioStreamTrack
from av.packet import Packet
from botocore.config import Config

from media import Picture, Room
from selfsigned import Signer
from switchboard import KEY_ID, REGION, SECRET, Server, poll

MEGABIT = 1_000_000
PUBLISHERS = 12


class Coded(Picture):
    """A picture that is already coded; it comes again and again."""

    def __init__(self, frames, times=1):
        super().__init__()
        self.frames, self.times, self.nth = frames, times, 0

    async def recv(self):
        if self.nth % self.times == 0:
            self.pts, self.time_base = await self.next_timestamp()
        packet = Packet(self.frames[self.nth % len(self.frames)])
        # So many at a time, each with its own part of it.
        packet.pts, packet.time_base = self.pts + self.nth % self.times * 3000 // self.times, self.time_base
        self.nth += 1
        return packet


def flood(bits_per_second=14 * MEGABIT, unit=b"\x41"):
    """Much of a picture: nothing in it can be decoded, only counted."""
    # One slice: a start code, and bytes that are none.
    return Coded([b"\0\0\0\1" + unit + b"\x55" * (bits_per_second // 8 // 30)])


def hurried():
    """Ninety frames a second."""
    return Coded([b"\0\0\0\1\x41" + b"\x55" * 500], times=3)


@functools.cache
def frames_with_b():
    """What an encoder makes that was not told to leave B-frames out."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.framerate = 320, 240, "yuv420p", 30
    encoder.options = {"x264-params": "bframes=2:b-adapt=0:scenecut=0:keyint=30:threads=1", "profile": "main"}
    frames = [av.VideoFrame(320, 240, "yuv420p") for _ in range(30)]
    for nth, frame in enumerate(frames):
        for plane in frame.planes:
            plane.update(bytes([100 + nth]) * plane.buffer_size)
        frame.pts = nth
    return [bytes(packet) for frame in [*frames, None] for packet in encoder.encode(frame)]


class Loud(AudioStreamTrack):
    """Sound of 240 kbit/s."""

    async def recv(self):
        frame = await super().recv()
        packet = Packet(b"\x78" * 600)
        packet.pts, packet.time_base = frame.pts * 6, frame.time_base / 6
        return packet


def large():
    """A picture that is larger than 720p."""
    return Picture(1_296, 720)


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """A server that does as IVS does."""
    flags = ("--limits", "aws", "--movable-clock")
    with Server(tmp_path_factory.mktemp("strict"), *flags) as server:
        yield server


@pytest.fixture(scope="module")
def ivs(strict):
    """A client that is as patient as the request rates want it to be."""
    patient = Config(retries={"mode": "standard", "total_max_attempts": 20})
    keys = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET}
    return boto3.client("ivs-realtime", region_name=REGION, endpoint_url=strict.url, config=patient, **keys)


def errors(room, token):
    """What did not go as somebody wanted, oldest first."""
    where = {"stageArn": room.arn, "sessionId": room.session, "participantId": token["participantId"]}
    listed = room.ivs.list_participant_events(**where)["events"]
    return [(event["name"], event["errorCode"]) for event in reversed(listed) if "errorCode" in event]


BROKEN = {
    "RESOLUTION_EXCEEDED": {"picture": large, "codec": "H264"},
    "BITRATE_EXCEEDED": {"picture": flood, "codec": "H264"},
    "BITRATE_EXCEEDED of sound": {"sound": Loud, "codec": "H264"},
    "B_FRAME_PRESENT": {"picture": lambda: Coded(frames_with_b()), "codec": "H264"},
    "INVALID_INPUT": {"picture": hurried, "codec": "H264"},
}


@pytest.mark.parametrize("code", BROKEN)
def test_who_breaks_a_limit_is_put_out_and_the_history_says_why(room, code):
    speaker = room.token("PUBLISH")
    publisher = room.publisher(speaker, **BROKEN[code])
    assert publisher.reply.status == 201, publisher.reply
    publisher.wait_end()
    poll(lambda: room.participant(speaker)["state"] == "DISCONNECTED", "leaving")
    assert errors(room, speaker) == [("PUBLISH_ERROR", code.split()[0])]
    assert room.participant(speaker)["published"]
    assert room.events(speaker)[:2] == ["LEFT", "PUBLISH_STOPPED"]
    assert room.publisher(speaker).reply.status == 201, "the token is still good"


@pytest.mark.parametrize("code", BROKEN)
def test_by_default_there_are_no_such_limits(server, loop, code):
    room = Room(server.client("ivs-realtime"), loop)
    speaker = room.token("PUBLISH")
    publisher = room.publisher(speaker, **BROKEN[code])
    room.wait_published(speaker)
    assert not publisher.ended.wait(2)
    assert errors(room, speaker) == []
    room.close()


def test_who_watches_too_much_loses_the_newest_subscription(room):
    speakers = [room.token("PUBLISH") for _ in range(2)]
    for speaker in speakers:
        room.publisher(speaker, codec="H264", picture=lambda: flood(5 * MEGABIT, unit=b"\x65"))
        room.wait_published(speaker)
    guest = room.token("SUBSCRIBE")
    first, last = [room.viewer(guest, speaker["participantId"]) for speaker in speakers]
    last.wait_end()
    poll(lambda: "SUBSCRIBE_STOPPED" in room.events(guest), "the end of a subscription")
    assert errors(room, guest) == [("SUBSCRIBE_ERROR", "BITRATE_EXCEEDED")]
    assert not first.ended.is_set()


def test_only_h264_is_taken(room):
    tokens = [room.token("PUBLISH") for _ in range(2)]
    offers = [{"codec": "VP8"}, {"kinds": ("audio",)}]
    for token, offer in zip(tokens, offers, strict=True):
        refused = room.publisher(token, **offer)
        assert refused.reply.status == 422, refused.reply
        assert refused.reply.json["errorCode"] == "INVALID_VIDEO_CODEC"
        assert errors(room, token) == [("PUBLISH_ERROR", "INVALID_VIDEO_CODEC")]
        seen = room.participant(token)
        assert (seen["state"], seen["published"], seen["protocol"]) == ("DISCONNECTED", False, "UNKNOWN")
        assert (seen["browserName"], seen["browserVersion"]) == ("OBS Studio", "32.1.0")
    picture = room.publisher(room.token("PUBLISH"), codec="H264")
    assert picture.reply.status == 201
    assert b"VP8" not in picture.reply.body


def test_a_stage_has_twelve_publishers(room):
    tokens = [room.token("PUBLISH") for _ in range(PUBLISHERS + 1)]
    *some, last = tokens
    for token in some:
        assert room.publisher(token, codec="H264").reply.status == 201
    refused = room.publisher(last, codec="H264")
    assert (refused.reply.status, refused.reply.headers["retry-after"]) == (503, "1")
    assert refused.reply.json["errorCode"] == "QUOTA_EXCEEDED"
    assert errors(room, last) == [("PUBLISH_ERROR", "QUOTA_EXCEEDED")]
    assert room.publisher(some[0], codec="H264").reply.status == 201, "in place of their own"


def test_nobody_publishes_or_watches_for_longer_than_a_day(strict, room):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publisher = room.publisher(speaker, codec="H264")
    room.wait_published(speaker)
    viewer = room.viewer(guest, speaker["participantId"])
    room.wait_event(guest, "SUBSCRIBE_STARTED")
    strict.advance(hours=24)
    publisher.wait_end()
    viewer.wait_end()
    assert errors(room, speaker) == [("PUBLISH_ERROR", "STREAM_DURATION_EXCEEDED")]
    poll(lambda: room.participant(guest)["state"] == "DISCONNECTED", "leaving")
    # Who watches has as long, and may have been told that the publisher is gone first.
    assert errors(room, guest) in ([], [("SUBSCRIBE_ERROR", "STREAM_DURATION_EXCEEDED")])


def test_a_participant_is_replicated_to_five_stages(room, ivs):
    speaker = room.token("PUBLISH")
    room.publisher(speaker, codec="H264")
    room.wait_published(speaker)
    stages = [ivs.create_stage()["stage"]["arn"] for _ in range(6)]
    for arn in stages[:5]:
        ivs.start_participant_replication(
            sourceStageArn=room.arn, destinationStageArn=arn, participantId=speaker["participantId"]
        )
    with pytest.raises(ivs.exceptions.ServiceQuotaExceededException):
        ivs.start_participant_replication(
            sourceStageArn=room.arn, destinationStageArn=stages[5], participantId=speaker["participantId"]
        )


def test_there_are_three_public_keys(ivs):
    signers = [Signer(ivs) for _ in range(3)]
    with pytest.raises(ivs.exceptions.ServiceQuotaExceededException):
        Signer(ivs)
    for signer in signers:
        signer.forget()


# -- the same as settings ----------------------------------------------------------------------------------------------


def test_each_limit_is_a_setting_of_its_own(tmp_path, loop):
    flags = ("--stage-publishers", "1", "--stage-subscribers", "1", "--stage-stream-seconds", "60")
    grace = ("--stage-session-grace-seconds", "30", "--movable-clock")
    with Server(tmp_path, *flags, *grace) as server:
        room = Room(server.client("ivs-realtime"), loop)
        speaker, *others = [room.token("PUBLISH") for _ in range(2)] + [room.token("SUBSCRIBE") for _ in range(2)]
        publisher = room.publisher(speaker)
        room.wait_published(speaker)
        assert room.publisher(others[0]).reply.json["errorCode"] == "QUOTA_EXCEEDED"
        first, second = others[1:]
        assert room.viewer(first, speaker["participantId"]).reply.status == 201
        room.wait_event(first, "SUBSCRIBE_STARTED")
        full = room.viewer(second, speaker["participantId"])
        assert (full.reply.status, full.reply.json["errorCode"]) == (503, "QUOTA_EXCEEDED")
        assert errors(room, second) == [("SUBSCRIBE_ERROR", "QUOTA_EXCEEDED")]

        session = room.session
        server.advance(seconds=60)
        publisher.wait_end()
        assert errors(room, speaker) == [("PUBLISH_ERROR", "STREAM_DURATION_EXCEEDED")]
        # Within its grace a session goes on with the next publisher; after it another begins.
        server.advance(seconds=20)
        publisher = room.publisher(speaker)
        poll(lambda: room.events(speaker).count("PUBLISH_STARTED") == 2, "publishing again")
        assert room.session == session
        publisher.close()
        poll(lambda: room.participant(speaker)["state"] == "DISCONNECTED", "leaving")
        server.advance(seconds=31)
        poll(lambda: "activeSessionId" not in room.ivs.get_stage(arn=room.arn)["stage"], "the end of the session")
        where = {"stageArn": room.arn, "sessionId": session}
        assert "endTime" in room.ivs.get_stage_session(**where)["stageSession"]
        room.publisher(speaker)
        poll(lambda: room.session != session, "another session")
        room.close()
