# SPDX-License-Identifier: MPL-2.0
"""What the scripts print: in every locale, and as a picture."""

import io
import os
import time
from pathlib import Path

import pytest
from harness import picture, screen, script
from harness.screen import BOLD, GREEN, Screen, style

LINES = [
    "",
    style("A heading", BOLD),
    f"  {style('✓', GREEN)} 1  <old & new>   at http://127.0.0.1:43567",
    "",
    "end",
    "",
]


def stream(encoding, terminal=False):
    made = io.TextIOWrapper(io.BytesIO(), encoding)
    made.isatty = lambda: terminal
    return made


def printed(stream):
    return stream.buffer.getvalue().decode(stream.encoding)


@pytest.mark.parametrize("encoding, mark", [("utf-8", "✓ …"), ("latin-1", "+ ..."), ("ascii", "+ ...")])
def test_a_character_that_the_locale_lacks_is_replaced(encoding, mark):
    out = stream(encoding)
    with Screen(out) as shown:
        shown.line("✓ …")
    assert printed(out) == f"{mark}\n"


def test_what_takes_long_is_said_while_it_does(monkeypatch):
    monkeypatch.setattr(screen, "SILENT_SECONDS", 0)
    out = stream("utf-8")
    with Screen(out) as shown:
        shown.doing("terraform apply", "step 3")
        time.sleep(0.5)
    assert printed(out).startswith("  … terraform apply, step 3, 0 s\n")
    assert shown.lines == [], "it is no line of a picture"


def test_on_a_terminal_a_line_takes_the_place_of_the_sign_of_life():
    out = stream("utf-8", terminal=True)
    with Screen(out) as shown:
        shown.doing("terraform apply")
        time.sleep(0.5)
        shown.doing("")
        shown.line("done")
        shown.doing("terraform plan")
    assert "… terraform apply, 0 s" in printed(out)
    assert printed(out).endswith("\r\x1b[Kdone\n\r\x1b[K"), "and none stays at the end"


def test_rows_are_wrapped_at_80_columns():
    out = stream("utf-8")
    with Screen(out) as shown:
        shown.row("label", "word " * 40)
    assert max(map(len, printed(out).splitlines())) <= screen.WIDTH
    assert printed(out).splitlines()[1].startswith(" " * 17 + "word")


def test_a_picture_has_the_lines_in_their_places():
    drawn = picture.svg("script/demo", LINES)
    assert picture.text_of(drawn) == "A heading\n  ✓ 1  <old & new>   at http://127.0.0.1:40000\n\nend"
    assert "http://" not in drawn.replace("http://www.w3.org/2000/svg", "").replace("http://127.0.0.1:40000", "")


def test_without_loopback_it_says_so(monkeypatch):
    def unreachable(*_, **__):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(script.socket, "create_connection", unreachable)
    with pytest.raises(SystemExit, match="127.0.0.1.*\nNetwork is unreachable. As root, run: ip link set lo up"):
        script.require_loopback()


def test_in_a_path_that_is_not_utf8_it_says_so(monkeypatch):
    monkeypatch.setattr(script, "ROOT", Path(os.fsdecode(b"/home/j\xe4ger/clone")))
    with pytest.raises(SystemExit, match=r"/home/j\\udce4ger/clone' is not. Move this clone"):
        script.require_utf8()
