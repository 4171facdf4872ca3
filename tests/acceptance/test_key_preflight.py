# SPDX-License-Identifier: MPL-2.0
"""What a key refuses is said before anything is copied or shared, with the statement to add."""

import copy
import json
import re

import pytest
from harness.world import NEW, OLD, REGION, snapshot_arn

THIRD = "999988887777"
VIA_RDS = {"kms:ViaService": f"rds.{REGION}.amazonaws.com"}
FOR_AWS = {"kms:GrantIsForAWSResource": "true"}
READING = ["kms:Decrypt", "kms:ReEncryptFrom", "kms:DescribeKey"]
GRANTS = "kms:CreateGrant"
# What AWS demands in words, and what only its examples list: the imitation's setting `reader_actions` is either.
DEMANDED, LISTED = ["kms:DescribeKey", GRANTS], ["kms:Decrypt", "kms:ReEncryptFrom"]
READER_ACTIONS = ["documented", pytest.param("minimal", marks=pytest.mark.long)]
PERHAPS = "The key may not admit all who need it"


def allow(principal, actions, **more):
    return {"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*", **more}


def root(account):
    return {"AWS": f"arn:aws:iam::{account}:root"}


def without(action):
    policy = source_policy()
    for statement in policy["Statement"][1:]:
        statement["Action"] = [a for a in statement["Action"] if a != action] or ["kms:Verify"]
    return policy


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def source_policy(readers=(NEW,)):
    """As data snapshot_key_policy writes it."""
    roots = {"AWS": [f"arn:aws:iam::{reader}:root" for reader in readers]}
    return document(
        allow(root(OLD), "kms:*"),
        allow(roots, list(READING), Condition={"StringEquals": VIA_RDS}),
        allow(roots, ["kms:CreateGrant"], Condition={"StringEquals": VIA_RDS, "Bool": FOR_AWS}),
    )


class Preflight:
    """A copy of `before` for NEW, and a share of `ready`, which is under the same key."""

    def __init__(self, workspace, world):
        self.workspace, self.world = workspace, world
        self.key = world.aws.add_key(OLD, REGION, policy=source_policy(), alias="alias/mine")
        world.aws.add_snapshot(OLD, REGION, "before")
        self.ready = world.aws.add_snapshot(OLD, REGION, "ready", kms_key_id=self.key)
        self.copy()

    def copy(self, key=None, readers=(NEW,), source="before"):
        readers = f"reader_account_ids = {json.dumps(readers)}" if readers else ""
        self.workspace.write(
            "main.tf",
            f"""
resource "snapshot_reencrypt_copy" "x" {{
  source_snapshot_identifier = "{source}"
  target_snapshot_identifier = "after"
  kms_key_id                 = "{key or self.key}"
  {readers}
}}
""",
        )

    def share(self, snapshot=None, accounts=(NEW,)):
        self.workspace.write(
            "main.tf",
            f"""
resource "snapshot_share" "x" {{
  snapshot_identifier = "{snapshot or self.ready}"
  account_ids         = {json.dumps(accounts)}
}}
""",
        )

    def policy(self, policy):
        self.world.aws.change_key(self.key, policy=policy)

    def refused(self, *fragments):
        """A plan warns, an apply ends before it copies or shares."""
        planned = self.workspace.plan()
        assert len(planned.warnings) == 1, planned
        planned.assert_warning(*fragments)
        outcome = self.workspace.apply(ok=False)
        outcome.assert_error(*fragments)
        calls = [c["operation"] for c in self.world.aws.calls()]
        assert not [name for name in calls if name.startswith(("Copy", "Modify"))]
        return outcome

    def add_what_is_missing(self, outcome, policy):
        """What the error, or the warning, says to add, added."""
        (said,) = outcome.errors or outcome.warnings
        statements = json.loads("[" + re.search(r"^(\{.*\})$", said.text, re.MULTILINE).group(1) + "]")
        self.policy(document(*policy["Statement"], *statements))


@pytest.fixture
def preflight(workspace, world):
    return Preflight(workspace, world)


def test_an_open_key_is_passed_in_silence(preflight):
    assert preflight.workspace.plan().warnings == []
    outcome = preflight.workspace.apply()
    assert outcome.warnings == []
    preflight.share()
    assert preflight.workspace.plan().warnings == []


@pytest.mark.parametrize("reader_actions", READER_ACTIONS)
@pytest.mark.parametrize("action", DEMANDED)
@pytest.mark.parametrize("what", ["copy", "share"])
def test_each_action_that_a_reader_needs_is_missed_and_the_statement_mends_it(preflight, what, action, reader_actions):
    preflight.world.aws.settings(reader_actions=reader_actions)
    preflight.policy(without(action))
    getattr(preflight, what)()
    outcome = preflight.refused(f"account {NEW}: {action} (no statement allows it)", preflight.key)
    preflight.add_what_is_missing(outcome, without(action))
    assert preflight.workspace.apply().warnings == []


@pytest.mark.parametrize("reader_actions", READER_ACTIONS)
@pytest.mark.parametrize("action", LISTED)
@pytest.mark.parametrize("what", ["copy", "share"])
def test_an_action_that_a_reader_may_need_is_a_warning_and_no_more(preflight, what, action, reader_actions):
    preflight.world.aws.settings(reader_actions=reader_actions)
    preflight.policy(without(action))
    getattr(preflight, what)()
    planned = preflight.workspace.plan()
    for outcome in (planned, preflight.workspace.apply_plan()):
        (warning,) = outcome.diagnostics
        assert warning.summary == PERHAPS and preflight.key in warning.text
        assert f"account {NEW}: {action} (no statement allows it)" in warning.text
    assert preflight.workspace.is_settled()
    preflight.workspace.destroy()
    preflight.add_what_is_missing(planned, without(action))
    assert preflight.workspace.plan().warnings == []


# ---- The reader's own copy

READERS = """
provider "snapshot" {
  alias  = "new"
  region = "eu-central-1"

  assume_role {
    role_arn = "arn:aws:iam::444455556666:role/snapshot-migration"
  }
}

resource "snapshot_share" "ready" {
  snapshot_identifier = "%(ready)s"
  account_ids         = ["444455556666"]
}

resource "snapshot_reencrypt_copy" "theirs" {
  provider                   = snapshot.new
  source_snapshot_identifier = snapshot_share.ready.snapshot_arn
  target_snapshot_identifier = "theirs"
  kms_key_id                 = "%(key)s"
}
"""


def copied_by_the_reader(preflight, action, reader_actions):
    """An apply of both accounts under the old key without the action."""
    world = preflight.world
    world.aws.settings(reader_actions=reader_actions)
    preflight.policy(without(action))
    key = world.aws.add_key(NEW, REGION)
    preflight.workspace.write("main.tf", READERS % {"ready": preflight.ready, "key": key})
    preflight.workspace.plan()
    return preflight.workspace.run("apply", "-json", "plan", ok=None)


def assert_warned_of(outcome, action):
    (warning,) = outcome.warnings
    assert warning.summary == PERHAPS and f"account {NEW}: {action} (" in warning.text


@pytest.mark.parametrize("action", LISTED)
def test_what_is_only_listed_is_enough_where_rds_does_without(preflight, action):
    outcome = copied_by_the_reader(preflight, action, "minimal")
    assert outcome.ok and preflight.world.snapshot("theirs", NEW)["status"] == "available"
    assert_warned_of(outcome, action)
    assert preflight.workspace.is_settled()


@pytest.mark.parametrize("action", LISTED)
def test_where_rds_needs_it_the_refusal_names_it(preflight, action):
    outcome = copied_by_the_reader(preflight, action, "documented")
    assert_warned_of(outcome, action)
    outcome.assert_error("KMSKeyNotAccessible", "the key's policy", action)
    assert preflight.world.aws.snapshot(preflight.ready)["shared_with"] == [NEW]


@pytest.mark.parametrize("reader_actions", READER_ACTIONS)
@pytest.mark.parametrize("action", DEMANDED)
def test_what_is_demanded_ends_the_apply_before_the_share(preflight, action, reader_actions):
    outcome = copied_by_the_reader(preflight, action, reader_actions)
    outcome.assert_error(f"account {NEW}: {action} (no statement allows it)")
    assert preflight.world.aws.snapshot(preflight.ready)["shared_with"] == []
    assert preflight.world.copies_made() == []


def test_what_the_caller_is_not_allowed_is_missed(preflight):
    policy = document(allow(root(OLD), ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy", "kms:ListGrants"]))
    preflight.policy(policy)
    preflight.copy(readers=())
    outcome = preflight.refused(f"account {OLD}: kms:CreateGrant")
    preflight.add_what_is_missing(outcome, policy)
    assert preflight.workspace.apply().warnings == []


def test_every_reader_is_named_and_a_denial_is_told_from_a_lack(preflight):
    policy = source_policy()
    policy["Statement"].append(
        {"Sid": "Never", "Effect": "Deny", "Principal": root(NEW), "Action": "kms:Decrypt", "Resource": "*"}
    )
    preflight.policy(policy)
    preflight.copy(readers=(NEW, THIRD))
    preflight.refused(
        f'account {NEW}: kms:Decrypt (the statement "Never" denies it)',
        f"account {THIRD}: kms:DescribeKey",
        "Remove or narrow",
    )


SUFFICIENT = {
    "wildcards": [allow(root(OLD), "kms:*"), allow(root(NEW), ["kms:De*", "kms:ReEncrypt*", "kms:Create*"])],
    "everybody of these accounts": [
        allow({"AWS": "*"}, "kms:*", Condition={"StringEquals": {"kms:CallerAccount": [OLD, NEW]}})
    ],
    "all but": [
        allow(root(OLD), "kms:*"),
        {"Effect": "Allow", "Principal": root(NEW), "NotAction": "kms:ScheduleKeyDeletion", "Resource": "*"},
    ],
    "an organization": [
        allow(root(OLD), "kms:*"),
        allow({"AWS": "*"}, "kms:*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
    ],
    "one role": [allow(root(OLD), "kms:*"), allow({"AWS": f"arn:aws:iam::{NEW}:role/mover"}, "kms:*")],
    "a condition of the future": [
        allow(root(OLD), "kms:*"),
        allow(root(NEW), "kms:*", Condition={"StringLike": {"kms:NotYetInvented": "*"}}),
    ],
    "denied to others": [
        allow({"AWS": "*"}, "kms:*"),
        {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
         "Condition": {"StringNotEquals": {"kms:CallerAccount": [OLD, NEW]}}},
    ],
}  # fmt: skip


@pytest.mark.parametrize("statements", SUFFICIENT.values(), ids=list(SUFFICIENT))
def test_what_may_suffice_is_never_refused(preflight, statements):
    preflight.policy(document(*copy.deepcopy(statements)))
    assert preflight.workspace.apply().warnings == []
    preflight.world.allow_delete("after")  # the share takes the place of the copy in the configuration
    preflight.share()
    assert preflight.workspace.apply().warnings == []


# As data snapshot_key_policy narrows it.
NARROWED = {
    "roles": {"principal": {"AWS": f"arn:aws:iam::{NEW}:role/mover"}, "told": "its principal"},
    "an organization": {"organization": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "told": "aws:PrincipalOrgID"},
}


@pytest.mark.parametrize("row", NARROWED.values(), ids=list(NARROWED))
def test_a_narrowed_key_is_passed_in_silence_and_logged(preflight, row):
    policy = source_policy()
    for statement in policy["Statement"][1:]:
        statement["Principal"] = row.get("principal", statement["Principal"])
        statement["Condition"]["StringEquals"] = VIA_RDS | row.get("organization", {})
    preflight.policy(policy)
    for number, act in enumerate((preflight.workspace.plan, preflight.workspace.apply)):
        log = preflight.workspace.folder / f"log-{number}"
        outcome = act(environment={"TF_LOG": "INFO", "TF_LOG_PATH": str(log)})
        assert outcome.warnings == []
        told = [line for line in log.read_text().splitlines() if "is not known" in line]
        assert told and all(f"account {NEW}" in line and row["told"] in line for line in told), told


def test_grants_may_stand_for_the_policy(preflight, world):
    preflight.policy(document(allow(root(OLD), "kms:*")))
    world.aws.settings(page_size=1)
    kms = world.accounts[OLD].client("kms", REGION)
    for grantee, operations in (
        (f"arn:aws:iam::{OLD}:role/other", ["Decrypt"]),
        (f"arn:aws:iam::{NEW}:role/mover", ["Decrypt", "ReEncryptFrom", "DescribeKey", "CreateGrant"]),
    ):
        kms.create_grant(KeyId=preflight.key, GranteePrincipal=grantee, Operations=operations)
    assert preflight.workspace.apply().warnings == []


def test_a_policy_that_may_not_be_read_refuses_nothing(preflight, world):
    preflight.policy(document(allow(root(OLD), "kms:*")))
    for operation in ("GetKeyPolicy", "DescribeKey"):
        world.aws.fault(operation, "access_denied", count=None)
        assert preflight.workspace.plan().warnings == []
    assert preflight.workspace.apply().warnings == []


def test_what_cannot_be_told_is_logged_and_told_when_aws_refuses(preflight):
    look = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"]
    in_organization = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    preflight.policy(
        document(allow(root(OLD), look), allow(root(OLD), "kms:CreateGrant", Sid="Org", Condition=in_organization))
    )
    preflight.copy(readers=())
    told = ("kms:CreateGrant", 'the statement "Org"', "aws:PrincipalOrgID")
    for number, act in enumerate((preflight.workspace.plan, preflight.workspace.apply)):
        log = preflight.workspace.folder / f"log-{number}"
        outcome = act(ok=None, environment={"TF_LOG": "INFO", "TF_LOG_PATH": str(log)})
        assert outcome.warnings == []
        assert all(text in log.read_text().replace("\\", "") for text in ("is not known", *told))
    outcome.assert_error("KMSKeyNotAccessible", "Before the copy, whether", *told)


def test_what_cannot_change_fails_the_plan(preflight, world):
    kms = world.accounts[OLD].client("kms", REGION)
    asymmetric = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["Arn"]
    managed = kms.describe_key(KeyId="alias/aws/rds")["KeyMetadata"]["Arn"]
    after = world.aws.last_call()
    preflight.copy(key=asymmetric)
    preflight.workspace.plan(ok=False).assert_error(asymmetric, "symmetric keys only")
    preflight.copy(key=managed)
    preflight.workspace.plan(ok=False).assert_error(managed, "can never be read by another account")
    preflight.share(snapshot=snapshot_arn("before"))
    preflight.workspace.plan(ok=False).assert_error(managed, "can never be read by another account")
    world.aws.change_key(preflight.key, state="PendingDeletion")
    preflight.copy()
    preflight.workspace.plan(ok=False).assert_error("PendingDeletion", preflight.key)
    assert not [c for c in world.aws.calls(after=after) if c["operation"].startswith(("Copy", "Modify"))]


def test_what_can_change_warns(preflight, world):
    world.aws.change_key(preflight.key, state="Disabled")
    preflight.workspace.plan().assert_warning("The key cannot be used", "Disabled", preflight.key)
    preflight.workspace.apply(ok=False).assert_error("Disabled")
    world.aws.change_key(preflight.key, state="Enabled")
    preflight.workspace.apply()


def test_a_copy_that_exists_is_adopted_whatever_became_of_its_key(preflight, world):
    preflight.workspace.apply()
    preflight.workspace.remove("terraform.tfstate")
    world.aws.change_key(preflight.key, state="PendingDeletion")
    outcome = preflight.workspace.apply()
    outcome.assert_warning("An existing copy was adopted")
    assert len(world.copies_made()) == 1


def test_a_disabled_key_shows_only_where_it_is_needed(preflight, world):
    preflight.workspace.apply()
    world.aws.change_key(preflight.key, state="Disabled")
    assert preflight.workspace.is_settled()


def make_many(preflight, count):
    many = (preflight.workspace.folder / "main.tf").read_text()
    many = many.replace("{\n  source", f"{{\n  count = {count}\n  source", 1)
    preflight.workspace.write("main.tf", many.replace('"after"', '"after-${count.index}"'))


def test_many_copies_ask_for_a_key_that_may_not_suffice_once_in_a_while(preflight, world):
    make_many(preflight, 30)
    preflight.policy(without("kms:ReEncryptFrom"))
    preflight.workspace.environment["TF_SNAPSHOT_TIME_SCALE"] = "1"
    preflight.workspace.plan()
    after = world.aws.last_call()
    applied = preflight.workspace.apply_plan()
    assert len(applied.warnings) == 1, "one warning for one key"
    asked = [c["operation"] for c in world.aws.calls(after=after)]
    assert asked.count("GetKeyPolicy") + asked.count("ListGrants") <= 8
    assert len(world.copies_made()) == 30


def test_many_copies_ask_for_a_key_once(preflight, world):
    make_many(preflight, 30)
    preflight.policy(document(allow(root(OLD), "kms:*")))
    after = world.aws.last_call()
    planned = preflight.workspace.plan()
    assert len(planned.warnings) == 1, "one warning for one key"
    asked = [
        (c["operation"], c["parameters"]["KeyId"]) for c in world.aws.calls(after=after) if "KeyId" in c["parameters"]
    ]
    assert len(asked) == len(set(asked)), "each key once"
    assert {name for name, key in asked if key == preflight.key} == {"DescribeKey", "GetKeyPolicy", "ListGrants"}
