# SPDX-License-Identifier: MPL-2.0
"""A picture (SVG) of what plans cost as the number of copies grows: two log-log panels, wall time and calls."""

import math
from xml.sax.saxutils import escape

PANELS = (  # heading, the figures of the rows, with the dashes of their lines
    ("wall time of terraform plan, seconds", (("plan of {} new", ""), ("plan of {} existing", "6 4"))),
    ("calls to AWS of that plan", (("calls, {} new", ""), ("calls, {} existing", "6 4"))),
)
COLOURS = ("#0969da", "#bc4c00", "#8c959f")  # this provider, the other, Terraform alone
INK = "#1f2328"
LEFT, TOP, PANEL_WIDTH, HEIGHT, GAP, BOTTOM = 60, 110, 360, 300, 80, 50
WIDTH = LEFT + 2 * PANEL_WIDTH + GAP + 30
LETTER = 6.7  # its width, about
FONT = f"font:13px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:{INK}"
DOT = 3


def svg(rows, labels, about):
    """`rows` as figures.measured makes them; `labels`: the title of each subject -> what it is called here."""
    height = TOP + HEIGHT + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'role="img">',
        f"<title>{escape(about)}</title>",
        f"<style>text{{{FONT}}}.small{{font-size:11px;fill:#59636e}}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        text(LEFT, 24, about),
        *legend(labels.values()),
    ]
    for i, (title, figures) in enumerate(PANELS):
        parts += panel(LEFT + i * (PANEL_WIDTH + GAP), title, figures, rows, labels)
    return "\n".join([*parts, "</svg>", ""])


def legend(names):
    """In as many lines as it takes."""
    samples = [(name, colour, "") for name, colour in zip(names, COLOURS, strict=False)]
    samples += [("new copies", INK, ""), ("existing copies", INK, "6 4")]
    x, y = LEFT, 46
    for name, colour, dashes in samples:
        if x + 36 + LETTER * len(name) > WIDTH:
            x, y = LEFT, y + 20
        yield f'<path d="M{x} {y - 4}h30" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
        yield text(x + 36, y, name)
        x += 54 + LETTER * len(name)


def panel(left, title, figures, rows, labels):
    curves = [
        (colour, dashes, points_of(rows, figure, subject))
        for figure, dashes in figures
        for subject, colour in zip(labels, COLOURS, strict=False)
    ]
    points = [point for _, _, curve in curves for point in curve]
    across, up = axis([x for x, _ in points]), axis([y for _, y in points])
    place = lambda x, y: (left + PANEL_WIDTH * share(x, across), TOP + HEIGHT * (1 - share(y, up)))
    yield text(left, TOP - 12, title)
    for power in range(across[0], across[1] + 1):
        x, _ = place(10**power, 10 ** up[0])
        yield f'<path d="M{x:.1f} {TOP}v{HEIGHT}" stroke="#d1d9e0"/>'
        yield text(x, TOP + HEIGHT + 18, f"{10**power:,}", ' class="small" text-anchor="middle"')
    for power in range(up[0], up[1] + 1):
        _, y = place(1, 10**power)
        yield f'<path d="M{left} {y:.1f}h{PANEL_WIDTH}" stroke="#d1d9e0"/>'
        yield text(left - 8, y + 4, f"{10.0**power:,.9g}", ' class="small" text-anchor="end"')
    yield text(left + PANEL_WIDTH / 2, TOP + HEIGHT + 38, "copies", ' class="small" text-anchor="middle"')
    for colour, dashes, curve in curves:
        at = [place(x, y) for x, y in curve]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        yield f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
        for x, y in at:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{DOT}" fill="{colour}"/>'


def points_of(rows, figure, subject):
    """Those that a logarithm has: no calls are no point."""
    found = [(row["count"], row["values"].get(subject)) for row in rows if row["figure"] == figure]
    return [(count, value) for count, value in found if value]


def axis(values):
    """The powers of ten around them, at least one decade."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def share(value, ends):
    return (math.log10(value) - ends[0]) / (ends[1] - ends[0])


def text(x, y, words, more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}"{more}>{escape(words)}</text>'
