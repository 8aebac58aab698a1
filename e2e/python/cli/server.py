"""A server that answers each command as its case says, and remembers what it was asked.

One rule: a case is told by the first segment of the path, so that many commands can be under way at once.
"""

import http.server
import json
import threading
from collections import defaultdict


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        _, case, path = self.path.split("/", 2)
        request = {
            "method": self.command,
            "path": "/" + path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body.decode("utf-8", "backslashreplace"),
        }
        reply = self.server.take(case, request)
        body = reply["body"].encode()
        self.send_response(reply["status"])
        for name, value in reply["headers"].items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

    def log_message(self, *_):
        """Says nothing: what was asked is in the record."""


class Recorder(http.server.ThreadingHTTPServer):
    """Listens on a free port of this machine."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self._replies = {}
        self._requests = defaultdict(list)
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def expect(self, case, replies):
        """Sets what the case is answered, in this order; the last reply is given again and again."""
        with self._lock:
            self._replies[case] = [reply(**given) for given in replies] or [reply()]
            self._requests.pop(case, None)

    def take(self, case, request):
        with self._lock:
            self._requests[case].append(request)
            replies = self._replies.get(case) or [reply(status=500, body="no such case")]
            return replies[min(len(self._requests[case]), len(replies)) - 1]

    def requests(self, case):
        with self._lock:
            return list(self._requests[case])

    def url(self, case):
        return f"http://127.0.0.1:{self.server_port}/{case}"

    def handle_error(self, request, client_address):
        """A client that hangs up early has its reasons."""

    def stop(self):
        self.shutdown()
        self.server_close()


def reply(status=200, json_body=None, body="", headers=None):
    """An answer; a JSON body is written as it is, other characters than ASCII included."""
    if json_body is not None:
        body = json.dumps(json_body, ensure_ascii=False)
    return {"status": status, "body": body, "headers": headers or {}}
