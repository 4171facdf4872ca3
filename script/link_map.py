# SPDX-License-Identifier: MPL-2.0
"""What a link map of GNU ld says: which archives and objects a program contains, and how much of each."""

import re

# " .text.name  0xADDRESS  0xSIZE FILE": after a long name the rest is on a line of its own.
PIECE = re.compile(r"^ (?:[.\w]\S*|COMMON)?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$")
SECTION = re.compile(r"^\S+")
LEFT_OUT = (".debug", ".comment", ".rela")  # stripped; relocations are of all files
WITHOUT_DATA = (".bss", ".tbss", "__libc_freeres_ptrs")  # memory, but nothing in the file
MEMBER = re.compile(r"\([^()]*\)$")


def read(path):
    """File name, as the linker wrote it -> bytes in the stripped program; archives without their members."""
    found, section, has_begun = {}, "", False
    for line in path.read_text(errors="replace").splitlines():
        has_begun = has_begun or line == "Linker script and memory map"
        if not has_begun:
            continue
        section = (SECTION.match(line) or [section])[0]
        piece = PIECE.match(line)
        if piece and int(piece[1], 16) and not section.startswith(LEFT_OUT):  # at 0: discarded
            name = MEMBER.sub("", piece[3])
            size = 0 if section in WITHOUT_DATA else int(piece[2], 16)
            found[name] = found.get(name, 0) + size
    return found
