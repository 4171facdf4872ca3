# SPDX-License-Identifier: MPL-2.0
"""A spelling is not a change: what an argument means decides, and the text of the state stays."""

import itertools

import pytest
from harness.resources import BEFORE_DESTROY, MARK, Copy
from harness.world import NEW, OLD, REGION, snapshot_arn

ADDRESS = "snapshot_reencrypt_copy.x"
ELSEWHERE = "eu-west-1"
ALIAS_ARN = f"arn:aws:kms:{REGION}:{OLD}:alias/mine"


def key_spellings(copy):
    return {"id": copy.key.rpartition("/")[2], "arn": copy.key, "alias": "alias/mine", "alias_arn": ALIAS_ARN}


def source_spellings(copy):
    return {
        "name": "before",
        "arn": copy.source_arn,
        "upper": "BEFORE",
        "upper_arn": copy.source_arn.replace("before", "Before"),
    }


def quoted(text):
    return f'"{text}"'


def assert_the_first_stays(copy, argument, spellings, first):
    """Applied with the first spelling; every other one is an empty plan, and the state keeps the first."""
    copy.set(**{argument: quoted(spellings[first])})
    copy.apply()
    for name, text in spellings.items():
        copy.set(**{argument: quoted(text)})
        settled = copy.workspace.is_settled()
        assert settled, name
        assert not settled.outcome.warnings
    copy.apply()
    assert copy.state[argument] == spellings[first]
    assert copy.copies == 1


@pytest.mark.parametrize("first", ["id", "arn", "alias", "alias_arn"])
def test_a_key_in_four_spellings(cluster_copy, first):
    assert_the_first_stays(cluster_copy, "kms_key_id", key_spellings(cluster_copy), first)


@pytest.mark.parametrize("first", ["name", "arn", "upper", "upper_arn"])
def test_a_source_in_four_spellings(cluster_copy, first):
    assert_the_first_stays(cluster_copy, "source_snapshot_identifier", source_spellings(cluster_copy), first)


@pytest.mark.parametrize("first", ["after", "After", "AFTER"])
def test_a_target_in_any_case(cluster_copy, first):
    spellings = {text: text for text in ("after", "After", "AFTER")}
    assert_the_first_stays(cluster_copy, "target_snapshot_identifier", spellings, first)
    assert cluster_copy.state["arn"] == cluster_copy.arn


def test_an_instance_copy_in_all_of_them_at_once(workspace, world):
    copy = Copy(workspace, world, "instance")
    copy.apply()
    for key, source in itertools.product(key_spellings(copy).values(), source_spellings(copy).values()):
        copy.set(
            kms_key_id=quoted(key), source_snapshot_identifier=quoted(source), target_snapshot_identifier='"AFTER"'
        )
        settled = copy.workspace.is_settled()
        assert settled, (key, source)
    assert copy.copies == 1


def test_what_is_configured_now_is_what_a_call_uses_and_an_update_keeps_the_text_before(cluster_copy):
    copy = cluster_copy
    copy.apply()
    texts = ("kms_key_id", "source_snapshot_identifier", "target_snapshot_identifier")
    before = {name: copy.state[name] for name in texts}
    now = {"kms_key_id": copy.key, "source_snapshot_identifier": copy.source_arn, "target_snapshot_identifier": "AFTER"}
    copy.set(**{name: quoted(text) for name, text in now.items()}, tags='{ a = "b" }')
    assert copy.workspace.plan().actions == {ADDRESS: "update"}
    after = copy.workspace.planned(ADDRESS)["after"]
    assert {name: after[name] for name in before} == before
    copy.workspace.apply_plan()
    assert {name: copy.state[name] for name in before} == before and copy.workspace.is_settled()
    # What has failed is copied again, as the configuration says now.
    copy.world.aws.change_snapshot(copy.arn, status="failed")
    copy.apply()
    assert {name: copy.state[name] for name in now} == now and copy.workspace.is_settled()
    call = copy.world.copies_made()[-1]["parameters"]
    assert (call["KmsKeyId"], call["SourceDBClusterSnapshotIdentifier"]) == (copy.key, copy.source_arn)
    assert call["TargetDBClusterSnapshotIdentifier"] == "after" and copy.copies == 2


# ---- Multi-Region keys


@pytest.fixture
def multi_region_copy(workspace, world):
    """Of a snapshot here, made in the other Region, where the key has its replica."""
    kms = world.accounts[OLD].client("kms", REGION)
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]
    kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion=ELSEWHERE)
    world.aws.add_snapshot(OLD, REGION, "before")

    def write(spelling):
        workspace.write(
            "main.tf",
            f'resource "snapshot_reencrypt_copy" "x" {{\n  region = "{ELSEWHERE}"\n'
            f'  source_snapshot_identifier = "{snapshot_arn("before")}"\n'
            f'  target_snapshot_identifier = "after"\n  kms_key_id = "{spelling}"\n}}\n',
        )

    return workspace, write, key["KeyId"], key["Arn"]


@pytest.mark.parametrize("first", ["id", "replica"])
def test_the_id_of_a_multi_region_key_means_the_one_in_the_region_of_the_copy(multi_region_copy, world, first):
    workspace, write, key_id, key_arn = multi_region_copy
    replica = key_arn.replace(REGION, ELSEWHERE)
    spellings = {"id": key_id, "replica": replica}
    write(spellings[first])
    workspace.apply()
    assert (
        world.snapshot("after", OLD, ELSEWHERE)["kms_key_arn"] == replica == workspace.state()[ADDRESS]["kms_key_arn"]
    )
    for spelling in spellings.values():
        write(spelling)
        assert workspace.is_settled(), spelling
    assert workspace.state()[ADDRESS]["kms_key_id"] == spellings[first]
    assert len(world.copies_made()) == 1


def test_the_arn_in_another_region_is_an_error_that_names_the_replica(multi_region_copy, world):
    workspace, write, key_id, key_arn = multi_region_copy
    write(key_arn)
    refused = workspace.plan(ok=False)
    refused.assert_error(key_arn, key_arn.replace(REGION, ELSEWHERE), f'"{key_id}"', ELSEWHERE)
    assert refused.errors[0].code.startswith("kms_key_id")
    assert not world.copies_made()


# ---- An alias that moved, a key that nobody may describe


def other_key(copy):
    return copy.world.aws.add_key(OLD, REGION)


def test_a_moved_alias_is_an_empty_plan_and_one_warning(copy):
    copy.apply()
    new = other_key(copy)
    copy.world.accounts[OLD].client("kms", REGION).update_alias(AliasName="alias/mine", TargetKeyId=new)
    for _ in range(2):
        settled = copy.workspace.is_settled()
        assert settled
        (warning,) = settled.outcome.warnings
        for text in (copy.key, new, "another target_snapshot_identifier"):
            assert text in warning.text
        assert warning.code.startswith("kms_key_id")
    copy.apply()
    assert copy.copies == 1 and copy.snapshot["kms_key_arn"] == copy.key
    # And what the warning proposes.
    copy.lifecycle, copy.arn = BEFORE_DESTROY, copy.arn.replace(":after", ":after-2")
    copy.set(target_snapshot_identifier='"after-2"')
    copy.apply()
    assert copy.copies == 2 and copy.snapshot["kms_key_arn"] == new and copy.workspace.is_settled()


DENIED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "kms:DescribeKey", "Resource": "*"},
    ],
}


@pytest.mark.parametrize("first, then", [("arn", "alias"), ("alias", "alias_arn"), ("id", "alias_arn")])
def test_a_key_that_may_not_be_described_is_an_empty_plan_and_a_warning(cluster_copy, first, then):
    copy = cluster_copy
    copy.set(kms_key_id=quoted(key_spellings(copy)[first]))
    copy.apply()
    copy.world.aws.identity_policy(OLD, DENIED)
    copy.set(kms_key_id=quoted(key_spellings(copy)[then]))
    settled = copy.workspace.is_settled()
    assert settled
    (warning,) = settled.outcome.warnings
    assert "kms:DescribeKey" in warning.text and key_spellings(copy)[then] in warning.text
    assert warning.code.startswith("kms_key_id")
    # Texts that can be compared need no answer.
    copy.set(kms_key_id=quoted(copy.key))
    settled = copy.workspace.is_settled()
    assert settled and not settled.outcome.warnings
    assert copy.copies == 1


# ---- The share's snapshot


@pytest.mark.parametrize("first", ["name", "arn", "upper", "upper_arn"])
def test_a_shared_snapshot_in_four_spellings(share, first):
    arn = share.arn
    spellings = {"name": "copy", "arn": arn, "upper": "COPY", "upper_arn": arn.replace(":copy", ":Copy")}
    kind = f'snapshot_kind = "{share.kind}"'
    share.set([NEW], spellings[first], kind)
    share.apply()
    for text in spellings.values():
        share.set([NEW], text, kind)
        assert share.workspace.is_settled(), text
    assert share.state["snapshot_identifier"] == spellings[first]


# ---- Tags, at two levels, and some that are none of ours


def provide(copy, block):
    text = (copy.workspace.folder / "provider.tf").read_text().partition('"eu-central-1"')
    copy.workspace.write("provider.tf", f"{text[0]}{text[1]}\n{block}\n}}\n")


DEFAULTS = 'default_tags {\n tags = { team = "ours", cost = "1" }\n }'


def test_a_tag_of_the_default_ones_too_is_no_endless_change(cluster_copy):
    copy = cluster_copy
    provide(copy, DEFAULTS)
    copy.set(tags='{ team = "ours", cost = "2" }')
    copy.apply()
    assert copy.tags == {"team": "ours", "cost": "2"} == copy.state["tags_all"]
    assert copy.workspace.is_settled()
    # From one level to the other: the state follows the configuration, and AWS has nothing to do.
    copy.set(tags='{ cost = "2" }')
    after = copy.world.aws.last_call()
    assert copy.workspace.plan().actions == {ADDRESS: "update"}
    copy.workspace.apply_plan()
    assert not copy.calls("AddTagsToResource", after=after) and not copy.calls("RemoveTagsFromResource", after=after)
    assert copy.workspace.is_settled()


@pytest.mark.parametrize("block", ['keys = ["theirs", "both"]', 'key_prefixes = ["the", "bo"]'])
def test_an_ignored_tag_is_no_change_whatever_becomes_of_it(cluster_copy, block):
    copy = cluster_copy
    provide(copy, f"ignore_tags {{\n {block}\n }}")
    copy.set(tags='{ a = "1", both = "mine" }')
    copy.apply()
    mark = copy.snapshot["tags"][MARK]
    for foreign in ({"both": "other"}, {"both": "other", "theirs": "x"}, {"theirs": "y"}):
        copy.world.aws.change_snapshot(copy.arn, tags={"a": "1", MARK: mark, **foreign})
        assert copy.workspace.is_settled(), foreign
    copy.set(tags='{ a = "2", both = "mine" }')
    copy.apply()
    assert copy.tags["a"] == "2" and copy.tags["theirs"] == "y" and copy.workspace.is_settled()
