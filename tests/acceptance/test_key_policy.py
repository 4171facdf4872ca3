# SPDX-License-Identifier: MPL-2.0
"""data snapshot_key_policy: the two policies of design section 1, and that they are enough."""

import json

import pytest
from harness.pages import DOCS, configuration
from harness.world import NEW, OLD, REGION, ROLE, snapshot_arn

SOURCE = """
data "snapshot_key_policy" "x" {
  side               = "source"
  owner_account_id   = "111122223333"
  reader_account_ids = ["999988887777", "444455556666"]
  regions            = %s
  partition          = %s
}

output "json" { value = data.snapshot_key_policy.x.json }
"""


def policy_of(workspace, regions='["eu-central-1"]', partition="null"):
    workspace.write("main.tf", SOURCE % (regions, partition))
    workspace.apply()
    return json.loads(workspace.outputs()["json"])


def statement(policy, **wanted):
    (found,) = [s for s in policy["Statement"] if all(wanted[k] in json.dumps(s.get(k)) for k in wanted)]
    return found


def as_list(value):
    return value if isinstance(value, list) else [value]


def test_source_policy_statements(workspace):
    policy = policy_of(workspace)
    assert policy["Version"] == "2012-10-17" and len(policy["Statement"]) == 4
    assert {(s["Effect"], s["Resource"]) for s in policy["Statement"]} == {("Allow", "*")}

    everything = statement(policy, Action="kms:*")
    assert as_list(everything["Principal"]["AWS"]) == [f"arn:aws:iam::{OLD}:root"] and "Condition" not in everything

    use = statement(policy, Action="GenerateDataKey")
    assert as_list(use["Principal"]["AWS"]) == [f"arn:aws:iam::{OLD}:root"]
    assert sorted(use["Action"]) == [
        "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncryptFrom", "kms:ReEncryptTo",
    ]  # fmt: skip
    via_rds = {"kms:ViaService": "rds.eu-central-1.amazonaws.com"}
    assert use["Condition"] == {"StringEquals": via_rds}

    readers = sorted([f"arn:aws:iam::{NEW}:root", "arn:aws:iam::999988887777:root"])
    grants = statement(policy, Action="CreateGrant")
    assert as_list(grants["Action"]) == ["kms:CreateGrant"] and sorted(grants["Principal"]["AWS"]) == readers
    assert grants["Condition"]["StringEquals"] == via_rds
    assert as_list(grants["Condition"]["Bool"]["kms:GrantIsForAWSResource"]) == ["true"]

    (reading,) = [s for s in policy["Statement"] if s not in (everything, use, grants)]
    assert sorted(reading["Action"]) == ["kms:Decrypt", "kms:DescribeKey", "kms:ReEncryptFrom"]
    assert sorted(reading["Principal"]["AWS"]) == readers and reading["Condition"] == {"StringEquals": via_rds}


def test_target_policy_statements(workspace):
    workspace.write(
        "main.tf",
        'data "snapshot_key_policy" "x" {\n side = "target"\n owner_account_id = "444455556666"\n}\n'
        'output "json" { value = data.snapshot_key_policy.x.json }\n',
    )
    workspace.apply()
    everything, service = json.loads(workspace.outputs()["json"])["Statement"]
    assert as_list(everything["Action"]) == ["kms:*"]
    assert service["Principal"] == {"Service": "rds.amazonaws.com"}
    assert sorted(service["Action"]) == [
        "kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncryptTo",
    ]  # fmt: skip
    assert service["Condition"] == {"StringEquals": {"aws:SourceAccount": NEW}}


def test_several_regions_make_a_list(workspace):
    policy = policy_of(workspace, '["eu-west-1", "eu-central-1"]')
    assert statement(policy, Action="GenerateDataKey")["Condition"]["StringEquals"]["kms:ViaService"] == [
        "rds.eu-central-1.amazonaws.com",
        "rds.eu-west-1.amazonaws.com",
    ]


def test_the_partition_names_arns_and_hosts(workspace):
    policy = policy_of(workspace, '["cn-north-1"]', '"aws-cn"')
    assert as_list(statement(policy, Action="kms:*")["Principal"]["AWS"]) == [f"arn:aws-cn:iam::{OLD}:root"]
    assert "rds.cn-north-1.amazonaws.com.cn" in json.dumps(policy)


def test_the_bytes_are_the_same_whatever_the_order(workspace):
    policy_of(workspace)
    first = workspace.outputs()["json"]
    text = SOURCE % ('["eu-central-1"]', "null")
    workspace.write("main.tf", text.replace('"999988887777", "444455556666"', '"444455556666", "999988887777"'))
    workspace.apply()
    assert workspace.outputs()["json"] == first


def test_no_credentials_are_needed(workspace, world):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del workspace.environment[name]
    policy_of(workspace)
    assert world.aws.calls() == []


# ---- Narrowed: roles instead of a whole account, and an organization

MOVER = f"arn:aws:iam::{NEW}:role/{ROLE}"
ORGANIZATION = "o-a1b2c3d4e5"
NARROWED = f"""
data "snapshot_key_policy" "source" {{
  reader_account_ids = null
  reader_principals  = ["{MOVER}"]
  principal_org_id   = "{ORGANIZATION}"
}}
"""


@pytest.fixture
def narrowed_policy(new_workspace):
    """Of the guide on IAM, as it is printed."""
    workspace = new_workspace()
    workspace.write("main.tf", configuration(DOCS / "guides" / "iam.md"))
    workspace.apply()
    return json.loads(workspace.outputs()["policy_of_the_old_key"])


def test_a_narrowed_policy_names_no_account_as_a_whole(narrowed_policy):
    readers = [s for s in narrowed_policy["Statement"] if s["Sid"].startswith("Readers")]
    assert [s["Principal"] for s in readers] == [{"AWS": MOVER}] * 2
    assert [s["Condition"]["StringEquals"]["aws:PrincipalOrgID"] for s in readers] == [ORGANIZATION] * 2
    assert f"arn:aws:iam::{NEW}:root" not in json.dumps(narrowed_policy)
    others = [s for s in narrowed_policy["Statement"] if s not in readers]
    assert "aws:PrincipalOrgID" not in json.dumps(others)


def copy_as(role):
    return f"""
terraform {{
  required_providers {{
    snapshot = {{ source = "rds-snapshot/snapshot" }}
  }}
}}

provider "snapshot" {{
  region = "{REGION}"
  assume_role {{
    role_arn = "arn:aws:iam::{NEW}:role/{role}"
  }}
}}

resource "snapshot_reencrypt_copy" "x" {{
  source_snapshot_identifier = "{snapshot_arn("shared")}"
  target_snapshot_identifier = "after"
  kms_key_id                 = "alias/new"
}}
"""


@pytest.mark.parametrize(
    ("role", "organization"),
    [(ROLE, ORGANIZATION), ("another", ORGANIZATION), (ROLE, "o-elsewhere0"), (ROLE, None)],
)
def test_the_narrowed_policy_admits_its_role_in_its_organization_alone(
    narrowed_policy, new_workspace, world, role, organization
):
    key = world.aws.add_key(OLD, REGION, policy=narrowed_policy)
    world.aws.add_snapshot(OLD, REGION, "shared", kms_key_id=key)
    world.aws.change_snapshot(snapshot_arn("shared"), shared_with=[NEW])
    world.aws.add_key(NEW, REGION, alias="alias/new")
    world.aws.settings(organizations={NEW: organization} if organization else {})
    mover = new_workspace(NEW)
    mover.write("main.tf", copy_as(role))
    if (role, organization) == (ROLE, ORGANIZATION):
        mover.apply()
        assert mover.is_settled()
    else:
        mover.apply(ok=False).assert_error("KMSKeyNotAccessible", key)


def test_the_whole_migration_passes_with_a_narrowed_key_and_says_nothing(chain, world):
    world.aws.settings(organizations={NEW: ORGANIZATION})
    chain.write("override.tf", NARROWED)
    assert chain.plan().warnings == []
    assert chain.apply().warnings == []
    assert world.cluster("orders", NEW)["status"] == "available"
    assert chain.is_settled()


def test_a_role_beside_its_whole_account_is_warned_of(workspace):
    principals = f'  reader_principals  = ["{MOVER}"]\n  regions'
    workspace.write("main.tf", (SOURCE % ('["eu-central-1"]', "null")).replace("  regions", principals, 1))
    workspace.plan().assert_warning("The whole account may use the key", MOVER, f"remove {NEW} from")
    workspace.apply().assert_warning("The whole account may use the key")
