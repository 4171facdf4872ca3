# SPDX-License-Identifier: MPL-2.0
"""docs/guides/installation.md, done: each way installs a release, and a changed file is refused.

Commands and CLI configurations are the page's; only what it names as examples is replaced: hosts, a folder, a key.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from harness.hosts import caches_below
from harness.https import Https
from harness.oci import Oci
from harness.pages import COMMANDS, DOCS, configuration
from harness.reader import sections
from harness.release import PLATFORMS, Release, SigningKey, write_zip
from harness.sandbox import BUILD, ROOT, platform
from harness.terraform import Workspace

PAGE = DOCS / "guides" / "installation.md"
HOSTS = ("registry.terraform.io", "registry.opentofu.org")
USED = """
data "snapshot_key_policy" "x" {
  side             = "target"
  owner_account_id = "444455556666"
}
"""


def commands(heading, number=0):
    return fences(heading, COMMANDS)[number]


def text(heading):
    (found,) = fences(heading, ["text"])
    return found


def fences(heading, languages):
    return [body for language, body in sections(PAGE)[heading] if language in languages]


VARIABLES = commands("The files of a release")
VERSION = re.search(r"^version=(\S+)$", VARIABLES, re.MULTILINE)[1]


@pytest.fixture(scope="module")
def key():
    made = SigningKey()
    yield made
    made.end()


@pytest.fixture(scope="module")
def released(module_sandbox, binaries, key):
    release = Release(module_sandbox.subfolder("dist"), VERSION)
    release.make(binaries["rds-snapshot/snapshot"])
    release.sign(key)
    return release


class Newcomer:
    """Somebody in a folder with the files of a release, who pastes the lines of the page."""

    def __init__(self, sandbox, terraform, released, key, served):
        self.sandbox = sandbox
        self.terraform = terraform
        self.folder = sandbox.folder / "downloads"
        shutil.copytree(released.folder, self.folder)
        self.release = Release(self.folder, VERSION)
        self.served = served
        self.providers = sandbox.folder / "providers"
        self.named = {
            "/srv/providers": str(self.providers),
            "mirror.example.com": served.address,
            "registry.example.com": served.address,
            "oci.example.com": served.address,
            "0123456789ABCDEF": key.id,
        }
        tools = self.tool("terraform", f'exec "{terraform}" "$@"').parent
        path = sandbox.environment()["PATH"]
        self.environment = sandbox.environment(
            PATH=f"{tools}:{path}", SSL_CERT_FILE=str(served.ca), GNUPGHOME=key.home
        )
        self.workspaces = []

    def tool(self, name, text):
        path = self.sandbox.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    def in_place(self, words):
        for printed, here in self.named.items():
            words = words.replace(printed, here)
        return words

    def paste(self, lines, ok=True, cwd=None, version=VERSION):
        done = subprocess.run(
            ["bash", "-euc", f"{VARIABLES.replace(VERSION, version)}\n{self.in_place(lines)}"],
            cwd=cwd or self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip
        assert ok is None or (done.returncode == 0) == ok, done.stdout + done.stderr
        return done

    def configures(self, words):
        """~/.terraformrc"""
        self.sandbox.cli_config.write_text(self.in_place(words))

    def serves(self, folder):
        shutil.copytree(self.folder / folder, self.served.root, dirs_exist_ok=True)

    def workspace(self, head=None, lock_file=None):
        folder = self.sandbox.subfolder(f"workspace-{len(self.workspaces)}")
        workspace = Workspace(folder, self.terraform, self.environment)
        workspace.write("main.tf", (head or configuration(PAGE)) + USED)
        if lock_file:
            workspace.write(".terraform.lock.hcl", lock_file)
        self.workspaces.append(workspace)
        return workspace

    def end(self):
        for workspace in self.workspaces:
            workspace.end()


@pytest.fixture
def newcomer(sandbox, request, released, key):
    served = Https(sandbox.folder / "served")
    newcomer = Newcomer(sandbox, request.config.terraform, released, key, served)
    yield newcomer
    newcomer.end()
    served.end()


def assert_installs(workspace):
    workspace.init()
    workspace.plan()
    assert chosen(workspace) == VERSION
    return workspace


def chosen(workspace):
    (version,) = re.findall(r'^  version += "(.*)"$', lock_file(workspace), re.MULTILINE)
    return version


def kinds(workspace):
    """Of the hashes in its lock file."""
    return re.findall(r'"(h1|zh):[^"]+"', lock_file(workspace))


# What the page's table calls them.
WRITTEN = {
    ("h1",): "`h1:` of this platform",
    ("h1", "zh"): "`h1:` and `zh:` of this platform",
    ("h1", "zh", "zh", "zh"): "`h1:` of this platform, `zh:` of all files",
}


@pytest.fixture
def assert_writes(request):
    """The kinds of hashes that the page says of a way and this host."""

    def check(workspace, way, is_opentofu=request.config.is_opentofu):
        table = PAGE.read_text().partition("\n## Lock file\n")[2].splitlines()
        (row,) = [line.split("|") for line in table if re.match(rf"\| ([\w ]+, )?{way} \|", line)]
        assert row[3 if is_opentofu else 2].strip() == WRITTEN[tuple(kinds(workspace))]

    return check


def lock_file(workspace):
    return (workspace.folder / ".terraform.lock.hcl").read_text()


def with_host(host):
    return configuration(PAGE).replace('"rds-snapshot/', f'"{host}/rds-snapshot/')


def replace_provider(path):
    """In a zip: another one under the same name."""
    write_zip(path, {f"terraform-provider-snapshot_v{VERSION}": b"not what was released\n"})


# How many blocks of commands and of other text are in each section; all are run but HCP Terraform's.
BLOCKS = {
    "The files of a release": (2, 0),
    "One machine": (2, 0),
    "Filesystem mirror": (2, 1),
    "Network mirror": (2, 1),
    "OCI mirror": (1, 1),
    "Private registry": (1, 1),
    "HCP Terraform": (1, 0),
    "A build of your own": (0, 1),
    "Lock file": (3, 0),
    "Plugin cache": (1, 0),
    "Machines without internet access": (1, 1),
    "Upgrade and uninstall": (1, 0),
}


def test_no_block_is_new():
    found = {title: (len(fences(title, COMMANDS)), len(fences(title, ["text"]))) for title in sections(PAGE)}
    assert {title: numbers for title, numbers in found.items() if any(numbers)} == BLOCKS


# ---- A download ------------------------------------------------------------------


def test_download_is_checked(newcomer):
    check, verify = commands("The files of a release", 1).splitlines()
    assert newcomer.paste(check).stdout.count(": OK\n") == 3
    assert "Good signature" in newcomer.paste(verify).stderr
    replace_provider(newcomer.release.zip())
    assert f"{newcomer.release.zip().name}: FAILED" in newcomer.paste(check, ok=False).stdout
    with newcomer.release.file("SHA256SUMS").open("a") as sums:
        sums.write("\n")
    assert "BAD signature" in newcomer.paste(verify, ok=False).stderr


# ---- One machine -----------------------------------------------------------------


def test_one_machine_by_script(newcomer, assert_writes):
    line = commands("One machine").strip()
    newcomer.paste(line.replace("script/", f"{ROOT}/script/").replace(" dist", f" {newcomer.folder}"))
    for host in HOSTS:
        assert_writes(assert_installs(newcomer.workspace(with_host(host))), "filesystem mirror")


def test_one_machine_by_hand(newcomer):
    newcomer.paste(commands("One machine", 1))
    assert_installs(newcomer.workspace())
    newcomer.paste(commands("Upgrade and uninstall"))
    assert list((newcomer.sandbox.home / ".terraform.d").rglob("*snapshot*")) == []


# ---- Filesystem mirror -----------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1], ids=["packed", "unpacked"])
def test_filesystem_mirror(newcomer, number, assert_writes):
    newcomer.paste(commands("Filesystem mirror", number))
    newcomer.configures(text("Filesystem mirror"))
    workspace = assert_installs(newcomer.workspace())
    assert_writes(workspace, "filesystem mirror")
    (link,) = (workspace.folder / ".terraform" / "providers").rglob(platform())
    assert link.is_symlink() == (number == 1)


@pytest.mark.tenth
@pytest.mark.root_with("unshare")
@pytest.mark.parametrize("host", HOSTS)
def test_filesystem_mirror_is_enough_without_a_network(newcomer, host):
    newcomer.paste(commands("Filesystem mirror"))
    newcomer.configures(text("Machines without internet access"))
    newcomer.terraform = newcomer.tool("offline", f'exec unshare --net "{newcomer.terraform}" "$@"')
    assert_installs(newcomer.workspace(with_host(host)))


def test_filesystem_mirror_with_another_file_is_refused(newcomer):
    newcomer.paste(commands("Filesystem mirror"))
    newcomer.configures(text("Filesystem mirror"))
    locked = lock_file(assert_installs(newcomer.workspace()))
    for host in HOSTS:
        replace_provider(next((newcomer.providers / host).rglob(newcomer.release.zip().name)))
    refused = newcomer.workspace(lock_file=locked).init(ok=False)
    assert "checksum" in refused.err, refused


# ---- Network mirror --------------------------------------------------------------


@pytest.fixture
def mirror(newcomer):
    newcomer.paste(commands("Network mirror"))
    newcomer.serves("mirror")
    newcomer.configures(text("Network mirror"))
    return newcomer


def test_network_mirror_by_hand(mirror, assert_writes):
    assert_writes(assert_installs(mirror.workspace()), "network mirror")
    assert downloads(mirror) == 1


def downloads(newcomer):
    return sum(path.endswith(".zip") for path in newcomer.served.asked)


def test_network_mirror_with_another_file_is_refused(mirror):
    for path in mirror.served.root.rglob(mirror.release.zip().name):
        replace_provider(path)
    refused = mirror.workspace().init(ok=False)
    assert "checksum" in refused.err or "hash" in refused.err, refused


@pytest.mark.tenth
def test_mirror_is_made_by_the_host(registry):
    is_served_as(registry, *HOSTS)
    made_in = registry.workspace()
    made_by, filled_by = (commands(it, number) for it, number in MAKES_A_MIRROR)
    registry.paste(made_by, cwd=made_in.folder)
    registry.paste(filled_by, cwd=made_in.folder)
    shutil.copytree(made_in.folder / "mirror", registry.served.root, dirs_exist_ok=True)
    for way in ("Network mirror", "Filesystem mirror"):
        registry.configures(text(way))
        assert_installs(registry.workspace())


MAKES_A_MIRROR = ("Network mirror", 1), ("Machines without internet access", 0)


# ---- Registries ------------------------------------------------------------------


@pytest.fixture
def registry(newcomer):
    return serve_registry(newcomer)


def serve_registry(newcomer):
    newcomer.paste(commands("Private registry"))
    newcomer.serves("registry")
    return newcomer


def is_served_as(registry, *hosts):
    """As if it were the registry of those hosts."""
    services = f'{{ "providers.v1" = "{registry.served.url}v1/providers/" }}'
    registry.configures("".join(f'host "{host}" {{\n services = {services}\n}}\n' for host in hosts))


def assert_installs_signed(registry, workspace):
    assert f"key ID {registry.named['0123456789ABCDEF']}" in workspace.init().out
    return assert_installs(workspace)


def test_private_registry(registry, assert_writes):
    workspace = registry.workspace(registry.in_place(text("Private registry")))
    assert_writes(assert_installs_signed(registry, workspace), "registry")


@pytest.mark.tenth
@pytest.mark.parametrize("host", HOSTS)
def test_registry_of_each_host(registry, host):
    """What they serve, once a release is published there."""
    is_served_as(registry, host)
    assert_installs_signed(registry, registry.workspace(with_host(host)))


def refusal(newcomer):
    return newcomer.workspace(newcomer.in_place(text("Private registry"))).init(ok=False).err


def test_registry_with_another_file_is_refused(registry):
    replace_provider(registry.served.root / "files" / registry.release.zip().name)
    assert "checksum" in refusal(registry)


def test_registry_whose_sums_were_changed_with_the_file_is_refused(newcomer):
    replace_provider(newcomer.release.zip())
    newcomer.release.write_sums()
    assert "signature" in refusal(serve_registry(newcomer))


def test_registry_of_what_somebody_else_signed_is_refused(newcomer):
    somebody = SigningKey()
    try:
        newcomer.release.file("SHA256SUMS.sig").unlink()
        newcomer.release.sign(somebody)
    finally:
        somebody.end()
    assert "signature" in refusal(serve_registry(newcomer))


# ---- OCI mirror ------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.opentofu
def test_oci_mirror(sandbox, request, released, key, assert_writes):
    served = Oci(sandbox.folder / "oci")
    newcomer = Newcomer(sandbox, request.config.opentofu, released, key, served)
    try:
        newcomer.environment["PATH"] += f":{folder_of_oras()}"
        newcomer.named["oras cp"] = "oras cp --to-plain-http=false"  # which it takes for localhost's otherwise
        newcomer.paste(commands("OCI mirror"))
        newcomer.configures(text("OCI mirror"))
        assert_writes(assert_installs(newcomer.workspace()), "OCI mirror", is_opentofu=True)
        assert "/v2/providers/rds-snapshot/snapshot/manifests/0.1.0" in served.asked
    finally:
        newcomer.end()
        served.end()


def folder_of_oras():
    """ORAS, built with Go if it is not on PATH."""
    tool = Path(shutil.which("oras") or BUILD / "bin" / "oras")
    if not tool.exists():
        assert shutil.which("go"), "this test needs ORAS on PATH, or Go to build it"
        command = ["go", "install", "oras.land/oras/cmd/oras@v1.3.0"]
        subprocess.run(command, env={**caches_below(BUILD), "GOBIN": str(tool.parent)}, check=True)
    return tool.parent


# ---- A build of one's own --------------------------------------------------------


def test_dev_overrides(newcomer, binaries):
    folder = binaries["rds-snapshot/snapshot"].parent
    newcomer.named["/home/me/terraform-provider-snapshot/build/release"] = str(folder)
    newcomer.configures(text("A build of your own"))
    workspace = newcomer.workspace()
    assert workspace.plan().ok
    assert not (workspace.folder / ".terraform.lock.hcl").exists()


# ---- Lock file, plugin cache -----------------------------------------------------

LOCKS = {
    "filesystem mirror": (("Filesystem mirror", 0), 0),
    "network mirror": (("Network mirror", 0), 1),
    "registry": (("Private registry", 0), 2),
}


@pytest.mark.tenth
@pytest.mark.parametrize("way", LOCKS)
def test_lock_file_has_the_hashes_of_both_platforms(newcomer, way):
    (heading, number), line = LOCKS[way]
    newcomer.paste(commands(heading, number))
    if way == "registry":
        newcomer.serves("registry")
        is_served_as(newcomer, *HOSTS)
    else:
        if way == "network mirror":
            newcomer.serves("mirror")
        newcomer.configures(text(heading))
    workspace = newcomer.workspace()
    newcomer.paste(commands("Lock file", line), cwd=workspace.folder)
    locked = lock_file(workspace)
    assert kinds(workspace).count("h1") == len(PLATFORMS)
    workspace.init("-lockfile=readonly")
    assert lock_file(workspace) == locked


def test_plugin_cache_saves_the_download(mirror):
    shown = mirror.paste(commands("Plugin cache") + 'echo "$TF_PLUGIN_CACHE_DIR"').stdout
    mirror.environment["TF_PLUGIN_CACHE_DIR"] = shown.strip()
    first = assert_installs(mirror.workspace())
    assert downloads(mirror) == 1
    assert_installs(mirror.workspace(lock_file=lock_file(first)))
    assert downloads(mirror) == 1


# ---- Upgrade ---------------------------------------------------------------------


def test_upgrade_and_back(newcomer, binaries):
    newcomer.paste(commands("Filesystem mirror"))
    newcomer.configures(text("Filesystem mirror"))
    workspace = assert_installs(newcomer.workspace())
    newer = Release(newcomer.folder, "9.9.9")
    newer.make(binaries["rds-snapshot/snapshot"])
    newcomer.paste(commands("Filesystem mirror"), version=newer.version)
    workspace.init()
    assert chosen(workspace) == VERSION
    workspace.init("-upgrade")
    assert chosen(workspace) == newer.version
    workspace.plan()
    workspace.write("main.tf", configuration(PAGE).replace(">= 0.1.0", VERSION) + USED)
    workspace.init("-upgrade")
    assert chosen(workspace) == VERSION
    workspace.plan()
