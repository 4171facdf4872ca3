# SPDX-License-Identifier: MPL-2.0
"""A proxy on this machine, in front of one server: whatever host it is asked for, that is where it goes."""

import contextlib
import http.client
import http.server
import socket
import threading
from urllib.parse import urlsplit

from .relay import pump

HOP_BY_HOP = {"connection", "proxy-connection", "proxy-authorization", "keep-alive", "transfer-encoding"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.asked.append(self.path)
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        onward = http.client.HTTPConnection(*self.server.target)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        with contextlib.closing(onward):
            onward.request("POST", url.path or "/", body, headers)
            answer = onward.getresponse()
            content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_CONNECT(self):
        self.server.asked.append(self.path)
        self.close_connection = True
        with socket.create_connection(self.server.target) as onward:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=pump, args=(onward, self.connection), daemon=True)
            back.start()
            pump(self.connection, onward)
            back.join()

    def log_message(self, *_):
        pass


class Proxy(http.server.ThreadingHTTPServer):
    """`asked` are the URLs, and for CONNECT the hosts with their ports."""

    daemon_threads = True

    def __init__(self, target):
        """`target` is (host, port)."""
        self.target, self.asked = target, []
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, *_):
        """Who hangs up, is none."""

    def end(self):
        self.shutdown()
        self.server_close()
