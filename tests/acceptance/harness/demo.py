# SPDX-License-Identifier: MPL-2.0
"""A run of script/demo, as a stranger starts it."""

import os
import shutil
import signal
import subprocess
import time

from .sandbox import ROOT, processes_of

LIMIT_SECONDS = 240
# Any of these would break a Terraform or a provider that saw it.
OF_A_PERSON = {
    "AWS_PROFILE": "nobody",
    "AWS_CA_BUNDLE": "/nonexistent",
    "AWS_ENDPOINT_URL_RDS": "http://127.0.0.1:1",
    "TF_CLI_ARGS": "-no-such-option",
    "TF_PLUGIN_CACHE_DIR": "/nonexistent",
    "TF_VAR_region": "us-east-1",
}


class Demo:
    """In a process group of its own as in a terminal. `command` is how it is started, `root` its clone."""

    def __init__(self, sandbox, terraform, *options, root=ROOT, command=(ROOT / "script" / "demo",), **environment):
        self.cli, self.root = terraform.name, root
        self.out = sandbox.folder / "demo.out"
        self.temporary = sandbox.subfolder("temporary")
        self.before = self.folders()
        surroundings = sandbox.environment(https_proxy="http://127.0.0.1:1", TMPDIR=str(self.temporary))  # no registry
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [*command, "--terraform", terraform, *options],
                env={**surroundings, **OF_A_PERSON, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self):
        return self.out.read_text()

    @property
    def shown(self):
        """What it printed itself, after script/build."""
        return "An encrypted Aurora" + self.text.partition("An encrypted Aurora")[2]

    def wait_for(self, text):
        deadline = time.monotonic() + LIMIT_SECONDS
        while text not in self.text and self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert text in self.text, self.text

    def wait(self):
        return self.process.wait(LIMIT_SECONDS)

    def interrupt(self):
        os.killpg(self.process.pid, signal.SIGINT)

    def folders(self):
        return set((self.root / "build" / "sandbox").glob("demo-*"))

    def made(self):
        return self.folders() - self.before

    def assert_nothing_is_left(self):
        assert not self.made() and not list(self.temporary.iterdir())

    def end(self):
        if self.process.poll() is None:
            self.interrupt()
            self.process.wait(60)
        for folder in self.made():
            for pid in processes_of(folder):
                os.kill(pid, signal.SIGKILL)
            shutil.rmtree(folder)
