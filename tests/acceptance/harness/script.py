# SPDX-License-Identifier: MPL-2.0
"""How a script of script/ runs, whatever it meets: an end from outside is one sentence, and no traceback."""

import argparse
import contextlib
import os
import signal
import socket
import sys
from pathlib import Path

from .sandbox import BUILD, ROOT, build

ENDED_BY = (signal.SIGTERM, signal.SIGHUP)
NO_LOOPBACK = (
    "This machine cannot reach itself at 127.0.0.1, where the AWS imitation runs:\n"
    "{}. As root, run: ip link set lo up"
)


def parser(name):
    """Of the options alone: their help is in script/NAME, which prints it without Python."""
    usage = f"script/{name} --help names the options"
    return argparse.ArgumentParser(prog=f"script/{name}", usage=usage, add_help=False, allow_abbrev=False)


def run(main):
    """Exits with the status that `main` returns. `main` itself removes what it has made, whatever ends it."""
    sys.exit(_status(main))


def _status(main):
    for number in ENDED_BY:
        signal.signal(number, _end)
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # blocked by in_venv
        require_utf8()
        status = main()
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 128 + signal.SIGINT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the interpreter's last flush
        print("stopped: nobody reads the output", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}" if error.filename else error.strerror, file=sys.stderr)
        return 1


def _end(number, _frame):
    sys.exit(128 + number)


@contextlib.contextmanager
def undisturbed():
    """For the removal of what was made: no signal stops it."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, *ENDED_BY)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def in_venv(script, terraform):
    """Goes on in build/venv, which has what the AWS imitation needs.

    script/build makes it, and a Terraform if none is given.
    """
    venv = BUILD / "venv"
    if Path(sys.prefix).resolve() == venv.resolve():
        return
    build("--with-tests", terraform=terraform)
    python = venv / "bin" / "python"
    sys.stdout.flush()
    # Files are UTF-8 everywhere, what is printed is what the terminal takes.
    os.environ["PYTHONIOENCODING"] = sys.stdout.encoding
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # held until `run` can say something about it
    os.execv(python, [str(python), "-X", "utf8", script, *sys.argv[1:]])


def require_utf8():
    try:
        str(ROOT).encode()
    except UnicodeEncodeError:
        raise SystemExit(f"Terraform reads paths as UTF-8, and {str(ROOT)!a} is not. Move this clone.") from None


def require_loopback():
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=5).close()
    except OSError as error:
        raise SystemExit(NO_LOOPBACK.format(error.strerror)) from None
