# SPDX-License-Identifier: MPL-2.0
"""A picture of a terminal: what a Screen printed, as an SVG that needs no font of its own.

Each run of text is placed at its column, so that columns stay straight whatever monospaced font is found.
"""

import re
import xml.etree.ElementTree as xml
from xml.sax.saxutils import escape

from .screen import BOLD, DIM, GREEN, RED, STYLE, WIDTH

COLUMN, LINE, MARGIN, TITLE = 8.4, 19, 20, 36  # pixels
COLOURS = {BOLD: "#ffffff", DIM: "#9aa4b2", GREEN: "#56d364", RED: "#ff7b72"}
# What differs from run to run and says nothing.
SETTLED = {
    r"127\.0\.0\.1:\d+": "127.0.0.1:40000",
    r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b": "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
    r"\.cluster-\w{12}\.": ".cluster-c0ffee123456.",
}
PAGE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">
<title>{title}</title>
<style>text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#d5dbe3}}\
{styles}</style>
<rect x=".5" y=".5" width="{inner_width}" height="{inner_height}" rx="9" fill="#161b22" stroke="#6e7681"/>
<path d="M1 {bar}h{inner_width}" stroke="#30363d"/>
<circle cx="20" cy="18" r="6" fill="#ff5f57"/><circle cx="40" cy="18" r="6" fill="#febc2e"/>\
<circle cx="60" cy="18" r="6" fill="#28c840"/>
<text x="{middle}" y="23" text-anchor="middle" class="s{dim}">{title}</text>
{text}
</svg>
"""


def svg(title, lines):
    """`lines` as Screen has them."""
    rows = [row for number, line in enumerate(_trimmed(lines)) for row in _row(number, line)]
    width, height = round(WIDTH * COLUMN + 2 * MARGIN), TITLE + (len(_trimmed(lines)) + 1) * LINE
    styles = "".join(f".s{code}{{fill:{colour}}}" for code, colour in COLOURS.items()) + f".s{BOLD}{{font-weight:bold}}"
    return PAGE.format(
        width=width, height=height, inner_width=width - 1, inner_height=height - 1, bar=TITLE,
        middle=width // 2, dim=DIM, title=escape(title), styles=styles, text="\n".join(rows),
    )  # fmt: skip


def _trimmed(lines):
    text = "\n".join(lines).strip("\n")
    for pattern, settled in SETTLED.items():
        text = re.sub(pattern, settled, text)
    return text.split("\n")


def _row(number, line):
    column, style, y = 0, "0", TITLE + (number + 1) * LINE
    for i, part in enumerate(STYLE.split(line)):
        if i % 2:
            style = part
            continue
        for words in re.finditer(r"\S+( \S+)*", part):
            x = MARGIN + (column + words.start()) * COLUMN
            mark = f' class="s{style}"' if style != "0" else ""
            yield f'<text x="{x:.1f}" y="{y}"{mark}>{escape(words[0])}</text>'
        column += len(part)


def text_of(picture):
    """The lines that a picture shows, its title left out."""
    lines = {}
    for element in xml.fromstring(picture).iter("{http://www.w3.org/2000/svg}text"):
        if element.get("text-anchor"):
            continue
        number = (int(element.get("y")) - TITLE) // LINE - 1
        column = round((float(element.get("x")) - MARGIN) / COLUMN)
        lines[number] = f"{lines.get(number, ''):{column}}{element.text}"
    return "\n".join(lines.get(number, "") for number in range(max(lines) + 1))
