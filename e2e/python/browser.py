"""A headless Chromium with fake devices, driven over its DevTools socket, and the pages of `e2e/pages` in it.

The one rule: a page is asked for one thing at a time and answers within a limit, and the browser's processes end with
the test. What a page can do is in `e2e/pages/call.mjs`; its functions are called here by their names.
"""

import functools
import http.server
import itertools
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import websocket

from switchboard import PATIENCE_S, clean_environment

PAGES = Path(__file__).resolve().parents[1] / "pages"

FLAGS = (
    "--headless",
    # Chromium refuses to run as root with its sandbox; nothing but our own page is opened.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No page is ever in front of the others; without these all but one would be put to sleep.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--remote-debugging-port=0",
)


class Browser:
    """One Chromium, and a web server for its pages."""

    def __init__(self, folder):
        self._folder = folder
        self._numbers = itertools.count(1)
        self._pages = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(_Pages, directory=str(PAGES))
        )
        threading.Thread(target=self._pages.serve_forever, daemon=True).start()
        self._process = None
        self._socket = None
        self.user_agent = None

    def __enter__(self):
        program = os.environ.get("CHROMIUM") or shutil.which("chromium")
        assert program, "chromium is missing: apt-get install chromium"
        self._process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={self._folder}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            # A group of its own, with all that it starts.
            start_new_session=True,
            env=clean_environment(),
        )
        try:
            # A browser that hangs before it says where it listens is ended, and so is the reading of what it says.
            late = threading.Timer(PATIENCE_S, self._end)
            late.start()
            url = next((line for line in self._process.stderr if line.startswith("DevTools listening on ")), None)
            late.cancel()
            assert url, "chromium did not start"
            # Nobody reads the rest, but somebody must take it.
            threading.Thread(target=self._process.stderr.read, daemon=True).start()
            url = url.removeprefix("DevTools listening on ").strip()
            self._socket = websocket.create_connection(url, timeout=PATIENCE_S, suppress_origin=True)
            self.user_agent = self.ask("Browser.getVersion")["userAgent"]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._socket is not None:
            self._socket.close()
        self._end()
        self._process.wait(PATIENCE_S)
        self._pages.shutdown()
        self._pages.server_close()

    def _end(self):
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def page(self):
        """A new page, loaded."""
        target = self.ask("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, target, session)
        page.open(f"http://127.0.0.1:{self._pages.server_port}/call.html")
        return page

    def ask(self, method, session=None, timeout_s=PATIENCE_S, **params):
        """What DevTools answers. Only one question is ever open, and events are passed over."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        self._socket.send(json.dumps(message))
        deadline = time.monotonic() + timeout_s
        while True:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                answer = json.loads(self._socket.recv())
            except websocket.WebSocketTimeoutException:
                raise AssertionError(f"the browser did not answer {method} within {timeout_s} s") from None
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]


class Page:
    """One page. `page.publish(…)` calls the function `publish` of its script and returns what that comes to."""

    def __init__(self, browser, target, session):
        self._browser, self._target, self._session = browser, target, session

    def open(self, url):
        """Loads the address and waits for its script."""
        self._browser.ask("Page.navigate", self._session, url=url)
        loaded = "new Promise(done => { const look = () => window.ready ? done(true) : setTimeout(look, 10); look(); })"
        # The context of the old page may go away while it is asked; a new one is asked again.
        for _ in range(50):
            try:
                return self.evaluate(loaded)
            except AssertionError as error:
                if "context" not in str(error) and "navigated" not in str(error):
                    raise
        raise AssertionError(f"{url} did not load")

    def evaluate(self, expression, timeout_s=PATIENCE_S):
        """The value of an expression, or of the promise that it is."""
        answer = self._browser.ask(
            "Runtime.evaluate",
            self._session,
            timeout_s,
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        failure = answer.get("exceptionDetails")
        assert failure is None, failure and failure.get("exception", failure).get("description", failure)
        return answer["result"].get("value")

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)

        def call(timeout_s=PATIENCE_S, **arguments):
            # The page gives up first, so that it can say what it saw.
            arguments.setdefault("withinMs", int(timeout_s * 1000) - 1000)
            return self.evaluate(f"window.call.{name}({json.dumps(arguments)})", timeout_s)

        return call

    def close(self):
        """Closes the page, which ends its connections as a person who closes a tab does."""
        self._browser.ask("Target.closeTarget", targetId=self._target)


# What the guide to simulcast recommends, as a page says it.
LAYERS = [
    {"rid": "hi", "maxBitrate": 1_700_000},
    {"rid": "mid", "maxBitrate": 700_000, "scaleResolutionDownBy": 2},
    {"rid": "low", "maxBitrate": 200_000, "scaleResolutionDownBy": 4},
]


def publish(page, room, speaker, **how):
    """The page publishes to the room as that participant."""
    reply = page.publish(url=room.whip, token=speaker["token"], **how)
    assert reply["status"] == 201, reply
    return reply


def watch(page, room, guest, speaker, **how):
    """The page watches a participant of the room as another."""
    url = f"{room.whip}/subscribe/{speaker['participantId']}"
    reply = page.watch(url=url, token=guest["token"], **how)
    assert reply["status"] == 201, reply
    return reply


class _Pages(http.server.SimpleHTTPRequestHandler):
    """Files, without a word about each request."""

    extensions_map = {".html": "text/html; charset=utf-8", ".mjs": "text/javascript; charset=utf-8"}

    def log_message(self, *_):
        pass
