# SPDX-License-Identifier: MPL-2.0
"""data snapshot_key_policy: the two policies of design section 1, and that they are enough."""

import json

from harness.world import NEW, OLD

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
