"""A restart that nobody notices: the listening socket never closes, tokens hold, messages are all there."""

import contextlib
import http.client
import signal
import socket
import subprocess
import sys
import threading

import pytest

from actors import new_instance, start_chat
from switchboard import PATIENCE_S, Server, binary, listening_socket, poll

# A process that takes the place of the server it starts, with a socket as file descriptor 3: what systemd does.
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


def test_a_restart_in_place_refuses_nobody(tmp_path):
    with Server(tmp_path) as server:
        host, port = server.address
        refused, done = [], threading.Event()

        def knock():
            while not done.is_set():
                try:
                    with contextlib.closing(http.client.HTTPConnection(host, port, timeout=PATIENCE_S)) as connection:
                        connection.request("GET", "/_switchboard/health")
                        connection.getresponse().read()
                except ConnectionRefusedError as error:
                    refused.append(error)
                except (http.client.HTTPException, OSError):
                    # Cut off in the middle is a retry; refused is the end of a ChatJS session.
                    continue

        knocking = [threading.Thread(target=knock) for _ in range(3)]
        for thread in knocking:
            thread.start()
        for _ in range(3):
            server.restart_in_place()
        done.set()
        for thread in knocking:
            thread.join(PATIENCE_S)
        assert refused == []


def test_a_chat_goes_on_over_a_restart(tmp_path):
    with Server(tmp_path) as server:
        instance = new_instance(server)
        customer = start_chat(server, instance).connect()
        before = customer.say("before")["Id"]
        server.restart_in_place()
        assert customer.socket.wait_closed() in (1001, 1012, None)
        after = customer.say("after")["Id"]
        customer.connect()
        customer.say("and on the socket")
        customer.socket.wait_message("and on the socket")
        messages = [item["Id"] for item in customer.whole_transcript() if item["Type"] == "MESSAGE"]
        assert messages[:2] == [before, after] and len(messages) == 3
        customer.socket.close()


def test_a_request_that_waits_in_the_queue_is_answered_by_the_successor(tmp_path):
    listener = listening_socket()
    listen = f"127.0.0.1:{listener.getsockname()[1]}"
    wrap = [sys.executable, "-c", HAND_OVER, str(listener.fileno())]

    def start():
        return Server(tmp_path).start(listen=listen, wrap=wrap, pass_fds=(listener.fileno(),))

    def knock(answers):
        connection = http.client.HTTPConnection(*listener.getsockname(), timeout=PATIENCE_S)
        connection.request("GET", "/_switchboard/health")
        answers.append(connection.getresponse().status)
        connection.close()

    answers = []
    early = threading.Thread(target=knock, args=(answers,))
    early.start()
    first = start()
    early.join(PATIENCE_S)
    assert answers == [200] and first.url.endswith(listen)
    first.stop()

    # Nobody serves now, and yet nobody is refused: the socket is not the server's to close.
    between = threading.Thread(target=knock, args=(answers,))
    between.start()
    second = start()
    between.join(PATIENCE_S)
    assert answers == [200, 200]
    second.stop()
    listener.close()


def test_a_begun_request_is_answered_before_the_end(tmp_path):
    with Server(tmp_path) as server:
        body = b'{"seconds": 1}'
        with socket.create_connection(server.address, timeout=PATIENCE_S) as slow:
            head = f"POST /_switchboard/clock/advance HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n"
            slow.sendall(head.encode() + body[:5])
            process = server.process
            poll(lambda: server.request("GET", "/_switchboard/health").status == 200, "the request being read")
            process.send_signal(signal.SIGTERM)

            def is_draining():
                try:
                    socket.create_connection(server.address, timeout=1).close()
                except OSError:
                    return True
                return False

            poll(is_draining, "the end of listening")
            assert process.poll() is None
            slow.sendall(body[5:])
            assert slow.recv(1024).startswith(b"HTTP/1.1 403")
        assert process.wait(PATIENCE_S) == 0


def test_a_client_that_never_ends_does_not_hold_the_server(tmp_path):
    with Server(tmp_path, "--drain-seconds", "1") as server, socket.create_connection(server.address) as stuck:
        stuck.sendall(b"POST /participant/message HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
        server.stop()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_closes_sockets_and_exits_with_0(tmp_path, stop):
    with Server(tmp_path) as server:
        customer = start_chat(server, new_instance(server)).connect()
        process = server.process
        process.send_signal(stop)
        customer.socket.wait_closed()
        assert process.wait(PATIENCE_S) == 0


def test_a_taken_address_is_told(tmp_path):
    with Server(tmp_path / "first") as server:
        host, port = server.address
        flags = ["serve", "--listen", f"{host}:{port}", "--media", "127.0.0.1:0", "--data", str(tmp_path / "second")]
        done = subprocess.run([binary(), *flags], capture_output=True, text=True, timeout=PATIENCE_S)
        assert done.returncode != 0 and str(port) in done.stderr and "panicked" not in done.stderr
