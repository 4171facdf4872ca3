# SPDX-License-Identifier: MPL-2.0
"""The command whoami as a person runs it: no Terraform. What changes from run to run is written <time>, <span>,
<ending> and the like.
"""

import json
import re
import subprocess

from .access.way import KEYS
from .world import OLD, REGION, ROLE

ROLE_ARN = f"arn:aws:iam::{OLD}:role/{ROLE}"
USER = f"arn:aws:iam::{OLD}:user/administrator"
DONE, FAILED, USAGE = 0, 1, 2
PATTERNS = {
    "<time>": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "<span>": r"\d+ (?:second|minute|hour|day)s?",
    "<ending>": r"[A-Z0-9]{4}",
    "<session>": r"session-\d+",
    "<number>": r"\d+",
    "<request>": r"[0-9a-f-]{36}",
}
LATER = ("web identity", "profile", "container", "EC2 metadata")  # than the environment


class Whoami:
    """The command in a home of its own, and the text that is expected of it."""

    def __init__(self, binary, world, sandbox):
        self.binary, self.world, self.home = binary, world, sandbox.home
        self.config, self.credentials = sandbox.home / "aws-config", sandbox.home / "aws-credentials"
        self.environment = sandbox.environment(**world.environment(OLD), AWS_REGION=REGION)
        self.keys = dict(zip(KEYS, (world.accounts[OLD].access_key, world.accounts[OLD].secret_key), strict=False))
        for name in KEYS:
            self.environment.pop(name, None)

    def run(self, *options, **environment):
        given = {name: value for name, value in {**self.environment, **environment}.items() if value is not None}
        ended = subprocess.run(
            [self.binary, "whoami", *options], env=given, capture_output=True, text=True, timeout=60, check=False
        )
        for secret in ("hush", *self.keys.values(), *(given[name] for name in KEYS if name in given)):
            assert secret not in ended.stdout + ended.stderr
        return ended

    def block(self, name="snapshot", **arguments):
        """--config with this block."""
        path = self.home / "provider.tf.json"
        path.write_text(json.dumps({"provider": {name: {"region": REGION, **arguments}}}))
        return "--config", str(path)

    def text(self, **lines):
        """A run that went well: the words of each line, in order. The places are those of this world."""
        url = self.world.aws.url
        places = {
            "region": lines.pop("region", f"{REGION} (AWS_REGION)"),
            "endpoints": f"rds  {url} (AWS_ENDPOINT_URL_RDS)",
            "": f"kms  {url} (AWS_ENDPOINT_URL_KMS)",
            " ": f"sts  {url} (AWS_ENDPOINT_URL_STS)",
        }
        first = {name: lines.pop(name) for name in ("source", "account", "arn") if name in lines}
        tried = lines.pop("tried", None)
        shown = "".join(f"{label.strip():10} {words}\n" for label, words in {**first, **places, **lines}.items())
        return shown + (f"\ntried, in this order:\n{tried}" if tried else "")


def assert_words(shown, expected):
    """Equal, but for what changes from run to run."""
    pattern = re.escape(expected)
    for name, what in PATTERNS.items():
        pattern = pattern.replace(re.escape(name), what)
    assert re.fullmatch(pattern, shown), f"shown:\n{shown}\nexpected:\n{expected}"


def assert_ended(ended, code, error, output=""):
    assert_words(ended.stderr, error)
    assert_words(ended.stdout, output)
    assert ended.returncode == code


def assumed(name="<session>", account=OLD):
    return f"arn:aws:sts::{account}:assumed-role/{ROLE}/{name}"


def lines_of(shown, label):
    """That line and those below it that have no label."""
    return re.search(rf"^{label} +(.*(?:\n {{11}}.*)*)", shown.stdout, re.MULTILINE).group(1)
