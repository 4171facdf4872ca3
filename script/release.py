#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Makes dist/, the files that a registry or a mirror serves, from the commit that is checked out."""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # until script.run can say something about it

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "acceptance"))
import libraries
from harness import script
from harness.release import BYTES_MAX, MANIFEST, NAME, sha256
from harness.sandbox import BUILD, build, project_version
from sbom import sbom

# Architecture -> the folders of build/ that script/build makes for it; the first has the name of its preset. A release
# removes them first.
FOLDERS = {"amd64": ("static", "static-libs"), "arm64": ("static-arm64", "static-libs-arm64", "sysroot-arm64")}
# script/build gets only these of the caller's variables. Others, such as CFLAGS and CMAKE_*, could change the program.
PROXIES = [f"{scheme}_proxy" for scheme in ("http", "https", "ftp", "all", "no")]
KEPT = {"PATH", "HOME", "LANG", "TMPDIR", *PROXIES, *map(str.upper, PROXIES)}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name in KEPT}
# OpenPGP's numbers (RFC 4880, 9.1) of the keys that registries accept.
RSA_AND_DSA = {1: "RSA", 3: "RSA", 17: "DSA"}


def main():
    options = parse_arguments()
    version, folder = options.version, Path(options.to).resolve()
    commit = Commit(options.draft)
    notes, problems = check(version, commit, folder)
    signer = Signer(options.sign) if options.sign else None
    problems += signer.problems if signer else []
    if options.draft and signer:
        problems.append("A draft is not signed: leave out --draft or --sign.")
    if options.made:
        problems += [] if signer else ["--made only signs: add --sign KEY."]
        problems += unsignable(version, folder)
        stop_at(problems)
        sign_made(version, folder, signer, commit)
        return 0
    stop_at(problems)
    made, inside = {}, {}
    for arch in options.arch or FOLDERS:
        if not options.draft:
            remove_earlier(arch)
        build("--provider-only", "--preset", preset(arch), environment=ENVIRONMENT)
        inside[arch] = libraries_of(arch)
        made |= package(version, arch, commit, *inside[arch])
    differences = differing_versions({arch: found for arch, (found, _) in inside.items()})
    if options.draft:
        print("".join(f"script/release: {difference}\n" for difference in differences), end="", file=sys.stderr)
    else:
        stop_at(differences)
    made[f"{NAME}_{version}_manifest.json"] = (json.dumps(MANIFEST) + "\n").encode()
    sums = sums_of(version)
    lines = "".join(f"{hashlib.sha256(made[name]).hexdigest()}  {name}\n" for name in sorted(made)).encode()
    made[sums] = lines
    if signer:
        made[f"{sums}.sig"] = signer.sign(lines, commit.epoch)
    made[f"{NAME}_{version}_notes.md"] = notes.encode()
    if not options.draft:
        stop_at(Commit(False).differences(commit))
    write(folder, made)
    return 0


def stop_at(problems):
    if problems:
        raise SystemExit("\n".join(f"script/release: {problem}" for problem in problems))


def parse_arguments():
    parser = script.parser("release")
    parser.add_argument("version")
    parser.add_argument("--arch", action="append", choices=FOLDERS)
    parser.add_argument("--to", default=str(ROOT / "dist"))
    parser.add_argument("--sign")
    parser.add_argument("--made", action="store_true")
    parser.add_argument("--draft", action="store_true")
    return parser.parse_args()


# ---- Before the first build ----------------------------------------------------


def check(version, commit, folder):
    """(release notes, problems)"""
    problems = list(commit.problems)
    if os.uname().machine != "x86_64":
        problems.append("The preset static builds for the machine that it runs on: make releases on x86_64.")
    if version != project_version():
        problems.append(
            f"VERSION is {version}, and the project's version is {project_version()}. Give that one, or change it in "
            "CMakeLists.txt."
        )
    notes = changelog_section((ROOT / "CHANGELOG.md").read_text(), version)
    if not notes:
        problems.append(
            f"CHANGELOG.md has no section for this version. Write one that begins with '## [{version}] - YYYY-MM-DD'."
        )
    if folder.exists() and not folder.is_dir():
        problems.append(f"{folder} is a file. Give another folder with --to.")
    foreign = sorted(path.name for path in folder.iterdir() if not is_ours(path)) if folder.is_dir() else []
    if foreign:
        problems.append(f"{folder} has files that are not of a release: {', '.join(foreign[:3])}. Give another folder.")
    return notes, problems


def is_ours(path):
    return path.name.startswith(f"{NAME}_") and path.is_file()


def changelog_section(text, version):
    """The text below the heading of this version, or "" if no heading has this version and a date."""
    heading = rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$"
    found = re.search(rf"{heading}\n(.*?)(?=^## |^\[[^\]]+\]: |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1].strip() + "\n" if found and found[1].strip() else ""


class Commit:
    """The commit that is checked out. Its time is the time of all files."""

    def __init__(self, is_draft):
        self.problems = []
        self.id, self.epoch = "", 0
        try:
            self.id, epoch = git("log", "-1", "--format=%H %ct").split()
            self.epoch = int(epoch)
            changed = git("status", "--porcelain", "--untracked-files=all").splitlines()
        except (OSError, subprocess.CalledProcessError) as error:
            why = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[0]
            self.problems = [f"A release is made of a commit, and git does not find one here: {why}"]
            return
        if changed and is_draft:
            self.id += "-dirty"
        elif changed:
            many = f"{len(changed)} files are not committed, {changed[0][3:]} for example. Commit or stash them;"
            one = f"1 file is not committed: {changed[0][3:]}. Commit or stash it;"
            self.problems = [f"{one if len(changed) == 1 else many} --draft makes a release to try."]

    def differences(self, before):
        moved = ["Another commit was checked out during the build. Release again."]
        return self.problems or (moved if self.id != before.id else [])


def git(*arguments):
    """Asks about this clone, never about a repository around it."""
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(ROOT.parent)}
    command = ["git", "--no-optional-locks", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout


# ---- An architecture -----------------------------------------------------------


def preset(arch):
    return FOLDERS[arch][0]


def remove_earlier(arch):
    """So that nothing of an earlier build, or changed by hand, is released."""
    with script.undisturbed():
        for folder in (BUILD / name for name in FOLDERS[arch]):
            if folder.is_symlink():
                folder.unlink()
            elif folder.exists():
                shutil.rmtree(folder)


def libraries_of(arch):
    try:
        return libraries.inside(BUILD / preset(arch))
    except libraries.Unexplained as error:
        raise SystemExit(f"script/release: the libraries inside are not all known.\n{error}") from None


def package(version, arch, commit, inside, ours):
    """Name -> content of the files for this architecture."""
    program = stripped(BUILD / preset(arch))
    if len(program) > BYTES_MAX:
        raise SystemExit(f"script/release: for {arch} it has {len(program)} bytes, at most {BYTES_MAX} are allowed.")
    if f"{commit.id}\0".encode() not in program:  # no "-dirty" after it
        raise SystemExit(f"script/release: the provider for {arch} does not contain the id of the commit.")
    show_sizes(arch, len(program), [(ours, "this project"), *((library.bytes, library.name) for library in inside)])
    content = {
        f"{NAME}_v{version}": program,
        "LICENSE": (ROOT / "LICENSE").read_bytes(),
        "README.md": (ROOT / "README.md").read_bytes(),
        **{f"licences/{name}": text.encode() for name, text in libraries.licence_texts(inside).items()},
    }
    bill = sbom(NAME, version, commit.id, commit.epoch, program, inside, distro())
    return {
        f"{NAME}_{version}_linux_{arch}.zip": packed(content, commit.epoch),
        f"{NAME}_{version}_sbom_linux_{arch}.cdx.json": bill.encode(),
    }


def show_sizes(arch, total, parts):
    parts.append((total - sum(size for size, _ in parts), "relocations and headers"))
    print(f"==> {NAME} for linux_{arch}: {total:,} bytes. By the link map:")
    for size, title in sorted(parts, reverse=True):
        print(f"    {size:>10,}  {title}")


def stripped(folder):
    """The provider without symbols, by the strip of the preset's toolchain."""
    tool = re.search(r"^CMAKE_STRIP:FILEPATH=(.*)$", (folder / "CMakeCache.txt").read_text(), re.MULTILINE)[1]
    out = folder / f"{NAME}.stripped"
    subprocess.run([tool, "--strip-all", "-o", out, folder / NAME], check=True)
    return out.read_bytes()


def packed(content, epoch):
    """A zip that depends on `content` and `epoch` only."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, time.gmtime(epoch)[:6])
            entry.create_system = 3  # Unix: external_attr has the mode
            entry.external_attr = (0o100755 if name.startswith(f"{NAME}_v") else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, content[name])
    return archive.getvalue()


def distro():
    text = Path("/etc/os-release").read_text()
    return "-".join(re.search(rf'^{key}="?([^"\n]*)', text, re.MULTILINE)[1] for key in ("ID", "VERSION_ID"))


def differing_versions(inside):
    """For amd64 the libraries are this machine's, maybe old ones. For arm64 the newest are downloaded."""
    versions = {}
    for arch, found in inside.items():
        for library in found:
            versions.setdefault(library.name, {}).setdefault(library.version, arch)
    return [
        f"{name} is {', '.join(f'{version} for {arch}' for version, arch in archs.items())}. "
        "Run apt-get update and apt-get upgrade as root, and release again."
        for name, archs in versions.items()
        if len(archs) > 1
    ]


# ---- The signature -------------------------------------------------------------


class Signer:
    """Signs once before the build, because gpg chooses among a key's subkeys and asks for a passphrase."""

    def __init__(self, key):
        self.key, self.problems = key, []
        try:
            self.algorithm, self.fingerprint = self._who_signs()
        except OSError:
            self.problems = ["--sign needs gpg. Install the packages gpg and gpg-agent."]
            return
        except subprocess.CalledProcessError as error:
            self.problems = [self._cannot(error)]
            return
        if self.algorithm not in RSA_AND_DSA:
            self.problems = [
                f"{key} is neither an RSA nor a DSA key, and registries accept no other (no ECC). Make an RSA key: "
                "gpg --quick-generate-key NAME rsa4096 sign"
            ]

    def _who_signs(self):
        status = self._gpg("--status-fd", "2", "--output", "-", "--detach-sign", content=b"").stderr.decode()
        created = re.search(r"SIG_CREATED D (\d+) \d+ \w+ \d+ (\w+)", status)
        return int(created[1]), created[2]

    def sign(self, content, epoch):
        """With the time `epoch`, or the time at which the key was made if that is later."""
        try:
            listed = self._gpg("--with-colons", "--list-keys", self.fingerprint).stdout.decode()
            made = max(int(row.split(":")[5]) for row in self._records(listed))
            moment = f"{max(epoch, made)}!"
            return self._gpg("--faked-system-time", moment, "--output", "-", "--detach-sign", content=content).stdout
        except subprocess.CalledProcessError as error:  # the agent has forgotten the passphrase, or the key was removed
            stop_at([self._cannot(error)])

    def _cannot(self, error):
        return f"gpg cannot sign with {self.key}: {last_line(error.stderr)}"

    def _records(self, listed):
        """The row of the key or subkey that signs."""
        last = ""
        for row in listed.splitlines():
            if row.startswith(("pub:", "sub:")):
                last = row
            elif row.startswith("fpr:") and row.split(":")[9] == self.fingerprint:
                yield last

    def _gpg(self, *arguments, content=None):
        command = ["gpg", "--batch", "--no-armor", "--local-user", self.key, *arguments]
        return subprocess.run(command, input=content, check=True, capture_output=True)


def last_line(text):
    return (text.decode(errors="replace").strip().splitlines() or ["it says nothing"])[-1].removeprefix("gpg: ")


# ---- dist/ ---------------------------------------------------------------------


def sums_of(version):
    return f"{NAME}_{version}_SHA256SUMS"


def unsignable(version, folder):
    """Why the release in `folder` cannot be signed."""
    sums = folder / sums_of(version)
    if not sums.is_file():
        return [f"{folder} has no release {version}. Make it first: the same command without --made and --sign."]
    rows = [row.split("  ") for row in sums.read_text().splitlines()]
    paths = {folder / name: digest for digest, name in rows}
    wrong = [path.name for path in paths if not path.is_file() or sha256(path) != paths[path]]
    return [f"{wrong[0]} is not the file that {sums.name} names. Make the release again."] if wrong else []


def sign_made(version, folder, signer, commit):
    name = f"{sums_of(version)}.sig"
    (folder / name).write_bytes(signer.sign((folder / sums_of(version)).read_bytes(), commit.epoch))
    print(f"==> made {folder / name}")


def write(folder, made):
    """Writes beside `folder` and then renames, so that `folder` has all files or those of before."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with script.undisturbed(), tempfile.TemporaryDirectory(prefix=f"{folder.name}.", dir=folder.parent) as beside:
        (new := Path(beside) / "new").mkdir()
        for name, content in made.items():
            (new / name).write_bytes(content)
        if folder.exists():
            folder.rename(Path(beside) / "old")
        new.rename(folder)
    print(f"==> made {folder}:")
    for name in sorted(made):
        print(f"    {len(made[name]):>10,}  {name}")


if __name__ == "__main__":
    script.run(main)
