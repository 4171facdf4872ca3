# SPDX-License-Identifier: MPL-2.0
"""What the checks have in common: which files are ours, C without comments and
texts, and how findings are told. A check looks at the whole tree, or with
--root at a small one: the samples that it must refuse."""
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = "tests/lint/samples"
PRODUCT = ("base/", "aws/", "plugin/")


def parser(description):
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--root", type=Path, default=REPOSITORY, help="look at the tree below this folder instead")
    return made


def files(root, suffixes=(".c", ".h")):
    """Paths below root, as text with slashes, sorted. Generated files and samples are not ours."""
    if root.resolve() == REPOSITORY:
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0")
        listed = [path for path in listed if path and not path.startswith(SAMPLES) and (root / path).is_file()]
    else:
        listed = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    return sorted({path for path in listed if path.endswith(suffixes)})


def scripts(root, interpreter):
    """Those that are started by name, without a suffix, whose first line names this interpreter."""
    named = [path for path in files(root, "") if "." not in path.rpartition("/")[2]]
    return [path for path in named if re.match(rf"#!.*{interpreter}", read(root, path))]


def read(root, path):
    return (root / path).read_text(encoding="utf-8", errors="replace")


_TOKENS = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def without_comments(text, keep_texts=False):
    """The same lines, with comments blanked and texts emptied."""
    def blank(match):
        token = match.group(0)
        if token[0] in "\"'":
            return token if keep_texts else token[0] * 2
        return re.sub(r"[^\n]", " ", token)
    return _TOKENS.sub(blank, text)


def line_comments(text):
    """Where // comments start."""
    return [match.start() for match in _TOKENS.finditer(text) if match.group(0).startswith("//")]


def tell(findings, summary=""):
    """Prints "path:line: text" for each and ends the script."""
    for path, line, text in sorted(findings):
        print(f"{path}:{line}: {text}")
    print(f"{len(findings)} findings{summary}")
    sys.exit(1 if findings else 0)


_PLACE = re.compile(r"^([^:\n]+):(\d+):\d+: (.*)$", re.MULTILINE)


def tell_of_tool(command, root, paths):
    """The same, of a tool that prints "path:line:column: text"."""
    done = subprocess.run([*command, *paths], cwd=root, capture_output=True, text=True)
    findings = [(path, int(line), text) for path, line, text in _PLACE.findall(done.stdout)]
    if done.returncode and not findings:
        sys.exit(f"{command[0]}: {done.stdout}{done.stderr}")
    tell(findings, f" in {len(paths)} files")


def find_tool(*names):
    """The first that is installed; "name-19" before "name"."""
    ours = [str(REPOSITORY / "build" / folder / "bin") for folder in ("venv", "lint")]
    for name in names:
        for folder in [*ours, *os.environ.get("PATH", "").split(os.pathsep)]:
            if os.access(os.path.join(folder, name), os.X_OK):
                return os.path.join(folder, name)
    sys.exit(f"{names[0]} is not installed: script/build --with-lints installs it")
