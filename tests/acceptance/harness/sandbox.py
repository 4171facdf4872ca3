# SPDX-License-Identifier: MPL-2.0
"""The surroundings of everything that a test or the demo starts.

A process gets PATH and what is made here, nothing else of the caller's: no profiles, no plugin
cache, no AWS_*, TF_*, proxy or CA variables. What is written lies under build/.
"""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build"
EXAMPLES = ROOT / "examples" / "terraform"
SOCKETS = "/tmp"  # of gpg-agent: their paths have at most 107 bytes, and a clone may lie deep


class Sandbox:
    """A folder of its own under build/, with a HOME and a folder for temporary files in it."""

    def __init__(self, purpose):
        parent = BUILD / "sandbox"
        try:
            parent.mkdir(parents=True, exist_ok=True)
            self.folder = Path(tempfile.mkdtemp(prefix=f"{purpose}-", dir=parent))
        except OSError as error:
            raise SystemExit(f"{parent} must be a folder that you can write to: {error.strerror}.") from None
        self.home = self.subfolder("home")
        self.tmp = self.subfolder("tmp")
        self.cli_config = self.home / "terraform.rc"
        self.cli_config.write_text("")
        for name in ("aws-config", "aws-credentials"):
            (self.home / name).write_text("")

    @staticmethod
    def bare_environment():
        return {
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "LANG": "C.UTF-8",
            "CHECKPOINT_DISABLE": "1",
            "GOGC": "400",  # a command's memory is gone before collecting it would pay
            "TF_CLI_CONFIG_FILE": "/dev/null",
        }

    def environment(self, **more):
        return {
            **self.bare_environment(),
            "HOME": str(self.home),
            "TMPDIR": str(self.tmp),
            "TF_CLI_CONFIG_FILE": str(self.cli_config),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            # processes_of() reads /proc, which the providers close otherwise
            "TF_SNAPSHOT_DEBUGGABLE": "1",
            "TF_AWS_DEBUGGABLE": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(self.home / "aws-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.home / "aws-credentials"),
            **more,
        }

    def subfolder(self, name):
        folder = self.folder / name
        folder.mkdir(parents=True)
        return folder

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def processes_of(folder):
    """Whoever was started with this sandbox's surroundings and still runs: process ids."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if os.fsencode(f"{folder}/") in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:  # ended just now, or somebody else's
            continue
    return found


def build(*arguments, terraform=None, environment=None):
    """script/build, which says what it does and why it cannot; with a `terraform` at hand it provides none.
    Without an `environment` it has the caller's."""
    options = [*arguments, "--without-terraform"] if terraform else arguments
    child = subprocess.Popen([ROOT / "script" / "build", *options], stdin=subprocess.DEVNULL, env=environment)
    try:
        code = child.wait()
    except KeyboardInterrupt:  # it was interrupted, too, and says so
        child.wait()
        code = 130
    finally:  # ended alone: the build ends, too
        if child.poll() is None:
            child.terminate()
            child.wait()
    if code:
        raise SystemExit(code)


def find_terraform(wanted=None):
    """The CLI to test with: the one wanted, else terraform or tofu on PATH, else script/build's."""
    for candidate in [wanted] if wanted else ["terraform", "tofu", str(BUILD / "terraform" / "bin" / "terraform")]:
        found = shutil.which(candidate)
        if found:
            return Path(found).absolute()
    raise SystemExit(f"no {wanted or 'terraform or tofu'} here; script/build --with-tests provides one")


def provider_binaries(build_folder):
    """Address -> binary, as CMake leaves them."""
    return {
        "rds-snapshot/snapshot": build_folder / "terraform-provider-snapshot",
        "hashicorp/aws": build_folder / "tests" / "terraform-provider-aws",
    }


def project_version():
    text = (ROOT / "CMakeLists.txt").read_text()
    return text.split("VERSION", 2)[2].split()[0]


# ---- Installing providers: the three ways of the CLI configuration -----------


def quoted(path):
    """As a string of a configuration, whatever is in it."""
    return json.dumps(str(path), ensure_ascii=False)


def use_overrides(sandbox, binaries):
    """dev_overrides: no init and no lock file, whatever was built last is run."""
    lines = "".join(f'    "{address}" = {quoted(binary.parent)}\n' for address, binary in binaries.items())
    sandbox.cli_config.write_text(f"provider_installation {{\n  dev_overrides {{\n{lines}  }}\n}}\n")


def use_mirror(sandbox, packages):
    """A filesystem mirror: `packages` is address -> (version, binary)."""
    mirror = sandbox.subfolder("mirror")
    for address, (version, binary) in packages.items():
        for host in ("registry.terraform.io", "registry.opentofu.org"):
            name = f"terraform-provider-{address.rpartition('/')[2]}_v{version}"
            package = mirror / host / address / version / platform()
            package.mkdir(parents=True)
            shutil.copy2(binary, package / name)
    direct = "".join(f'      "registry.terraform.io/{a}", "registry.opentofu.org/{a}",\n' for a in packages)
    sandbox.cli_config.write_text(
        "provider_installation {\n"
        f'  filesystem_mirror {{\n    path = {quoted(mirror)}\n  }}\n'
        f"  direct {{\n    exclude = [\n{direct}    ]\n  }}\n"
        "}\n"
    )


def platform():
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    return f"{os.uname().sysname.lower()}_{machine}"
