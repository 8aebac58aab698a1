"""Browsers and a server that goes away and comes back: they join again, and the history has no ghosts."""

import contextlib

import pytest

from browser import publish, watch
from media import Room
from switchboard import Server, poll

MEDIUM = {"width": 640, "height": 360}


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


def balance(events):
    """How often somebody came, left, began and stopped to publish or to watch."""
    names = [event["name"].removeprefix("PUBLISH_").removeprefix("SUBSCRIBE_") for event in events]
    return tuple(names.count(name) for name in ("JOINED", "LEFT", "STARTED", "STOPPED"))


def wait_back(past, page, token):
    """Waits until the history says that somebody is there, as often as their page has joined."""

    def is_back():
        joined, left, started, stopped = balance(past.events(token))
        return joined == page.look()["joined"] == left + 1 and started == stopped + 1

    try:
        poll(is_back, "coming back")
    except AssertionError:
        print(page.look(), [(event["name"], event["eventTime"].time()) for event in past.events(token)])
        raise


@pytest.mark.parametrize("end", ["stop", "kill"], ids=["SIGTERM", "SIGKILL"])
def test_pages_come_back_after_a_restart_and_the_history_is_whole(browser, tmp_path, end):
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(Server(tmp_path / "data"))
        publisher, viewer, outcast = (stack.enter_context(contextlib.closing(browser.page())) for _ in range(3))
        room = Room(first.client("ivs-realtime"))
        speaker, guest, banned = room.token("PUBLISH"), room.token("SUBSCRIBE"), room.token("PUBLISH")
        publish(outcast, room, banned)
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
    publish(publisher, room, speaker, video=MEDIUM, again=True)
    room.wait_published(speaker)
    watch(viewer, room, guest, speaker, again=True)
    viewer.see(video={"framesDecoded": 10}, heights=[360])
    room.wait_event(guest, "SUBSCRIBE_STARTED")


def come_back_and_leave(past, publishing, watching):
    """Waits until both are back, sees that they are there once, lets them leave, and sees that nobody is there."""
    (publisher, speaker), (viewer, guest) = publishing, watching
    publisher.see(joins=2)
    viewer.see(joins=2, video={"framesDecoded": 10}, heights=[360])
    wait_back(past, publisher, speaker)
    wait_back(past, viewer, guest)
    assert past.connected() == sorted([speaker["participantId"], guest["participantId"]])
    assert viewer.leave() == 200
    assert publisher.leave() == 200
    assert past.connected() == []
    for who in (speaker, guest):
        joined, left, started, stopped = balance(past.events(who))
        assert joined == left >= 2 and started == stopped >= 2
