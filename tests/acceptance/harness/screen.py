# SPDX-License-Identifier: MPL-2.0
"""What a script prints for a person: in any locale, 80 columns wide, and never silent for long."""

import codecs
import contextlib
import re
import sys
import textwrap
import threading
import time

WIDTH = 80
SILENT_SECONDS = 4
BOLD, DIM, RED, GREEN = 1, 2, 31, 32
STYLE = re.compile(r"\x1b\[(\d+)m")
# For a locale that lacks them.
PLAIN = {"✓": "+", "✗": "x", "…": "...", "─": "-", "│": "|", "╷": " ", "╵": " ", "’": "'", "–": "-", "—": "-"}


def style(text, code):
    return f"\x1b[{code}m{text}\x1b[0m"


def without_style(text):
    return STYLE.sub("", text)


def _plain(error):
    return "".join(PLAIN.get(c, "?") for c in error.object[error.start : error.end]), error.end


codecs.register_error("plain", _plain)


class Screen:
    """`with Screen() as screen:`; a thread of its own shows what is being done where that takes long."""

    def __init__(self, stream=None):
        self.stream = stream or sys.stdout
        self.stream.reconfigure(errors="plain")
        self.is_terminal = self.stream.isatty()
        self.lines = []  # with their styles
        self._doing, self._how_far, self._since, self._last = "", "", 0, time.monotonic()
        self._lock, self._closed = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._show_signs_of_life)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._closed.set()
        self._thread.join()
        if self.is_terminal and self._doing:
            with contextlib.suppress(OSError):
                self._write("")

    def line(self, text=""):
        with self._lock:
            self.lines.append(text)
            self._write(text + "\n")

    def heading(self, text):
        self.line()
        self.line(style(text, BOLD))

    def row(self, label, text):
        """A label and what it says, wrapped."""
        first, *more = textwrap.wrap(text, WIDTH - 17, break_long_words=False, break_on_hyphens=False) or [""]
        self.line(f"  {label:14} {first}".rstrip())
        for each in more:
            self.line(f"{'':17}{each}")

    def paragraph(self, text):
        for line in text.split("\n"):
            for each in textwrap.wrap(line, WIDTH - 2, break_long_words=False, break_on_hyphens=False) or [""]:
                self.line(f"  {each}".rstrip())

    def doing(self, what, how_far=""):
        """What takes time from now on; nothing: none."""
        with self._lock:
            if what != self._doing:
                self._doing, self._since = what, time.monotonic()
            self._how_far = f", {how_far}" if how_far else ""

    def _show_signs_of_life(self):
        while not self._closed.wait(0.2):
            with self._lock:
                now = time.monotonic()
                if not self._doing or not (self.is_terminal or now - self._last > SILENT_SECONDS):
                    continue
                sign = f"  … {self._doing}{self._how_far}, {now - self._since:.0f} s"[: WIDTH - 1]
                try:
                    self._write(style(sign, DIM) if self.is_terminal else f"{sign}\n")
                except OSError:  # nobody reads: the next line says so
                    return

    def _write(self, text):
        self._last = time.monotonic()
        self.stream.write(f"\r\x1b[K{text}" if self.is_terminal else without_style(text))
        self.stream.flush()
