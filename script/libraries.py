# SPDX-License-Identifier: MPL-2.0
"""The libraries inside a statically linked program: which archives the link map names, what Debian package
or pinned source each comes from, and under which licence."""

import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import link_map

ROOT = Path(__file__).resolve().parents[1]
PINS = ROOT / "script" / "sources.txt"
DPKG = Path("var/lib/dpkg")
DOCUMENTATION = Path("usr/share/doc")
COMMON_LICENCES = Path("/usr/share/common-licenses")

EXTRACTED = "extracted"  # of a build folder: objects that CMakeLists.txt takes out of an archive, as ARCHIVE/OBJECT

# Debian's source package -> its licence, as an SPDX expression. A library that has no row stops a release:
# read its licence first. The zip has the whole texts.
LICENCES = {
    "abseil": "Apache-2.0",
    "c-ares": "MIT",
    "curl": "curl",
    "gcc-12": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "glibc": "LGPL-2.1-or-later",
    "grpc": "Apache-2.0 AND BSD-3-Clause AND MIT",
    "jansson": "MIT",
    "libxml2": "MIT",
    "msgpack-c": "BSL-1.0",
    "openssl": "Apache-2.0",
    "protobuf-c": "BSD-2-Clause AND BSD-3-Clause",
    "zlib": "Zlib",
}


class Unexplained(Exception):
    """Its text names every file or pin for which there is no explanation, a line each."""


@dataclass
class File:
    """An archive or an object."""

    path: Path
    package: str  # "libgrpc-dev 1.51.1-3+b1"; of what is compiled here: ""
    bytes: int  # of it in the stripped program


@dataclass
class Library:
    """Debian's source package: its name and version."""

    name: str
    version: str
    copyright: Path
    files: list[File] = field(default_factory=list)
    pins: list[tuple[str, str]] = field(default_factory=list)  # (SHA-256, path on a mirror) of what is compiled here

    @property
    def licence(self):
        return LICENCES[self.name]

    @property
    def bytes(self):
        return sum(file.bytes for file in self.files)


def inside(build_folder, program="terraform-provider-snapshot"):
    """(libraries sorted by name, bytes of our own code) of the program in this build folder."""
    build_folder = build_folder.resolve()
    sizes = Counter()
    for name, size in link_map.read(build_folder / f"{program}.map").items():
        sizes[(build_folder / name).resolve()] += size
    for path in [path for path in sizes if path.parent.parent == build_folder / EXTRACTED]:
        archive = path.parent.name
        [folder] = {other.parent for other in sizes if (other.parent / archive).is_file()}
        sizes[folder / archive] += sizes.pop(path)
    ours, found, problems = 0, {}, []
    foreign = [path for path in sizes if not path.is_relative_to(build_folder)]
    origins = {**_compiled_here(foreign), **_from_debian(foreign)}
    for path, size in sizes.items():
        if path not in foreign:
            ours += size
            continue
        library, package = origins.get(path, (None, ""))
        if not library:
            problems.append(f"{path} is linked, and neither a Debian package nor script/sources.txt explains it.")
        elif library.name not in LICENCES:
            problems.append(f"{path} is linked, and script/libraries.py has no licence for its source {library.name}.")
        else:
            first = found.setdefault(library.name, library)
            if first.version != library.version:
                problems.append(f"{path} is {library.name} {library.version}, others are {first.version}.")
            first.files.append(File(path, package, size))
    problems += _unused_or_changed_pins(found.values())
    if problems:
        raise Unexplained("\n".join(sorted(problems)))
    for library in found.values():
        library.files.sort(key=lambda file: file.path.name)
    return sorted(found.values(), key=lambda library: library.name), ours


def licence_texts(libraries):
    """Name of a file -> its text: each library's, what Debian keeps once for all of them, and a list."""
    texts = {f"{library.name}.txt": library.copyright.read_text(errors="replace") for library in libraries}
    named = {name for text in texts.values() for name in re.findall(rf"{COMMON_LICENCES}/([\w.+-]*\w)", text)}
    texts |= {f"common/{name}.txt": (COMMON_LICENCES / name).read_text() for name in sorted(named)}
    rows = "".join(f"{library.name} {library.version}: {library.licence}\n" for library in libraries)
    return texts | {"README.txt": INTRODUCTION + rows}


INTRODUCTION = """\
The provider contains these libraries, linked statically. A file for each has its licence;
common/ has the licences that these files name. On Debian, `apt-get source NAME=VERSION` gets
the sources of a library. To link the provider with another version of one, build it from its
own sources: script/build --preset static.

"""


# ---- From Debian ---------------------------------------------------------------

PACKAGE = "${Package}\\t${Version}\\t${source:Package}\\t${source:Version}\\n"


def _from_debian(paths):
    """Path -> (library, package). A sysroot has a dpkg database of its own."""
    by_root = {}
    for path in paths:
        by_root.setdefault(_root_of(path), []).append(path)
    return {path: origin for root, its_paths in by_root.items() for path, origin in _owned(root, its_paths).items()}


def _root_of(path):
    return next(folder for folder in path.parents if (folder / DPKG).is_dir() or folder == Path("/"))


def _owned(root, paths):
    listed = _dpkg_query(root, "--search", *(f"/{path.relative_to(root)}" for path in paths))
    owner_of = dict(reversed(line.split(": ", 1)) for line in listed if not line.startswith("diversion "))
    origins = {}
    for owner in set(owner_of.values()):  # "libgrpc-dev:amd64"
        [row] = _dpkg_query(root, "--show", "--showformat", PACKAGE, owner)
        package, version, name, source_version = row.split("\t")
        copyright = root / DOCUMENTATION / package / "copyright"
        origins[owner] = Library(name, source_version, copyright), f"{package} {version}"
    return {root / name.removeprefix("/"): origins[owner] for name, owner in owner_of.items()}


def _dpkg_query(root, *question):
    """It ends with 1 if it does not know all that it is asked for."""
    command = ["dpkg-query", f"--admindir={root / DPKG}", *question]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.splitlines()


# ---- Compiled here -------------------------------------------------------------


def pins():
    """(SHA-256, path on a mirror) of each file that script/sources.txt names."""
    return [tuple(row.split()) for row in PINS.read_text().splitlines() if row and not row.startswith("#")]


def _pins_of(name):
    return [(digest, path) for digest, path in pins() if path.rpartition("/")[2].startswith(f"{name}_")]


def _compiled_here(paths):
    """Path -> (library, ""), for FOLDER/lib, which script/static_libs.sh makes of FOLDER/sources/NAME."""
    found = {}
    for path in paths:
        sources = path.parent.parent / "sources"
        for made in sources.glob(f"*/**/{path.name}"):
            source = sources / made.relative_to(sources).parts[0]
            version = re.search(r"\(([^)]+)\)", (source / "debian" / "changelog").read_text(errors="replace"))[1]
            copyright = source / "debian" / "copyright"
            found[path] = Library(source.name, version, copyright, pins=_pins_of(source.name)), ""
    return found


def _unused_or_changed_pins(libraries):
    used = {library.name: library for library in libraries if library.pins}
    for digest, path in pins():
        name, _, version = path.rpartition("/")[2].removesuffix(".dsc").partition("_")
        if name not in used:
            yield f"script/sources.txt pins {path}, and nothing of {name} is linked."
        elif path.endswith(".dsc") and used[name].version.rpartition(":")[2] != version:
            yield f"{name} {used[name].version} is linked, and script/sources.txt pins {version}."
        elif not re.fullmatch(r"[0-9a-f]{64}", digest):
            yield f"script/sources.txt has no SHA-256 for {path}."
    for library in libraries:
        if not library.pins and not all(file.package for file in library.files):
            yield f"{library.name} is compiled here, and script/sources.txt does not pin it."
