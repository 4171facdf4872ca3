# SPDX-License-Identifier: MPL-2.0
"""Shared files of random lines, read by us and by botocore: the same profiles, keys and values."""

import botocore.configloader
import botocore.exceptions
import botocore.session
import pytest
from botocore.credentials import ConfigProvider, SharedCredentialProvider
from hypothesis import given
from hypothesis import strategies as st

from .conftest import World
from .worlds import CONFIG, CREDENTIALS, KEYS, NAMES, compared, examples, file_text, files_on_disk

HOME = {"HOME": "/h"}
REFUSED = "refused"  # the whole file, with an error
# What is read differently, since hashicorp/aws (aws-sdk-go-v2) reads it as we do:
# name, config file, credentials file, key of the profile p, ours, botocore's.
DIFFERENCES = [
    ("quotes around a value are taken off", '[profile p]\nk = "v w"\n', "", "k", "v w", '"v w"'),
    ("a comment may follow a value", "[profile p]\nk = v # said\n", "", "k", "v", "v # said"),
    ("an indented property is a property", "[profile p]\na = 1\n  k = v\n", "", "k", "v", ""),
    ("a blank line ends nothing and adds nothing", "[profile p]\nk = v\n\n  w\n", "", "k", "v\nw", "v\n\nw"),
    ("lines that say nothing are skipped", "[profile p]\nnonsense\nk = v\n", "", "k", "v", REFUSED),
    ("lines before the first section are skipped", "a = 1\n[profile p]\nk = v\n", "", "k", "v", REFUSED),
    ("a section may come twice", "[profile p]\nk = v\n[profile p]\nl = w\n", "", "k", "v", REFUSED),
    ("a key may come twice, and the last one counts", "[profile p]\nk = v\nk = w\n", "", "k", "w", REFUSED),
    ("blanks inside the brackets do not count", "[ profile p ]\nk = v\n", "", "k", "v", ""),
    ("a name may have blanks without quotes", "[profile p r]\nk = v\n", "", "k@p r", "v", ""),
    ("an indented heading is a heading", "[profile r]\na = 1\n  [profile p]\nk = v\n", "", "k", "v", ""),
    # aws-sdk-go-v2 drops the heading and gives what is below to the section before: nobody means that.
    ("below a heading that is not closed nothing counts", "[profile p\nk = v\n", "", "k", "", REFUSED),
    # aws-sdk-go-v2 does not find the first heading then; botocore refuses the file.
    ("a byte order mark is no text", "\ufeff[profile p]\nk = v\n", "", "k", "v", REFUSED),
]  # fmt: skip
# [profile default] beside [default] replaces it wherever it stands; in botocore the later one counts.
REPLACED = "[profile default]\nk = v\n[default]\nk = w\nl = x\n"


class Theirs:
    """botocore's view of two files."""

    def __init__(self, root):
        self.files = {"config_file": root + CONFIG, "credentials_file": root + CREDENTIALS}
        session = botocore.session.Session()
        for name, path in self.files.items():
            session.set_config_variable(name, path)
        self.full = session.full_config

    def value(self, profile, key):
        value = self.full["profiles"].get(profile, {}).get(key, "")
        return "" if isinstance(value, dict) else value

    def keys(self, profile):
        """The credentials file's before the config file's, as botocore's chain has them."""
        for provider in (
            SharedCredentialProvider(self.files["credentials_file"], profile),
            ConfigProvider(self.files["config_file"], profile),
        ):
            if found := provider.load():
                return (found.access_key, found.secret_key, found.token or "")
        return ("", "", "")

    def service(self, section, service, key):
        block = self.full["services"].get(section, {}).get(service, {})
        return block.get(key, "") if isinstance(block, dict) else ""


@examples
@given(config=file_text(True), credentials=file_text(False))
def test_random_files_say_the_same(oracle, config, credentials):
    files = {CONFIG: config, CREDENTIALS: credentials}
    world = World(HOME, files)
    with files_on_disk(files) as root:
        theirs = Theirs(root)
        for name in NAMES:
            ours = oracle.profile(world, name, KEYS)
            assert ours.exists == (name in theirs.full["profiles"]), name
            assert ours.values == {key: theirs.value(name, key) for key in KEYS}, name
            assert ours.static == theirs.keys(name), name
            compared["profiles"] += 1
        for service in ("rds", "kms", "sts"):
            assert oracle.services(world, "s", service, "endpoint_url") == theirs.service("s", service, "endpoint_url")
            compared["services blocks"] += 1


@pytest.mark.parametrize(("config", "credentials", "key", "ours", "theirs"), [d[1:] for d in DIFFERENCES],
                         ids=[d[0] for d in DIFFERENCES])  # fmt: skip
def test_what_is_read_differently(oracle, config, credentials, key, ours, theirs):
    key, _, profile = key.partition("@")
    files = {CONFIG: config, CREDENTIALS: credentials}
    assert oracle.profile(World(HOME, files), profile or "p", [key]).values[key] == ours
    with files_on_disk(files) as root:
        try:
            assert Theirs(root).value(profile or "p", key) == theirs
        except botocore.exceptions.ConfigParseError:
            assert theirs == REFUSED


def test_a_prefixed_default_replaces_the_other(oracle):
    files = {CONFIG: REPLACED, CREDENTIALS: ""}
    assert oracle.profile(World(HOME, files), "default", ["k", "l"]).values == {"k": "v", "l": ""}
    with files_on_disk(files) as root:
        assert Theirs(root).value("default", "k") == "w"


@examples
@given(text=st.text(st.sampled_from("[]=:#; \t\r\n\"'pak_%\ufeff\x00é"), max_size=80), is_config=st.booleans())
def test_any_text_is_read_without_an_error(oracle, text, is_config):
    path = CONFIG if is_config else CREDENTIALS
    assert oracle.profile(World(HOME, {path: "[default]\nk = v\n" + text}), "default").exists
    compared["any text"] += 1
