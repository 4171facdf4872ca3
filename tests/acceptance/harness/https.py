# SPDX-License-Identifier: MPL-2.0
"""A folder behind HTTPS at localhost, with a certificate of its own."""

import http.server
import threading

from .certificate import server_tls


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_):
        pass


class Https(http.server.ThreadingHTTPServer):
    """`root` is the folder, `address` its host and port, `ca` what clients trust, `asked` the paths that were read."""

    daemon_threads = True

    def __init__(self, folder, handler=Handler):
        self.root = folder / "root"
        self.root.mkdir(parents=True)
        self.asked = []
        super().__init__(("127.0.0.1", 0), lambda *args: handler(*args, directory=self.root))
        self.address = f"localhost:{self.server_port}"
        self.url = f"https://{self.address}/"
        context, self.ca = server_tls(folder)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, *_):
        """A client that hangs up, as Terraform does at its end, is none."""

    def end(self):
        self.shutdown()
        self.server_close()
