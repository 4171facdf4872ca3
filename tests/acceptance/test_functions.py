# SPDX-License-Identifier: MPL-2.0
"""Provider functions. Their results beside the data source's: test_examples.py."""

import pytest

pytestmark = pytest.mark.host("1.8")


def call(workspace, expression, **options):
    workspace.write("main.tf", f'output "x" {{ value = provider::snapshot::{expression} }}\n')
    outcome = workspace.apply(**options)
    return workspace.outputs()["x"] if outcome.ok else outcome


def test_snapshot_arn_puts_the_name_in_lower_case(workspace):
    arn = call(workspace, 'snapshot_arn("aws-cn", "cn-north-1", "111122223333", "instance", "Orders-1")')
    assert arn == "arn:aws-cn:rds:cn-north-1:111122223333:snapshot:orders-1"


def test_the_partition_may_be_null(workspace):
    assert ":aws:iam::" in call(workspace, 'target_key_policy("111122223333", null)')


@pytest.mark.parametrize(
    "expression, fragments",
    [
        ('snapshot_arn("aws", "eu-central-1", "1234", "cluster", "x")', ["1234", "12 digits"]),
        ('snapshot_arn("aws", "eu-central-1", "111122223333", "volume", "x")', ["volume", "cluster"]),
        ('snapshot_arn("moon", "eu-central-1", "111122223333", "cluster", "x")', ["moon", "partition"]),
        ('parse_snapshot_arn("orders")', ["orders", "ARN"]),
        ('parse_snapshot_arn("arn:aws:rds:eu-central-1:111122223333:cluster:x")', ["not the ARN of a snapshot"]),
        ('parse_snapshot_arn("arn:aws:s3:::bucket")', ["s3", "rds"]),
        ('source_key_policy("111122223333", ["1"], ["eu-central-1"], null)', ["12 digits"]),
        ('source_key_policy("111122223333", [], ["eu-central-1"], null)', ["at least one account"]),
        ('source_key_policy("111122223333", ["444455556666"], [], null)', ["at least one Region"]),
        ('source_key_policy("111122223333", ["444455556666"], ["cn-north-1"], null)', ["cn-north-1", "partition"]),
        ('target_key_policy("1", null)', ["12 digits"]),
    ],
)
def test_bad_arguments_are_named(workspace, expression, fragments):
    call(workspace, expression, ok=False).assert_error(*fragments)


def test_an_unknown_argument_is_an_unknown_result(workspace):
    workspace.write(
        "main.tf",
        'resource "terraform_data" "x" { input = "orders" }\n'
        'output "x" { value = provider::snapshot::snapshot_arn("aws", "eu-central-1", "111122223333", "cluster",'
        " terraform_data.x.output) }\n",
    )
    workspace.apply()
    assert workspace.outputs()["x"].endswith(":cluster-snapshot:orders")
    assert workspace.is_settled()
