# SPDX-License-Identifier: MPL-2.0
"""The endpoint that a container gets its credentials from, as EKS Pod Identity and ECS have it."""

import json

from .loopback import Loopback, keys_document
from .way import Way

PATH = "/v1/credentials"


class Endpoint(Loopback):
    """`mint` gives keys. The switches are attributes."""

    def __init__(self, mint, token=None):
        self.mint = mint
        self.token = token  # that callers must bring; None: none
        self.elsewhere = None  # a URL to send callers to
        self.refusal = None  # (status, code, message)
        self.body = None  # in place of the keys
        super().__init__()

    def answer(self, request):
        if self.elsewhere:
            return 307, {"Location": self.elsewhere}, ""
        if request.headers.get("authorization") != self.token:
            return self._refuse(401, "AccessDeniedException", "the token is not known")
        if self.refusal:
            return self._refuse(*self.refusal)
        if request.path != PATH:
            return self._refuse(404, "NotFound", "nothing is here")
        body = self.body if self.body is not None else keys_document(self.mint(), AccountId="hush: not read")
        return 200, {"Content-Type": "application/json"}, body

    @staticmethod
    def _refuse(status, code, message):
        text = json.dumps({"code": code, "message": message, "HTTPErrorCode": status, "trace": "hush"})
        return status, {"Content-Type": "application/json"}, text


class Container(Way):
    name = "container"

    def open(self):
        self.token_file = self.sandbox.home / "pod-token"
        self.token_file.write_text("hush-first-token")
        self.endpoint = Endpoint(self.mint, "hush-first-token")
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": self.endpoint.url + PATH,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(self.token_file),
        }

    def end(self):
        self.endpoint.end()
