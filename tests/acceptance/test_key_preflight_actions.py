# SPDX-License-Identifier: MPL-2.0
"""Every action taken out of the two key policies in turn: where it matters the plan says which one is missing,
the apply says it before it copies or shares, and the statement that it gives is what was missing; where AWS's pages
disagree about it, plan and apply warn, and the apply goes on; where another statement stands for it nothing is said.
(All that a policy can say besides is in test_key_preflight.py.)"""

import copy
import json
import re

import pytest
from harness.world import NEW, OLD, REGION

pytestmark = pytest.mark.tenth

POLICIES = """
data "snapshot_key_policy" "source" {{
  side               = "source"
  owner_account_id   = "{OLD}"
  reader_account_ids = ["{NEW}"]
  regions            = ["{REGION}"]
}}

data "snapshot_key_policy" "target" {{
  side             = "target"
  owner_account_id = "{NEW}"
}}

output "source" {{ value = data.snapshot_key_policy.source.json }}
output "target" {{ value = data.snapshot_key_policy.target.json }}
""".format(OLD=OLD, NEW=NEW, REGION=REGION)
PROVIDER = """
terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}

provider "snapshot" {
  region = "eu-central-1"
}
"""
# What a root is narrowed to: with this all goes well. Reading policies and grants is what finds a refusal.
NARROWED = ["kms:DescribeKey", "kms:CreateGrant", "kms:GetKeyPolicy", "kms:PutKeyPolicy", "kms:ListGrants"]
OWNER_USE = [f"kms:{name}" for name in "Encrypt Decrypt ReEncryptFrom ReEncryptTo GenerateDataKey* DescribeKey".split()]
SERVICE_USE = [f"kms:{name}" for name in "ReEncryptTo GenerateDataKey* Encrypt DescribeKey Decrypt CreateGrant".split()]
DEMANDED = [("ReadersThroughRDS", "kms:DescribeKey"), ("ReadersGrantsThroughRDS", "kms:CreateGrant")]
LISTED = [("ReadersThroughRDS", "kms:Decrypt"), ("ReadersThroughRDS", "kms:ReEncryptFrom")]  # in examples only
READERS = [*DEMANDED, *LISTED]


class Keys:
    """One key with one of our policies, and what is done with it: a copy (of the old or the new account), a share."""

    def __init__(self, new_workspace, world):
        self.world, self.new_workspace = world, new_workspace
        written = new_workspace(OLD)
        written.write("main.tf", PROVIDER + POLICIES)
        written.apply()
        self.policies = {side: json.loads(text) for side, text in written.outputs().items()}

    def prepare(self, side, what, policy):
        """`side`: whose key and account it is about."""
        account = OLD if side == "source" else NEW
        self.key = self.world.aws.add_key(account, REGION, policy=policy)
        self.workspace = self.new_workspace(account)
        if what == "share":
            arn = self.world.aws.add_snapshot(OLD, REGION, "ready", kms_key_id=self.key)
            text = f'resource "snapshot_share" "x" {{\n  snapshot_identifier = "{arn}"\n  account_ids = ["{NEW}"]\n}}\n'
        else:
            self.world.aws.add_snapshot(account, REGION, "before")
            readers = f'reader_account_ids = ["{NEW}"]' if side == "source" else ""
            text = f"""
resource "snapshot_reencrypt_copy" "x" {{
  source_snapshot_identifier = "before"
  target_snapshot_identifier = "after"
  kms_key_id                 = "{self.key}"
  {readers}
}}
"""
        self.workspace.write("main.tf", PROVIDER + text)

    def effects(self):
        return [c for c in self.world.aws.calls() if c["operation"].startswith(("Copy", "Modify"))]

    def assert_missed_and_mended(self, policy, account, action):
        said = f"account {account}: {action} (no statement allows it"
        planned = self.workspace.plan()
        assert len(planned.warnings) == 1, planned
        planned.assert_warning(said, self.key)
        refused = self.workspace.apply(ok=False)
        refused.assert_error(said, self.key)
        assert self.effects() == []
        (error,) = refused.errors
        self.add_what_is_missing(policy, error)
        assert self.workspace.apply().warnings == []
        assert self.effects()
        return error.detail.split("\n")[0].replace(self.key, "KEY")

    def assert_warned_and_mended(self, policy, account, action):
        said = f"account {account}: {action} (no statement allows it"
        self.workspace.plan().assert_warning(said, self.key)
        (warning,) = self.workspace.apply_plan().diagnostics
        assert said in warning.text and self.effects()
        self.add_what_is_missing(policy, warning)
        self.workspace.remove("terraform.tfstate")
        assert {w.summary for w in self.workspace.plan().warnings} <= {"An existing copy was adopted"}
        return warning.detail.split("\n")[0].replace(self.key, "KEY")

    def add_what_is_missing(self, policy, said):
        statements = json.loads("[" + re.search(r"^(\{.*\})$", said.text, re.MULTILINE).group(1) + "]")
        self.world.aws.change_key(self.key, policy={**policy, "Statement": policy["Statement"] + statements})

    def assert_silent(self):
        assert self.workspace.plan().warnings == []
        assert self.workspace.apply().warnings == []


@pytest.fixture
def keys(new_workspace, world):
    return Keys(new_workspace, world)


def without(policy, sid, action, narrowed=None):
    """The policy without the action in that statement; a statement without any goes. `narrowed`: what the
    owner's root is allowed instead of everything."""
    policy = copy.deepcopy(policy)
    for statement in policy["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        if narrowed and statement["Sid"] == "OwnerAccount":
            actions = list(narrowed)
        if statement["Sid"] == sid:
            assert action in actions
            actions.remove(action)
        statement["Action"] = actions
    policy["Statement"] = [it for it in policy["Statement"] if it["Action"]]
    return policy


def test_the_rows_are_all_that_the_policies_hold(keys):
    def rows(side):
        return {
            (s["Sid"], a)
            for s in keys.policies[side]["Statement"]
            for a in (s["Action"] if isinstance(s["Action"], list) else [s["Action"]])
        }

    owner = {("OwnerAccount", "kms:*")}
    assert rows("source") == owner | {("OwnerThroughRDS", a) for a in OWNER_USE} | set(READERS)
    assert rows("target") == owner | {("RDSForOwner", a) for a in SERVICE_USE}


@pytest.mark.parametrize("sid, action", READERS)
@pytest.mark.parametrize("what", ["copy", "share"])
def test_an_action_of_a_reader_is_missed(keys, show, what, sid, action):
    policy = without(keys.policies["source"], sid, action)
    keys.prepare("source", what, policy)
    is_listed = (sid, action) in LISTED
    check = keys.assert_warned_and_mended if is_listed else keys.assert_missed_and_mended
    said = check(policy, NEW, action)
    show([f"old key, {what}, {sid} without {action}: {'warning: ' if is_listed else ''}{said}"])


@pytest.mark.parametrize("action", ["kms:DescribeKey", "kms:CreateGrant"])
def test_an_action_of_a_narrowed_owner_is_missed(keys, show, action):
    policy = without(keys.policies["target"], "OwnerAccount", action, NARROWED)
    keys.prepare("target", "copy", policy)
    said = keys.assert_missed_and_mended(policy, NEW, action)
    show([f"new key, copy, OwnerAccount narrowed, without {action}: {said}"])


def test_a_narrowed_owner_is_enough(keys):
    keys.prepare("target", "copy", without(keys.policies["target"], None, None, NARROWED))
    keys.assert_silent()


@pytest.mark.parametrize(
    "side, sid, action",
    [*[("source", "OwnerThroughRDS", a) for a in OWNER_USE], *[("target", "RDSForOwner", a) for a in SERVICE_USE]],
)
def test_an_action_that_another_statement_stands_for_is_not_missed(keys, side, sid, action):
    keys.prepare(side, "copy", without(keys.policies[side], sid, action))
    keys.assert_silent()
