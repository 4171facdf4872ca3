# SPDX-License-Identifier: MPL-2.0
"""HTTP/1.1 on loopback: one thread per connection, kept alive; control calls and AWS calls part here.

Werkzeug's own server closes every connection, which a client's benchmarks would measure instead
of the client.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import struct
import sys
import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

from . import control, gateway
from .message import Request
from .world import World

ENDLESS_CHUNK = b"400\r\n" + b" " * 0x400 + b"\r\n"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024  # a hundred clients connect at the same moment

    def __init__(self, port, world):
        super().__init__(("127.0.0.1", port), Connection)
        self.world = world
        world.fork = self.fork

    def fork(self):
        """(url, pid) of a second server with a copy of this world, in a process of its own."""
        reading, writing = os.pipe()
        with self.world.lock, self.world.faults.lock:  # no other thread is half-way through a change
            pid = os.fork()
        if pid == 0:
            _live_on(self.world, writing)
        os.close(writing)
        threading.Thread(target=os.waitpid, args=[pid, 0], daemon=True).start()
        with os.fdopen(reading) as answer:
            return answer.readline().strip(), pid

    def server_bind(self):
        """Without HTTPServer's reverse name lookup."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """Clients that go away are normal here; everything else is a bug of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        headers = {}
        for name, value in self.headers.items():
            name = name.lower()
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        body = self.rfile.read(length)
        request = Request(self.command, self.path, headers, body, self.client_address[1])
        world = self.server.world
        if request.path.startswith(control.PREFIX):
            self.send(control.answer(world, request))
        else:
            self.send(gateway.answer(world, request))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve

    def send(self, response):
        if response.delivery == "reset":
            self.reset()
            return
        headers = {
            "Date": formatdate(self.server.world.clock.wall(), usegmt=True),
            "Content-Type": response.content_type,
            "Content-Length": str(len(response.body)),
            **response.headers,
        }
        body = response.body
        if response.delivery == "endless":
            del headers["Content-Length"]
            headers["Transfer-Encoding"] = "chunked"
            body = b"%x\r\n%s\r\n" % (len(body), body)
        elif response.delivery == "cut":
            body = body[: len(body) // 2]
        self.close_connection = self.close_connection or response.delivery != "whole"
        if self.close_connection:
            headers["Connection"] = "close"
        phrase = self.responses.get(response.status, ("Unknown", ""))[0]
        head = f"HTTP/1.1 {response.status} {phrase}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.wfile.write(head.encode("latin-1") + b"\r\n" + body)
        if response.delivery == "endless":
            self.send_for_ever()

    def send_for_ever(self):
        pause = threading.Event()
        while not pause.wait(0.05):
            self.wfile.write(ENDLESS_CHUNK)  # ends with the ConnectionError of a client that left

    def reset(self):
        """Closes at once with RST instead of FIN: no linger, and the descriptor taken from Python."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())
        self.close_connection = True

    def log_message(self, *_):
        """Quiet: the call log is the log."""


def main():
    options = _options()
    world = World(options.time_scale, options.exit_with_stdin)
    server = Server(options.port, world)
    stop = _begin(server)
    print(json.dumps({"url": server.url, "pid": os.getpid()}), flush=True)
    world.load_moto()  # while the caller is still preparing its first call
    stop.wait()
    server.socket.close()


def _begin(server):
    """Serves from now on; the event is set when this process is to end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 60}, daemon=True).start()
    if server.world.exit_with_stdin:
        threading.Thread(target=_wait_for_end_of_input, args=[stop], daemon=True).start()
    return stop


def _live_on(world, writing):
    """In the child of a fork, whose only thread this is. The parent's sockets are let go of, but their
    numbers stay taken: objects that still believe to own one may close it later."""
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for fd in map(int, os.listdir("/proc/self/fd")):
            if fd > 2 and fd not in (nothing, writing):
                with contextlib.suppress(OSError):  # the listing's own
                    os.fstat(fd)
                    os.dup2(nothing, fd)
        server = Server(0, world)
        stop = _begin(server)
        os.write(writing, f"{server.url}\n".encode())
        os.close(writing)
        stop.wait()
    finally:
        os._exit(0)


def _options():
    parser = argparse.ArgumentParser(
        prog="simulator", description="An imitation of RDS snapshots, KMS, STS and IAM."
    )
    parser.add_argument("--port", type=int, default=0, help="0 (default): chosen by the system")
    parser.add_argument("--time-scale", type=float, default=1.0, help="simulated seconds per real second")
    parser.add_argument(
        "--exit-with-stdin", action="store_true", help='end when standard input ends, unless with "stay"'
    )
    return parser.parse_args()


def _wait_for_end_of_input(stop):
    """That of whoever started it, unless "stay" was the last word."""
    said = b""
    while read := os.read(0, 4096):  # unbuffered: a buffer's lock would trouble the interpreter's end
        said = read
    if said != b"stay":
        stop.set()
