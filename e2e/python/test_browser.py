"""Pages in a real browser on a stage: they publish their camera and microphone over WHIP and watch over WHEP."""

import time

import pytest

from bottleneck import Bottleneck, media_address
from browser import LAYERS, publish, watch
from media import Room

HD = {"width": 1280, "height": 720}
# Chromium sends this at full size at once; to a larger single picture it climbs for a quarter of a minute.
MEDIUM = {"width": 640, "height": 360}

HEIGHTS = {"hi": 720, "mid": 360, "low": 180}
# Sound and the smallest layer get through, the largest does not.
NARROW_BPS = 250_000
# A viewer climbs with care, and the longer the busier the machine that encodes and decodes is.
CLIMB_S = 45


@pytest.fixture
def room(ivs):
    room = Room(ivs)
    yield room
    room.close()


@pytest.fixture
def pages(browser):
    """Opens pages, and closes them."""
    opened = []

    def page():
        opened.append(browser.page())
        return opened[-1]

    yield page
    for one in opened:
        one.close()


def decodes(page, *heights, frames=20, **how):
    """Waits until the page has decoded so many pictures, and is at one of these heights; and a second of sound."""
    sound = {"totalSamplesReceived": 48_000, "jitterBufferEmittedCount": 24_000}
    seen = page.see(video={"framesDecoded": frames}, heights=heights, audio=sound, **how)
    assert seen["video"]["frameWidth"] == seen["video"]["frameHeight"] * 16 // 9
    return seen["video"]


def test_one_page_publishes_and_two_decode_it(room, pages, browser):
    speaker = room.token("PUBLISH")
    publish(pages(), room, speaker, video=MEDIUM)
    room.wait_published(speaker)
    watching = [(room.token("SUBSCRIBE"), pages()) for _ in range(2)]
    for guest, viewer in watching:
        watch(viewer, room, guest, speaker)
    for guest, viewer in watching:
        seen = decodes(viewer, 360)
        # Sound and picture belong together: browsers play only then in step.
        look = viewer.look()
        assert len(look["streams"]) == 1
        # And they are told against one clock, which shows the time of day.
        assert look["told"].keys() == {"audio", "video"}
        assert all(abs(told_ms / 1000 - time.time()) < 5 for told_ms in look["told"].values()), look["told"]
        # It goes on.
        decodes(viewer, 360, frames=seen["framesDecoded"] + 10)
        room.wait_event(guest, "SUBSCRIBE_STARTED")
        assert room.participant(guest)["state"] == "CONNECTED"

    shown = room.participant(speaker)
    assert (shown["state"], shown["published"], shown["protocol"]) == ("CONNECTED", True, "WHIP")
    assert (shown["browserName"], shown["osName"]) == ("Google Chrome", "Linux")
    assert f"Chrome/{shown['browserVersion']} " in browser.user_agent

    for guest, viewer in watching:
        assert viewer.leave() == 200
        assert room.participant(guest)["state"] == "DISCONNECTED"


@pytest.mark.parametrize("codec", ["h264", "vp8"])
def test_a_viewer_gets_the_layer_that_its_connection_carries(room, pages, codec):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publisher, viewer = pages(), pages()
    answer = publish(publisher, room, speaker, video=HD, layers=LAYERS, codec=codec)["answer"]
    room.wait_published(speaker)
    publisher.send(layers=HEIGHTS)
    with Bottleneck(media_address(answer)) as network:
        watch(viewer, room, guest, speaker, port=network.port)
        decodes(viewer, 720, timeout_s=CLIMB_S)
        network.rate_bps = NARROW_BPS
        seen = decodes(viewer, 360, 180)
        # And there it stays in motion.
        seen = decodes(viewer, 360, 180, frames=seen["framesDecoded"] + 20)
        network.rate_bps = None
        seen = decodes(viewer, 720, timeout_s=CLIMB_S)
        decodes(viewer, 720, frames=seen["framesDecoded"] + 10)


def test_sound_alone(room, pages):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publish(pages(), room, speaker)
    room.wait_published(speaker)
    viewer = pages()
    answer = watch(viewer, room, guest, speaker)["answer"]
    seen = viewer.see(audio={"totalSamplesReceived": 48_000, "jitterBufferEmittedCount": 24_000})
    assert seen["audio"]["totalAudioEnergy"] > 0, "the microphone beeps"
    # The viewer would take a picture, and is told that there is none: it has no track that never plays.
    sound, picture = answer.split("m=")[1:]
    assert "a=sendonly" in sound and "a=inactive" in picture and "a=ssrc" not in picture
    assert seen["tracks"] == ["audio"] and "video" not in seen


def test_a_picture_without_sound(room, pages):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publish(pages(), room, speaker, video=MEDIUM, audio=False)
    room.wait_published(speaker)
    viewer = pages()
    watch(viewer, room, guest, speaker)
    seen = viewer.see(video={"framesDecoded": 20}, heights=[360])
    assert seen["tracks"] == ["video"] and "audio" not in seen


def test_a_page_whose_offer_cannot_be_answered_answers_one(room, pages):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publish(pages(), room, speaker, video=MEDIUM, codec="h264")
    room.wait_published(speaker)
    viewer = pages()
    url = f"{room.whip}/subscribe/{speaker['participantId']}"
    reply = viewer.watch(url=url, token=guest["token"], kinds=[], channel=True)
    assert (reply["status"], reply["taken"]) == (406, 204), reply
    # What is sent comes first in the offer.
    picture = reply["offer"][reply["offer"].index("m=video") :]
    assert "H264/90000" in next(line for line in picture.splitlines() if line.startswith("a=rtpmap:"))
    seen = decodes(viewer, 360)
    decodes(viewer, 360, frames=seen["framesDecoded"] + 10)
    assert len(viewer.look()["streams"]) == 1
    room.wait_event(guest, "SUBSCRIBE_STARTED")
    assert viewer.leave() == 200
    assert room.participant(guest)["state"] == "DISCONNECTED"


def test_pages_that_no_datagram_reaches_use_tcp(room, pages):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publisher, viewer = pages(), pages()
    publish(publisher, room, speaker, video=MEDIUM, over="tcp")
    room.wait_published(speaker)
    watch(viewer, room, guest, speaker, over="tcp")
    decodes(viewer, 360)
    assert [page.look()["over"] for page in (publisher, viewer)] == ["tcp", "tcp"]


def test_a_second_stage_watches_what_is_published_on_the_first(room, pages, ivs):
    speaker = room.token("PUBLISH")
    publish(pages(), room, speaker, video=MEDIUM)
    room.wait_published(speaker)
    second = Room(ivs)
    stages = {"sourceStageArn": room.arn, "destinationStageArn": second.arn}
    ivs.start_participant_replication(**stages, participantId=speaker["participantId"])
    guest, viewer = second.token("SUBSCRIBE"), pages()
    watch(viewer, second, guest, speaker)
    decodes(viewer, 360)

    replica = second.participant(speaker)
    assert (replica["replicationType"], replica["replicationState"]) == ("REPLICA", "ACTIVE")
    assert (replica["sourceStageArn"], replica["sourceSessionId"]) == (room.arn, room.session)
    assert room.participant(speaker)["replicationType"] == "SOURCE"
    where = {"sourceStageArn": room.arn, "participantId": speaker["participantId"]}
    [listed] = ivs.list_participant_replicas(**where)["replicas"]
    assert (listed["destinationStageArn"], listed["replicationState"]) == (second.arn, "ACTIVE")
    assert listed["destinationSessionId"] == second.session

    ivs.stop_participant_replication(**stages, participantId=speaker["participantId"])
    viewer.lose()
    assert second.participant(speaker)["state"] == "DISCONNECTED"
    assert room.participant(speaker)["state"] == "CONNECTED"
    second.close()


def test_who_is_disconnected_is_cut_within_a_second_and_never_comes_back(room, pages, ivs):
    speaker, page = room.token("PUBLISH"), pages()
    publish(page, room, speaker, video=MEDIUM)
    room.wait_published(speaker)
    guest, viewer = room.token("SUBSCRIBE"), pages()
    watch(viewer, room, guest, speaker)
    decodes(viewer, 360)
    begun = time.monotonic()
    ivs.disconnect_participant(stageArn=room.arn, participantId=speaker["participantId"], reason="enough")
    page.lose()
    assert time.monotonic() - begun < 1
    assert room.participant(speaker)["state"] == "DISCONNECTED"
    viewer.lose()
    refused = page.publish(url=room.whip, token=speaker["token"], video=MEDIUM)
    assert refused["status"] == 403, refused
    refused = viewer.watch(url=f"{room.whip}/subscribe/{speaker['participantId']}", token=guest["token"])
    assert (refused["status"], refused["retryAfterMs"]) == (409, 1_000), refused
