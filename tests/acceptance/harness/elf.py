# SPDX-License-Identifier: MPL-2.0
"""What binutils say of a program."""

import subprocess


def output(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout


def headers(program):
    """Its segments' names, each with its line."""
    return {line.split()[0]: line for line in output("readelf", "-lW", program).splitlines() if line.strip()}
