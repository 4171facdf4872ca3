# SPDX-License-Identifier: MPL-2.0
"""An HTTP server on a loopback address that writes down what it was asked."""

import http.server
import json
import socket
import threading
import time


class Loopback(http.server.ThreadingHTTPServer):
    """`asked`: a Request for each, in order. A subclass answers: `answer(request)` is (status, headers, body)."""

    daemon_threads = True

    def __init__(self, listener=None):
        """`listener`: a socket that listens; none: one of 127.0.0.1."""
        self.listener = listener or socket.create_server(("127.0.0.1", 0))
        super().__init__(self.listener.getsockname()[:2], Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = self.listener
        self.url = "http://{}:{}".format(*self.listener.getsockname()[:2])
        self.asked = []
        self.delay = 0  # seconds before each answer
        self.failures = []  # statuses of the next answers
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def end(self):
        self.shutdown()
        self._thread.join()
        self.server_close()

    def answer(self, request):
        raise NotImplementedError

    def handle_error(self, request, client_address):
        """A client that went away before its answer is nothing to show."""


class Request:
    def __init__(self, method, path, headers):
        self.method, self.path = method, path
        self.headers = {name.lower(): value for name, value in headers.items()}

    def __repr__(self):
        return f"{self.method} {self.path}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _serve(self):
        request = Request(self.command, self.path, self.headers)
        self.server.asked.append(request)
        time.sleep(self.server.delay)
        if self.server.failures:
            status, headers, body = self.server.failures.pop(0), {}, "hush: a failure"
        else:
            status, headers, body = self.server.answer(request)
        content = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = _serve

    def log_message(self, *_):
        """Nothing on standard error."""


def keys_document(keys, **more):
    """What a container's endpoint and EC2 metadata give: JSON of keys of Way.mint()."""
    return json.dumps(
        {
            "AccessKeyId": keys["AccessKeyId"],
            "SecretAccessKey": keys["SecretAccessKey"],
            "Token": keys["SessionToken"],
            "Expiration": keys["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            **more,
        }
    )
