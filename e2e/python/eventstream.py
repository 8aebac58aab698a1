"""A reader of server-sent events, as a viewer's session of WHEP has them."""

import http.client
import json
from urllib.parse import urlsplit

from switchboard import PATIENCE_S


class EventStream:
    """What `EventSource` of a browser reads."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE_S)
        self.connection.request("GET", parts.path, headers={"Accept": "text/event-stream"})
        self.reply = self.connection.getresponse()

    def close(self):
        self.connection.close()

    def next(self):
        """The next event and its data; nothing at the end."""
        name = None
        while line := self.reply.readline().decode():
            field, _, value = line.rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                return name, json.loads(value)
        return None

    def wait(self, wanted):
        while (event := self.next()) != wanted:
            assert event is not None, f"{wanted} did not come"
