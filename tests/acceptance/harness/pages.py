# SPDX-License-Identifier: MPL-2.0
"""Pages of docs/ and other Markdown, as tests read them.

The Terraform fences of a page are one configuration, and a line <!-- another configuration --> begins the
next one. Where the page's text says that fences belong into another configuration, a line says so too:
<!-- over PAGE.md -->: they are added to the first one of that page, in the place of blocks that begin in the
same way (<!-- over PAGE.md 2 -->: to the second one); <!-- with the providers of PAGE.md -->: its terraform and
provider blocks come before them.
"""

import re
import textwrap
from itertools import islice

from .sandbox import ROOT

DOCS = ROOT / "docs"
FENCE = re.compile(r"^ *(```+)(\S*)\n(.*?)^ *\1\s*$", re.MULTILINE | re.DOTALL)
ANOTHER = "<!-- another configuration -->"
OVER = re.compile(r"^<!-- over (\S+\.md)(?: (\d))? -->$", re.MULTILINE)
WITH_PROVIDERS = re.compile(r"^<!-- with the providers of (\S+\.md) -->$", re.MULTILINE)
BLOCK = re.compile(r"^(\w[^\n{]*) {\n.*?^}\n", re.MULTILINE | re.DOTALL)
CONFIGURATION = ("terraform", "hcl")
COMMANDS = ("sh", "shell")
MANY = ("import", "moved", "removed")  # blocks that begin alike and are each a block of their own


def all_fences(text):
    """(language, what is in it) of each; one in a list is indented there."""
    return [(language, textwrap.dedent(body)) for _, language, body in FENCE.findall(text)]


def fences(text, languages):
    return [body for language, body in all_fences(text) if language in languages]


def languages(page):
    return {language for language, _ in all_fences(page.read_text())}


def configurations(page):
    """Their texts, as a reader has them who does what the page says."""
    for part in page.read_text().split(ANOTHER):
        text = "\n".join(fences(part, CONFIGURATION))
        if text:
            yield completed(page, part, text)


def completed(page, part, text):
    if over := OVER.search(part):
        return changed(configuration(page.parent / over[1], int(over[2] or 1) - 1), text)
    if providers := WITH_PROVIDERS.search(part):
        return providers_of(page.parent / providers[1]) + text
    return text


def changed(text, changes):
    for block in BLOCK.finditer(changes):
        same = [other[0] for other in BLOCK.finditer(text) if what_it_is(other) == what_it_is(block)]
        is_other = block[1] in MANY or not same
        text = f"{text}\n{block[0]}" if is_other else text.replace(same[0], block[0])
    return text


def what_it_is(block):
    """How it begins; a provider has its alias, too."""
    return block[1], re.findall(r"^  alias += (\S+)$", block[0], re.MULTILINE)


def providers_of(page):
    blocks = BLOCK.finditer(configuration(page))
    return "".join(f"{block[0]}\n" for block in blocks if block[1].split()[0] in ("terraform", "provider"))


def configuration(page, number=0):
    return next(islice(configurations(page), number, None))


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
