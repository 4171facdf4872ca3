# SPDX-License-Identifier: MPL-2.0
"""`aws login`: the file that it leaves, which the AWS CLI renews whenever it is run."""

import hashlib
import json
import threading
import uuid

from .way import Way

SESSION = "arn:aws:iam::777788889999:user/somebody"


class LoginFile:
    """As version 2 of the AWS CLI writes it. `mint` gives keys."""

    def __init__(self, mint, account, folder):
        self.mint, self.account = mint, account
        self.path = folder / f"{hashlib.sha256(SESSION.encode()).hexdigest()}.json"
        self.secrets = []

    def sign_in(self, **members):
        """With fresh keys; `members` replace those of accessToken, None takes one out. What is in the file now."""
        made = self.mint()
        keys = {
            "accessKeyId": made["AccessKeyId"],
            "secretAccessKey": made["SecretAccessKey"],
            "sessionToken": made["SessionToken"],
            "accountId": self.account,
            "expiresAt": made["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        token = {
            "accessToken": {name: value for name, value in (keys | members).items() if value is not None},
            "tokenType": "aws_sigv4",
            "clientId": "arn:aws:signin:::devtools/same-device",
            "refreshToken": f"refresh-{uuid.uuid4()}",
            "idToken": f"id-{uuid.uuid4()}",
            "dpopKey": f"-----BEGIN EC PRIVATE KEY-----\n{uuid.uuid4()}\n-----END EC PRIVATE KEY-----\n",
        }
        self.secrets += [keys["secretAccessKey"], keys["sessionToken"], token["refreshToken"], token["idToken"]]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".tmp")
        beside.write_text(json.dumps(token))
        beside.chmod(0o600)
        beside.replace(self.path)
        return token


def profile():
    return f"[profile work]\nlogin_session = {SESSION}\n"


def default_folder(home):
    return home / ".aws" / "login" / "cache"


class Login(Way):
    """Somebody runs `aws` commands all the while."""

    name = "login"
    ends = True

    def __init__(self, world, sandbox):
        super().__init__(world, sandbox)
        self._over = threading.Event()
        self._renewing = None

    def open(self):
        self.config.write_text(profile())
        file = LoginFile(self.mint, self.account, default_folder(self.sandbox.home))
        file.sign_in()

        def renew():
            while not self._over.wait(1):
                file.sign_in()

        self._renewing = threading.Thread(target=renew, daemon=True)
        self._renewing.start()
        return {"AWS_PROFILE": "work"}

    def end(self):
        self._over.set()
        if self._renewing:
            self._renewing.join()
