# SPDX-License-Identifier: MPL-2.0
"""Verifies SigV4 on the raw bytes of a request, with botocore's signer.

moto re-encodes the form before hashing, which refuses a body with %20 that is signed correctly;
here the bytes are hashed as they came.
"""

import calendar
import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .errors import AwsError

MAX_SKEW_SECONDS = 300  # AWS General Reference: "within five minutes of the timestamp"
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request\s*,"
    r"\s*SignedHeaders=([^,\s]+)\s*,\s*Signature=([0-9a-f]{64})"
)
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS"
    " Secret Access Key and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True)
class Scope:
    access_key: str
    date: str
    region: str
    service: str
    signed_headers: tuple
    signature: str


def read_scope(header):
    match = AUTHORIZATION.fullmatch(header.strip())
    if not match:
        raise AwsError("IncompleteSignature", f"Authorization header not understood: {header[:60]}", 403)
    access_key, date, region, service, headers, signature = match.groups()
    return Scope(access_key, date, region, service, tuple(headers.split(";")), signature)


def _seconds(amz_date):
    try:
        return calendar.timegm(time.strptime(amz_date, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise AwsError(
            "IncompleteSignature", f"Date must be in ISO-8601 'basic format'. Got '{amz_date}'.", 403
        ) from None


def _stamp(seconds):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def check_time(amz_date, wall):
    signed = _seconds(amz_date)
    if signed < wall - MAX_SKEW_SECONDS:
        text = (
            f"Signature expired: {amz_date} is now earlier than {_stamp(wall - MAX_SKEW_SECONDS)}"
            f" ({_stamp(wall)} - 5 min.)"
        )
        raise AwsError("SignatureDoesNotMatch", text, 403)
    if signed > wall + MAX_SKEW_SECONDS:
        text = (
            f"Signature not yet current: {amz_date} is still later than"
            f" {_stamp(wall + MAX_SKEW_SECONDS)} ({_stamp(wall)} + 5 min.)"
        )
        raise AwsError("SignatureDoesNotMatch", text, 403)


def verify(request, scope, credential, wall):
    """Raises AwsError unless the request was signed with the credential, now, for this scope."""
    amz_date = request.header("x-amz-date")
    if not {"host", "x-amz-date"} <= set(scope.signed_headers) or not amz_date:
        raise AwsError("IncompleteSignature", "Host and X-Amz-Date must be signed.", 403)
    if credential.token and "x-amz-security-token" not in scope.signed_headers:
        raise AwsError("IncompleteSignature", "X-Amz-Security-Token must be signed.", 403)
    if amz_date[:8] != scope.date:
        raise AwsError("SignatureDoesNotMatch", "Date in Credential scope does not match YYYYMMDD.", 403)
    check_time(amz_date, wall)
    declared = request.header("x-amz-content-sha256")
    if declared and declared != hashlib.sha256(request.body).hexdigest():
        raise AwsError("SignatureDoesNotMatch", MISMATCH, 403)
    if not hmac.compare_digest(_recompute(request, scope, credential, amz_date), scope.signature):
        raise AwsError("SignatureDoesNotMatch", MISMATCH, 403)


def _recompute(request, scope, credential, amz_date):
    again = AWSRequest(
        method=request.method,
        url=f"http://{request.header('host')}{request.target}",
        headers={name: request.header(name) or "" for name in scope.signed_headers},
        data=request.body,
    )
    again.context["timestamp"] = amz_date
    signer = SigV4Auth(
        Credentials(credential.access_key, credential.secret_key, credential.token),
        scope.service,
        scope.region,
    )
    return signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)


def verify_presigned(url, region, find_credential, wall):
    """Checks a PreSignedUrl of a GovCloud copy; returns the parameters it was signed with."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    try:
        access_key, _, signed_region, service, _ = query["X-Amz-Credential"].split("/")
        amz_date, signature = query["X-Amz-Date"], query["X-Amz-Signature"]
        expires = int(query["X-Amz-Expires"])
    except (KeyError, ValueError):
        raise AwsError("InvalidParameterValue", "PreSignedUrl could not be authenticated") from None
    credential = find_credential(access_key)
    unsigned = "&".join(p for p in parts.query.split("&") if not p.startswith("X-Amz-Signature="))
    fresh = _seconds(amz_date) - MAX_SKEW_SECONDS <= wall <= _seconds(amz_date) + expires
    if not credential or not fresh or (signed_region, service) != (region, "rds"):
        raise AwsError("InvalidParameterValue", "PreSignedUrl could not be authenticated")
    again = AWSRequest(method="GET", url=parts._replace(query=unsigned).geturl())
    again.context["timestamp"] = amz_date
    signer = SigV4QueryAuth(
        Credentials(credential.access_key, credential.secret_key, credential.token), service, region
    )
    canonical = signer.canonical_request(again)
    if not hmac.compare_digest(signer.signature(signer.string_to_sign(again, canonical), again), signature):
        raise AwsError("InvalidParameterValue", "PreSignedUrl could not be authenticated")
    return query
