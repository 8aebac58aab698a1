"""Simulcast from a real browser: a viewer says which layer it wants, by room events or by WHEP, and sees that one."""

import contextlib
import json

import pytest

from browser import LAYERS, publish, watch
from media import Room, send
from roomevents import RoomEvents
from test_media_http import EventStream

# Small enough for a busy machine, large enough for three layers, and even in each of them.
SIZE = {"width": 1024, "height": 576}
HEIGHTS = {"hi": 576, "mid": 288, "low": 144}


@pytest.fixture(scope="module")
def room(server):
    room = Room(server.client("ivs-realtime"))
    yield room
    room.close()


@pytest.fixture(scope="module")
def watching(room, browser):
    """Somebody who watches a publisher of three layers; where, with what, and who is watched."""
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publisher, viewer = browser.page(), browser.page()
    publish(publisher, room, speaker, video=SIZE, layers=LAYERS)
    room.wait_published(speaker)
    publisher.send(layers=HEIGHTS)
    session = watch(viewer, room, guest, speaker)["location"]
    sees(viewer, HEIGHTS["hi"])
    yield viewer, session, guest, speaker["participantId"]
    viewer.close()
    publisher.close()


def sees(viewer, height):
    """Waits until the page shows a picture of that height, and that moves."""
    frames = viewer.see(video={}, heights=[height])["video"]["framesDecoded"]
    viewer.see(video={"framesDecoded": frames + 5}, heights=[height])


def test_by_room_events(room, watching):
    viewer, _, guest, publisher = watching
    socket = RoomEvents(room, guest)
    for wish, layer in (
        ({"layer": "low"}, "low"),
        ({"layer": "mid"}, "mid"),
        ({"layer": "hi"}, "hi"),
        ({"maxHeight": 300}, "mid"),
        ({"maxWidth": 240, "maxHeight": 240}, "low"),
        ({}, "hi"),
    ):
        socket.say("PREFER_LAYER", participantId=publisher, **wish)
        while socket.hear("LAYER_SELECTED") != {"participantId": publisher, "layer": layer}:
            pass
        sees(viewer, HEIGHTS[layer])
    socket.say("PREFER_LAYER", participantId=publisher, layer="huge")
    assert "no such layer" in socket.hear("ERROR")["message"]
    socket.close()


def test_by_whep(watching):
    viewer, session, guest, _ = watching
    for wish, layer in (({"rid": "low"}, "low"), ({"maxHeight": 400}, "mid"), ({}, "hi")):
        assert send("POST", f"{session}/layer", guest["token"], json.dumps(wish), "application/json").status == 200
        sees(viewer, HEIGHTS[layer])
    refused = send("POST", f"{session}/layer", guest["token"], '{"rid": "huge"}', "application/json")
    assert refused.status == 422
    stream = send("POST", f"{session}/sse", guest["token"], '["layers"]', "application/json").headers["location"]
    with contextlib.closing(EventStream(stream)) as events:
        _, layers = events.next()
        [(_, layers)] = layers.items()
        assert [layer["rid"] for layer in layers] == ["low", "mid", "hi"], "smallest first"
        assert [layer["height"] for layer in layers] == [144, 288, 576]
        assert all(layer["bitrate"] > 0 for layer in layers)
