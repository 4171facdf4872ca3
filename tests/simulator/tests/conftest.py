# SPDX-License-Identifier: MPL-2.0
"""One server for the whole suite, emptied before each test; two accounts, one Region."""

import contextlib

import pytest
from botocore.exceptions import ClientError

from simulator.client import Simulator

from .names import NEW, OLD


@pytest.fixture(scope="session")
def server():
    with Simulator.start() as simulator:
        yield simulator


@pytest.fixture
def aws(server):
    server.reset()
    return server


@pytest.fixture
def old(aws):
    return aws.account(OLD)


@pytest.fixture
def new(aws):
    return aws.account(NEW)


@pytest.fixture
def rds(old):
    return old.client("rds")


@pytest.fixture
def refused():
    """`with refused("Code", "part of the text"):` around a call that AWS refuses."""

    @contextlib.contextmanager
    def expect(code, text="", status=None):
        with pytest.raises(ClientError) as caught:
            yield
        error = caught.value.response["Error"]
        assert error["Code"] == code, error
        assert text in error.get("Message", ""), error
        if status:
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status

    return expect
