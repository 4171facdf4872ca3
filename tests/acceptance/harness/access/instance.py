# SPDX-License-Identifier: MPL-2.0
"""The metadata service of an EC2 instance (IMDSv2), for its role's keys and its Region."""

import json
import secrets
import time

from ..world import REGION
from .loopback import Loopback, keys_document
from .way import Way

ROLES = "/latest/meta-data/iam/security-credentials/"
IDENTITY = "/latest/dynamic/instance-identity/document"
TTL = "x-aws-ec2-metadata-token-ttl-seconds"
TOKEN = "x-aws-ec2-metadata-token"


class Metadata(Loopback):
    """`mint` gives keys. The switches are attributes."""

    def __init__(self, mint, listener=None):
        self.mint = mint
        self.tokens = set()
        self.role = "migration-host"  # None: the instance has none
        self.region = REGION
        self.token_status = None  # 403: off for this caller; 404, 405: an imitation of the first version
        self.token_seconds = 0  # until its answer; longer than anybody waits: the hop limit
        self.needs_token = True  # False: the first version is answered, too
        self.forgets = 0  # so many tokens are not known any more at their first use
        self.refusal = None  # {"Code": ..., "Message": ...} in place of keys
        self.body = None  # in place of the keys
        self.expiration = None  # of the keys, as text
        super().__init__(listener)

    def answer(self, request):
        if request.path == "/latest/api/token":
            return self._give_token(request)
        token = request.headers.get(TOKEN)
        if token is not None and self.forgets:
            self.forgets -= 1
            self.tokens.clear()
        if (token is None and self.needs_token) or (token is not None and token not in self.tokens):
            return 401, {}, "hush: unauthorized"
        return self._give_data(request.path)

    def _give_token(self, request):
        time.sleep(self.token_seconds)
        if self.token_status:
            return self.token_status, {}, "hush: no token"
        if request.method != "PUT" or not request.headers.get(TTL, "").isdigit():
            return 400, {}, "hush: bad request"
        token = secrets.token_urlsafe(40) + "=="
        self.tokens.add(token)
        return 200, {TTL: request.headers[TTL]}, token

    def _give_data(self, path):
        if path == ROLES and self.role:
            return 200, {"Content-Type": "text/plain"}, self.role
        if path == ROLES + str(self.role):
            return 200, {"Content-Type": "text/plain"}, self._keys()
        if path == IDENTITY and self.region:
            return 200, {}, json.dumps({"region": self.region, "instanceId": "i-0123456789abcdef0"})
        return 404, {"Content-Type": "text/html"}, "<html>hush: not found</html>"

    def _keys(self):
        if self.body is not None:
            return self.body
        if self.refusal:
            return json.dumps(self.refusal)
        more = {"Expiration": self.expiration} if self.expiration else {}
        return keys_document(self.mint(), Code="Success", Type="AWS-HMAC", **more)


class Instance(Way):
    name = "instance"

    def open(self):
        self.metadata = Metadata(self.mint)
        return {
            "AWS_EC2_METADATA_DISABLED": "false",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.metadata.url,
        }

    def end(self):
        self.metadata.end()
