"""The real binary, started on free ports in a temporary folder, and stopped so that nothing is left behind.

The one rule: a server that was started is stopped, and stopping it checks that it exits with 0 and never panicked.
"""

import contextlib
import http.client
import json
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

REGION = "us-east-1"
ACCOUNT = "123456789012"
KEY_ID = "AKIDSWITCHBOARDTEST1"
SECRET = "a-secret-that-only-the-tests-know"
READY = "switchboard ready http"

# Longer than any reply should ever take, shorter than a person's patience with a hanging test.
PATIENCE_S = 20.0

# Reading botocore's models takes most of a client's making, and a session reads each only once.
_session = boto3.session.Session(aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET, region_name=REGION)


def binary() -> str:
    """The program under test: SWITCHBOARD_BIN, else what `cargo build` makes."""
    built = Path(__file__).resolve().parents[2] / "target" / "debug" / "switchboard"
    return os.environ.get("SWITCHBOARD_BIN") or str(built)


def poll(condition, what, timeout_s=PATIENCE_S):
    """What `condition` returns once it is true, asked again and again: for what tells nobody when it happens."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not happen within {timeout_s} s"
        select.select([], [], [], 0.01)


@dataclass(frozen=True)
class Reply:
    """An HTTP reply, as it came."""

    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """The name of the error, as every AWS SDK reads it."""
        return self.headers.get("x-amzn-errortype", "").split(":")[0]


class Server:
    """One `switchboard serve`, or another of its commands that serves."""

    def __init__(self, data=None, *flags, env=None, command="serve"):
        self.command = command
        self.data = data
        self.flags = flags
        self.env = env or {}
        self.process = None
        self.url = None
        # How fast boto3's clients seem to call: the clock is moved on after so many. Needs `--movable-clock`.
        self.calls_per_second = None
        self._calls = 0
        self._stdout = []
        self._stderr = []
        self._ready = queue.Queue()
        self._readers = []

    # -- its life -----------------------------------------------------------------------------------------------

    def start(self, *, listen="127.0.0.1:0", wrap=(), pass_fds=()):
        """Starts it and waits for its ready line."""
        command = [*wrap, binary(), self.command, "--listen", listen, "--media", "127.0.0.1:0"]
        command += ["--access-key", f"{KEY_ID}:{SECRET}"]
        if self.data is not None:
            command += ["--data", str(self.data)]
        self.process = subprocess.Popen(
            [*command, *self.flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A group of its own, so that a Ctrl-C for the tests is not one for it: the tests stop it.
            start_new_session=True,
            pass_fds=pass_fds,
            env={**clean_environment(), **self.env},
        )
        self._read(self.process.stdout, self._see_stdout)
        self._read(self.process.stderr, self._stderr.append)
        self.wait_ready()
        return self

    def wait_ready(self):
        """Waits for the next ready line, and goes to the address it names."""
        try:
            self.url = self._ready.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise AssertionError(f"the server did not become ready:\n{self.stderr}") from None
        assert self.url is not None, f"the server ended before it was ready:\n{self.stderr}"
        return self.url

    def stop(self):
        """Asks it to stop, and wants it to do so well."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.terminate()
        try:
            status = process.wait(PATIENCE_S)
            self._join()
        except (subprocess.TimeoutExpired, AssertionError):
            process.kill()
            raise AssertionError(f"the server did not stop on SIGTERM:\n{self.stderr}") from None
        self._assert_no_panic()
        assert status == 0, f"the server exited with {status}:\n{self.stderr}"

    def kill(self):
        """Ends it as a power cut would: nothing gets to tidy up."""
        process, self.process = self.process, None
        process.kill()
        process.wait(PATIENCE_S)
        self._join()
        self._assert_no_panic()

    def restart_in_place(self):
        """SIGHUP: the program starts again in its process, on the listening socket, which never closes."""
        self.process.send_signal(signal.SIGHUP)
        before, after = self.url, self.wait_ready()
        assert before == after

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        if kind is None or self.process is None:
            self.stop()
            return
        # The test has failed already: say what the server said, and do not hide why.
        print(self.stderr, file=sys.stderr)
        with contextlib.suppress(AssertionError):
            self.stop()

    @property
    def stdout(self):
        return "".join(self._stdout)

    @property
    def stderr(self):
        return "".join(self._stderr)

    @property
    def address(self):
        parts = urlsplit(self.url)
        return parts.hostname, parts.port

    def _read(self, stream, see):
        def run():
            with stream:
                for line in stream:
                    see(line)
            if see == self._see_stdout:
                self._ready.put(None)

        reader = threading.Thread(target=run, daemon=True)
        reader.start()
        self._readers.append(reader)

    def _see_stdout(self, line):
        self._stdout.append(line)
        if line.startswith(READY):
            self._ready.put(line.removeprefix("switchboard ready ").strip())

    def _join(self):
        readers, self._readers = self._readers, []
        for reader in readers:
            reader.join(PATIENCE_S)
            assert not reader.is_alive(), "somebody still holds the server's output"

    def _assert_no_panic(self):
        assert "panicked at" not in self.stderr, self.stderr

    # -- its clients --------------------------------------------------------------------------------------------

    def client(self, service, *, secret=SECRET, key_id=KEY_ID, validate=True, attempts=1, **config):
        """A boto3 client. Unless told to it never tries twice, so that a test sees every reply."""
        config = Config(retries={"total_max_attempts": attempts, "mode": "standard"}, parameter_validation=validate, **config)
        client = _session.client(
            service, endpoint_url=self.url, aws_access_key_id=key_id, aws_secret_access_key=secret, config=config
        )
        client.meta.events.register("before-call", self._keep_pace)
        return client

    def _keep_pace(self, **_):
        self._calls += 1
        if self.calls_per_second and self._calls % self.calls_per_second == 0:
            self.advance(seconds=1)

    def connect(self, **options):
        return self.client("connect", **options)

    def participant(self, **options):
        return self.client("connectparticipant", **options)

    def request(self, method, path, body=b"", headers=None):
        """Exactly these bytes, unsigned."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE_S)
        with contextlib.closing(connection):
            connection.request(method, path, body or None, headers or {})
            reply = connection.getresponse()
            names = {name.lower(): value for name, value in reply.getheaders()}
            return Reply(reply.status, names, reply.read())

    def signed(self, method, path, body=b"", headers=None, service="connect"):
        """Exactly these bytes, signed by the account's key."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        request = AWSRequest(method, self.url + path, headers=headers or {}, data=body)
        SigV4Auth(Credentials(KEY_ID, SECRET), service, REGION).add_auth(request)
        return self.request(method, path, body, dict(request.headers.items()))

    def advance(self, **span):
        """Moves the server's clock: `advance(minutes=5)`. Needs `--movable-clock`."""
        units = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
        seconds = sum(units[unit] * number for unit, number in span.items())
        reply = self.signed("POST", "/_switchboard/clock/advance", {"seconds": seconds})
        assert reply.status == 200, reply


def clean_environment():
    """This environment without what would change a client's or the server's mind."""
    drop = ("AWS_", "SWITCHBOARD_", "LISTEN_", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(drop)}
    return {**kept, "AWS_EC2_METADATA_DISABLED": "true"}


def client_environment(server, home):
    """What a command line needs to find the server, and nothing of the person who runs the tests."""
    return {
        **clean_environment(),
        "HOME": str(home),
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_PAGER": "",
    }


def listening_socket():
    """A socket that listens before any server does, as a service manager would open it."""
    return socket.create_server(("127.0.0.1", 0))
