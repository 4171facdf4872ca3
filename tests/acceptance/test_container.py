# SPDX-License-Identifier: MPL-2.0
"""The container for macOS and Windows, without Docker: what its Dockerfile says is done in a Debian made by
debootstrap, and the README's lines run there."""

import hashlib
import itertools
import re
import shlex
import shutil
import subprocess
import zipfile

import pytest
from harness.pages import commands
from harness.sandbox import BUILD, EXAMPLES, ROOT, Sandbox, build, project_version
from test_bare_machine import NAMESPACES, PATH, mirror, reaches_the_registries

pytestmark = [pytest.mark.long, pytest.mark.root_with("debootstrap")]

CONTAINER = EXAMPLES / "container"
RELEASE = f"terraform-provider-snapshot_{project_version()}"
MIRROR = "usr/local/share/terraform/plugins"
# The rest are the command and its arguments. Mounts are lines "FROM<tab>TO"; they end with the namespace.
ENTER = """
root=$1 user=$2 folder=$3 mounts=$4; shift 4
mount -t proc proc "$root/proc" || exit
while IFS=$'\\t' read -r from to; do
    [ -z "$from" ] || { mkdir -p "$root$to" && mount --bind "$from" "$root$to"; } || exit
done <<<"$mounts"
exec chroot --userspec="$user" "$root" env -C "$folder" "$@"
"""


class Image:
    """`stages` are folders by name: what a Dockerfile copies from another image."""

    def __init__(self, root, context, stages, arguments):
        self.root, self.context, self.stages, self.arguments = root, context, stages, arguments
        self.user, self.folder, self.home, self.values = "0:0", "/", "/root", {}

    def do(self, instructions):
        for name, rest in instructions:
            getattr(self, f"do_{name.lower()}")(rest)

    def do_from(self, rest):
        """The Debian is there already, and so are the other stages."""
        image, _, stage = self.filled(rest).partition(" AS ")
        assert stage in self.stages or image == "debian:12-slim"

    def do_arg(self, rest):
        name, _, default = rest.partition("=")
        self.values[name] = self.arguments.get(name, default)

    def do_run(self, rest):
        code, said = self.run("sh", "-c", rest)
        assert code == 0, said

    def do_copy(self, rest):
        *sources, target = shlex.split(self.filled(rest))
        assert target.endswith("/"), rest
        stage = sources.pop(0).removeprefix("--from=") if sources[0].startswith("--from=") else None
        folder = self.stages[stage] if stage else self.context
        (self.root / target[1:]).mkdir(parents=True, exist_ok=True)
        for source in sources:
            found = list(folder.glob(source.lstrip("/")))
            assert found, source
            for path in found:
                shutil.copy(path, self.root / target[1:])

    def do_user(self, rest):
        rows = [row.split(":") for row in (self.root / "etc/passwd").read_text().splitlines()]
        [(self.user, self.home)] = [(f"{row[2]}:{row[3]}", row[5]) for row in rows if row[0] == rest]

    def do_workdir(self, rest):
        (self.root / rest[1:]).mkdir(parents=True, exist_ok=True)
        self.folder = rest

    def filled(self, text):
        return re.sub(r"\$\{(\w+)\}", lambda it: self.values[it[1]], text)

    def run(self, *command, mounts=()):
        """(exit code, what it wrote)"""
        lines = "\n".join(f"{source}\t{target}" for source, target in mounts)
        done = subprocess.run(
            [*NAMESPACES, "bash", "-c", ENTER, "-", self.root, self.user, self.folder, lines, *command],
            env={"PATH": PATH, "HOME": self.home},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout


def instructions():
    text = re.sub(r"^#.*\n", "", (CONTAINER / "Dockerfile").read_text(), flags=re.M).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


PROVIDER = ("ARG", "TARGETARCH")  # what follows it is about the provider


def before_the_provider():
    return itertools.takewhile(lambda it: it != PROVIDER, instructions())


def of_the_provider():
    return itertools.dropwhile(lambda it: it != PROVIDER, instructions())


@pytest.fixture(scope="module")
def debian():
    """Made once, into build/."""
    folder, unfinished = BUILD / "debian-12", BUILD / "debian-12.unfinished"
    if not folder.exists():
        shutil.rmtree(unfinished, ignore_errors=True)
        subprocess.run([*NAMESPACES, "debootstrap", "--variant=minbase", "bookworm", unfinished, mirror()], check=True)
        unfinished.rename(folder)
    return folder


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """The files of a release that the container takes."""
    build("--preset", "static")
    folder = tmp_path_factory.mktemp("dist")
    package = folder / f"{RELEASE}_linux_amd64.zip"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as zipped:
        entry = zipfile.ZipInfo(f"terraform-provider-snapshot_v{project_version()}")
        entry.external_attr = 0o100755 << 16
        zipped.writestr(entry, (BUILD / "static" / "terraform-provider-snapshot").read_bytes())
    sums = [(hashlib.sha256(package.read_bytes()).hexdigest(), package.name), ("0" * 64, f"{RELEASE}_linux_arm64.zip")]
    (folder / f"{RELEASE}_SHA256SUMS").write_text("".join(f"{sum}  {name}\n" for sum, name in sums))
    return folder


@pytest.fixture(scope="module")
def root(request, debian):
    """With all that comes before the provider."""
    sandbox = Sandbox("container")
    root, host = sandbox.folder / "root", sandbox.folder / "host"
    subprocess.run(["cp", "-a", "--reflink=auto", debian, root], check=True)
    reaches_the_registries(root)
    (host / "bin").mkdir(parents=True)
    shutil.copy(request.config.terraform, host / "bin" / "terraform")
    Image(root, None, {"host": host}, {}).do(before_the_provider())
    yield root
    sandbox.remove()  # nothing is mounted in it


@pytest.fixture
def image(root, dist):
    yield Image(root, dist, {}, {"TARGETARCH": "amd64"})
    shutil.rmtree(root / "tmp" / "release", ignore_errors=True)


@pytest.fixture
def folders(sandbox, image):
    """Of a user: the configuration and the profiles, under the names that README's lines have for them."""
    made = {"${PWD}": sandbox.subfolder("configuration"), "${HOME}/.aws": sandbox.subfolder("aws")}
    shutil.copy(EXAMPLES / "data-sources" / "snapshot_key_policy" / "data-source.tf", made["${PWD}"])
    return made


def lines_of_readme(program):
    return [shlex.split(line) for line in commands(CONTAINER / "README.md") if line.startswith(f"docker {program} ")]


def run_as_readme_says(image, line, folders):
    """docker run OPTIONS -v FROM:TO IMAGE COMMAND"""
    at = line.index("terraform-snapshot")
    volumes = [word.removesuffix(":ro").rpartition(":") for word in line[:at] if word.startswith("${")]
    mounts = [(folders[source], target) for source, _, target in volumes]
    for folder in folders.values():
        subprocess.run(["chown", "-R", image.user, folder], check=True)
    return image.run(*line[at + 1 :], mounts=mounts)


def test_terraform_finds_the_provider_in_it_as_readme_says(image, folders):
    image.do(of_the_provider())
    assert image.user != "0:0" and image.run("id", "-un") == (0, "terraform\n")
    assert (image.root / "etc/ssl/certs/ca-certificates.crt").stat().st_size > 0
    for registry in ("registry.terraform.io", "registry.opentofu.org"):
        assert (image.root / MIRROR / registry / "rds-snapshot/snapshot" / f"{RELEASE}_linux_amd64.zip").exists()
    assert list((image.root / "tmp").iterdir()) == []
    said = {}
    for line in lines_of_readme("run"):
        code, said[line[-1]] = run_as_readme_says(image, line, folders)
        assert code == 0, said
    assert "Installed rds-snapshot/snapshot" in said["init"] and "source_key_policy" in said["plan"]


def test_a_zip_that_does_not_match_its_sum_stops_the_build(image, dist, sandbox):
    image.context = sandbox.subfolder("damaged")
    for path in dist.iterdir():
        shutil.copy(path, image.context)
    with (image.context / f"{RELEASE}_linux_amd64.zip").open("ab") as package:
        package.write(b"more")
    with pytest.raises(AssertionError, match="computed checksum did NOT match"):
        image.do(of_the_provider())


def test_a_zip_that_has_no_sum_stops_the_build(image, dist, sandbox):
    image.context = sandbox.subfolder("without-a-sum")
    for path in dist.iterdir():
        shutil.copy(path, image.context)
    sums = image.context / f"{RELEASE}_SHA256SUMS"
    sums.write_text("".join(line for line in sums.read_text().splitlines(True) if "amd64" not in line))
    with pytest.raises(AssertionError, match="no file was verified"):
        image.do(of_the_provider())


def test_readme_builds_it_from_the_folder_of_a_release():
    [line] = lines_of_readme("build")
    assert line[-1] == "dist" and line[line.index("-f") + 1] == str((CONTAINER / "Dockerfile").relative_to(ROOT))
