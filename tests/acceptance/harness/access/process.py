# SPDX-License-Identifier: MPL-2.0
"""credential_process: a script of the user prints keys, which it gets from a server on this machine."""

import http.server
import json
import sys
import threading

from .way import Way

SCRIPT = """#!{python}
import sys, urllib.request
sys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())
"""


class Keys(http.server.BaseHTTPRequestHandler):
    """Answers each request with keys of its own."""

    def do_GET(self):
        if self.server.way.is_locked:
            self.server.way.refused += 1
            self.send_error(403)
            return
        body = json.dumps(self.server.way.document()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Not on the screen."""


class Process(Way):
    name = "process"
    tells_expiry = True
    is_locked = False  # the program fails while it is
    refused = 0

    def open(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys)
        self.server.way = self
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        script = self.sandbox.home / "print keys"
        script.write_text(SCRIPT.format(python=sys.executable))
        script.chmod(0o755)
        address = f"http://127.0.0.1:{self.server.server_port}/"
        self.config.write_text(f"[profile work]\ncredential_process = '{script}' {address}\n")
        return {"AWS_PROFILE": "work"}

    def document(self):
        keys = self.mint()
        names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
        document = {"Version": 1} | {name: keys[name] for name in names}
        if self.tells_expiry:
            document["Expiration"] = keys["Expiration"].isoformat()
        return document

    def end(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
