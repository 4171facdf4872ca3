# SPDX-License-Identifier: MPL-2.0
"""A network and an /etc of their own. What is started there sees no name server, no hosts file and no certificate of
this machine, and every port is free. Needs root."""

import contextlib
import ctypes
import fcntl
import os
import shlex
import socket
import struct
import subprocess

CLONE_NEWNET, SET_FLAGS, IS_UP = 0x40000000, 0x8914, 1  # linux/sched.h, linux/sockios.h, linux/if.h

# Says a line when it is there, and ends with its input.
HOLD = 'mount --bind "$1" /etc && echo there && exec cat'


class Namespace:
    def __init__(self, folder):
        self.etc = folder / "etc"
        self.etc.mkdir()
        self._holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "sh", "-c", HOLD, "sh", self.etc],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            self._bring_up()
        except BaseException:
            self.end()
            raise

    def _bring_up(self):
        assert self._holder.stdout.readline(), "unshare did not work"
        with self.entered(), socket.socket() as any_socket:
            fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sH14x", b"lo", IS_UP))

    @property
    def pid(self):
        """Of a process in there."""
        return self._holder.pid

    def end(self):
        self._holder.communicate()

    @contextlib.contextmanager
    def entered(self):
        """Sockets that this thread makes meanwhile belong to this network; they stay there."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        inside = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
        try:
            _set_network(inside)
            yield
        finally:
            _set_network(home)
            os.close(home)
            os.close(inside)

    def listeners(self, port, *addresses, kind=socket.SOCK_STREAM):
        """A socket for each address; port 0 is one that is free at all of them."""
        made = []
        with self.entered():
            for address in addresses:
                family = socket.AF_INET6 if ":" in address else socket.AF_INET
                made.append(socket.socket(family, kind))
                made[-1].bind((address, port))
                port = made[-1].getsockname()[1]
                if kind == socket.SOCK_STREAM:
                    made[-1].listen()
        return made

    def wrap(self, path, program):
        """At the path a script that runs the program in here."""
        enter = f"exec nsenter --target={self.pid} --net --mount"
        path.write_text(f'#!/bin/sh\n{enter} --wd="$PWD" -- {shlex.quote(str(program))} "$@"\n')
        path.chmod(0o755)


def _set_network(descriptor):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
