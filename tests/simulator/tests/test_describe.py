# SPDX-License-Identifier: MPL-2.0
import pytest

from .names import BOTH, CLUSTER, INSTANCE, NEW, OLD, OTHER_REGION, REGION, THIRD

both = pytest.mark.parametrize("kind", BOTH, ids=lambda kind: kind.name)


def names(kind, found):
    return [s[f"{kind.snapshot}Identifier"] for s in found]


@pytest.fixture
def shared(aws):
    """A snapshot of NEW's that OLD may see, for either kind."""

    def add(kind, name="theirs", **fields):
        arn = kind.add(aws, name, account=NEW, tags={"secret": "1"}, **fields)
        aws.change_snapshot(arn, shared_with=[OLD])
        return arn

    return add


@both
def test_by_name_and_by_own_arn(aws, rds, kind, refused):
    arn = kind.add(aws, "s")
    kind.add(aws, "other")
    assert names(kind, kind.describe(rds, "s")) == names(kind, kind.describe(rds, arn)) == ["s"]
    for missing in ("missing", kind.arn("missing"), kind.arn("s", region=OTHER_REGION)):
        with refused(kind.not_found, status=404):
            kind.describe(rds, missing)


@both
def test_a_foreign_snapshot_is_seen_by_arn_only(aws, rds, kind, shared, refused):
    arn = shared(kind)
    for options in ({"IncludeShared": True}, {"SnapshotType": "shared"}):
        found = kind.describe(rds, arn, **options)[0]
        assert found[f"{kind.snapshot}Identifier"] == found[f"{kind.snapshot}Arn"] == arn
        assert (found["SnapshotType"], found["TagList"]) == ("shared", [])
        with refused(kind.not_found):
            kind.describe(rds, "theirs", **options)
    with refused(kind.not_found):
        kind.describe(rds, arn)


@both
def test_not_shared_means_not_found(aws, new, rds, kind, refused):
    arn = kind.add(aws, "s", account=NEW)
    aws.change_snapshot(arn, shared_with=[THIRD])
    with refused(kind.not_found):
        kind.describe(rds, arn, IncludeShared=True)


@both
def test_types(aws, rds, kind, shared, refused):
    kind.add(aws, "m"), kind.add(aws, "rds:a", type="automated")
    theirs = shared(kind)
    public = kind.add(aws, "public", account=THIRD, encrypted=False)
    aws.change_snapshot(public, shared_with=["all"])

    def seen(**options):
        return set(names(kind, kind.describe(rds, **options)))

    assert seen() == {"m", "rds:a"}
    assert seen(SnapshotType="manual") == seen(SnapshotType="manual", IncludeShared=True) == {"m"}
    assert seen(SnapshotType="automated") == {"rds:a"}
    assert seen(SnapshotType="shared") == {theirs}
    assert seen(SnapshotType="public") == {public}
    assert seen(IncludeShared=True, IncludePublic=True) == {"m", "rds:a", theirs, public}
    with refused("InvalidParameterValue", "Invalid snapshot type"):
        seen(SnapshotType="special")


@both
def test_filters_take_several_values_and_combine(aws, rds, kind):
    engines = {"cluster": ("aurora-mysql", "neptune"), "instance": ("mysql", "postgres")}[kind.name]
    for name, engine in (("a", engines[0]), ("b", engines[1]), ("c", engines[1])):
        kind.add(aws, name, engine=engine)
    by_id = {"cluster": "db-cluster-snapshot-id", "instance": "db-snapshot-id"}[kind.name]

    def seen(*filters):
        given = [{"Name": name, "Values": values} for name, values in filters]
        return names(kind, kind.describe(rds, Filters=given))

    assert seen((by_id, ["A", "c", "missing"])) == ["a", "c"]
    assert seen((by_id, [kind.arn("a")])) == ["a"]
    assert seen((by_id, ["a", "b"]), ("engine", [engines[1]])) == ["b"]
    assert seen(("snapshot-type", ["automated", "manual"])) == ["a", "b", "c"]
    assert seen((by_id, ["missing"])) == []


def test_filter_by_source(aws, rds):
    aws.add_cluster(OLD, REGION, "db1"), aws.add_cluster(OLD, REGION, "db2")
    CLUSTER.create(rds, "db1", "s1"), CLUSTER.create(rds, "db2", "s2")
    assert names(CLUSTER, CLUSTER.describe(rds, DBClusterIdentifier="DB1")) == ["s1"]
    given = [
        {"Name": "db-cluster-id", "Values": ["db1", "arn:aws:rds:eu-central-1:111111111111:cluster:db2"]}
    ]
    assert names(CLUSTER, CLUSTER.describe(rds, Filters=given)) == ["s1", "s2"]


@both
def test_unknown_filter(aws, rds, kind, refused):
    with refused("InvalidParameterValue", "Unrecognized filter name: colour"):
        kind.describe(rds, Filters=[{"Name": "colour", "Values": ["red"]}])


def test_two_identifiers_exclude_each_other(rds, refused):
    with refused("InvalidParameterCombination"):
        CLUSTER.describe(rds, "s", DBClusterIdentifier="db")


@both
def test_pages(aws, rds, kind, refused):
    for n in range(45):
        kind.add(aws, f"s{n:02d}")
    pages, marker = [], {}
    while True:
        page = kind.describe_page(rds, MaxRecords=20, **marker)
        pages.append(names(kind, page[f"{kind.snapshot}s"]))
        if "Marker" not in page:
            break
        marker = {"Marker": page["Marker"]}
    assert [len(page) for page in pages] == [20, 20, 5]
    assert sum(pages, []) == [f"s{n:02d}" for n in range(45)]
    for records in (19, 101):
        with refused("InvalidParameterValue", "MaxRecords"):
            kind.describe(rds, MaxRecords=records)
    with refused("InvalidParameterValue", "marker"):
        kind.describe(rds, Marker="ü")


def test_a_short_page_may_have_a_marker(aws, rds):
    for n in range(5):
        CLUSTER.add(aws, f"s{n}")
    aws.settings(page_size=2)
    first = CLUSTER.describe_page(rds)
    assert len(first["DBClusterSnapshots"]) == 2
    rds.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="s1")  # the marker's own snapshot
    rest = CLUSTER.describe_page(rds, Marker=first["Marker"])
    assert names(CLUSTER, rest["DBClusterSnapshots"]) == ["s2", "s3"]


def test_regions_and_accounts_are_apart(aws, old, new):
    CLUSTER.add(aws, "s")
    assert CLUSTER.describe(old.client("rds", OTHER_REGION)) == []
    assert CLUSTER.describe(new.client("rds")) == []


def test_instance_fields(aws, rds):
    aws.add_instance(OLD, REGION, "db", kms_key_id="aws/rds", engine="postgres")
    INSTANCE.create(rds, "db", "s")
    found = INSTANCE.describe(rds, "s")[0]
    assert found["Encrypted"] is True and found["Engine"] == "postgres"
    assert found["DBInstanceIdentifier"] == "db" and found["DbiResourceId"].startswith("db-")
    assert found["KmsKeyId"].startswith(f"arn:aws:kms:{REGION}:{OLD}:key/")
