# SPDX-License-Identifier: MPL-2.0
"""No secret is shown: of proxies, endpoints and keys, of TLS connections."""

import base64
import contextlib
import re
import socket
import threading

import pytest
from harness.certificate import server_tls
from harness.world import OLD, REGION, ROLE

PASSWORD = "hush-hush"
NOBODY = "127.0.0.1:1"  # where nobody listens
ROLE_ARN = f"arn:aws:iam::{OLD}:role/{ROLE}"


def provider(workspace, *lines):
    """The provider block of a workspace, with these lines in it."""
    block = "\n".join(("", 'provider "snapshot" {', f'  region = "{REGION}"', "  max_retries = 1", *lines, "}", ""))
    workspace.write("provider.tf", REQUIRED + block)


REQUIRED = 'terraform {\n  required_providers {\n    snapshot = { source = "rds-snapshot/snapshot" }\n  }\n}\n'


def plan_and_all_it_said(copy, ok=False, **environment):
    """A plan, and every text it left: diagnostics with the lines they point at, and the log."""
    log = copy.workspace.folder / "trace.log"
    outcome = copy.workspace.plan(ok=ok, environment={"TF_LOG": "TRACE", "TF_LOG_PATH": str(log), **environment})
    return outcome, outcome.out + outcome.err + log.read_text("utf-8", "replace")


@contextlib.contextmanager
def loopback(answer):
    """The address of a server that hands each connection to `answer`, one after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            with contextlib.suppress(OSError):  # closed: the test is over
                while True:
                    connection, _ = listener.accept()
                    with connection, contextlib.suppress(OSError):
                        answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def want_another_password(connection):
    """A proxy."""
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")


def hang_up(connection):
    connection.recv(4096)


# ---- Proxies


@pytest.mark.parametrize(
    "way, answer, reason",
    [
        ("https_proxy", None, "refused"),
        ("HTTPS_PROXY", want_another_password, "407"),
        ("HTTPS_PROXY", hang_up, "closed"),
    ],
    ids=["refused", "407", "aborted"],
)
def test_a_proxy_that_fails_is_named_without_its_password(cluster_copy, way, answer, reason):
    with loopback(answer) if answer else contextlib.nullcontext(NOBODY) as address:
        proxy = f"http://mover:{PASSWORD}@{address}"
        provider(
            cluster_copy.workspace,
            f'  https_proxy = "{proxy}"' if way.islower() else "",
            '  endpoints {\n    sts = "https://sts.example"\n  }',
        )
        outcome, said = plan_and_all_it_said(cluster_copy, **({} if way.islower() else {way: proxy}))
    outcome.assert_error("https://sts.example", f"http://{address}", reason)
    assert PASSWORD not in said and "mover" not in said


@pytest.mark.parametrize(
    "way, proxy, problem",
    [
        ("https_proxy", f"http://mover:{PASSWORD}/1@127.0.0.1:3128", "percent"),
        ("HTTPS_PROXY", f"http://mover:{PASSWORD}@127.0.0.1:31280000", "port"),
        ("https_proxy", f"ftp://mover:{PASSWORD}@127.0.0.1:3128", "http://"),
        ("HTTPS_PROXY", f"http://mover:{PASSWORD}@127.0.0.1:3128/path", "path"),
        ("http_proxy", f"http://mover:{PASSWORD}@", "host"),
    ],
    ids=["slash", "port", "scheme", "path", "no-host"],
)
def test_a_malformed_proxy_is_refused_by_the_name_of_what_sets_it(cluster_copy, way, proxy, problem):
    provider(
        cluster_copy.workspace,
        f'  {way} = "{proxy}"' if way.islower() else "",
        '  endpoints {\n    sts = "https://sts.example"\n  }',
    )
    outcome, said = plan_and_all_it_said(cluster_copy, **({} if way.islower() else {way: proxy}))
    outcome.assert_error(way, problem)
    assert PASSWORD not in said and "mover" not in said
    assert cluster_copy.world.aws.calls() == []


# ---- Endpoints

AT_NOBODY = f"http://mover:{PASSWORD}@{NOBODY}"


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_RDS", "AWS_ENDPOINT_URL", "TF_AWS_STS_ENDPOINT"])
def test_an_endpoint_of_the_environment_holds_no_password(cluster_copy, name):
    for other in [n for n in cluster_copy.workspace.environment if n.startswith("AWS_ENDPOINT_URL")]:
        del cluster_copy.workspace.environment[other]
    provider(cluster_copy.workspace)
    outcome, said = plan_and_all_it_said(cluster_copy, **{name: AT_NOBODY})
    outcome.assert_error(name, "password")
    assert PASSWORD not in said and "mover" not in said


@pytest.mark.parametrize(
    "text, key, line",
    [
        (f"[default]\nendpoint_url = {AT_NOBODY}\n", 'endpoint_url of the profile "default"', "line 2"),
        (
            f"[default]\nservices = mine\n[services mine]\nrds =\n  endpoint_url = {AT_NOBODY}\n",
            "endpoint_url of rds in [services mine]",
            "line 5",
        ),
    ],
    ids=["profile", "services"],
)
def test_an_endpoint_of_a_profile_holds_no_password(cluster_copy, sandbox, text, key, line):
    for name in [n for n in cluster_copy.workspace.environment if n.startswith("AWS_ENDPOINT_URL")]:
        del cluster_copy.workspace.environment[name]
    (sandbox.home / "aws-config").write_text(text)
    provider(cluster_copy.workspace)
    outcome, said = plan_and_all_it_said(cluster_copy)
    outcome.assert_error(key, line, "password")
    assert PASSWORD not in said and "mover" not in said


def test_an_endpoint_of_the_block_holds_no_password(cluster_copy):
    provider(cluster_copy.workspace, f'  endpoints {{\n    rds = "{AT_NOBODY}"\n  }}')
    outcome, said = plan_and_all_it_said(cluster_copy)
    outcome.assert_error("endpoints", "rds", "password")
    assert PASSWORD not in said and "mover" not in said


# ---- Keys


@pytest.mark.parametrize(
    "lines",
    [
        [f'  secret_key = "{PASSWORD}"'],
        [f'  token = "{PASSWORD}"'],
        [f'  access_key = "AKIA"\n  token = "{PASSWORD}"'],
        ["  assume_role_with_web_identity {", f'    role_arn = "arn:aws:iam::{OLD}:role/ci"',
         f'    web_identity_token = "{PASSWORD}"', '    web_identity_token_file = "/token"', "  }"],
        ["  assume_role {", f'    role_arn = "arn:aws:iam::{OLD}:role/x"', f'    external_id = "{PASSWORD} "', "  }"],
    ],
    ids=["secret_key", "token", "token-and-half", "web_identity_token", "external_id"],
)  # fmt: skip
def test_terraform_is_not_made_to_show_the_line_that_holds_a_secret(cluster_copy, lines):
    """It prints the line that an error points at."""
    provider(cluster_copy.workspace, *lines)
    outcome, said = plan_and_all_it_said(cluster_copy)
    assert outcome.errors
    assert PASSWORD not in said


def test_a_plan_that_succeeds_shows_none_either(cluster_copy, sandbox):
    """The warning points at no line with a password; a line of a file that is not understood is not logged."""
    (sandbox.home / "aws-credentials").write_text(
        f"[default]\nsecret {PASSWORD}\n[profile {PASSWORD}]\n{PASSWORD}\n[{PASSWORD}\n"
    )
    provider(
        cluster_copy.workspace,
        f'  http_proxy = "http://mover:{PASSWORD}@{NOBODY}"',
        '  no_proxy   = "127.0.0.1"',
    )
    outcome, said = plan_and_all_it_said(cluster_copy, ok=True)
    outcome.assert_warning("The HTTP proxy is used for HTTPS too")
    assert "the section of line 3 is not used" in said and "the heading in line 5 cannot be read" in said
    assert f"AWS call to {cluster_copy.world.aws.url}: " in said
    assert PASSWORD not in said and "mover" not in said


# ---- Calls


def shown(secrets, text):
    """Those that are in it; a line that is too long shows a beginning."""
    return [secret for secret in secrets if secret[:20] in text]


def test_no_secret_is_logged(chain, world):
    """Of the operator's keys and of the sessions of both roles, whatever the calls say."""
    log = chain.folder / "trace.log"
    world.aws.fault("AssumeRole", "throttle", count=1)
    world.aws.fault("CopyDBClusterSnapshot", "http", count=1, body="echo", status=503)
    chain.apply(environment={"TF_LOG": "TRACE", "TF_LOG_PATH": str(log)})
    chain.destroy(environment={"TF_LOG": "TRACE", "TF_LOG_PATH": str(log)})
    text, secrets = log.read_text("utf-8", "replace"), world.aws.secrets()
    assert "AWS call to" in text and len(secrets) > 2 * len(world.accounts)
    assert shown(secrets, text) == []
    assert not re.search(r"Signature=[0-9a-f]", text)


def test_no_presigned_url_is_logged(cluster_copy, world):
    """It has a signature and the session's token in it. AWS or a proxy may quote it."""
    source = world.aws.add_snapshot(OLD, "eu-west-1", "documents", engine="docdb")
    provider(cluster_copy.workspace, f'  assume_role {{\n    role_arn = "{ROLE_ARN}"\n  }}')
    cluster_copy.set(source_snapshot_identifier=f'"{source}"')
    log = cluster_copy.workspace.folder / "trace.log"
    world.aws.fault("CopyDBClusterSnapshot", "http", count=1, body="echo", status=403)
    said = "".join(
        outcome.out + outcome.err
        for outcome in (
            cluster_copy.workspace.apply(ok=ok, environment={"TF_LOG": "TRACE", "TF_LOG_PATH": str(log)})
            for ok in (False, True)
        )
    )
    said += log.read_text("utf-8", "replace")
    assert [call["parameters"]["PreSignedUrl"] for call in world.aws.calls("CopyDBClusterSnapshot")] == ["***"] * 2
    assert "AWS call to" in said and "X-Amz-" not in said
    assert shown(world.aws.secrets(), said) == []


def test_no_token_of_a_web_identity_is_logged(cluster_copy, world):
    claims, signature = '{"sub": "job of a pipeline"}', "signed-by-nobody-at-all"
    token = f"e30.{base64.urlsafe_b64encode(claims.encode()).decode().rstrip('=')}.{signature}"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del cluster_copy.workspace.environment[name]
    provider(cluster_copy.workspace, f'  assume_role_with_web_identity {{\n    role_arn = "{ROLE_ARN}"\n  }}')
    _, said = plan_and_all_it_said(cluster_copy, ok=True, TF_AWS_WEB_IDENTITY_TOKEN=token)
    assert len(world.calls("AssumeRoleWithWebIdentity")) == 1
    assert shown([*token.split(".")[1:], *world.aws.secrets()], said) == []


# ---- TLS


@contextlib.contextmanager
def tls_loopback(folder, answer):
    """The address of a TLS server, and the file that makes it trusted."""
    context, authority = server_tls(folder)

    def secured(connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            answer(secure)

    with loopback(secured) as address:
        yield address.replace("127.0.0.1", "localhost"), authority


def test_nothing_writes_the_secrets_of_tls_to_a_file(cluster_copy, sandbox):
    """libcurl would, where SSLKEYLOGFILE is set; gRPC's connection to the host is under it, too."""
    secrets, asked = sandbox.folder / "tls-secrets", []
    with tls_loopback(sandbox.folder, lambda secure: asked.append(secure.recv(4096))) as (address, trusted):
        provider(
            cluster_copy.workspace,
            f'  custom_ca_bundle = "{trusted}"',
            f'  endpoints {{\n    sts = "https://{address}"\n  }}',
        )
        plan_and_all_it_said(cluster_copy, SSLKEYLOGFILE=str(secrets))
    assert any(b"GetCallerIdentity" in request or b"POST / " in request for request in asked)
    assert not secrets.exists()
