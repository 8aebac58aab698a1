"""Browsers and a server that goes away and comes back: they join again, and the history has no ghosts."""

import contextlib

import pytest

from browser import Browser
from media import Room
from switchboard import Server, poll

MEDIUM = {"width": 640, "height": 360}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


class Past:
    """The history of a room, over all its sessions."""

    def __init__(self, server, room):
        self.ivs, self.arn = server.client("ivs-realtime"), room.arn

    def sessions(self):
        return self.ivs.list_stage_sessions(stageArn=self.arn)["stageSessions"]

    def connected(self):
        """Who is there now, by each session's own account."""
        sessions = [{"stageArn": self.arn, "sessionId": session["sessionId"]} for session in self.sessions()]
        pages = [self.ivs.list_participants(**session, filterByState="CONNECTED") for session in sessions]
        return sorted(person["participantId"] for page in pages for person in page["participants"])

    def events(self, token):
        """All events of a participant, the oldest first."""
        found = []
        for session in self.sessions():
            where = {"stageArn": self.arn, "sessionId": session["sessionId"], "participantId": token["participantId"]}
            found += self.ivs.list_participant_events(**where)["events"]
        return sorted(found, key=lambda event: event["eventTime"])


def counted(events):
    """How often each of them happened. A page may ask for a picture before it is there again, any number of times."""
    names = [event["name"] for event in events if event["name"] != "SUBSCRIBE_ERROR"]
    return {name: names.count(name) for name in names}


@pytest.mark.parametrize("end", ["stop", "kill"], ids=["SIGTERM", "SIGKILL"])
def test_pages_come_back_after_a_restart_and_the_history_is_whole(browser, tmp_path, end):
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(Server(tmp_path / "data"))
        publisher, viewer, outcast = (stack.enter_context(contextlib.closing(browser.page())) for _ in range(3))
        room = Room(first.client("ivs-realtime"))
        speaker, guest, banned = room.token("PUBLISH"), room.token("SUBSCRIBE"), room.token("PUBLISH")
        assert outcast.publish(url=room.whip, token=banned["token"])["status"] == 201
        room.wait_published(banned)
        room.ivs.disconnect_participant(stageArn=room.arn, participantId=banned["participantId"])
        outcast.lose()
        join(room, (publisher, speaker), (viewer, guest))
        [session] = Past(first, room).sessions()
        known = {who["participantId"]: Past(first, room).events(who) for who in (speaker, guest, banned)}

        # From here on both pages go on by themselves.
        address = first.url.removeprefix("http://")
        getattr(first, end)()
        second = Server(tmp_path / "data").start(listen=address)
        stack.push(second)

        past = Past(second, room)
        come_back_and_leave(past, (publisher, speaker), (viewer, guest))
        # It is one session, with a gap in it, and nothing that was known is forgotten.
        assert [(one["sessionId"], one["startTime"]) for one in past.sessions()] == [
            (session["sessionId"], session["startTime"])
        ]
        for who in (speaker, guest, banned):
            events = known[who["participantId"]]
            assert past.events(who)[: len(events)] == events
        refused = outcast.publish(url=room.whip, token=banned["token"])
        assert refused["status"] == 403, refused


def join(room, publishing, watching):
    """Both join, and join again whenever they lose their connection."""
    (publisher, speaker), (viewer, guest) = publishing, watching
    assert publisher.publish(url=room.whip, token=speaker["token"], video=MEDIUM, again=True)["status"] == 201
    room.wait_published(speaker)
    url = f"{room.whip}/subscribe/{speaker['participantId']}"
    assert viewer.watch(url=url, token=guest["token"], again=True)["status"] == 201
    viewer.see(video={"framesDecoded": 10}, heights=[360])
    room.wait_event(guest, "SUBSCRIBE_STARTED")


def come_back_and_leave(past, publishing, watching):
    """Waits until both are back, sees that they are there once, lets them leave, and sees that nobody is there."""
    (publisher, speaker), (viewer, guest) = publishing, watching
    publisher.see(joins=2)
    viewer.see(joins=2, video={"framesDecoded": 10}, heights=[360])
    published = {"JOINED": 2, "PUBLISH_STARTED": 2, "PUBLISH_STOPPED": 1, "LEFT": 1}
    watched = {"JOINED": 2, "SUBSCRIBE_STARTED": 2, "SUBSCRIBE_STOPPED": 1, "LEFT": 1}
    poll(lambda: counted(past.events(speaker)) == published, "publishing again")
    poll(lambda: counted(past.events(guest)) == watched, "watching again")
    assert past.connected() == sorted([speaker["participantId"], guest["participantId"]])
    assert viewer.leave() == 200
    assert publisher.leave() == 200
    assert past.connected() == []
    assert counted(past.events(speaker)) == dict.fromkeys(published, 2)
    assert counted(past.events(guest)) == dict.fromkeys(watched, 2)
