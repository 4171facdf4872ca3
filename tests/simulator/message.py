# SPDX-License-Identifier: MPL-2.0
"""A request as it came over the wire and an answer as it goes back."""

from dataclasses import dataclass, field


@dataclass
class Request:
    method: str
    target: str  # path and query as sent
    headers: dict  # lower-case name -> value
    body: bytes
    client_port: int

    def header(self, name):
        return self.headers.get(name)

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return self.target.partition("?")[2]


@dataclass
class Response:
    status: int
    body: bytes = b""
    content_type: str = "text/xml"
    headers: dict = field(default_factory=dict)
    delivery: str = "whole"  # or "reset", "cut", "endless": see server.py
