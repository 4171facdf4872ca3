# SPDX-License-Identifier: MPL-2.0
"""Our provider against moto as it comes, without the overlay: an implementation by other people
catches mistakes that our client and our imitation would share. One account, no shared copies, no
waiting: what moto can do (copies within an account, shares, tags, keys)."""

import json
import urllib.request

import boto3
import pytest
from harness.sandbox import use_overrides
from harness.terraform import Workspace
from harness.world import ANYBODY
from moto.server import ThreadedMotoServer

ACCOUNT = "123456789012"  # moto's own
REGION = "eu-central-1"
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


@pytest.fixture(scope="module")
def moto_url():
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def aws(moto_url):
    """Clients of moto, with a snapshot of each kind in it."""

    urllib.request.urlopen(urllib.request.Request(f"{moto_url}/moto-api/reset", method="POST")).close()

    def client(service):
        return boto3.client(service, region_name=REGION, endpoint_url=moto_url, **KEYS)

    rds = client("rds")
    login = {"MasterUsername": "root", "MasterUserPassword": "not-a-secret"}
    rds.create_db_cluster(DBClusterIdentifier="orders", Engine="aurora-mysql", **login)
    rds.create_db_cluster_snapshot(DBClusterIdentifier="orders", DBClusterSnapshotIdentifier="before")
    rds.create_db_instance(
        DBInstanceIdentifier="stock", Engine="mysql", DBInstanceClass="db.t3.micro", AllocatedStorage=20, **login
    )
    rds.create_db_snapshot(DBInstanceIdentifier="stock", DBSnapshotIdentifier="before")
    return client


@pytest.fixture
def workspace(request, sandbox, binaries, moto_url):
    use_overrides(sandbox, binaries)
    environment = sandbox.environment(
        AWS_ACCESS_KEY_ID=KEYS["aws_access_key_id"],
        AWS_SECRET_ACCESS_KEY=KEYS["aws_secret_access_key"],
        AWS_ENDPOINT_URL=moto_url,
        TF_SNAPSHOT_TIME_SCALE="60",
    )
    return Workspace(sandbox.subfolder("workspace"), request.config.terraform, environment)


@pytest.mark.parametrize("kind", ["cluster", "instance"])
def test_a_copy_and_its_share(workspace, aws, kind):
    kms = aws("kms")
    key = kms.create_key(Policy=json.dumps(ANYBODY))["KeyMetadata"]
    kms.create_alias(AliasName=f"alias/{kind}", TargetKeyId=key["KeyId"])
    workspace.write(
        "main.tf",
        f"""
terraform {{
  required_providers {{
    snapshot = {{ source = "rds-snapshot/snapshot" }}
  }}
}}

provider "snapshot" {{
  region = "{REGION}"
}}

resource "snapshot_reencrypt_copy" "x" {{
  snapshot_kind              = "{kind}"
  source_snapshot_identifier = "before"
  target_snapshot_identifier = "After"
  kms_key_id                 = "alias/{kind}"
  tags                       = {{ Team = "orders and stock: +/=@" }}
}}

resource "snapshot_share" "x" {{
  snapshot_identifier = snapshot_reencrypt_copy.x.arn
  account_ids         = ["222222222222"]
  source_version      = snapshot_reencrypt_copy.x.copy_id
}}
""",
    )
    workspace.apply()
    assert workspace.is_settled()

    resource = {"cluster": "cluster-snapshot", "instance": "snapshot"}[kind]
    made = workspace.state()["snapshot_reencrypt_copy.x"]
    assert made["arn"] == f"arn:aws:rds:{REGION}:{ACCOUNT}:{resource}:after"
    assert made["kms_key_arn"] == key["Arn"]
    assert made["status"] == "available"
    rds = aws("rds")
    tags = {tag["Key"]: tag["Value"] for tag in rds.list_tags_for_resource(ResourceName=made["arn"])["TagList"]}
    assert tags["Team"] == "orders and stock: +/=@"
    assert tags["terraform-provider-snapshot"].split()[1:3] == [made["copy_id"], made["holder_id"]]
    assert shared_with(rds, kind) == ["222222222222"]

    workspace.destroy()
    assert not workspace.managed()


def shared_with(rds, kind):
    if kind == "cluster":
        answer = rds.describe_db_cluster_snapshot_attributes(DBClusterSnapshotIdentifier="after")
        listed = answer["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"]
    else:
        answer = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier="after")
        listed = answer["DBSnapshotAttributesResult"]["DBSnapshotAttributes"]
    return next(it["AttributeValues"] for it in listed if it["AttributeName"] == "restore")
