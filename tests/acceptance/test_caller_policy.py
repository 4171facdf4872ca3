# SPDX-License-Identifier: MPL-2.0
"""data snapshot_caller_policy: exactly what each side's role needs. The steps of our resources pass
with these two policies and the two key policies, and fail with any action taken away."""

import json

import pytest
from harness.world import NEW, OLD, OPERATOR, REGION, snapshot_arn

ROLE = "copier"  # of both accounts; nobody but our provider uses it

POLICIES = """
terraform {{
  required_providers {{
    snapshot = {{ source = "rds-snapshot/snapshot" }}
  }}
}}

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

data "snapshot_caller_policy" "source" {{
  side                  = "source"
  account_id            = "{OLD}"
  region                = "{REGION}"
  source_snapshot_names = ["before"]
  snapshot_names        = ["shared-*"]
  kms_key_arns          = ["{old_key}"]
}}

data "snapshot_caller_policy" "target" {{
  side                  = "target"
  account_id            = "{NEW}"
  source_account_id     = "{OLD}"
  region                = "{REGION}"
  source_snapshot_names = ["shared-*"]
  snapshot_names        = ["after"]
  source_kms_key_arns   = ["{old_key}"]
  kms_key_arns          = ["{new_key}"]
}}

output "key_policies" {{ value = [data.snapshot_key_policy.source.json, data.snapshot_key_policy.target.json] }}
output "callers" {{ value = [data.snapshot_caller_policy.source.json, data.snapshot_caller_policy.target.json] }}
"""

STEPS = """
terraform {{
  required_providers {{
    snapshot = {{ source = "rds-snapshot/snapshot" }}
  }}
}}

provider "snapshot" {{
  alias  = "source"
  region = "{REGION}"
  assume_role {{ role_arn = "arn:aws:iam::{OLD}:role/{ROLE}" }}
}}

provider "snapshot" {{
  alias  = "target"
  region = "{REGION}"
  assume_role {{ role_arn = "arn:aws:iam::{NEW}:role/{ROLE}" }}
}}

resource "snapshot_reencrypt_copy" "source" {{
  provider                   = snapshot.source
  source_snapshot_identifier = "before"
  target_snapshot_identifier = "shared-1"
  kms_key_id                 = "{old_key}"
  reader_account_ids         = ["{NEW}"]
  tags                       = {tags}
}}

resource "snapshot_share" "target" {{
  provider            = snapshot.source
  snapshot_identifier = snapshot_reencrypt_copy.source.arn
  account_ids         = ["{NEW}"]
}}

resource "snapshot_reencrypt_copy" "target" {{
  provider                   = snapshot.target
  source_snapshot_identifier = snapshot_share.target.snapshot_arn
  target_snapshot_identifier = "after"
  kms_key_id                 = "{new_key}"
  tags                       = {tags}
}}
"""


class Steps:
    def __init__(self, new_workspace, world):
        self.world = world
        world.aws.add_snapshot(OLD, REGION, "before")
        self.values = {
            "OLD": OLD, "NEW": NEW, "REGION": REGION, "ROLE": ROLE,
            "old_key": world.aws.add_key(OLD, REGION), "new_key": world.aws.add_key(NEW, REGION),
        }  # fmt: skip
        policies = new_workspace(OLD)
        policies.write("main.tf", POLICIES.format(**self.values))
        policies.apply()
        outputs = policies.outputs()
        self.callers = [json.loads(text) for text in outputs["callers"]]
        for key, policy in zip(("old_key", "new_key"), outputs["key_policies"], strict=True):
            world.aws.change_key(self.values[key], policy=json.loads(policy))
        self.workspace = new_workspace(OPERATOR)
        self.tags({"a": "1", "b": "2"})

    def tags(self, tags):
        values = self.values | {"tags": "{" + ", ".join(f'{k} = "{v}"' for k, v in tags.items()) + "}"}
        self.workspace.write("main.tf", STEPS.format(**values))

    def allow(self, *policies):
        for account, policy in zip((OLD, NEW), policies, strict=True):
            self.world.aws.identity_policy(account, policy, role=ROLE)

    def run(self, until=None):
        """All that a migration does with its copies; the outcome that is not well, else the last."""
        for act in (self.make, self.settle, self.change, self.end):
            outcome = act()
            if not outcome.ok:
                return outcome
        return outcome

    def make(self):
        return self.workspace.apply(ok=None)

    def settle(self):
        return self.workspace.plan(ok=None)

    def change(self):
        self.tags({"a": "2"})
        return self.workspace.apply(ok=None)

    def end(self):
        return self.workspace.destroy(ok=None)


@pytest.fixture
def steps(new_workspace, world):
    return Steps(new_workspace, world)


def test_the_steps_pass_with_exactly_these_policies(steps, world):
    steps.allow(*steps.callers)
    for act in (steps.make, steps.settle):
        assert act().ok
    # What was copied can be restored, with rights that are not of this provider.
    rds = world.accounts[NEW].client("rds", REGION)
    rds.restore_db_cluster_from_snapshot(
        DBClusterIdentifier="restored", SnapshotIdentifier="after", Engine="aurora-mysql"
    )
    assert world.cluster("restored")["snapshot_arn"] == snapshot_arn("after", NEW)
    for act in (steps.change, steps.end):
        outcome = act()
        assert outcome.ok, outcome
    assert "shared-1" not in world.snapshot_names(OLD) and "after" not in world.snapshot_names(NEW)


def as_list(value):
    return value if isinstance(value, list) else [value]


RDS = ["rds:CopyDBClusterSnapshot", "rds:DescribeDBClusterSnapshots", "rds:DeleteDBClusterSnapshot",
       "rds:AddTagsToResource", "rds:RemoveTagsFromResource"]  # fmt: skip
REMOVED = [
    *[(0, action, "") for action in RDS],
    (0, "rds:DescribeDBClusterSnapshotAttributes", ""),
    (0, "rds:ModifyDBClusterSnapshotAttribute", ""),
    (0, "kms:DescribeKey", "old_key"),
    (0, "kms:CreateGrant", "old_key"),
    *[(1, action, "") for action in RDS],
    *[(1, action, "old_key") for action in ("kms:DescribeKey", "kms:CreateGrant", "kms:Decrypt", "kms:ReEncryptFrom")],
    (1, "kms:DescribeKey", "new_key"),
    (1, "kms:CreateGrant", "new_key"),
]
SIDES = ("source", "target")
IN_SHORT = {
    (0, "rds:ModifyDBClusterSnapshotAttribute", ""),
    (1, "kms:CreateGrant", "old_key"),
    (1, "kms:DescribeKey", "new_key"),
}


def without(policy, action, key):
    """The policy with the action taken away, where it is about that key."""
    statements = []
    for statement in policy["Statement"]:
        if not key or key in as_list(statement["Resource"]):
            left = [a for a in as_list(statement["Action"]) if a != action]
            if not left:
                continue
            statement = {**statement, "Action": left}
        statements.append(statement)
    return {**policy, "Statement": statements}


def test_the_table_of_actions_is_complete(steps):
    named = {(side, action) for side, action, _ in REMOVED}
    written = {(side, a) for side, p in enumerate(steps.callers) for s in p["Statement"] for a in as_list(s["Action"])}
    assert named == written


@pytest.mark.parametrize(
    "side, action, key",
    [
        pytest.param(*row, marks=() if row in IN_SHORT else pytest.mark.long, id="-".join((SIDES[row[0]], *row[1:])))
        for row in REMOVED
    ],
)
def test_each_action_is_needed_and_named(steps, side, action, key):
    policies = list(steps.callers)
    policies[side] = without(policies[side], action, steps.values.get(key, ""))
    assert policies[side] != steps.callers[side]
    steps.allow(*policies)
    outcome = steps.run()
    assert not outcome.ok, f"{action} is not needed"
    outcome.assert_error(action)
    steps.allow(*steps.callers)
    assert steps.run().ok
