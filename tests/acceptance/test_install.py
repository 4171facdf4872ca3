# SPDX-License-Identifier: MPL-2.0
"""script/install and script/uninstall, and that init finds what they put there."""

import subprocess

import pytest
from harness.sandbox import ROOT, project_version
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
