# SPDX-License-Identifier: MPL-2.0
"""script/install and script/uninstall, and that init finds what they put there."""

import os
import subprocess
import sys

import pytest
from harness.release import PLATFORMS, Release, write_zip
from harness.sandbox import ROOT, platform, project_version
from harness.terraform import Workspace

CONFIGURATION = f"""
terraform {{
  required_providers {{
    snapshot = {{
      source  = "rds-snapshot/snapshot"
      version = "{project_version()}"
    }}
  }}
}}

data "snapshot_key_policy" "x" {{
  side             = "target"
  owner_account_id = "444455556666"
}}
"""


def run(sandbox, name, *arguments, cwd=None, **environment):
    return subprocess.run(
        [ROOT / "script" / name, *arguments],
        cwd=cwd,
        env=sandbox.environment(**environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_init_finds_what_install_put_there(sandbox, request):
    assert run(sandbox, "install").returncode == 0
    plugins = sandbox.home / ".terraform.d" / "plugins"
    assert sorted(p.name for p in plugins.iterdir()) == ["registry.opentofu.org", "registry.terraform.io"]
    other = plugins / "registry.terraform.io" / "someone" / "else"
    other.mkdir(parents=True)
    workspace = Workspace(sandbox.subfolder("workspace"), request.config.terraform, sandbox.environment())
    workspace.write("main.tf", CONFIGURATION)
    workspace.init()
    workspace.plan()
    assert run(sandbox, "uninstall").returncode == 0
    assert list((sandbox.home / ".terraform.d").rglob("*snapshot*")) == []
    assert other.exists(), "other providers are left alone"


def test_a_folder_is_taken_from_where_the_caller_is(sandbox):
    here = sandbox.subfolder("here")
    for name in ("install", "uninstall"):
        done = run(sandbox, name, "--folder", "of mine", cwd=here)
        assert done.returncode == 0, done.stderr
        assert bool(list(here.rglob("terraform-provider-snapshot_v*"))) == (name == "install")


@pytest.mark.parametrize("name", ["install", "uninstall"])
def test_without_a_home_it_asks_for_a_folder(sandbox, name):
    refused = run(sandbox, name, HOME="")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1 and "give --folder DIR, or set HOME" in refused.stderr


def test_install_says_where_it_cannot_write(sandbox):
    (in_the_way := sandbox.folder / "file").write_text("")
    refused = run(sandbox, "install", "--folder", in_the_way)
    assert refused.returncode == 1
    assert f"{in_the_way}/registry" in refused.stderr and "--folder DIR" in refused.stderr


@pytest.mark.parametrize("name", ["build", "install", "uninstall"])
def test_an_unknown_argument_is_refused(sandbox, name):
    for arguments in (["--no-such-thing"], ["--folder"], ["--preset"], ["--preset", "fast"]):
        refused = run(sandbox, name, *arguments)
        assert refused.returncode in (1, 2) and f"script/{name}" in refused.stderr


# ---- Of a release ----------------------------------------------------------------


@pytest.fixture
def release(sandbox, binaries):
    made = Release(sandbox.subfolder("dist"), "1.2.3")
    made.make(binaries["rds-snapshot/snapshot"])
    return made


@pytest.mark.long
def test_what_script_release_makes_is_installed(sandbox, request):
    dist = sandbox.subfolder("dist")
    arch = platform().rpartition("_")[2]
    made = run(sandbox, "release", project_version(), "--draft", "--arch", arch, "--to", dist)
    assert made.returncode == 0, made.stderr
    installed = run(sandbox, "install", "--from", dist)
    assert installed.returncode == 0, installed.stderr
    workspace = Workspace(sandbox.subfolder("workspace"), request.config.terraform, sandbox.environment())
    workspace.write("main.tf", CONFIGURATION)
    workspace.init()
    workspace.plan()


@pytest.fixture
def bare(machine):
    """Without a compiler, Terraform and Python."""
    machine.has_no("cmake", "terraform", "python3", "dpkg-query", "apt-get")
    return machine


def refusal(machine, release):
    refused = machine.run("install", "--from", release.folder)
    assert refused.returncode == 1 and not list(release.folder.parent.rglob("registry*"))
    said = refused.stderr.splitlines()[-1]
    assert said.startswith("script/install: "), refused.stderr
    return said


@pytest.mark.parametrize("unpacks", ["unzip", "python3"])
def test_release_is_installed_without_a_compiler_and_without_terraform(bare, release, sandbox, unpacks):
    if unpacks == "python3":
        bare.has_no("unzip")
        bare.has("python3", f'exec {sys.executable} "$@"')
    done = bare.run("install", "--from", release.folder)
    assert done.returncode == 0, done.stderr
    assert 'version = "1.2.3"' in done.stdout and bare.asked == []
    installed = sorted((sandbox.home / ".terraform.d" / "plugins").rglob("terraform-provider-snapshot_v1.2.3"))
    assert len(installed) == 2 and all(os.access(path, os.X_OK) for path in installed)
    assert list(sandbox.tmp.iterdir()) == []


def test_release_is_looked_for_where_the_caller_is(release, sandbox):
    done = run(sandbox, "install", "--from", "dist", cwd=release.folder.parent)
    assert done.returncode == 0, done.stderr


def test_release_without_this_machines_zip_is_refused(bare, release):
    bare.has("uname", '[ "$*" != -s ] || set Linux\necho "${1/-m/riscv64}"')
    said = refusal(bare, release)
    assert "terraform-provider-snapshot_VERSION_linux_riscv64.zip" in said
    assert " ".join(release.zip(it).name for it in PLATFORMS) + "." in said
    release.folder.joinpath("empty").mkdir()
    assert "Its zips: none." in bare.run("install", "--from", release.folder / "empty").stderr


@pytest.mark.parametrize("change, said", [
    (lambda it: it.zip().write_bytes(it.zip().read_bytes()[:-1]), "is damaged or was changed"),
    (lambda it: it.file("SHA256SUMS").unlink(), "_1.2.3_SHA256SUMS to check the zip with"),
    (lambda it: it.file("SHA256SUMS").write_text(""), "does not list terraform-provider-snapshot_1.2.3_linux"),
    (lambda it: Release(it.folder, "1.2.4").zip().write_bytes(b""), "has several versions: terraform-provider"),
    (lambda it: (it.zip().write_bytes(it.zip().read_bytes()[:-99]), it.write_sums()), "could not be unpacked"),
    (lambda it: (write_zip(it.zip(), {"README": b""}), it.write_sums()), "has no terraform-provider-snapshot_v1.2.3"),
], ids=["changed", "no sums", "not listed", "two versions", "damaged", "another zip"])  # fmt: skip
def test_release_that_is_not_right_is_refused(bare, release, change, said):
    change(release)
    assert said in refusal(bare, release)


def test_release_without_a_program_to_unpack_it_is_refused(bare, release):
    bare.has_no("unzip")
    assert "neither unzip nor python3" in refusal(bare, release)


def test_a_folder_that_is_none_is_refused(sandbox):
    assert "nowhere is not a folder" in run(sandbox, "install", "--from", "nowhere", cwd=sandbox.folder).stderr
    assert run(sandbox, "install", "--from").returncode == 2
