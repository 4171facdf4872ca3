# SPDX-License-Identifier: MPL-2.0
"""Random worlds for the comparisons of credentials: shared files from a grammar of lines, and how they are run.

The grammar has what all readers agree on. What they read differently has a table of its own in each test."""

import os
import tempfile
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

CONFIG, CREDENTIALS = "/h/.aws/config", "/h/.aws/credentials"
compared = Counter()  # by test, for the line at the end

# The same examples each time; ORACLE_EXAMPLES=20000 looks further, at others each time.
MORE = int(os.environ.get("ORACLE_EXAMPLES", "0"))
settings.register_profile(
    "oracle",
    derandomize=not MORE,
    max_examples=MORE or 400,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[phase for phase in hypothesis.Phase if phase is not hypothesis.Phase.explain],
)
examples = settings(settings.get_profile("oracle"))


@contextmanager
def files_on_disk(files):
    """Those files for a reader that has no other; gives where their root is."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as root:
        for path, text in files.items():
            file = Path(root + path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode(errors="surrogateescape"))
        yield root


# ---- Shared files ----

NAMES = ["default", "p", "q", "dev.x", "a-b_c", "p@1", "9", "up/down", "a+b", "Größe"]
KEYS = ["region", "output", "role_arn", "endpoint_url", "sso_region", "x-y", "retry_mode"]
SECTIONS = ["[preview]", "[q]", "[plugins]", "[profilex]", "[sso-session s]"]
PLAIN = ["eu-west-1", "a=b", "a:b", "x#y", "x;y", '"half', "it's", "é", "a  b", "[x]", "100%", "\\n", "$HOME", "=="]

values = st.sampled_from(PLAIN) | st.text(
    st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1, max_size=12
).filter(lambda text: text[0] not in "\"'#;" and text[-1] not in "\"'")
blank = st.sampled_from(["", " ", "  ", "\t"])
noise = st.sampled_from(["", "# a comment", "; another = one", "#", "#[profile p]"])
word = st.sampled_from(["more", "-- x", "two words", "x\ty"])


@st.composite
def a_property(draw, key):
    separator = draw(st.sampled_from(["=", ":"]))
    spelled = draw(st.sampled_from([key, key, key.upper(), key.title()]))
    return f"{spelled}{draw(blank)}{separator}{draw(blank)}{draw(values)}{draw(blank)}"


@st.composite
def property_lines(draw, key):
    kind = draw(st.integers(0, 9))
    if kind == 0:  # a value that goes on
        return [draw(a_property(key)), *(f"{draw(indent)}{draw(word)}" for _ in range(draw(st.integers(1, 3))))]
    if kind == 1:  # an empty one
        return [f"{key} ={draw(blank)}"]
    if kind == 2:  # a block
        inner = st.sampled_from(["endpoint_url", "signature_version", "max_queue_size"])
        count = draw(st.integers(1, 3))
        return [f"{key} =", *(f"{draw(indent)}{draw(inner)} = {draw(values)}" for _ in range(count))]
    return [draw(a_property(key))]


indent = st.sampled_from([" ", "  ", "\t", "    "])


@st.composite
def section_lines(draw, heading, keys=KEYS):
    chosen = draw(st.lists(st.sampled_from(keys), unique=True, max_size=5))
    lines = [heading + draw(st.sampled_from(["", "", " ", "\t", " # said", "; said"]))]
    for key in chosen:
        lines += draw(st.lists(noise.filter(bool), max_size=1))
        lines += draw(property_lines(key))
    if draw(st.integers(0, 2)) == 0:
        lines += draw(key_pair(draw(st.sampled_from(["A", "B"]))))
    return [*lines, *draw(st.lists(noise, max_size=2))]


@st.composite
def key_pair(draw, mark):
    pair = [f"aws_access_key_id = AKIA{mark}", f"aws_secret_access_key = secret{mark}"]
    token = [f"aws_session_token = token{mark}"] if draw(st.booleans()) else []
    return draw(st.permutations(pair + token))


def heading(name, is_config):
    if not is_config:
        return st.just(f"[{name}]")
    if name == "default":
        return st.sampled_from(["[default]", "[profile default]", '[profile "default"]'])
    quoted = st.sampled_from([name, f'"{name}"', f"'{name}'"])
    return quoted.flatmap(lambda text: st.sampled_from([f"[profile{gap}{text}]" for gap in (" ", "  ", "\t")]))


@st.composite
def file_text(draw, is_config):
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    sections = [draw(section_lines(draw(heading(name, is_config)))) for name in names]
    if is_config and draw(st.booleans()):
        sections.append(draw(section_lines("[services s]", keys=["rds", "kms", "sts"])))
    if is_config:
        others = draw(st.lists(st.sampled_from(SECTIONS), unique=True, max_size=2))
        sections += [draw(section_lines(other)) for other in others]
    lines = draw(st.lists(noise, max_size=2)) + [line for s in draw(st.permutations(sections)) for line in s]
    ending = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return ending.join(lines) + draw(st.sampled_from(["", ending]))
