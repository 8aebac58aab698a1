"""A narrow piece of network between one client and the server: a UDP relay that carries only so much.

The one rule: a datagram leaves when those before it have left, and is lost when it would have to wait too long, as at a
router's full queue. Only the way to the client is narrow; the other is as it is.
"""

import collections
import re
import select
import socket
import threading
import time

# What waits longer than this is lost, as at a home router.
LONGEST_WAIT_S = 0.2
LARGEST_BYTES = 2048


class Bottleneck:
    """A relay to the server's media port. `rate_bps` may change at any time; None is as much as you like."""

    def __init__(self, server_address, rate_bps=None):
        self.rate_bps = rate_bps
        self.lost = 0
        self._near = _bound()
        self._far = _bound()
        self._far.connect(server_address)
        # Written to when it is time to stop.
        self._stop, self._stopped = socket.socketpair()
        self._client = None
        self._waiting = collections.deque()
        self._free_at = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def port(self):
        """Where the client is to send."""
        return self._near.getsockname()[1]

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.send(b"x")
        self._thread.join()
        for end in (self._near, self._far, self._stop, self._stopped):
            end.close()

    def _run(self):
        while True:
            wait = max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None
            ready, _, _ = select.select([self._near, self._far, self._stopped], [], [], wait)
            if self._stopped in ready:
                return
            if self._near in ready:
                self._from_client()
            if self._far in ready:
                self._from_server()
            now = time.monotonic()
            while self._waiting and self._waiting[0][0] <= now:
                self._near.sendto(self._waiting.popleft()[1], self._client)

    def _from_client(self):
        data, self._client = self._near.recvfrom(LARGEST_BYTES)
        try:
            self._far.send(data)
        except ConnectionRefusedError:
            # Nobody listens there now; a network says nothing of it either.
            self.lost += 1

    def _from_server(self):
        try:
            data = self._far.recv(LARGEST_BYTES)
        except ConnectionRefusedError:
            return
        now, rate_bps = time.monotonic(), self.rate_bps
        begins = max(now, self._free_at)
        if begins - now > LONGEST_WAIT_S:
            self.lost += 1
            return
        self._free_at = begins + (len(data) * 8 / rate_bps if rate_bps else 0.0)
        self._waiting.append((self._free_at, data))


def media_address(answer):
    """Where an answer tells a client to send media."""
    found = re.search(r"^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", answer, re.MULTILINE | re.IGNORECASE)
    return found[1], int(found[2])


def _bound():
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.bind(("127.0.0.1", 0))
    return end
