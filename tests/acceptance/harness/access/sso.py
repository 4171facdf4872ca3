# SPDX-License-Identifier: MPL-2.0
"""IAM Identity Center: its portal and its OIDC service, and what `aws sso login` leaves behind."""

import hashlib
import http.server
import json
import threading
import time
import urllib.parse
import uuid
from dataclasses import dataclass

from ..world import ROLE
from .way import Way

SESSION = "corp"
START_URL = "https://corp.awsapps.com/start"
SSO_REGION = "eu-west-1"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict
    body: str
    status: int  # of the answer


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status, code, **members):
        super().__init__(code)
        self.status, self.code, self.members = status, code, members


def of_portal(status, code, text):
    return Refusal(status, code, message=text, __type=f"com.amazonaws.switchboard.portal#{code}")


def of_oidc(status, code, word):
    return Refusal(status, code, error=word, error_description=f"{word}, says the imitation")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        status, code, members = self.server.judge(self.command, self.path, self.headers, body)
        text = json.dumps(members).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        if code:
            self.send_header("x-amzn-ErrorType", code)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = answer

    def log_message(self, *_):
        pass


class IdentityCenter(http.server.ThreadingHTTPServer):
    """Both services at one address of loopback. `mint` gives keys for (account, role)."""

    daemon_threads = True

    def __init__(self, mint, assignments, token_seconds=3600):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.mint, self.assignments, self.token_seconds = mint, set(assignments), token_seconds
        self.client_id, self.client_secret = f"client-{uuid.uuid4()}", f"client-secret-{uuid.uuid4()}"
        self.ends = {}  # access token -> when, in seconds
        self.refresh_tokens = set()  # each is good for one use
        self.secrets = [self.client_secret]  # all that must be seen nowhere
        self.asked, self.mistakes = [], []  # every request; what a real service would not understand
        self.failures = []  # answers that the next requests get in place of theirs: (path, status)
        self.together = None  # threading.Barrier: that many renewals are answered together
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def end(self):
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):
        """A client that hangs up is none."""

    # ---- Tokens

    def new_tokens(self):
        """(access token, refresh token)"""
        access, refresh = f"access-{uuid.uuid4()}", f"refresh-{uuid.uuid4()}"
        self.ends[access] = time.time() + self.token_seconds
        self.refresh_tokens.add(refresh)
        self.secrets += [access, refresh]
        return access, refresh

    # ---- Requests

    def judge(self, method, path, headers, body):
        route = (method, path.partition("?")[0])
        try:
            self._fail(route[1])
            if route == ("GET", "/federation/credentials"):
                status, code, members = 200, None, self._credentials(path, headers, body)
            elif route == ("POST", "/token"):
                status, code, members = 200, None, self._token(path, headers, body)
            else:
                raise self._mistake(f"{method} {path}", of_portal(404, "UnknownOperationException", "no such thing"))
        except Refusal as refusal:
            status, code, members = refusal.status, refusal.code, refusal.members
        self.asked.append(Asked(method, path, {k.lower(): v for k, v in headers.items()}, body, status))
        return status, code, members

    def _fail(self, path):
        with self._lock:
            for failure in self.failures:
                if failure[0] == path:
                    self.failures.remove(failure)
                    raise Refusal(failure[1], "ScriptedException", message="scripted")

    def _mistake(self, what, refusal):
        self.mistakes.append(what)
        return refusal

    def _require(self, condition, what, refusal):
        if not condition:
            raise self._mistake(what, refusal)

    def _credentials(self, path, headers, body):
        refusal = of_portal(400, "InvalidRequestException", "not understood")
        query = urllib.parse.parse_qs(path.partition("?")[2], keep_blank_values=True, strict_parsing=True)
        self._require(sorted(query) == ["account_id", "role_name"], f"query of {path}", refusal)
        self._require(all(len(values) == 1 for values in query.values()), f"query of {path}", refusal)
        self._require("authorization" not in headers, "the portal's request is signed", refusal)
        self._require(not body, "the portal's request has a body", refusal)
        self._require(headers.get("x-amz-sso_bearer_token"), "the portal's request has no token", refusal)
        [account], [role] = query["account_id"], query["role_name"]
        with self._lock:
            if self.ends.get(headers["x-amz-sso_bearer_token"], 0) <= time.time():
                raise of_portal(401, "UnauthorizedException", "Session token not found or invalid")
            if account not in {assigned for assigned, _ in self.assignments}:
                raise of_portal(404, "ResourceNotFoundException", "No such account")
            if (account, role) not in self.assignments:
                raise of_portal(403, "ForbiddenException", "No access")
            keys = self.mint()
        self.secrets += [keys["SecretAccessKey"], keys["SessionToken"]]
        return {
            "roleCredentials": {
                "accessKeyId": keys["AccessKeyId"],
                "secretAccessKey": keys["SecretAccessKey"],
                "sessionToken": keys["SessionToken"],
                "expiration": int(keys["Expiration"].timestamp() * 1000),
            }
        }

    def _token(self, path, headers, body):
        refusal = of_oidc(400, "InvalidRequestException", "invalid_request")
        self._require(path == "/token", f"query of {path}", refusal)
        self._require("authorization" not in headers, "the renewal is signed", refusal)
        self._require(headers.get("content-type") == "application/json", "the renewal is no JSON", refusal)
        asked = json.loads(body)
        self._require(
            sorted(asked) == ["clientId", "clientSecret", "grantType", "refreshToken"], "members of a renewal", refusal
        )
        self._require(asked["grantType"] == "refresh_token", "the renewal's grant", refusal)
        if (asked["clientId"], asked["clientSecret"]) != (self.client_id, self.client_secret):
            raise of_oidc(401, "InvalidClientException", "invalid_client")
        with self._lock:
            is_good = asked["refreshToken"] in self.refresh_tokens
            self.refresh_tokens.discard(asked["refreshToken"])
            access, refresh = self.new_tokens() if is_good else (None, None)
        if self.together:
            self._wait_for_the_other(is_good)
        if not is_good:
            raise of_oidc(400, "InvalidGrantException", "invalid_grant")
        return {
            "accessToken": access,
            "expiresIn": self.token_seconds,
            "refreshToken": refresh,
            "tokenType": "Bearer",
        }

    def _wait_for_the_other(self, is_good):
        """Whoever is refused hears it before the other has its answer, and so before that one can write."""
        try:
            self.together.wait(20)
        except threading.BrokenBarrierError:
            return
        if is_good:
            time.sleep(0.3)

    def asked_for(self, path):
        return [asked for asked in self.asked if asked.path.partition("?")[0] == path]


def timestamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Login:
    """A person who runs `aws sso login`: the file that this leaves. `legacy`: without the means of renewal."""

    def __init__(self, center, home, legacy=False):
        self.center, self.legacy = center, legacy
        name = START_URL if legacy else SESSION
        self.path = home / ".aws" / "sso" / "cache" / f"{hashlib.sha1(name.encode()).hexdigest()}.json"

    def sign_in(self, ends_in=None, **members):
        """A new token, or the file with other `members`; None takes one out."""
        access, refresh = self.center.new_tokens()
        token = {
            "startUrl": START_URL,
            "region": SSO_REGION,
            "accessToken": access,
            "expiresAt": timestamp(time.time() + (self.center.token_seconds if ends_in is None else ends_in)),
        }
        if not self.legacy:
            token |= {
                "clientId": self.center.client_id,
                "clientSecret": self.center.client_secret,
                "registrationExpiresAt": "2099-01-01T00:00:00Z",
                "refreshToken": refresh,
            }
        token = {name: value for name, value in (token | members).items() if value is not None}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(token))
        self.path.chmod(0o600)
        return token

    def token(self):
        return json.loads(self.path.read_text())


SECTION = f"[sso-session {SESSION}]\nsso_region = {SSO_REGION}\nsso_start_url = {START_URL}\n"


def session_profile(account, role=ROLE):
    keys = f"sso_session = {SESSION}\nsso_account_id = {account}\nsso_role_name = {role}\n"
    return f"[profile work]\n{keys}{SECTION}"


def legacy_profile(account, role=ROLE):
    keys = f"sso_start_url = {START_URL}\nsso_region = {SSO_REGION}\n"
    return f"[profile work]\n{keys}sso_account_id = {account}\nsso_role_name = {role}\n"


def endpoints(center):
    return {"AWS_ENDPOINT_URL_SSO": center.url, "AWS_ENDPOINT_URL_SSO_OIDC": center.url}


class _Sso:
    center = None
    legacy = False

    def open(self):
        # A token outlives the keys a little: it ends midway, too, and is renewed.
        seconds = 3600 if self.legacy else 6
        self.center = IdentityCenter(self.mint, [(self.account, ROLE)], seconds)
        Login(self.center, self.sandbox.home, self.legacy).sign_in()
        self.config.write_text((legacy_profile if self.legacy else session_profile)(self.account))
        return {"AWS_PROFILE": "work", **endpoints(self.center)}

    def end(self):
        if self.center:
            self.center.end()
            assert self.center.mistakes == []


class Sso(_Sso, Way):
    name = "sso"


class LegacySso(_Sso, Way):
    name = "sso"
    legacy = True
    ends = True
