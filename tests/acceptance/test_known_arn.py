# SPDX-License-Identifier: MPL-2.0
"""The ARN of a copy is known before the copy is made, so nothing restored from it is replaced.

The cluster at the end of the chain does without `ignore_changes` here, and its `snapshot_identifier` is
ForceNew as in hashicorp/aws: an ARN that is unknown, or another one, would replace it, data and all.
"""

import pytest
from harness.world import MODULE, NEW, OLD, REGION, snapshot_arn

FIRST = "snapshot_reencrypt_copy.source"
SHARE = "snapshot_share.target"
SECOND = "snapshot_reencrypt_copy.target[0]"
CLUSTER = "aws_rds_cluster.restored[0]"
MEMBER = "aws_rds_cluster_instance.restored[0]"
ELSEWHERE = "eu-west-1"
IGNORED = "ignore_changes = [snapshot_identifier, "


def ignoring_nothing(chain):
    text = (chain.folder / "target.tf").read_text()
    assert IGNORED in text
    chain.write("target.tf", text.replace(IGNORED, "ignore_changes = ["))
    return chain


@pytest.fixture
def strict(applied):
    return ignoring_nothing(applied)


def override(workspace, address, text):
    kind, name = address.partition("[")[0].split(".")
    workspace.write("override.tf", f'resource "{kind}" "{name}" {{\n{text}\n}}\n')


def unknown_until_applied(workspace, value):
    workspace.write("later.tf", f'resource "terraform_data" "later" {{ input = "{value}" }}\n')
    return "terraform_data.later.output"


def test_a_new_chain_is_planned_with_every_arn(chain):
    strict_chain = ignoring_nothing(chain)
    strict_chain.plan()
    first, second = snapshot_arn("orders-shared-1", OLD), snapshot_arn("orders-1", NEW)
    after = {a: strict_chain.planned(a)["after"] for a in (FIRST, SHARE, SECOND, CLUSTER)}
    assert after[FIRST]["arn"] == after[SHARE]["snapshot_identifier"] == after[SHARE]["snapshot_arn"] == first
    assert after[SECOND]["source_snapshot_identifier"] == after[SECOND]["source_snapshot_arn"] == first
    assert after[SECOND]["arn"] == after[CLUSTER]["snapshot_identifier"] == second


# ---- Whatever becomes of the copies under their names, the cluster stays


def unknown(argument, value):
    """Of the first copy; what it was before, known only when applied."""

    def change(workspace, world):
        value_before = workspace.state()[FIRST][value]
        override(workspace, FIRST, f"{argument} = {unknown_until_applied(workspace, value_before)}")

    return change


def gone(name, account):
    return lambda workspace, world: world.aws.remove_snapshot(snapshot_arn(name, account))


def failed(name, account):
    return lambda workspace, world: world.aws.change_snapshot(snapshot_arn(name, account), status="failed")


def nothing(workspace, world):
    pass


BOTH = {FIRST, SECOND}
# what happens, which copies are made again, arguments
REASONS = {
    "an unknown source": (unknown("source_snapshot_identifier", "source_snapshot_arn"), set(), ()),
    "an unknown key": (unknown("kms_key_id", "kms_key_arn"), set(), ()),
    "the first gone": (gone("orders-shared-1", OLD), {FIRST}, ()),
    "the second gone": (gone("orders-1", NEW), {SECOND}, ()),
    "the first failed": (failed("orders-shared-1", OLD), {FIRST}, ()),
    "the second failed": (failed("orders-1", NEW), {SECOND}, ()),
    "both replaced": (nothing, set(), (f"-replace={FIRST}", f"-replace={SECOND}")),
}


@pytest.mark.parametrize("reason", REASONS)
def test_the_cluster_stays(strict, world, reason):
    change, expected, arguments = REASONS[reason]
    change(strict, world)
    before, cluster, after = strict.state(), world.cluster("orders"), world.aws.last_call()
    planned = strict.plan(*arguments)
    assert not {CLUSTER, MEMBER} & planned.actions.keys() and planned.actions, planned
    for address in BOTH:
        assert strict.planned(address)["after"]["arn"] == before[address]["arn"], address
    strict.apply_plan()
    copied = {c["parameters"]["TargetDBClusterSnapshotIdentifier"] for c in world.copies_made(after=after)}
    assert copied == {before[address]["target_snapshot_identifier"] for address in expected}
    if reason == "the first failed":  # only the next plan sees that what took its place is not shared
        assert strict.plan().actions == {SHARE: "create"}
        strict.apply_plan()
    assert world.snapshot("orders-shared-1")["shared_with"] == [NEW]
    assert world.cluster("orders") == cluster
    assert strict.is_settled()


def test_an_unknown_provider_configuration_replaces_nothing(strict, world):
    """Its account could be any by then: what is in state stays known all the same."""
    text = (strict.folder / "providers.tf").read_text()
    assert text.count("region              = var.region") == 4
    ours = text.index('provider "snapshot"')
    later = f"region = {unknown_until_applied(strict, REGION)}"
    strict.write("providers.tf", text[:ours] + text[ours:].replace("region              = var.region", later))
    before, after = {a: i.values for a, i in strict.managed().items()}, world.aws.last_call()
    planned = strict.plan()
    assert planned.actions == {"terraform_data.later": "create"}, planned
    strict.apply_plan()
    assert strict.is_settled()
    now = {a: i.values for a, i in strict.managed().items()}
    assert {a: now[a] for a in before} == before and not world.copies_made(after=after)


# ---- What does not reach those behind


def test_a_resume_a_tag_and_an_adoption_reach_nobody(strict, world):
    def reaches_only_the_first(done):
        assert [a for a, _ in done.done if not a.startswith("data.")] == [FIRST], done
        assert strict.is_settled()

    override(strict, FIRST, 'tags = { a = "b" }')
    assert strict.plan().actions == {FIRST: "update"}
    reaches_only_the_first(strict.apply())

    world.aws.change_snapshot(snapshot_arn("orders-shared-1"), status="copying", percent=50)
    assert strict.plan().actions == {FIRST: "update"}
    running = strict.start("apply", "-json", "-auto-approve")
    world.wait_until(
        lambda: [
            m for m in running.messages() if m["type"] == "apply_start" and m["hook"]["resource"]["addr"] == FIRST
        ],
        "the resume",
        60,
    )
    world.aws.change_snapshot(snapshot_arn("orders-shared-1"), status=None)
    reaches_only_the_first(running.wait())

    strict.run("state", "rm", FIRST)
    adopted = strict.apply()
    adopted.assert_warning("adopted", snapshot_arn("orders-shared-1"))
    assert len(world.copies_made()) == 2 and strict.is_settled()


# ---- Two Regions: the second copy and the cluster are in another one than the first


@pytest.fixture
def strict_in_two_regions(chain):
    """All but the source and its snapshot is in the other Region, the old account's key by a provider of its own."""
    strict_chain = ignoring_nothing(chain)
    providers = (strict_chain.folder / "providers.tf").read_text()
    of_the_source = providers[
        providers.index('provider "aws"') : providers.index('provider "aws"', providers.index('"source"'))
    ]
    strict_chain.write("key.tf", of_the_source.replace('alias               = "source"', 'alias = "source_key"'))
    strict_chain.write("providers.tf", providers.replace("region              = var.region", f'region = "{REGION}"', 1))
    strict_chain.copy_from(MODULE, "source.tf")
    strict_chain.set_variables(source_region=REGION, region=ELSEWHERE, copy_across_regions_first=True)
    strict_chain.apply()
    return strict_chain


@pytest.mark.tenth
@pytest.mark.parametrize("reason", ["the first gone", "the second failed", "both replaced"])
def test_in_two_regions_the_cluster_stays_as_well(strict_in_two_regions, world, reason):
    workspace = strict_in_two_regions
    first, second = snapshot_arn("orders-shared-1", OLD, ELSEWHERE), snapshot_arn("orders-1", NEW, ELSEWHERE)
    cluster = world.cluster("orders")
    assert workspace.state()[FIRST]["source_snapshot_arn"] == snapshot_arn("orders-1", OLD, REGION)
    assert cluster["region"] == ELSEWHERE and cluster["snapshot_arn"] == second
    arguments = REASONS[reason][2]
    if reason == "the first gone":
        world.aws.remove_snapshot(first)
    elif reason == "the second failed":
        world.aws.change_snapshot(second, status="failed")
    planned = workspace.plan(*arguments)
    assert not {CLUSTER, MEMBER} & planned.actions.keys() and planned.actions, planned
    assert [workspace.planned(a)["after"]["arn"] for a in (FIRST, SECOND)] == [first, second]
    workspace.apply_plan()
    assert world.cluster("orders") == cluster and workspace.is_settled()


# ---- What does replace, and says so


def warnings_of_rename(outcome):
    ignored = "ignore_changes = [snapshot_identifier, final_snapshot_identifier]"
    return [d for d in outcome.warnings if ignored in d.text]


@pytest.mark.parametrize("ignores", [True, False], ids=["ignoring", "strict"])
def test_a_rename_replaces_a_cluster_that_does_not_ignore_it_and_warns_once(applied, world, ignores):
    workspace = applied if ignores else ignoring_nothing(applied)
    cluster = world.cluster("orders")
    override(workspace, SECOND, 'target_snapshot_identifier = "orders-2"')
    planned = workspace.plan()
    assert planned.actions[SECOND] == "replace"
    assert planned.actions.get(CLUSTER) == (None if ignores else "replace"), planned
    assert len(warnings_of_rename(planned)) == 1, planned
    (warning,) = warnings_of_rename(planned)
    assert warning.address == SECOND and warning.code.startswith("target_snapshot_identifier")
    assert snapshot_arn("orders-1", NEW) in warning.text
    workspace.apply()
    assert (world.cluster("orders") == cluster) == ignores
    assert workspace.is_settled()
