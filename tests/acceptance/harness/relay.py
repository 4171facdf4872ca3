# SPDX-License-Identifier: MPL-2.0
"""Passes connections on to a server elsewhere: to the imitation of AWS from another network, or with TLS in front."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit

from .certificate import server_tls


class Relay:
    def __init__(self, listeners, target, context=None):
        """`target` is (host, port). With an ssl.SSLContext it speaks TLS to those who connect."""
        self._listeners, self._target, self._context = listeners, target, context
        self.port = listeners[0].getsockname()[1]
        for listener in listeners:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def end(self):
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener):
        with contextlib.suppress(OSError):  # it was ended
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection, socket.create_connection(self._target) as onward:
            client = self._context.wrap_socket(connection, server_side=True) if self._context else connection
            back = threading.Thread(target=pump, args=(onward, client), daemon=True)
            back.start()
            pump(client, onward)
            back.join()


class TlsRelay(Relay):
    """HTTPS at localhost before the server of `url`, with a certificate that only `authority`, a file, vouches for."""

    def __init__(self, folder, url):
        context, self.authority = server_tls(folder)
        target = urlsplit(url)
        super().__init__([socket.create_server(("127.0.0.1", 0))], (target.hostname, target.port), context)
        self.url = f"https://localhost:{self.port}"


def pump(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
