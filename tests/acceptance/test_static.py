# SPDX-License-Identifier: MPL-2.0
"""The provider of the preset static: it stands alone, and what is compiled for it is hardened."""

import os
import shutil
import subprocess

import pytest
from harness.certificate import certificate
from harness.sandbox import BUILD, build
from test_handshake import HOST

pytestmark = pytest.mark.long

# The other libraries of the provider have the same flags, but no call whose buffer has a known size.
COMPILED_HERE = ["static/libbase.a", "static/libruntime.a", "static-libs/lib/libcurl.a", "static-libs/lib/libxml2.a"]
NOBODY = 4242


@pytest.fixture(scope="module")
def provider():
    build("--preset", "static")
    return BUILD / "static" / "terraform-provider-snapshot"


def output(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout


def headers(provider):
    return {line.split()[0]: line for line in output("readelf", "-lW", provider).splitlines() if line.strip()}


def test_it_needs_no_library_and_no_loader(provider):
    assert "NEEDED" not in output("readelf", "-dW", provider)
    assert "INTERP" not in headers(provider)


def test_it_is_hardened(provider):
    dynamic, segments = output("readelf", "-dW", provider), headers(provider)
    assert "DYN (" in output("readelf", "-hW", provider) and "PIE" in dynamic
    assert "GNU_RELRO" in segments and "NOW" in dynamic
    assert "RWE" not in segments["GNU_STACK"]


@pytest.mark.parametrize("library", COMPILED_HERE)
def test_what_is_compiled_here_checks_its_stack_and_its_copies(provider, library):
    calls = set(output("nm", "-u", BUILD / library).split())
    assert "__stack_chk_fail" in calls
    assert any(call.endswith("_chk") for call in calls), "none of the C library's calls that know a size"


# A mount namespace of its own, in which the folder is read-only and the root of another user.
ALONE = (
    'root=$1 user=$2; shift 2; mount --bind "$root" "$root" && mount -o remount,ro,bind "$root" && '
    'exec chroot --userspec="$user:$user" "$root" "$@"'
)


@pytest.fixture
def alone(provider, sandbox):
    """Starts the provider where there is nothing else."""
    root = sandbox.folder / "root"
    root.mkdir()
    shutil.copy(provider, root / "provider")
    command = ["unshare", "--mount", "sh", "-c", ALONE, "sh", root, str(NOBODY), "/provider"]
    started = []

    def run(*arguments, **environment):
        started.append(
            subprocess.Popen(
                [*command, *arguments],
                env={"PATH": os.environ["PATH"], **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.root_with("unshare")
def test_it_says_its_version_in_an_empty_root(alone):
    process = alone("--version")
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0 and "terraform-provider-snapshot" in out, err


@pytest.mark.root_with("unshare")
def test_it_greets_its_host_in_an_empty_root(alone):
    line = alone(**HOST, PLUGIN_CLIENT_CERT=certificate()[0].decode()).stdout.readline()
    assert line.startswith("1|6|unix|@"), line
