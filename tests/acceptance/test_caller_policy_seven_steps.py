# SPDX-License-Identifier: MPL-2.0
"""data snapshot_caller_policy for a role that does its whole side by Terraform, as docs/guides/iam.md shows it:
the seven steps, both providers, pass with exactly these policies, and no longer with any action taken away."""

import json
from dataclasses import dataclass

import pytest
from harness.matrix import a_handful, every_tenth, in_parallel
from harness.pages import DOCS, configuration
from harness.terraform import CommandFailed
from harness.world import NEW, OLD, ROLE, copy_flat_migration, migration_variables

SIDES = {"source": OLD, "target": NEW}
IAM = DOCS / "guides" / "iam.md"
OUTPUTS = {"source": "role_of_the_old_account", "target": "role_of_the_new_account"}
# RDS names no action when a restore may not use a key, and it is hashicorp/aws that tells it.
UNNAMED = {("target", "UseKeysOfCopies", action) for action in ("kms:Decrypt", "kms:ReEncryptFrom")}


# ---- What a migration does in its life


def make(workspace):
    return workspace.apply(ok=None)


def change(workspace):
    """Whatever can be changed in place."""
    workspace.set_variables(tags={"group": "orders"}, instance_class="db.r6g.xlarge", deletion_protection=False)
    for side in SIDES:
        text = (workspace.folder / f"{side}.tf").read_text()
        for before, after in (
            ("enable_key_rotation     = true", "enable_key_rotation     = false"),
            ('description             = "', 'description             = "The key: '),
            (f"data.snapshot_key_policy.{side}.json",
             f'jsonencode(merge(jsondecode(data.snapshot_key_policy.{side}.json), {{ Id = "changed" }}))'),
            (f"aws_kms_key.{side}.key_id", f"aws_kms_key.other_{side}.key_id"),
        ):  # fmt: skip
            assert before in text, before
            text = text.replace(before, after)
        workspace.write(
            f"{side}.tf", f'{text}\nresource "aws_kms_key" "other_{side}" {{\n  provider = aws.{side}\n}}\n'
        )
    return workspace.apply(ok=None)


def retake(workspace):
    workspace.set_variables(take="2")
    return workspace.apply(ok=None)


def end(workspace):
    return workspace.destroy(ok=None)


ACTS = (make, change, retake, end)


@dataclass
class Life:
    policies: dict  # side -> policy
    before: list  # a site before each act
    calls: list  # (account, "service:Operation") of each act


def allow(site, policies):
    for side, account in SIDES.items():
        site.world.aws.identity_policy(account, policies[side], role=ROLE)


@pytest.fixture(scope="module")
def life(make_site, module_sandbox):
    """All acts with exactly the policies, one after the other."""
    site = make_site()
    site.workspace.write("main.tf", configuration(IAM))
    site.workspace.apply()
    policies = {side: json.loads(site.workspace.outputs()[name]) for side, name in OUTPUTS.items()}
    for name in ("main.tf", "terraform.tfstate"):
        site.workspace.remove(name)
    site.world.add_source_cluster()
    copy_flat_migration(site.workspace)
    site.workspace.set_variables(
        **migration_variables(tags={"team": "orders"}, deletion_protection=True, skip_final_snapshot=False)
    )
    allow(site, policies)
    life = Life(policies, [site.keep()], [])
    for act in ACTS:
        after = life.before[-1].fork(module_sandbox)
        start = after.world.aws.last_call()
        outcome = act(after.workspace)
        assert outcome.ok, outcome
        if act is not end:
            assert after.workspace.is_settled()
        life.calls.append(
            {(c["account_id"], f"{c['service']}:{c['operation']}") for c in after.world.aws.calls(after=start)}
        )
        life.before.append(after.keep())
    yield life
    for site in life.before:
        site.end()


def test_the_seven_steps_pass_with_exactly_these_policies(life):
    _, made, _, _, ended = life.before
    assert made.world.cluster("orders", NEW)["status"] == "available"
    refused = [c for c in ended.world.aws.calls() if "Denied" in (c["error_code"] or "")]
    # What is optional is asked for, and done without.
    assert {c["operation"] for c in refused} <= {
        "ListGrants",
        "DescribeAccountAttributes",
        "DescribeEvents",
        "GetKeyPolicy",
    }
    assert ended.world.snapshot_names(OLD) == [] and ended.world.snapshot_names(NEW) == ["orders-final-1"]


# ---- Each action taken away


def as_list(value):
    return value if isinstance(value, list) else [value]


def actions_of(policies):
    """(side, Sid, action) of all of them."""
    return [
        (side, statement["Sid"], action)
        for side, policy in policies.items()
        for statement in policy["Statement"]
        for action in as_list(statement["Action"])
    ]


def without(policies, side, sid, action):
    statements = []
    for statement in policies[side]["Statement"]:
        if statement["Sid"] == sid:
            left = [a for a in as_list(statement["Action"]) if a != action]
            if not left:
                continue
            statement = {**statement, "Action": left}
        statements.append(statement)
    return {**policies, side: {**policies[side], "Statement": statements}}


def likeliest(life, side, action):
    """The acts by when they are worth trying: first the first one that made a call of that name."""
    called = [n for n, calls in enumerate(life.calls) if (SIDES[side], action) in calls]
    return sorted(range(len(ACTS)), key=lambda n: (n != (called or [0])[0], n))


def try_without(life, sandbox, row):
    """(what a migration says whose role lacks the action, what is wrong with that or None)"""
    side, _, action = row
    for number in likeliest(life, side, action):
        site = life.before[number].fork(sandbox)
        try:
            allow(site, without(life.policies, *row))
            outcome = ACTS[number](site.workspace)
            if not outcome.ok:
                return said_of("KMSKeyNotAccessible" if row in UNNAMED else action, outcome), None
        except (AssertionError, CommandFailed) as problem:
            return "", f"{row}: {problem}"
        finally:
            site.end()
    return "", f"{row}: is not needed"


def said_of(word, outcome):
    """The first line with the word."""
    outcome.assert_error(word)
    return next(line for d in outcome.errors for line in d.text.split("\n") if word in line)


def check(life, sandbox, rows, show):
    tried = in_parallel(lambda row: try_without(life, sandbox, row), rows)
    problems = [problem for _, problem in tried if problem]
    show([f"caller policies: {len(rows)} of {len(actions_of(life.policies))} actions taken away, "
          f"{len(rows) - len(problems)} missed by name",
          *(f"  {' '.join(row)}: {said}" for row, (said, _) in zip(rows, tried, strict=True))])  # fmt: skip
    assert not problems, "\n".join(problems)


def test_a_handful_of_the_actions_is_needed_and_named(life, module_sandbox, show):
    check(life, module_sandbox, a_handful(actions_of(life.policies)), show)


@pytest.mark.tenth
def test_a_tenth_of_the_actions_is_needed_and_named(life, module_sandbox, show):
    check(life, module_sandbox, every_tenth(actions_of(life.policies)), show)


@pytest.mark.long
def test_every_action_is_needed_and_named(life, module_sandbox, show):
    check(life, module_sandbox, actions_of(life.policies), show)
