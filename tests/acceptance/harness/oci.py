# SPDX-License-Identifier: MPL-2.0
"""A container registry that forgets everything at its end: what OCI Distribution 1.1 says of push and pull."""

import hashlib
import json
import re

from . import https

NAMED = re.compile(r"/v2/(?P<name>.+)/(?P<part>blobs|manifests|tags)/(?P<rest>[^?]*)(?:\?(?P<query>.*))?$")


class Handler(https.Handler):
    """Blobs and manifests by digest, whatever the repository; tags by repository."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/v2/":
            return self.answer(200)
        name, part, rest, _ = NAMED.match(self.path).groups()
        if part == "tags":
            tags = [tag for repository, tag in self.server.tags if repository == name]
            return self.answer(200, json.dumps({"name": name, "tags": tags}).encode())
        digest = self.server.tags.get((name, rest), rest)
        media_type, data = self.server.stored.get(digest, (None, None))
        if data is None:
            return self.answer(404)
        self.answer(200, data, Content_Type=media_type, Docker_Content_Digest=digest)

    do_HEAD = do_GET

    def do_POST(self):
        """The upload of a blob begins."""
        self.answer(202, Location=self.path.partition("?")[0] + "one")

    def do_PUT(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        name, part, rest, query = NAMED.match(self.path).groups()
        media_type = "application/octet-stream"
        if part == "manifests":
            media_type = self.headers["Content-Type"]
            if rest != digest:
                self.server.tags[name, rest] = digest
        self.server.stored[digest] = media_type, data
        self.answer(201, Location=f"/v2/{name}/{part}/{digest}", Docker_Content_Digest=digest)

    def answer(self, status, data=b"", **headers):
        self.send_response(status)
        for header, value in {"Content_Type": "application/json", **headers}.items():
            self.send_header(header.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


class Oci(https.Https):
    def __init__(self, folder):
        self.stored = {}  # digest -> media type, data
        self.tags = {}  # (repository, tag) -> digest
        super().__init__(folder, Handler)
