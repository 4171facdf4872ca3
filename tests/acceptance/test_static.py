# SPDX-License-Identifier: MPL-2.0
"""The provider of the preset static where there is nothing else."""

import os
import shlex
import shutil
import subprocess

import pytest
from harness.certificate import certificate
from harness.elf import output
from harness.handshake import HOST
from harness.relay import TlsRelay
from harness.sandbox import BUILD, build, use_overrides

pytestmark = pytest.mark.tenth

NOBODY = 4242


@pytest.fixture(scope="module")
def provider():
    build("--preset", "static")
    return BUILD / "static" / "terraform-provider-snapshot"


# A mount namespace of its own, in which the folder is read-only and the root of another user.
ALONE = (
    'root=$1 user=$2; shift 2; mount --bind "$root" "$root" && mount -o remount,ro,bind "$root" && '
    'exec chroot --userspec="$user:$user" "$root" "$@"'
)


class Alone:
    """The provider where there is nothing else but what a test puts there."""

    def __init__(self, provider, folder):
        self.root = folder / "root"
        self.root.mkdir()
        shutil.copy(provider, self.root / "provider")
        self.started = []

    def command(self, user=NOBODY):
        return ["unshare", "--mount", "sh", "-c", ALONE, "sh", self.root, str(user), "/provider"]

    def start(self, *arguments, user=NOBODY, **environment):
        self.started.append(
            subprocess.Popen(
                [*self.command(user), *arguments],
                env={"PATH": os.environ["PATH"], **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return self.started[-1]

    def put(self, path, content):
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        return place

    def end(self):
        for process in self.started:
            process.kill()
            process.communicate()


@pytest.fixture
def alone(provider, sandbox):
    made = Alone(provider, sandbox.folder)
    yield made
    made.end()


@pytest.mark.root_with("unshare")
def test_it_says_its_version_in_an_empty_root(alone):
    process = alone.start("--version")
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0 and "terraform-provider-snapshot" in out, err


@pytest.mark.root_with("unshare")
@pytest.mark.parametrize("user", [0, 1, NOBODY, 2**32 - 2])
def test_it_greets_its_host_in_an_empty_root(alone, user):
    line = alone.start(user=user, **HOST, PLUGIN_CLIENT_CERT=certificate()[0].decode()).stdout.readline()
    assert line.startswith("1|6|unix|@"), line


# ---- With TLS, and the certificates of the authorities where systems keep them

CA_FILES = [
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # RHEL, Fedora
    "/etc/pki/tls/certs/ca-bundle.crt",  # older RHEL
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # Alpine
]
CA_FOLDERS = ["/etc/ssl/certs", "/etc/pki/tls/certs"]


class Secured:
    """A copy to plan by the lonely provider, against the imitation of AWS behind TLS."""

    def __init__(self, alone, copy, sandbox):
        self.alone, self.workspace = alone, copy.workspace
        self.relay = TlsRelay(sandbox.folder, copy.world.aws.url)
        self.authority = self.relay.authority
        started = sandbox.subfolder("alone") / "terraform-provider-snapshot"
        started.write_text(f'#!/bin/sh\nexec {shlex.join(str(word) for word in alone.command())} "$@"\n')
        started.chmod(0o755)
        use_overrides(sandbox, {"rds-snapshot/snapshot": started})

    def plan(self, **options):
        url = f"https://localhost:{self.relay.port}"
        return self.workspace.plan(
            environment={f"AWS_ENDPOINT_URL_{service}": url for service in ("RDS", "KMS", "STS", "IAM")}, **options
        )


@pytest.fixture
def secured(alone, cluster_copy, sandbox):
    made = Secured(alone, cluster_copy, sandbox)
    yield made
    made.relay.end()


@pytest.mark.started
@pytest.mark.root_with("unshare")
@pytest.mark.parametrize("path", CA_FILES)
def test_one_file_of_authorities_is_all_that_https_needs(secured, path):
    secured.alone.put(path, secured.authority.read_bytes())
    assert secured.plan().actions == {"snapshot_reencrypt_copy.x": "create"}


@pytest.mark.started
@pytest.mark.root_with("unshare")
@pytest.mark.parametrize("path", CA_FOLDERS)
def test_a_folder_of_authorities_does_too(secured, path):
    name = output("openssl", "x509", "-noout", "-subject_hash", "-in", secured.authority).strip()
    secured.alone.put(f"{path}/{name}.0", secured.authority.read_bytes())
    assert secured.plan().actions == {"snapshot_reencrypt_copy.x": "create"}


@pytest.mark.started
@pytest.mark.root_with("unshare")
def test_without_authorities_it_says_where_it_looked_and_what_helps(secured):
    outcome = secured.plan(ok=False)
    places = ", ".join([*CA_FILES, *CA_FOLDERS])
    outcome.assert_error("https://localhost:", "the certificate is not trusted", f"looks for them: {places}. Install")
    outcome.assert_error("package ca-certificates", "custom_ca_bundle", "AWS_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.mark.started
@pytest.mark.root_with("unshare")
def test_authorities_that_do_not_know_the_server_are_named(secured):
    secured.alone.put(CA_FILES[0], certificate()[0])
    outcome = secured.plan(ok=False)
    outcome.assert_error("the certificate is not trusted", f"those in the file {CA_FILES[0]}. If a proxy")


@pytest.mark.started
@pytest.mark.root_with("unshare")
def test_a_resolv_conf_that_it_may_not_read_is_as_none(secured):
    secured.alone.put("/etc/resolv.conf", b"nameserver 127.0.0.1\n").chmod(0o600)
    secured.alone.put(CA_FILES[0], secured.authority.read_bytes())
    assert secured.plan().actions == {"snapshot_reencrypt_copy.x": "create"}
