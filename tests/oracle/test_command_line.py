# SPDX-License-Identifier: MPL-2.0
"""credential_process: the words of a command line, beside those that botocore's splitter finds."""

import itertools

from botocore.compat import compat_shell_split
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SIGNS = "a \t\n\"'\\"
# What has a meaning, more often than chance would have it.
PIECES = st.sampled_from([*SIGNS, "\r", "$HOME", "~/", "|", "#", "é", "\x0b", "\u00a0", "\u2028", '\\"', "''", '"b c"'])
LINES = st.one_of(
    st.lists(PIECES, max_size=30).map("".join),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
)


def theirs(line):
    try:
        return [word.encode() for word in compat_shell_split(line)]
    except ValueError:  # a quote that is not closed, a backslash at the end
        return None


def test_all_short_lines_agree(oracle):
    lines = ["".join(signs) for length in range(6) for signs in itertools.product(SIGNS, repeat=length)]
    assert [line for line in lines if oracle.split(line) != theirs(line)] == []


@settings(max_examples=3000, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=LINES)
def test_random_lines_agree(oracle, line):
    assert oracle.split(line) == theirs(line)
