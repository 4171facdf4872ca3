# SPDX-License-Identifier: MPL-2.0
"""Requests byte by byte, where boto3 would be in the way."""

import http.client
from datetime import datetime, timedelta, timezone

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

FORM = "application/x-www-form-urlencoded; charset=utf-8"
IDENTITY = "Action=GetCallerIdentity&Version=2011-06-15"


class DatedAuth(SigV4Auth):
    """Signs for another time than now."""

    def __init__(self, *args, skew_seconds=0):
        super().__init__(*args)
        self._moment = datetime.now(timezone.utc) + timedelta(seconds=skew_seconds)

    def add_auth(self, request):
        request.context["timestamp"] = self._moment.strftime("%Y%m%dT%H%M%SZ")
        self._modify_request_before_signing(request)
        text = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(text, request))


def connect(aws):
    return http.client.HTTPConnection(aws.url.removeprefix("http://"), timeout=10)


def signed(aws, account, body, service="sts", region="eu-central-1", skew_seconds=0, token=None, secret=None):
    """Headers for a POST of the form `body`."""
    request = AWSRequest("POST", aws.url + "/", headers={"Content-Type": FORM}, data=body)
    credentials = Credentials(account.access_key, secret or account.secret_key, token)
    DatedAuth(credentials, service, region, skew_seconds=skew_seconds).add_auth(request)
    return dict(request.headers.items())


def post(connection, body, headers):
    """(status, body, headers)"""
    connection.request("POST", "/", body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode("utf-8", "replace"), answer.headers
