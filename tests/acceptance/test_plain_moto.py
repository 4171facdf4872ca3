# SPDX-License-Identifier: MPL-2.0
"""Our provider against moto as it comes, without the overlay: an implementation by other people
catches mistakes that our client and our imitation would share. No waiting and no copies across
accounts, which moto has not: copies within an account, shares, tags, keys, roles, errors."""

import json
import urllib.request

import boto3
import pytest
from conftest import KINDS
from harness.resources import MARK
from harness.sandbox import use_overrides
from harness.terraform import Workspace
from harness.world import ANYBODY, snapshot_arn
from moto.server import ThreadedMotoServer

pytestmark = pytest.mark.tenth

ACCOUNT = "123456789012"  # moto's own
OTHER = "222222222222"
THIRD = "333333333333"
REGION = "eu-central-1"
KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
THE_OTHER_ACCOUNT = f'assume_role {{\n    role_arn = "arn:aws:iam::{OTHER}:role/mover"\n  }}'
COPY, SHARE = "snapshot_reencrypt_copy.x", "snapshot_share.x"


@pytest.fixture(scope="module")
def moto_url():
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


class Moto:
    """One kind of snapshot as boto3 sees it: `before` is there, under no key; alias/mine is a key."""

    def __init__(self, url, kind):
        self.kind = kind
        self.rds, self.kms = (
            boto3.client(service, region_name=REGION, endpoint_url=url, **KEYS) for service in ("rds", "kms")
        )
        login = {"MasterUsername": "root", "MasterUserPassword": "not-a-secret"}
        if kind == "cluster":
            self.rds.create_db_cluster(DBClusterIdentifier="orders", Engine="aurora-mysql", **login)
        else:
            self.rds.create_db_instance(
                DBInstanceIdentifier="orders",
                Engine="mysql",
                DBInstanceClass="db.t3.micro",
                AllocatedStorage=20,
                **login,
            )
        self.take("before")
        self.key = self.add_key("alias/mine")

    def add_key(self, alias):
        key = self.kms.create_key(Policy=json.dumps(ANYBODY))["KeyMetadata"]
        self.kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
        return key["Arn"]

    def take(self, name):
        if self.kind == "cluster":
            self.rds.create_db_cluster_snapshot(DBClusterIdentifier="orders", DBClusterSnapshotIdentifier=name)
        else:
            self.rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier=name)

    def drop(self, name):
        if self.kind == "cluster":
            self.rds.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=name)
        else:
            self.rds.delete_db_snapshot(DBSnapshotIdentifier=name)

    def names(self):
        if self.kind == "cluster":
            return sorted(s["DBClusterSnapshotIdentifier"] for s in self._snapshots())
        return sorted(s["DBSnapshotIdentifier"] for s in self._snapshots())

    def _snapshots(self):
        if self.kind == "cluster":
            return self.rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
        return self.rds.describe_db_snapshots()["DBSnapshots"]

    def tags(self, name):
        arn = self.arn(name)
        return {tag["Key"]: tag["Value"] for tag in self.rds.list_tags_for_resource(ResourceName=arn)["TagList"]}

    def arn(self, name, account=ACCOUNT):
        return snapshot_arn(name, account, REGION, self.kind)

    def shared_with(self, name):
        if self.kind == "cluster":
            answer = self.rds.describe_db_cluster_snapshot_attributes(DBClusterSnapshotIdentifier=name)
            listed = answer["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"]
        else:
            answer = self.rds.describe_db_snapshot_attributes(DBSnapshotIdentifier=name)
            listed = answer["DBSnapshotAttributesResult"]["DBSnapshotAttributes"]
        for it in listed:
            if it["AttributeName"] == "restore":
                return sorted(set(it["AttributeValues"]))  # moto lists an account as often as it was added
        return []


@pytest.fixture
def moto(request, moto_url):
    urllib.request.urlopen(urllib.request.Request(f"{moto_url}/moto-api/reset", method="POST")).close()
    return Moto(moto_url, getattr(request, "param", "cluster"))


of_both_kinds = pytest.mark.parametrize("moto", KINDS, indirect=True)


class Subject:
    """The configuration: a copy `After` of `before`, and perhaps its share."""

    def __init__(self, workspace, moto):
        self.workspace = workspace
        self.copy = {
            "snapshot_kind": moto.kind,
            "source_snapshot_identifier": "before",
            "target_snapshot_identifier": "After",
            "kms_key_id": "alias/mine",
        }
        self.share = None
        self.set()

    def set(self, provider="", share=None, **copy):
        self.copy |= copy
        self.share = share or self.share
        resources = {"snapshot_reencrypt_copy": {"x": {**self.copy, "lifecycle": {"create_before_destroy": True}}}}
        if self.share:
            resources["snapshot_share"] = {
                "x": {
                    "snapshot_identifier": f"${{{COPY}.arn}}",
                    "account_ids": self.share,
                }
            }
        self.workspace.write("main.tf.json", json.dumps({"resource": resources}))
        self.workspace.write(
            "provider.tf",
            f"""
terraform {{
  required_providers {{
    snapshot = {{ source = "rds-snapshot/snapshot" }}
  }}
}}

provider "snapshot" {{
  region = "{REGION}"
  {provider}
}}
""",
        )


@pytest.fixture
def workspace(request, sandbox, binaries, moto_url, providers):
    use_overrides(sandbox, binaries)
    environment = sandbox.environment(
        AWS_ACCESS_KEY_ID=KEYS["aws_access_key_id"],
        AWS_SECRET_ACCESS_KEY=KEYS["aws_secret_access_key"],
        AWS_ENDPOINT_URL=moto_url,
        TF_SNAPSHOT_TIME_SCALE="600",
    )
    folder = sandbox.subfolder("workspace")
    workspace = Workspace(folder, request.config.terraform, environment, providers=providers())
    yield workspace
    workspace.end()


@pytest.fixture
def subject(workspace, moto):
    return Subject(workspace, moto)


@of_both_kinds
def test_a_copy_and_its_share_are_made_settled_and_destroyed(subject, workspace, moto):
    subject.set(share=[OTHER], tags={"Team": "orders and stock: +/=@"})
    workspace.apply()
    assert workspace.is_settled()
    made = workspace.state()[COPY]
    assert made["arn"] == moto.arn("after")
    assert made["kms_key_arn"] == moto.key
    assert made["status"] == "available"
    assert moto.tags("after")["Team"] == "orders and stock: +/=@"
    assert moto.tags("after")[MARK].split()[1] == made["holder_id"]
    assert moto.shared_with("after") == [OTHER]
    workspace.destroy()
    assert not workspace.managed() and "after" not in moto.names()


@of_both_kinds
def test_updates_in_place(subject, workspace, moto):
    subject.set(share=[OTHER], tags={"Team": "orders", "Gone": "soon"})
    workspace.apply()
    before = workspace.state()[COPY]
    subject.set(share=[OTHER, THIRD], tags={"Team": "stock"})
    assert workspace.apply().done == [(COPY, "update"), (SHARE, "update")]
    assert moto.shared_with("after") == [OTHER, THIRD]
    subject.set(share=[THIRD])
    workspace.apply()
    assert workspace.is_settled()
    assert moto.shared_with("after") == [THIRD]
    tags = moto.tags("after")
    assert tags.pop(MARK).split()[1] == before["holder_id"]
    assert tags == {"Team": "stock"}


@of_both_kinds
def test_another_source_and_another_key_need_another_name(subject, workspace, moto):
    subject.set(share=[OTHER])
    workspace.apply()
    moto.take("later")
    key = moto.add_key("alias/other")
    subject.set(source_snapshot_identifier="later", kms_key_id=key)
    workspace.plan(ok=False).assert_error(moto.arn("after"), moto.arn("later"), '"after-2"')
    subject.set(target_snapshot_identifier="after-2")
    workspace.apply()
    assert workspace.is_settled()
    after = workspace.state()[COPY]
    assert (after["source_snapshot_arn"], after["kms_key_arn"]) == (moto.arn("later"), key)
    assert "after" not in moto.names() and moto.shared_with("after-2") == [OTHER]


@of_both_kinds
def test_replaced_it_is_adopted(subject, workspace, moto):
    workspace.apply()
    before = workspace.state()[COPY]
    workspace.apply(f"-replace={COPY}").assert_warning("adopted", moto.arn("after"))
    after = workspace.state()[COPY]
    assert after["snapshot_create_time"] == before["snapshot_create_time"] and workspace.is_settled()
    assert moto.tags("after")[MARK].split()[1] == after["holder_id"] != before["holder_id"]


def test_another_spelling_is_no_change(subject, workspace, moto):
    workspace.apply()
    for key in (moto.key, moto.key.partition("key/")[2], moto.key.rpartition(":")[0] + ":alias/mine"):
        subject.set(kms_key_id=key, source_snapshot_identifier=moto.arn("before"))
        assert workspace.is_settled()


@of_both_kinds
def test_what_was_deleted_or_revoked_outside_is_made_again(subject, workspace, moto):
    subject.set(share=[OTHER])
    workspace.apply()
    moto.drop("after")
    assert workspace.apply().done == [(COPY, "create"), (SHARE, "create")]
    assert workspace.is_settled()
    assert moto.shared_with("after") == [OTHER]


@of_both_kinds
def test_imported(subject, workspace, moto):
    subject.set(share=[OTHER])
    workspace.apply()
    before = workspace.state()
    workspace.run("state", "rm", COPY, SHARE)
    workspace.import_(COPY, f"{moto.kind}:after")
    workspace.import_(SHARE, moto.arn("after"))
    workspace.apply()
    after = workspace.state()
    for name in ("arn", "holder_id", "source_snapshot_create_time"):
        assert after[COPY][name] == before[COPY][name]
    assert after[SHARE]["account_ids"] == [OTHER]


def test_a_lost_state_is_adopted_and_a_hand_made_snapshot_is_refused(subject, workspace, moto):
    workspace.apply()
    before = workspace.state()[COPY]
    workspace.remove("terraform.tfstate")
    workspace.apply()
    assert workspace.state()[COPY]["snapshot_create_time"] == before["snapshot_create_time"]
    workspace.destroy()
    moto.take("after")
    refused = workspace.apply(ok=False)
    refused.assert_error(moto.arn("after"))
    assert MARK not in moto.tags("after") and "after" in moto.names()


def test_a_source_that_is_not_there_is_named(subject, workspace, moto):
    subject.set(source_snapshot_identifier="nowhere")
    workspace.apply(ok=False).assert_error("nowhere", "DBClusterSnapshotNotFoundFault", ACCOUNT, REGION)
    assert "after" not in moto.names()


def test_a_key_that_is_not_there_is_named(subject, workspace, moto):
    subject.set(kms_key_id="alias/nowhere")
    workspace.apply(ok=False).assert_error("alias/nowhere", "NotFoundException", ACCOUNT, REGION)
    assert "after" not in moto.names()


def test_a_role_of_another_account_acts_there(subject, workspace, moto):
    """Moto keeps accounts apart by the credentials that its AssumeRole gives."""
    subject.set(THE_OTHER_ACCOUNT)
    workspace.plan()
    assert workspace.planned(COPY)["after"]["arn"] == moto.arn("after", OTHER)
    workspace.apply(ok=False).assert_error("alias/mine", OTHER, REGION)
    assert "after" not in moto.names()


def test_a_wrong_account_is_refused_before_anything_else(subject, workspace, moto):
    subject.set(f'allowed_account_ids = ["{OTHER}"]')
    workspace.plan(ok=False).assert_error(ACCOUNT, OTHER, "allowed_account_ids")


def test_the_account_of_the_state_is_not_the_provider_s(subject, workspace, moto):
    workspace.apply()
    subject.set(THE_OTHER_ACCOUNT)
    workspace.plan(ok=False).assert_error(f"belongs to account {ACCOUNT}", f"are of account {OTHER}")
    assert COPY in workspace.state() and "after" in moto.names()


def test_data_sources_call_nothing(subject, workspace, moto, moto_url):
    """With an address at which nobody answers."""
    workspace.remove("main.tf.json")
    workspace.write(
        "policies.tf",
        f"""
data "snapshot_key_policy" "x" {{
  side                = "source"
  owner_account_id    = "{ACCOUNT}"
  reader_account_ids  = ["{OTHER}"]
  regions             = ["{REGION}"]
}}

output "json" {{
  value = data.snapshot_key_policy.x.json
}}
""",
    )
    workspace.apply(environment={"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    key = moto.kms.create_key(Policy=workspace.outputs()["json"])["KeyMetadata"]
    told = moto.kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
    assert json.loads(told) == json.loads(workspace.outputs()["json"])
