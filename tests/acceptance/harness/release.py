# SPDX-License-Identifier: MPL-2.0
"""What script/release makes, in facts; and the same files of a provider that is already built, for tests.

The zip of this machine has the provider; that of the other one has a text in its place, for lock files alone.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import zipfile

from .sandbox import SOCKETS, platform

NAME = "terraform-provider-snapshot"
PLATFORMS = ("linux_amd64", "linux_arm64")
MANIFEST = {"version": 1, "metadata": {"protocol_versions": ["6.0"]}}
BYTES_MAX = 15_000_000  # of the provider, unpacked


class Release:
    def __init__(self, folder, version):
        self.folder = folder
        self.version = version

    def make(self, binary):
        for it in PLATFORMS:
            provider = binary.read_bytes() if it == platform() else b"of another machine\n"
            write_zip(self.zip(it), {f"{NAME}_v{self.version}": provider, "LICENSE": b"MPL-2.0\n", "README.md": b"\n"})
        self.file("manifest.json").write_text(json.dumps(MANIFEST))
        self.write_sums()

    def sign(self, key):
        sums = self.file("SHA256SUMS")
        key.run("gpg", "--batch", "--local-user", key.id, "--output", f"{sums}.sig", "--detach-sign", sums)

    def file(self, ending):
        return self.folder / f"{NAME}_{self.version}_{ending}"

    def zip(self, of=None):
        return self.file(f"{of or platform()}.zip")

    def write_sums(self):
        files = [*map(self.zip, PLATFORMS), self.file("manifest.json")]
        self.file("SHA256SUMS").write_text("".join(f"{sha256(path)}  {path.name}\n" for path in files))


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_zip(path, files):
    with zipfile.ZipFile(path, "w") as out:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o755 << 16
            out.writestr(info, data)


class SigningKey:
    """A throwaway RSA key."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="gpg-", dir=SOCKETS)
        try:
            self.id = self._make()
        except BaseException:
            self.end()
            raise

    def _make(self):
        make = ["--quick-generate-key", "Nobody <nobody@example.com>", "rsa2048", "sign", "never"]
        self.run("gpg", "--batch", "--passphrase", "", *make)
        listed = self.run("gpg", "--batch", "--with-colons", "--list-keys").splitlines()
        return next(line.split(":")[4] for line in listed if line.startswith("pub:"))

    def run(self, *command):
        environment = {"GNUPGHOME": self.home, "PATH": os.environ["PATH"]}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    def end(self):
        with contextlib.suppress(OSError, subprocess.CalledProcessError):  # there is no gpg
            self.run("gpgconf", "--kill", "all")
        shutil.rmtree(self.home, ignore_errors=True)
