"""A proxy that makes tunnels for those who know its password, and notes where they lead (RFC 9110, "CONNECT")."""

import base64
import contextlib
import select
import socket
import threading

LOGIN = "me:p@ss"


class Tunnels:
    """Listens on a free port of this machine."""

    def __init__(self):
        self.targets = []
        self.refused = []
        self._open = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def address(self):
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def url(self):
        return f"http://me:p%40ss@{self.address}"

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._tunnel, args=(client,), daemon=True).start()

    def _tunnel(self, client):
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                got = client.recv(4096)
                if not got:
                    return
                head += got
            lines = head.split(b"\r\n\r\n")[0].decode().split("\r\n")
            method, target, _ = lines[0].split(" ")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            login = "Basic " + base64.b64encode(LOGIN.encode()).decode()
            if method != "CONNECT" or headers.get("proxy-authorization") != login:
                self.refused.append(lines[0])
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
                return
            host, _, port = target.rpartition(":")
            with socket.create_connection((host.strip("[]"), int(port))) as server:
                self.targets.append(target)
                self._open += [client, server]
                client.sendall(b"HTTP/1.1 200 Connection Established\r\n\r\n")
                self._pass_on({client: server, server: client})

    @staticmethod
    def _pass_on(ends):
        while True:
            for source in select.select(list(ends), [], [])[0]:
                data = source.recv(65536)
                if not data:
                    return
                ends[source].sendall(data)

    def cut(self):
        """Breaks the tunnels that stand; new ones can be made."""
        tunnels, self._open = self._open, []
        for end in tunnels:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # A thread that waits for a connection is woken by this alone.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        self._thread.join()
