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


@pytest.fixture
def script(sandbox):
    def run(name, *arguments):
        return subprocess.run(
            [ROOT / "script" / name, *arguments],
            env=sandbox.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    return run


def test_init_finds_what_install_put_there(script, sandbox, request):
    script("install")
    plugins = sandbox.home / ".terraform.d" / "plugins"
    assert sorted(p.name for p in plugins.iterdir()) == ["registry.opentofu.org", "registry.terraform.io"]
    other = plugins / "registry.terraform.io" / "someone" / "else"
    other.mkdir(parents=True)
    workspace = Workspace(sandbox.subfolder("workspace"), request.config.terraform, sandbox.environment())
    workspace.write("main.tf", CONFIGURATION)
    workspace.init()
    workspace.plan()
    script("uninstall")
    assert list((sandbox.home / ".terraform.d").rglob("*snapshot*")) == []
    assert other.exists(), "other providers are left alone"


@pytest.mark.parametrize("name", ["build", "demo", "test", "bench", "install", "uninstall"])
def test_each_script_prints_help(script, name):
    assert f"script/{name}" in script(name, "--help")


@pytest.mark.parametrize("name", ["build", "install", "uninstall"])
def test_an_unknown_argument_is_refused(script, name):
    with pytest.raises(subprocess.CalledProcessError):
        script(name, "--no-such-thing")
