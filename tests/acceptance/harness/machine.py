# SPDX-License-Identifier: MPL-2.0
"""A machine that lacks something, for the scripts.

A copy of them in a tree of its own, with a PATH on which the tools that look at the machine or change
it are fakes: nothing is installed or built.
"""

import os
import shlex
import shutil
import signal
import subprocess
import time

from .sandbox import ROOT

REAL_TOOLS = (
    "bash", "env", "dirname", "basename", "grep", "mkdir", "chmod", "readlink", "cmp", "cp", "install", "stat", "sleep",
    "rm", "sed", "sort", "find", "ln", "tr", "mktemp", "sha256sum", "unzip"
)  # fmt: skip
SAYS_WHAT_IT_WAS_ASKED = 'echo "$(basename "$0") $*" >>"$ASKED"\n'
# python3 -m venv DIR: a folder in which python, asked for pip, says so.
MAKES_A_VENV = SAYS_WHAT_IT_WAS_ASKED + 'mkdir -p "${@: -1}/bin" && cp "$TOOLS/pip" "${@: -1}/bin/python"\n'
# The mirrors, where apt-get is only asked for them.
LISTS_MIRRORS = (
    '[ "$*" != "update --print-uris" ] || { for mirror in http://one/debian http://two/security; do\n'
    "    echo \"'$mirror/dists/stable/InRelease' file 0\"; done; exit; }\n"
)
INSTALLS_LIBCURL = (
    '[ "$1" != --install ] || { installed=${2%/sources/*}/lib/pkgconfig\n'
    '    mkdir -p "$installed" && echo "Libs: -lgcc_s" >"$installed/libcurl.pc"; }\n'
)
# What a package contains: a file for pkg-config.
UNPACKS = (
    '[ "$1" != -x ] || { unpacked=$3/usr/lib/aarch64-linux-gnu/pkgconfig\n'
    '    mkdir -p "$unpacked" && echo "prefix=/usr" >"$unpacked/openssl.pc"; }\n'
)
# What script/static_libs.sh changes in libcurl.
UNPACKS_A_SOURCE = (
    'mkdir -p "${@: -1}/lib" && echo "optmask = ARES_OPT_SOCK_STATE_CB;" >"${@: -1}/lib/asyn-ares.c"\n'
)


class Machine:
    """As it is, a Debian 12 on which all is there: packages, terraform, cmake; and the caller is root."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.tools = folder / "bin"
        self.asked_file = folder / "asked"
        self.asked_file.touch()
        self.environment = {
            **environment, "PATH": str(self.tools), "ASKED": str(self.asked_file), "TOOLS": str(self.tools),
        }  # fmt: skip
        self.started = []
        self.tools.mkdir()
        for name in REAL_TOOLS:
            (self.tools / name).symlink_to(shutil.which(name))
        self.tree = folder / "tree"
        for path in (ROOT / "script").glob("*"):
            if path.is_file():
                (self.tree / "script").mkdir(parents=True, exist_ok=True)
                shutil.copy(path, self.tree / "script")
        (self.tree / "tests" / "simulator").mkdir(parents=True)
        shutil.copy(ROOT / "tests" / "simulator" / "requirements.txt", self.tree / "tests" / "simulator")
        self.is_a('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"')
        self.has("id", "echo 0")
        self.has("uname", '[ "$*" != -s ] || set Linux\necho "${1/-m/x86_64}"')
        self.has("dpkg-query", "echo installed")
        self.has("python3", MAKES_A_VENV)
        self.has("apt-get", LISTS_MIRRORS + SAYS_WHAT_IT_WAS_ASKED)
        self.has("cmake", SAYS_WHAT_IT_WAS_ASKED + INSTALLS_LIBCURL)
        self.has("dpkg-deb", SAYS_WHAT_IT_WAS_ASKED + UNPACKS)
        self.has("aarch64-linux-gnu-gcc", "echo 12")
        self.has("dpkg-source", SAYS_WHAT_IT_WAS_ASKED + UNPACKS_A_SOURCE)
        for name in ("terraform", "apt-helper", "dpkg", "pip", "tar", "go"):
            self.has(name, SAYS_WHAT_IT_WAS_ASKED)

    def is_a(self, release):
        """What /etc/os-release says."""
        (self.folder / "os-release").write_text(f"{release}\n")
        file = shlex.quote(str(self.folder / "os-release"))
        self.has("cat", f'[ "$1" != /etc/os-release ] || set -- {file}\nexec {shutil.which("cat")} "$@"')

    def has(self, name, text):
        path = self.tools / name
        path.write_text(f"#!{shutil.which('bash')}\n{text}\n")
        path.chmod(0o755)

    def has_no(self, *names):
        for name in names:
            (self.tools / name).unlink()

    def lacks_packages(self, *names):
        self.has("dpkg-query", f'case " {" ".join(names)} " in *" ${{@: -1}} "*) exit 1 ;; esac\necho installed')

    def build(self, *arguments):
        return self.run("build", *arguments)

    def run(self, name, *arguments):
        running = self.start(name, *arguments)
        out, err = running.communicate()
        return subprocess.CompletedProcess(running.args, running.returncode, out, err)

    def start(self, name, *arguments, without_force=False, stdout=subprocess.PIPE):
        """In a process group of its own, as in a terminal; root `without_force` is held by the modes of files, too."""
        command = [self.tree / "script" / name, *arguments]
        if without_force and os.geteuid() == 0:
            command = [shutil.which("setpriv"), "--bounding-set=-dac_override,-dac_read_search", "--", *command]
        return self.start_command(command, stdout=stdout)

    def start_command(self, command, stdout=subprocess.PIPE, cwd=None):
        running = subprocess.Popen(
            command,
            cwd=cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(running)
        return running

    def interrupt_once_asked(self, running, asked):
        """As Ctrl-C does, once a tool has begun; what it then says."""
        deadline = time.monotonic() + 60
        while not any(line.startswith(asked) for line in self.asked):
            assert time.monotonic() < deadline, self.asked
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGINT)
        return running.communicate()[1]

    def end(self):
        """Whatever a test that failed has left running."""
        for running in self.started:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()

    @property
    def asked(self):
        return self.asked_file.read_text().splitlines()
