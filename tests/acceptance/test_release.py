# SPDX-License-Identifier: MPL-2.0
"""script/release: what it refuses, what it makes, and that the commit alone decides the bytes.

Most tests release a tiny program that contains only the C library, from a small repository of their own.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
import zipfile

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from harness.sandbox import BUILD, ROOT, SOCKETS, project_version

VERSION = project_version()
NAME = f"terraform-provider-snapshot_{VERSION}"
FROM_HERE = ("LICENSE", "README.md", "CMakeLists.txt", ".gitignore", "script/release", "tests/acceptance/harness")
MAP = "terraform-provider-snapshot.map"
PROGRAM = """\
const char *commit = COMMIT;
#ifdef OTHER
const char *other = "other";
#endif
int main(void) { return 0; }
"""
CHANGELOG = f"# Changelog\n\n## [{VERSION}] - 2026-11-30\n\nThe first.\n\n- This.\n\n## [0.0.1] - 2025-01-01\n\nOld.\n"
# In place of script/build: the tiny program, linked as the preset static links the provider. `first` is a script of
# a test, `provided/` what script/build would compile or unpack.
BUILD_SCRIPT = r"""#!/bin/sh
preset=$3 # after --provider-only --preset
cd "$(dirname "$0")/.." && mkdir -p "build/$preset" && commit=$(git rev-parse HEAD) || exit
[ -z "$(git status --porcelain)" ] || commit=$commit-dirty
[ ! -e first ] || . ./first
[ ! -e provided ] || cp -r provided/. build
cd "build/$preset" && echo CMAKE_STRIP:FILEPATH=strip >CMakeCache.txt &&
cc $CFLAGS -fPIE -c "-DCOMMIT=\"$commit\"" ../../program.c &&
cc -static-pie program.o $archives -o terraform-provider-snapshot -Wl,-Map=terraform-provider-snapshot.map
"""


class Repository:
    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment
        for name in FROM_HERE:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            copy(ROOT / name, folder / name)
        for path in [*(ROOT / "script").glob("*.py"), ROOT / "script" / "in_python.sh"]:
            shutil.copy2(path, folder / "script")
        self.write("script/sources.txt", "# none\n")
        self.write("script/build", BUILD_SCRIPT)
        (folder / "script" / "build").chmod(0o755)
        self.write("program.c", PROGRAM)
        self.write("CHANGELOG.md", CHANGELOG)
        self.git("init", "-q")
        self.commit()

    def write(self, name, text):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def git(self, *arguments, **environment):
        who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
        environment = {**self.environment, **environment}
        subprocess.run(["git", *who, *arguments], cwd=self.folder, env=environment, check=True)

    def commit(self, when="2026-11-30T12:00:01Z"):
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", "all", GIT_COMMITTER_DATE=when)

    def start(self, *arguments, archs=("amd64",), **environment):
        return subprocess.run(
            [self.folder / "script" / "release", *(f"--arch={arch}" for arch in archs), *arguments],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def release(self, *arguments, **environment):
        done = self.start(VERSION, *arguments, **environment)
        assert done.returncode == 0, done.stderr
        return self.folder / "dist"

    def refuses(self, *arguments, **environment):
        refused = self.start(*arguments, **environment)
        assert refused.returncode == 1 and "==>" not in refused.stdout, refused.stdout
        return refused.stderr


@pytest.fixture
def repository(sandbox):
    return Repository(sandbox.subfolder("repository"), sandbox.environment())


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# ---- What it makes -------------------------------------------------------------


def test_the_files_of_a_release(repository):
    dist = repository.release()
    assert sorted(contents(dist)) == [
        f"{NAME}_SHA256SUMS",
        f"{NAME}_linux_amd64.zip",
        f"{NAME}_manifest.json",
        f"{NAME}_notes.md",
        f"{NAME}_sbom_linux_amd64.cdx.json",
    ]
    manifest = json.loads((dist / f"{NAME}_manifest.json").read_text())
    assert manifest == {"version": 1, "metadata": {"protocol_versions": ["6.0"]}}
    assert (dist / f"{NAME}_notes.md").read_text() == "The first.\n\n- This.\n"


def test_the_sums_are_of_all_but_the_notes(repository):
    dist = repository.release()
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", f"{NAME}_SHA256SUMS"],
        cwd=dist, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = [line.removesuffix(": OK") for line in checked.stdout.splitlines()]
    assert names == sorted(set(contents(dist)) - {f"{NAME}_SHA256SUMS", f"{NAME}_notes.md"})


def test_each_architecture_has_its_zip_and_its_bill(repository):
    dist = repository.release(archs=())
    sums = (dist / f"{NAME}_SHA256SUMS").read_text()
    for arch in ("amd64", "arm64"):
        assert f"{NAME}_linux_{arch}.zip" in sums and f"{NAME}_sbom_linux_{arch}.cdx.json" in sums


def test_the_zip_is_in_the_form_that_registries_take(repository):
    with zipfile.ZipFile(repository.release() / f"{NAME}_linux_amd64.zip") as package:
        modes = {entry.filename: stat.filemode(entry.external_attr >> 16) for entry in package.infolist()}
        assert {entry.date_time[0] for entry in package.infolist()} == {2026}
        program = package.read(f"terraform-provider-snapshot_v{VERSION}")
        listed = package.read("licences/README.txt").decode()
    assert re.search(r"^glibc 2\.\S+: LGPL-2.1-or-later$", listed, re.MULTILINE)
    assert list(modes) == sorted(modes)
    assert modes.pop(f"terraform-provider-snapshot_v{VERSION}") == "-rwxr-xr-x"
    assert set(modes.values()) == {"-rw-r--r--"}
    assert {"LICENSE", "README.md", "licences/glibc.txt", "licences/common/LGPL-2.1.txt"} < set(modes)
    assert program.startswith(b"\x7fELF") and b".symtab" not in program


def test_two_clones_make_the_same_bytes_whatever_the_caller_has_set(repository, sandbox):
    (other := sandbox.folder / "another place").mkdir()
    shutil.copytree(repository.folder, other / "repository")
    first = contents(repository.release())
    second = Repository.__new__(Repository)
    second.folder = other / "repository"
    second.environment = {**repository.environment, "TZ": "Asia/Tokyo", "CFLAGS": "-O0 -DOTHER"}
    assert contents(second.release()) == first


def test_nothing_of_an_earlier_build_is_in_a_release(repository):
    left = [f"build/{name}/left" for name in ("static", "static-libs", "static-arm64", "static-libs-arm64")]
    for name in (*left, "build/sysroot-arm64/left"):
        repository.write(name, "")
    repository.release("--draft")
    assert (repository.folder / "build" / "static" / "left").exists()
    repository.release("--arch", "arm64")
    assert list((repository.folder / "build").rglob("left")) == []


def test_a_release_replaces_the_one_before(repository):
    (old := repository.folder / "dist").mkdir()
    (old / "terraform-provider-snapshot_0.0.1_linux_amd64.zip").write_text("old")
    assert not any("0.0.1" in name for name in contents(repository.release()))


def test_a_folder_is_taken_from_where_the_caller_is(repository):
    repository.release("--to", "elsewhere/of mine")
    assert len(contents(repository.folder / "elsewhere" / "of mine")) == 5


# ---- What it refuses -----------------------------------------------------------


def test_another_version_is_refused(repository):
    refused = repository.refuses("9.9.9")
    assert f"VERSION is 9.9.9, and the project's version is {VERSION}" in refused and "CMakeLists.txt" in refused


@pytest.mark.parametrize("heading", [f"## {VERSION}", f"## [{VERSION}]", f"## [{VERSION}] - soon", "## [Unreleased]"])
def test_a_changelog_without_the_version_is_refused(repository, heading):
    repository.write("CHANGELOG.md", f"# Changelog\n\n{heading}\n\n- This.\n")
    repository.commit()
    assert f"'## [{VERSION}] - YYYY-MM-DD'" in repository.refuses(VERSION)


def test_an_empty_section_is_refused(repository):
    repository.write("CHANGELOG.md", CHANGELOG.replace("The first.\n\n- This.\n", ""))
    repository.commit()
    assert "CHANGELOG.md has no section" in repository.refuses(VERSION)


def test_the_changelog_has_the_form_that_a_release_reads():
    headings = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("##")]
    version = r"## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d"
    change = "### (Added|Changed|Deprecated|Removed|Fixed|Security)"
    assert headings.pop(0) == "## [Unreleased]" and headings
    assert [line for line in headings if not re.fullmatch(f"{version}|{change}", line)] == []


@pytest.mark.parametrize("name", ["program.c", "new file"])
def test_what_is_not_committed_is_refused_but_in_a_draft(repository, name):
    repository.write(name, f"{PROGRAM}/* changed */\n")
    refused = repository.refuses(VERSION)
    assert "1 file is not committed" in refused and name in refused and "--draft" in refused
    bill = json.loads((repository.release("--draft") / f"{NAME}_sbom_linux_amd64.cdx.json").read_text())
    assert bill["metadata"]["component"]["properties"][0]["value"].endswith("-dirty")


def test_a_folder_without_a_commit_is_refused(repository):
    shutil.rmtree(repository.folder / ".git")
    assert "made of a commit" in repository.refuses(VERSION)


def test_files_that_appear_meanwhile_are_refused(repository):
    repository.write("first", "touch appeared\n")
    repository.commit()
    failed = repository.start(VERSION)
    assert failed.returncode == 1 and "appeared" in failed.stderr
    assert not (repository.folder / "dist").exists()


def test_a_program_of_changed_files_is_refused(repository):
    repository.write("first", "commit=$commit-dirty\n")
    repository.commit()
    failed = repository.start(VERSION)
    assert failed.returncode == 1 and "does not contain the id of the commit" in failed.stderr


def test_a_folder_with_other_files_is_left_alone(repository):
    (repository.folder / "dist").mkdir()
    repository.write("dist/mine.txt", "mine")
    assert "mine.txt" in repository.refuses(VERSION)
    assert list(contents(repository.folder / "dist")) == ["mine.txt"]


def test_several_reasons_are_said_at_once(repository):
    repository.write("program.c", "")
    assert repository.refuses("9.9.9").count("script/release: ") == 3


def test_a_build_that_fails_leaves_the_release_before(repository):
    before = contents(repository.release())
    repository.write("program.c", "not C\n")
    repository.commit()
    failed = repository.start(VERSION)
    assert failed.returncode and contents(repository.folder / "dist") == before


@pytest.mark.parametrize("arguments", [[], ["--bad"], [VERSION, "--arch", "sparc"], [VERSION, "--sign"]])
def test_wrong_arguments_are_refused(repository, arguments):
    refused = repository.start(*arguments)
    assert refused.returncode == 2 and "script/release --help" in refused.stderr


# ---- The commit that each build asks for ---------------------------------------


def commit_of_a_build(folder, environment):
    (folder.parent / "in").write_text("${COMMIT}")
    command = ["cmake", "-DIN=../in", "-DOUT=../out", "-P", ROOT / "plugin" / "commit.cmake"]
    subprocess.run(command, cwd=folder, env=environment, check=True)
    return (folder.parent / "out").read_text().strip()


def test_a_build_knows_its_commit_and_that_a_file_is_new(repository):
    assert re.fullmatch("[0-9a-f]{40}", commit_of_a_build(repository.folder, repository.environment))
    repository.write("script/new.c", "")
    assert re.fullmatch("[0-9a-f]{40}-dirty", commit_of_a_build(repository.folder, repository.environment))


def test_a_build_without_a_clone_does_not_name_another_repository_s_commit(repository):
    inside = repository.folder / "unpacked" / "here"
    inside.mkdir(parents=True)
    assert commit_of_a_build(inside, repository.environment) == "unknown"


# ---- Signatures ----------------------------------------------------------------


@pytest.fixture
def gpg(repository):
    """Keys of its own."""
    with tempfile.TemporaryDirectory(dir=SOCKETS) as home:
        repository.environment["GNUPGHOME"] = home
        environment = repository.environment

        def run(*arguments, **options):
            command = ["gpg", "--batch", "--passphrase", "", "--pinentry-mode", "loopback", *arguments]
            return subprocess.run(command, env=environment, check=True, capture_output=True, text=True, **options)

        yield run
        with contextlib.suppress(FileNotFoundError):
            subprocess.run(["gpgconf", "--kill", "gpg-agent"], env=environment)


def test_a_signature_is_binary_and_the_same_each_time(repository, gpg):
    gpg("--faked-system-time", "20260101T000000", "--quick-generate-key", "someone", "rsa2048", "sign", "never")
    dist = repository.release("--sign", "someone")
    signature = (dist / f"{NAME}_SHA256SUMS.sig").read_bytes()
    assert signature[0] & 0x80 and len(signature) < 600
    verified = gpg("--verify", dist / f"{NAME}_SHA256SUMS.sig", dist / f"{NAME}_SHA256SUMS").stderr
    assert "Good signature" in verified and "30 12:00:01 2026" in verified
    repository.release("--sign", "someone")
    assert (dist / f"{NAME}_SHA256SUMS.sig").read_bytes() == signature


def test_a_release_that_is_made_is_signed_without_a_build(repository, gpg):
    gpg("--quick-generate-key", "someone", "rsa2048", "sign", "never")
    assert "has no release" in repository.refuses(VERSION, "--made", "--sign", "someone")
    signed = contents(repository.release("--sign", "someone"))
    dist = repository.release()
    assert "add --sign KEY" in repository.refuses(VERSION, "--made")
    repository.release("--made", "--sign", "someone")
    assert contents(dist) == signed
    (dist / f"{NAME}_manifest.json").write_text("changed")
    (dist / f"{NAME}_SHA256SUMS.sig").unlink()
    refused = repository.refuses(VERSION, "--made", "--sign", "someone")
    assert f"{NAME}_manifest.json is not the file that" in refused
    assert not (dist / f"{NAME}_SHA256SUMS.sig").exists()


def test_a_key_that_is_newer_than_the_commit_signs_too(repository, gpg):
    gpg("--quick-generate-key", "someone", "rsa2048", "sign", "never")
    repository.commit(when="2020-01-01T00:00:00Z")
    dist = repository.release("--sign", "someone")
    gpg("--verify", dist / f"{NAME}_SHA256SUMS.sig", dist / f"{NAME}_SHA256SUMS")


def test_a_key_that_registries_do_not_take_is_refused(repository, gpg):
    gpg("--quick-generate-key", "modern", "ed25519", "sign", "never")
    refused = repository.refuses(VERSION, "--sign", "modern")
    assert "modern is neither an RSA nor a DSA key" in refused and "rsa4096" in refused


def test_a_key_that_is_not_there_is_refused(repository, gpg):
    assert "gpg cannot sign with nobody" in repository.refuses(VERSION, "--sign", "nobody")


def test_a_key_that_is_gone_when_it_counts_is_one_sentence(repository, gpg, sandbox):
    gpg("--quick-generate-key", "someone", "rsa2048", "sign", "never")
    tools = sandbox.subfolder("tools")
    (tools / "gpg").write_text(
        '#!/bin/sh\ncase " $* " in *faked*) echo "gpg: signing failed: No secret key" >&2; exit 2 ;; esac\n'
        f'exec {shutil.which("gpg")} "$@"\n'
    )
    (tools / "gpg").chmod(0o755)
    failed = repository.start(VERSION, "--sign", "someone", PATH=f"{tools}:{os.environ['PATH']}")
    assert failed.returncode == 1
    assert failed.stderr == "script/release: gpg cannot sign with someone: signing failed: No secret key\n"
    assert not (repository.folder / "dist").exists()


def test_a_draft_is_not_signed(repository, gpg):
    gpg("--quick-generate-key", "someone", "rsa2048", "sign", "never")
    assert "A draft is not signed" in repository.refuses(VERSION, "--draft", "--sign", "someone")


# ---- The libraries inside ------------------------------------------------------


def bill_of(dist):
    return json.loads((dist / f"{NAME}_sbom_linux_amd64.cdx.json").read_text())


def make_archive(repository, folder, linked):
    """libpart.a, which the tiny program then contains, as the file `linked`."""
    (place := repository.folder / folder).mkdir(parents=True)
    (place / "part.c").write_text("int part(void) { return 0; }\n")
    subprocess.run(["cc", "-fPIE", "-c", "part.c"], cwd=place, check=True)
    subprocess.run(["ar", "rc", "libpart.a", "part.o"], cwd=place, check=True)
    repository.write("program.c", "int part(void);\n" + PROGRAM.replace("return 0", "return part()"))
    repository.write("first", f"archives={linked}\n")
    repository.commit()


def pinned(repository, version="1.2-3", source="curl"):
    """As script/static_libs.sh leaves what it compiles."""
    provided = "provided/static-libs"
    make_archive(repository, f"{provided}/lib", "../static-libs/lib/libpart.a")
    shutil.copytree(repository.folder / provided / "lib", repository.folder / provided / "sources" / source / "build")
    repository.write(f"{provided}/sources/{source}/debian/changelog", f"{source} ({version}) stable; x=y\n")
    repository.write(f"{provided}/sources/{source}/debian/copyright", "Yours.\n")
    repository.write(
        "script/sources.txt",
        f"# pins\n{'a' * 64}  pool/{source}_1.2-3.dsc\n{'b' * 64}  pool/{source}_1.2.orig.tar.gz\n",
    )
    repository.commit()
    return repository


# An archive of a package of which each architecture has another version.
OF_DEBIAN = """\
cp -r of_debian "build/$preset-root" && archives=../$preset-root/usr/lib/libpart.a
cat >"build/$preset-root/var/lib/dpkg/status" <<END
Package: libpart-dev
Status: install ok installed
Architecture: amd64
Source: zlib
Version: 1-$preset
END
"""


@pytest.fixture
def uneven(repository):
    make_archive(repository, "of_debian/usr/lib", "")
    repository.write("first", OF_DEBIAN)
    repository.write("of_debian/usr/share/doc/libpart-dev/copyright", "Yours.\n")
    repository.write("of_debian/var/lib/dpkg/info/format", "1\n")
    repository.write("of_debian/var/lib/dpkg/info/libpart-dev.list", "/usr/lib/libpart.a\n")
    repository.commit()
    return repository


def test_architectures_with_different_libraries_are_refused_but_in_a_draft(uneven):
    failed = uneven.start(VERSION, archs=())
    assert failed.returncode == 1 and "zlib is 1-static for amd64, 1-static-arm64 for arm64" in failed.stderr
    assert "apt-get upgrade" in failed.stderr and not (uneven.folder / "dist").exists()
    draft = uneven.start(VERSION, "--draft", archs=())
    assert draft.returncode == 0 and "1-static-arm64 for arm64" in draft.stderr


def test_the_bill_names_what_is_linked_and_its_package(repository):
    bill = bill_of(repository.release())
    assert [component["name"] for component in bill["components"]] == ["gcc-12", "glibc"]
    glibc = bill["components"][1]
    assert {"libc.a", "rcrt1.o"} <= {file["name"] for file in glibc["components"]}
    assert glibc["purl"].startswith("pkg:deb/debian/glibc@2.") and glibc["licenses"]
    [archive] = [file for file in glibc["components"] if file["name"] == "libc.a"]
    package, size = (fact["value"] for fact in archive["properties"])
    assert package.startswith("libc6-dev 2.") and 100_000 < int(size) < 1_000_000


def test_the_bill_fits_the_schema(repository):
    assert_fits_the_schema(pinned(repository).release())


def assert_fits_the_schema(dist):
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill_of(dist)))
    assert wrong is None, wrong


def test_the_bill_has_the_hash_of_what_the_zip_contains(repository):
    dist = repository.release()
    with zipfile.ZipFile(dist / f"{NAME}_linux_amd64.zip") as package:
        digest = hashlib.sha256(package.read(f"terraform-provider-snapshot_v{VERSION}")).hexdigest()
    assert bill_of(dist)["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": digest}]


def test_an_archive_that_nothing_explains_fails_the_release(repository):
    make_archive(repository, "elsewhere", "../../elsewhere/libpart.a")
    failed = repository.start(VERSION)
    assert failed.returncode == 1 and re.search(r"elsewhere/libpart\.a is linked, and neither", failed.stderr)
    assert not (repository.folder / "dist").exists()


def test_what_is_compiled_here_is_in_the_bill_with_its_pins(repository):
    dist = pinned(repository).release()
    [curl] = [component for component in bill_of(dist)["components"] if component["name"] == "curl"]
    assert curl["version"] == "1.2-3"
    assert [(source["url"], source["hashes"][0]["content"][0]) for source in curl["externalReferences"]] == [
        ("pool/curl_1.2-3.dsc", "a"), ("pool/curl_1.2.orig.tar.gz", "b")
    ]  # fmt: skip
    with zipfile.ZipFile(dist / f"{NAME}_linux_amd64.zip") as package:
        assert package.read("licences/curl.txt") == b"Yours.\n"


def test_a_pin_that_differs_from_what_is_linked_fails_the_release(repository):
    failed = pinned(repository, version="1.2-2").start(VERSION)
    assert failed.returncode == 1
    assert "curl 1.2-2 is linked, and script/sources.txt pins 1.2-3" in failed.stderr


def test_a_pin_of_something_else_fails_the_release(repository):
    pinned(repository)
    repository.write("script/sources.txt", f"{'c' * 64}  pool/other_1.2-3.dsc\n")
    repository.commit()
    failed = repository.start(VERSION).stderr
    assert "pins pool/other_1.2-3.dsc, and nothing of other is linked" in failed
    assert "curl is compiled here, and script/sources.txt does not pin it" in failed


def test_a_library_without_a_licence_fails_the_release(repository):
    failed = pinned(repository, source="unknown").start(VERSION)
    assert failed.returncode == 1 and "script/libraries.py has no licence for its source unknown" in failed.stderr


# ---- The provider itself -------------------------------------------------------


@pytest.mark.tenth
def test_the_release_of_the_provider_explains_all_that_is_inside(sandbox):
    """A draft of this clone's own. One test: its build is not for several processes at once."""
    dist = sandbox.folder / "dist"
    command = [ROOT / "script" / "release", VERSION, "--draft", "--arch", "amd64", "--to", dist]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    assert_fits_the_schema(dist)
    components = bill_of(dist)["components"]
    assert_every_linked_archive_is_in(components)
    assert_every_pin_is_in(components)
    with zipfile.ZipFile(dist / f"{NAME}_linux_amd64.zip") as package:
        for component in components:
            assert len(package.read(f"licences/{component['name']}.txt")) > 500, component["name"]
        (program := sandbox.folder / "provider").write_bytes(package.read(f"terraform-provider-snapshot_v{VERSION}"))
    program.chmod(0o755)
    said = subprocess.run([program, "--version", "-json"], capture_output=True, check=True).stdout
    assert json.loads(said)["libraries"] == {component["name"]: component["version"] for component in components}


def assert_every_linked_archive_is_in(components):
    folder = BUILD / "static"
    linked = set(re.findall(r"/([^/ ]+\.a)\([^)]+\)$", (folder / MAP).read_text(errors="replace"), re.MULTILINE))
    in_bill = {file["name"] for component in components for file in component["components"]}
    assert linked - {path.name for path in folder.rglob("*.a")} <= in_bill


def assert_every_pin_is_in(components):
    rows = (ROOT / "script" / "sources.txt").read_text().splitlines()
    sources = [source for component in components for source in component.get("externalReferences", [])]
    assert {(source["hashes"][0]["content"], source["url"]) for source in sources} == {
        tuple(row.split()) for row in rows if not row.startswith("#")
    }


@pytest.mark.long
@pytest.mark.parametrize("arch", ["amd64", "arm64"])
def test_two_clones_make_the_same_provider(sandbox, arch):
    """Compiled twice, whatever the caller has set. One architecture at a time: this machine may have old packages."""
    made, original = [], ROOT
    for name, more in (("one", {}), ("the other one", {"CFLAGS": "-O0"})):
        clone = sandbox.folder / name
        subprocess.run(["git", "clone", "-q", original, clone], check=True)
        original = clone  # the same commit, whatever is committed meanwhile
        command = [clone / "script" / "release", VERSION, "--arch", arch]
        environment = {"PATH": os.environ["PATH"], "HOME": str(sandbox.home), **more}
        subprocess.run(command, env=environment, check=True, stdin=subprocess.DEVNULL)
        made.append(contents(clone / "dist"))
    assert made[0] == made[1]
