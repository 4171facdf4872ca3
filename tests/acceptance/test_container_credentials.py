# SPDX-License-Identifier: MPL-2.0
"""Credentials of a container, ECS or EKS Pod Identity: each way in which its endpoint refuses, as a user sees it."""

import socket

import pytest
from harness.access.container import PATH, Container, Endpoint
from harness.access.plans import Plans

pytestmark = pytest.mark.started

FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
FIRST = "hush-first-token"  # of the file


@pytest.fixture
def pod(cluster_copy, world, sandbox):
    plans = Plans(cluster_copy, Container(world, sandbox))
    plans.endpoint = plans.way.endpoint
    yield plans
    plans.end()


def tokens(pod):
    return [request.headers.get("authorization") for request in pod.endpoint.asked]


def test_the_token_of_the_file_is_sent(pod):
    pod.works()
    (request,) = pod.endpoint.asked
    assert (str(request), request.headers["authorization"]) == (f"GET {PATH}", FIRST)
    assert request.headers["accept"] == "application/json"


def test_the_file_goes_before_the_variable_and_may_end_with_a_line_break(pod):
    pod.set(AWS_CONTAINER_AUTHORIZATION_TOKEN="hush-other")
    pod.way.token_file.write_text(f"{FIRST}\n")
    pod.works()
    assert tokens(pod) == [FIRST]


def test_the_token_may_be_in_a_variable(pod):
    pod.unset(TOKEN_FILE)
    pod.set(AWS_CONTAINER_AUTHORIZATION_TOKEN=FIRST)
    pod.works()


def test_without_a_token_none_is_sent(pod):
    pod.unset(TOKEN_FILE)
    pod.endpoint.token = None
    pod.works()
    assert tokens(pod) == [None]


def test_a_wrong_token_is_refused_with_the_words_of_the_endpoint(pod):
    pod.way.token_file.write_text("hush-wrong")
    pod.refuse(
        f"the container's credentials endpoint of {FULL} answered with HTTP status 401",
        "AccessDeniedException: the token is not known",
        f"Check that {TOKEN_FILE}",
    )
    assert len(pod.endpoint.asked) == 1


@pytest.mark.parametrize(
    "content",
    ["hush\nX-Other: a", "hush\rX", "hush\0", "hüsh", "", "\n"],
    ids=["line-feed", "return", "nul", "umlaut", "empty", "blank"],
)
def test_a_token_that_cannot_be_a_header_is_not_sent(pod, content):
    pod.way.token_file.write_bytes(content.encode())
    pod.refuse(f"the token of {TOKEN_FILE}")
    assert pod.endpoint.asked == []


def test_a_token_file_that_is_missing_is_named(pod):
    pod.way.token_file.unlink()
    pod.refuse(f"reading the token of {TOKEN_FILE}", "pod-token")


def test_an_endpoint_that_is_busy_or_fails_is_asked_again(pod):
    pod.endpoint.failures = [429, 500]
    pod.works()
    assert len(pod.endpoint.asked) == 3


def test_an_endpoint_that_keeps_failing_is_an_error(pod):
    pod.endpoint.failures = [503] * 9
    pod.refuse("answered with HTTP status 503")
    assert len(pod.endpoint.asked) == 3


def test_a_refusal_is_shown_by_its_code_and_message(pod):
    pod.endpoint.refusal = (400, "InvalidIdInRequest", "Invalid id in request\x1b[31m")
    pod.refuse("HTTP status 400: InvalidIdInRequest: Invalid id in request\ufffd[31m")


def test_nobody_is_sent_elsewhere(pod):
    other = Endpoint(pod.way.mint)
    pod.endpoint.elsewhere = other.url + PATH
    try:
        pod.refuse("answered with HTTP status 307, a redirect, which the provider does not follow")
        assert other.asked == []
    finally:
        other.end()


@pytest.mark.parametrize(
    "body, fragment",
    [
        ("<html>hush</html>", "is not a JSON object with credentials"),
        ('{"AccessKeyId": "hush", "Token": "hush"}', "has no SecretAccessKey"),
        ("x" * 100_000, "has 100000 bytes"),
    ],
    ids=["no-json", "half", "too-long"],
)
def test_an_answer_without_keys_is_an_error_that_does_not_show_it(pod, body, fragment):
    pod.endpoint.body = body
    pod.refuse(fragment)


def test_an_endpoint_that_is_not_there_is_an_error(pod):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    pod.set(AWS_CONTAINER_CREDENTIALS_FULL_URI=f"http://127.0.0.1:{port}/")
    pod.refuse(f"{FULL}: asking the container's credentials endpoint: http://127.0.0.1:{port}")


def test_a_slow_endpoint_is_waited_for(pod):
    pod.endpoint.delay = 1.2
    pod.works()


@pytest.mark.parametrize(
    "url",
    ["http://keys.example/hush", "http://169.254.169.254/hush", "http://localhost.keys.example/hush"],
    ids=["name", "ec2", "below-localhost"],
)
def test_another_host_is_not_asked_without_tls(pod, url):
    pod.set(AWS_CONTAINER_CREDENTIALS_FULL_URI=url)
    pod.refuse(FULL, url.split("/")[2], "is not asked for credentials without TLS", "169.254.170.23")


@pytest.mark.parametrize(
    "path", ["@keys.example/hush", ".keys.example/hush", "hush"], ids=["user", "longer-host", "no-path"]
)
def test_a_path_that_leaves_the_host_is_refused(pod, path):
    pod.set(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=path)
    pod.refuse(f"{RELATIVE} is not a path that begins with /")
    assert pod.endpoint.asked == []


def test_localhost_may_be_asked_by_name(pod):
    pod.set(AWS_CONTAINER_CREDENTIALS_FULL_URI=pod.endpoint.url.replace("127.0.0.1", "localhost") + PATH)
    pod.works()


def test_the_block_of_a_profile_may_name_the_container(pod):
    role = f"arn:aws:iam::{pod.way.account}:role/snapshot-migration"
    pod.way.config.write_text(f"[profile work]\nrole_arn = {role}\ncredential_source = EcsContainer\n")
    pod.set(AWS_PROFILE="work")
    pod.plan()
    assert len(pod.endpoint.asked) == 1
