# SPDX-License-Identifier: MPL-2.0
"""Pages of docs/ and other Markdown, as tests read them.

The Terraform fences of a page are one configuration. A line <!-- another configuration --> begins the
next one; <!-- over PAGE.md --> says that this one changes what is on that page, as an override file does.
"""

import re

from .sandbox import ROOT

DOCS = ROOT / "docs"
FENCE = re.compile(r"^(```+)(\S*)\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)
ANOTHER = "<!-- another configuration -->"
OVER = re.compile(r"^<!-- over (\S+\.md) -->$", re.MULTILINE)
CONFIGURATION = ("terraform", "hcl")
COMMANDS = ("sh", "shell")


def fences(text, languages):
    return [body for _, language, body in FENCE.findall(text) if language in languages]


def languages(page):
    return {language for _, language, _ in FENCE.findall(page.read_text())}


def configurations(page):
    """(text, text of the page that it changes or None)"""
    for part in page.read_text().split(ANOTHER):
        text = "\n".join(fences(part, CONFIGURATION))
        over = OVER.search(part)
        if text:
            yield text, configuration(page.parent / over.group(1)) if over else None


def configuration(page, number=0):
    return list(configurations(page))[number][0]


def commands(page):
    """Command lines of its fences, comments left out."""
    lines = "\n".join(fences(page.read_text(), COMMANDS)).split("\n")
    return [line for line in lines if line.strip() and not line.startswith("#")]


def first_column(page, heading):
    """Of the table under a heading, the last on its page."""
    rows = page.read_text().partition(f"\n{heading}\n")[2].splitlines()
    return [row.split("|")[1].strip() for row in rows if row.startswith("| ")][1:]


def without_blocks(text, *heads):
    """The configuration without the blocks that begin so, such as 'resource "aws_kms_key" "old"'."""
    for head in heads:
        text, count = re.subn(rf"^{re.escape(head)} {{\n.*?^}}\n", "", text, flags=re.MULTILINE | re.DOTALL)
        assert count, f"no block {head}"
    return text
