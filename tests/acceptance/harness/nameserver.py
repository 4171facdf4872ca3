# SPDX-License-Identifier: MPL-2.0
"""A name server that knows the names it is given, and can behave as bad ones do."""

import contextlib
import ipaddress
import socket
import struct
import threading

A, AAAA = 1, 28
NO_ERROR, FORMAT_ERROR, NO_SUCH_NAME = 0, 1, 3
RESPONSE, TRUNCATED = 0x8180, 0x0200
UDP_MAX = 512
TYPES = {A: "A", AAAA: "AAAA"}


class NameServer:
    """`names` is name -> addresses."""

    def __init__(self, datagrams, connections=None, names=None, knows_edns=True, is_silent=False):
        self.names, self.knows_edns, self.is_silent = names or {}, knows_edns, is_silent
        self.asked = []  # (name, "A" or "AAAA", "udp" or "tcp", has EDNS?)
        self._sockets = [s for s in (datagrams, connections) if s]
        threading.Thread(target=self._serve_datagrams, args=(datagrams,), daemon=True).start()
        if connections:
            threading.Thread(target=self._serve_connections, args=(connections,), daemon=True).start()

    def end(self):
        for it in self._sockets:
            with contextlib.suppress(OSError):
                it.shutdown(socket.SHUT_RDWR)
            it.close()

    def _serve_datagrams(self, server):
        with contextlib.suppress(OSError):  # it was ended
            while True:
                question, peer = server.recvfrom(4096)
                if not question:  # what a shut down socket gives
                    return
                answer = self._answer(question, "udp")
                if answer and len(answer) > UDP_MAX:
                    answer = self._answer(question, "udp", is_cut=True)
                if answer:
                    server.sendto(answer, peer)

    def _serve_connections(self, server):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                with contextlib.suppress(OSError), connection:
                    while head := connection.recv(2, socket.MSG_WAITALL):  # glibc asks twice
                        (length,) = struct.unpack("!H", head)
                        answer = self._answer(connection.recv(length, socket.MSG_WAITALL), "tcp")
                        connection.sendall(struct.pack("!H", len(answer)) + answer)

    def _answer(self, question, transport, is_cut=False):
        """The bytes of the answer; None: there will be none."""
        number, _, _, _, _, additional = struct.unpack("!6H", question[:12])
        name, end = _read_name(question, 12)
        (kind,) = struct.unpack("!H", question[end : end + 2])
        has_edns = additional > 0
        if not is_cut:
            self.asked.append((name, TYPES.get(kind, str(kind)), transport, has_edns))
        if self.is_silent:
            return None
        if has_edns and not self.knows_edns:
            return struct.pack("!6H", number, RESPONSE | FORMAT_ERROR, 1, 0, 0, 0) + question[12 : end + 4]
        known = self.names.get(name)
        records = [] if is_cut else _records(known or (), kind)
        code = NO_SUCH_NAME if known is None else NO_ERROR
        flags = RESPONSE | code | (TRUNCATED if is_cut else 0)
        head = struct.pack("!6H", number, flags, 1, len(records), 0, 0)
        return head + question[12 : end + 4] + b"".join(records)


def _read_name(message, at):
    labels = []
    while length := message[at]:
        labels.append(message[at + 1 : at + 1 + length].decode())
        at += 1 + length
    return ".".join(labels).lower(), at + 1


def _records(addresses, kind):
    """Of that kind, for the name in the question."""
    packed = [ipaddress.ip_address(address).packed for address in addresses]
    wanted = {A: 4, AAAA: 16}.get(kind)
    return [struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(p)) + p for p in packed if len(p) == wanted]
