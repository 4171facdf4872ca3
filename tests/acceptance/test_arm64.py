# SPDX-License-Identifier: MPL-2.0
"""The provider of the preset static-arm64, run by qemu: it does the same as that for amd64."""

import shlex
import subprocess
import sys

import pytest
from harness.certificate import certificate
from harness.elf import output
from harness.handshake import HOST
from harness.sandbox import BUILD, ROOT, build, provider_binaries
from test_handshake import Plugin, connect, decode

sys.path.append(str(ROOT / "tests" / "bench"))
from grpc_client import Client

pytestmark = [pytest.mark.long, pytest.mark.started]

ARM64 = BUILD / "static-arm64"
TIMED = "^unit/(base/(clock|log|waiter)|aws/http/(curl|curl_stop|transfer))_test$"
GET_SCHEMA = "/tfplugin6.Provider/GetProviderSchema"


@pytest.fixture(scope="session")
def provider(request):
    build("--with-tests", "--preset", "static-arm64", terraform=request.config.terraform)
    return ARM64 / "terraform-provider-snapshot"


@pytest.fixture(scope="session")
def amd64(request):
    return provider_binaries(request.config.getoption("--build").resolve())["rds-snapshot/snapshot"]


@pytest.fixture(scope="session")
def binaries(provider, tmp_path_factory):
    """What Terraform starts in these tests: a script that starts the emulator."""
    script = tmp_path_factory.mktemp("arm64") / provider.name
    script.write_text(f'#!/bin/sh\nexec qemu-aarch64 {shlex.quote(str(provider))} "$@"\n')
    script.chmod(0o755)
    return {"rds-snapshot/snapshot": script}


@pytest.fixture
def start(sandbox):
    started = []

    def run(binary, **environment):
        started.append(Plugin([binary], sandbox, **environment))
        return started[-1]

    yield run
    for plugin in started:
        plugin.end()


@pytest.fixture
def emulated(binaries):
    return binaries["rds-snapshot/snapshot"]


# ---- What it does


def test_it_says_the_same_version(emulated, amd64):
    first, other = (output(binary, "--version").splitlines()[0] for binary in (emulated, amd64))
    assert first == other and "terraform-provider-snapshot" in first


def test_the_host_s_certificate_is_accepted(start, emulated, sandbox):
    own = certificate()
    line = start(emulated, **HOST, PLUGIN_CLIENT_CERT=own[0].decode()).handshake()
    assert line[:3] == ["1", "6", "unix"] and line[3].startswith("@")
    assert connect(line[3], decode(line[5]), own, sandbox.folder)[3:4] == b"\x04", "an HTTP/2 SETTINGS frame"


def test_its_schema_is_the_same_bytes(start, emulated, amd64):
    def schema(binary):
        client = Client(start(binary, **HOST).handshake()[3])
        try:
            return client.call(GET_SCHEMA)
        finally:
            client.close()

    found = schema(emulated)
    assert b"snapshot_reencrypt_copy" in found and found == schema(amd64)


def test_a_copy_is_made_and_deleted(cluster_copy):
    cluster_copy.workspace.plan()
    cluster_copy.workspace.apply_plan()
    assert cluster_copy.state["status"] == "available" and cluster_copy.workspace.is_settled()
    cluster_copy.workspace.destroy()
    assert cluster_copy.snapshot is None


def test_the_unit_tests_pass(provider):
    """Those that measure time are tried again, since an emulator on a busy machine makes it long."""
    for which in (["-E", TIMED], ["-R", TIMED, "--repeat", "until-pass:3"]):
        command = ["ctest", "--test-dir", ARM64, "--output-on-failure", "--no-tests=error", "-j", "2", *which]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0 and "100% tests passed" in done.stdout, done.stdout[-5000:]
