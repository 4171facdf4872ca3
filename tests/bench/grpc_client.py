# SPDX-License-Identifier: MPL-2.0
"""Just enough of a gRPC client to measure a provider: HTTP/2 without TLS on its unix socket.

Headers are sent as literals and answers' headers are not decoded: a call has ended when its stream
has. Standard library only.
"""

import socket
import struct

DATA, HEADERS, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
LARGE_WINDOW = 0x7FFFFFFF


class Client:
    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect("\0" + address[1:] if address.startswith("@") else address)
        self.received = b""
        self.next_stream = 1
        self.bodies, self.ended = {}, set()  # of the streams that `begin` has begun
        settings = struct.pack("!HI", 4, LARGE_WINDOW)  # INITIAL_WINDOW_SIZE
        self.socket.sendall(
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            + frame(SETTINGS, 0, 0, settings)
            + frame(WINDOW_UPDATE, 0, 0, struct.pack("!I", LARGE_WINDOW - 65535))
        )

    def close(self):
        self.socket.close()

    def run(self, method, message, count, in_flight):
        """Makes `count` equal calls, at most `in_flight` at a time; the bytes of the last answer."""
        headers = headers_of(method)
        body = struct.pack("!BI", 0, len(message)) + message
        begun = ended = 0
        answer = b""
        while ended < count:
            batch = b""
            while begun < count and begun - ended < in_flight:
                batch += frame(HEADERS, END_HEADERS, self.next_stream, headers)
                batch += frame(DATA, END_STREAM, self.next_stream, body)
                self.next_stream += 2
                begun += 1
            if batch:
                self.socket.sendall(batch)
            for kind, flags, _, payload in self._frames():
                if kind == GOAWAY:
                    raise ConnectionError(f"GOAWAY {payload!r}")
                if kind == DATA:
                    answer = payload
                ended += kind in (HEADERS, DATA) and bool(flags & END_STREAM)
        return answer[5:]

    def begin(self, method, message):
        """Makes one call without waiting for its end; its stream."""
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        body = struct.pack("!BI", 0, len(message)) + message
        self.socket.sendall(
            frame(HEADERS, END_HEADERS, stream, headers_of(method)) + frame(DATA, END_STREAM, stream, body)
        )
        return stream

    def end(self, stream):
        """The answer's bytes, once it is there."""
        while stream not in self.ended:
            for kind, flags, about, payload in self._frames():
                if kind == GOAWAY:
                    raise ConnectionError(f"GOAWAY {payload!r}")
                if kind == DATA:
                    self.bodies.setdefault(about, bytearray()).extend(payload)
                if kind in (HEADERS, DATA) and flags & END_STREAM:
                    self.ended.add(about)
        self.ended.remove(stream)
        return bytes(self.bodies.pop(stream, b"")[5:])

    def call(self, method, message=b""):
        return self.end(self.begin(method, message))

    def _frames(self):
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the provider has closed the connection")
        self.received += data
        at = 0
        while len(self.received) - at >= 9:
            length = int.from_bytes(self.received[at : at + 3], "big")
            if len(self.received) - at - 9 < length:
                break
            kind, flags, stream = struct.unpack("!BBI", self.received[at + 3 : at + 9])
            payload = self.received[at + 9 : at + 9 + length]
            at += 9 + length
            if kind in (SETTINGS, PING) and not flags & ACK:
                self.socket.sendall(frame(kind, ACK, 0, payload if kind == PING else b""))
            yield kind, flags, stream, payload
        self.received = self.received[at:]


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + struct.pack("!BBI", kind, flags, stream) + payload


def headers_of(method):
    return b"".join(
        literal(name, value)
        for name, value in (
            (b":method", b"POST"),
            (b":scheme", b"http"),
            (b":path", method.encode()),
            (b":authority", b"localhost"),
            (b"content-type", b"application/grpc"),
            (b"te", b"trailers"),
        )
    )


def literal(name, value):
    """A header that is not indexed (RFC 7541, 6.2.2); both texts shorter than 127 bytes."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value
