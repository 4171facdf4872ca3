# SPDX-License-Identifier: MPL-2.0
import pytest

from .names import BOTH, CLUSTER, NEW, OLD, REGION
from .policies import source_key_policy

both = pytest.mark.parametrize("kind", BOTH, ids=lambda kind: kind.name)


def tag_list(**tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tags_of(rds, arn):
    return {t["Key"]: t["Value"] for t in rds.list_tags_for_resource(ResourceName=arn)["TagList"]}


@both
def test_add_list_remove(aws, rds, kind):
    arn = kind.add(aws, "s", tags={"a": "1", "b": "2"})
    rds.add_tags_to_resource(ResourceName=arn, Tags=tag_list(b="3", c="ü _.:/=+-@"))
    assert tags_of(rds, arn) == {"a": "1", "b": "3", "c": "ü _.:/=+-@"}
    rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["a", "missing"])
    assert {t["Key"] for t in kind.describe(rds, "s")[0]["TagList"]} == {"b", "c"}
    assert aws.snapshot(arn)["tags"] == tags_of(rds, arn)


@both
def test_sent_tags_beat_copy_tags(aws, rds, kind):
    kind.add(aws, "s", tags={"a": "1", "aws:cloudformation:stack-id": "x"})
    kind.copy(rds, "s", "none")
    kind.copy(rds, "s", "copied", CopyTags=True)
    kind.copy(rds, "s", "sent", CopyTags=True, Tags=tag_list(z="9"))
    found = [tags_of(rds, kind.arn(name)) for name in ("none", "copied", "sent")]
    assert found == [{}, {"a": "1"}, {"z": "9"}]


def test_tags_of_a_shared_source_are_not_copied(aws, new):
    k1 = aws.add_key(OLD, REGION, policy=source_key_policy(OLD, [NEW], REGION))
    aws.change_snapshot(CLUSTER.add(aws, "s", kms_key_id=k1, tags={"a": "1"}), shared_with=[NEW])
    there = new.client("rds")
    CLUSTER.copy(there, CLUSTER.arn("s"), "t", CopyTags=True, KmsKeyId=aws.add_key(NEW, REGION))
    assert tags_of(there, CLUSTER.arn("t", account=NEW)) == {}


@pytest.mark.parametrize("tags, text", [
    (tag_list(**{"aws:x": "1"}), "reserved prefix"),
    (tag_list(**{"RDS:x": "1"}), "reserved prefix"),
    (tag_list(**{"k" * 129: "1"}), "1 to 128"),
    (tag_list(k="v" * 257), "256"),
    (tag_list(k="semi;colon"), "may only contain"),
    (tag_list(**{"new\nline": "1"}), "may only contain"),
    ([{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}], "Duplicate"),
    (tag_list(**{f"k{n}": "" for n in range(51)}), "more than 50"),
])  # fmt: skip
def test_tag_rules(aws, rds, tags, text, refused):
    arn = CLUSTER.add(aws, "s")
    with refused("InvalidParameterValue", text):
        CLUSTER.copy(rds, "s", "t", Tags=tags)
    with refused("InvalidParameterValue", text):
        rds.add_tags_to_resource(ResourceName=arn, Tags=tags)
    assert [s["identifier"] for s in aws.snapshots()] == ["s"]


def test_the_longest_tags_pass(aws, rds):
    CLUSTER.add(aws, "s")
    CLUSTER.copy(rds, "s", "t", Tags=tag_list(**{"k" * 128: "v" * 256, **{f"k{n}": "" for n in range(49)}}))


def test_fifty_tags_count_those_that_are_there(aws, rds, refused):
    arn = CLUSTER.add(aws, "s", tags={f"k{n}": "" for n in range(50)})
    rds.add_tags_to_resource(ResourceName=arn, Tags=tag_list(k0="again"))
    with refused("InvalidParameterValue", "more than 50"):
        rds.add_tags_to_resource(ResourceName=arn, Tags=tag_list(one_more=""))


@both
def test_unknown_and_foreign_snapshots(aws, rds, kind, refused):
    with refused(kind.not_found, status=404):
        rds.list_tags_for_resource(ResourceName=kind.arn("missing"))
    foreign = kind.add(aws, "s", account=NEW, encrypted=False)
    aws.change_snapshot(foreign, shared_with=[OLD])
    with refused("AccessDenied", status=403):
        rds.list_tags_for_resource(ResourceName=foreign)


def test_tags_of_other_things_are_motos(aws, rds):
    arn = aws.add_cluster(OLD, REGION, "db", tags={"a": "1"})
    rds.add_tags_to_resource(ResourceName=arn, Tags=tag_list(b="2"))
    assert tags_of(rds, arn) == {"a": "1", "b": "2"}
    rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["a"])
    assert aws.clusters()[0]["tags"] == {"b": "2"}


def test_a_cluster_hands_its_tags_to_its_snapshots(aws, rds):
    rds.create_db_cluster(
        DBClusterIdentifier="db",
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword="secret-secret",
        CopyTagsToSnapshot=True,
        Tags=tag_list(a="1"),
    )
    CLUSTER.create(rds, "db", "s")
    CLUSTER.create(rds, "db", "t", Tags=tag_list(b="2"))
    assert [tags_of(rds, CLUSTER.arn(n)) for n in "st"] == [{"a": "1"}, {"b": "2"}]
