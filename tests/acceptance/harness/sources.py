# SPDX-License-Identifier: MPL-2.0
"""What the sources in C say to users, as tests read it."""

import re

from .sandbox import ROOT

PIECES = re.compile(r'"\s*\n\s*"')  # of one literal
LITERAL = r'"((?:[^"\\]|\\.)*)"'
CALL = r"(?<!void )\btf_warn\("
# Its third argument; the two before it have no commas of their own.
SUMMARY = re.compile(CALL + r'[^,]+,[^,]+,\s*((?:"(?:[^"\\]|\\.)*"|[^",])+),')


def sources(*folders):
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.c"))]


def code(path):
    """Literals in pieces are one text."""
    return PIECES.sub("", path.read_text())


def warnings(path):
    """The summaries that a file's calls of tf_warn give: literals, or an array of the file by its name. A call
    whose summary is not found, as behind a function that is handed one, is an error: whoever adds it says here
    where its callers are."""
    text = code(path)
    found = [summaries(text, argument) for argument in SUMMARY.findall(text)]
    assert all(found) and len(found) == len(re.findall(CALL, text)), f"{path}: a summary cannot be told"
    return {summary.replace('\\"', '"') for summary in set().union(*found)}


def summaries(text, argument):
    if re.fullmatch(r"\w+\s*", argument):
        return set(re.findall(rf"\b{argument.strip()}\[\] = {LITERAL};", text))
    return set(re.findall(LITERAL, argument))
