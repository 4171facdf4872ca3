# SPDX-License-Identifier: MPL-2.0
"""Another name, kind or Region is another snapshot: made before the old one is deleted, or not at all."""

import pytest
from harness.debugged import debugged_provider
from harness.resources import BEFORE_DESTROY, Copy
from harness.world import OLD, REGION, snapshot_arn

pytestmark = pytest.mark.tenth

ADDRESS = Copy.address
ELSEWHERE = "eu-west-1"
LATE = "the name, kind or Region means another snapshot"
NEEDED = "lifecycle { create_before_destroy = true }"


def named(copy):
    return {"target_snapshot_identifier": "later"}, snapshot_arn("later")


def with_other_data(copy):
    key = copy.world.aws.add_key(OLD, REGION)
    arguments = {"target_snapshot_identifier": "later", "source_snapshot_identifier": "other", "kms_key_id": key}
    copy.add_source()
    return arguments, snapshot_arn("later")


def of_the_other_kind(copy):
    """Nothing takes the old one's place: it is another database's."""
    copy.world.allow_delete("after")
    source = copy.world.aws.add_snapshot(OLD, REGION, "before", kind="instance")
    return {"snapshot_kind": "instance", "source_snapshot_identifier": source}, snapshot_arn("after", kind="instance")


def elsewhere(copy):
    key = copy.world.aws.add_key(OLD, ELSEWHERE)
    arguments = {"region": ELSEWHERE, "kms_key_id": key, "source_snapshot_identifier": copy.source_arn}
    return arguments, snapshot_arn("after", region=ELSEWHERE)


PLACES = {"name": named, "name and data": with_other_data, "kind": of_the_other_kind, "Region": elsewhere}


@pytest.fixture
def copy(cluster_copy):
    cluster_copy.apply()
    return cluster_copy


@pytest.fixture(params=PLACES)
def moving(request, copy):
    """The copy and where it is to be; `move` writes that, the first argument perhaps known only when applied."""
    copy.place, copy.there = PLACES[request.param](copy)

    def move(late=False):
        texts = {name: f'"{value}"' for name, value in copy.place.items()}
        if late:
            name, value = next(iter(copy.place.items()))
            texts[name] = copy.later(value)
        copy.set(**texts)

    copy.move = move
    return copy


def is_available(copy, arn):
    return (copy.world.aws.snapshot(arn) or {}).get("status") == "available"


def assert_moved(copy, copies=2):
    assert copy.snapshot is None and is_available(copy, copy.there)
    assert copy.state["arn"] == copy.there and copy.copies == copies
    assert list(copy.workspace.managed()) == [ADDRESS] or "terraform_data.later" in copy.workspace.managed()
    assert copy.workspace.is_settled()


def allow_of_another_database(copy):
    """Of one database, the new copy itself allows it."""
    if "snapshot_kind" in copy.place:
        copy.world.allow_delete("after")


def assert_nothing_happened(copy, before, after):
    assert copy.changes(after) == [] and copy.workspace.state()[ADDRESS] == before


# ---- Known at plan


@pytest.mark.parametrize("saved", [True, False], ids=["saved", "direct"])
def test_with_create_before_destroy_the_new_copy_is_made_first(moving, saved):
    copy = moving
    copy.lifecycle = BEFORE_DESTROY
    copy.move()
    planned = copy.workspace.plan()
    assert planned.actions == {ADDRESS: "replace"}
    assert copy.workspace.planned(ADDRESS)["after"]["arn"] == copy.there
    (warning,) = [w for w in planned.warnings if "takes the place" in w.summary]
    assert warning.address == ADDRESS
    for text in (copy.arn, "ignore_changes = [snapshot_identifier, final_snapshot_identifier]", NEEDED):
        assert text in warning.text
    after = copy.world.aws.last_call()
    allow_of_another_database(copy)
    if saved:
        copy.workspace.apply_plan()
    else:
        copy.apply()
    assert [c.replace("Cluster", "") for c in copy.changes(after)] == ["CopyDBSnapshot", "DeleteDBSnapshot"]
    assert_moved(copy)


def test_without_it_the_apply_ends_before_any_effect_and_says_what_to_add(moving):
    copy = moving
    before, after = copy.instance, copy.world.aws.last_call()
    copy.move()
    assert copy.workspace.plan().actions == {ADDRESS: "replace"}
    refused = copy.workspace.apply_plan(ok=False)
    (error,) = refused.errors
    for text in (copy.arn, copy.there, NEEDED):
        assert text in error.text
    assert_nothing_happened(copy, before, after)
    copy.lifecycle = BEFORE_DESTROY
    copy.set()
    allow_of_another_database(copy)
    copy.apply()
    assert_moved(copy)


def test_a_destroy_does_not_mind_where_the_configuration_wants_it_by_now(moving):
    copy = moving
    copy.move()
    copy.workspace.destroy()
    assert copy.snapshot is None and copy.copies == 1


# ---- Known only in the apply


@pytest.mark.parametrize("lifecycle", ["", BEFORE_DESTROY], ids=["destroy first", "create first"])
def test_unknown_at_plan_it_ends_before_any_effect_and_the_next_apply_replaces(moving, lifecycle):
    copy = moving
    copy.lifecycle = lifecycle
    before, after = copy.instance, copy.world.aws.last_call()
    copy.move(late=True)
    planned = copy.workspace.plan()
    assert planned.actions[ADDRESS] == "update"
    assert copy.workspace.planned(ADDRESS)["after"]["arn"] == copy.arn
    for argument in ("source_snapshot_identifier", "kms_key_id"):
        if copy.place.get(argument, copy.source_arn) != copy.source_arn:
            planned.assert_warning(argument, copy.arn, "not known yet")
    refused = copy.workspace.apply_plan(ok=False)
    (error,) = refused.errors
    for text in (LATE, copy.arn, copy.there, "apply once more", "-refresh=false"):
        assert text in error.text
    assert_nothing_happened(copy, before, after)
    if not lifecycle:
        copy.apply(ok=False).assert_error(copy.arn, copy.there, NEEDED)
        assert_nothing_happened(copy, before, after)
        copy.lifecycle = BEFORE_DESTROY
        copy.set()
    allow_of_another_database(copy)
    copy.apply()
    assert_moved(copy)


@pytest.mark.parametrize("late", [False, True], ids=["known", "unknown"])
def test_replaced_and_renamed_at_once(copy, late):
    copy.there = snapshot_arn("later")
    before, after = copy.instance, copy.world.aws.last_call()
    copy.set(target_snapshot_identifier=copy.later("later") if late else '"later"')
    refused = copy.apply(f"-replace={ADDRESS}", ok=False)
    refused.assert_error(copy.arn, "not known yet" if late else copy.there, NEEDED)
    assert_nothing_happened(copy, before, after)
    copy.lifecycle = BEFORE_DESTROY
    copy.set()
    copy.apply(f"-replace={ADDRESS}")
    assert_moved(copy)


# ---- Between the two


@pytest.fixture
def renaming(copy):
    copy.there = snapshot_arn("later")
    copy.lifecycle = BEFORE_DESTROY
    copy.set(target_snapshot_identifier='"later"')
    return copy


def test_an_old_copy_that_could_not_be_deleted_is_deleted_by_the_next_apply(renaming):
    copy = renaming
    copy.fault("delete", "access_denied", count=None)
    copy.apply(ok=False).assert_error("DeleteDBClusterSnapshot", copy.arn)
    assert is_available(copy, copy.there) and is_available(copy, copy.arn)
    assert copy.workspace.state()[f"{ADDRESS} (deposed)"]["arn"] == copy.arn
    copy.world.aws.clear_faults()
    copy.apply()
    assert_moved(copy)


def test_stopped_while_the_new_copy_is_made_the_next_apply_waits_for_it_and_deletes_the_old_one_then(renaming):
    copy = renaming
    copy.world.copies_take(3600 * 1000)
    running = copy.workspace.start("apply", "-json", "-auto-approve")
    copy.world.wait_until(lambda: copy.world.aws.snapshot(copy.there), "the new copy")
    running.interrupt()
    running.wait().assert_warning("goes on in AWS", copy.there)
    assert copy.state["status"] == "copying" and is_available(copy, copy.arn)
    after = copy.world.aws.last_call()
    running = copy.workspace.start("apply", "-json", "-auto-approve")
    copy.world.wait_until(lambda: len(copy.calls("describe", "later", after)) > 3, "the resume")
    assert is_available(copy, copy.arn)
    copy.world.finish_copies()
    assert running.wait().ok
    assert_moved(copy)


def source_vanished(copy):
    copy.world.aws.remove_snapshot(copy.source_arn)
    return ["before"]


def source_failed(copy):
    copy.world.aws.change_snapshot(copy.source_arn, status="failed")
    return ["before", '"failed"']


def key_disabled(copy):
    copy.world.aws.change_key(copy.key, state="Disabled")
    return [copy.key, "Disabled"]


def quota_full(copy):
    copy.world.aws.settings(max_manual_snapshots=2)
    return ["quota", "2 of 2"]


def name_taken(copy):
    copy.world.aws.add_snapshot(OLD, REGION, "later")
    return [copy.there, "no readable mark"]


def copy_denied(copy):
    copy.fault("copy", "access_denied", count=None)
    return ["CopyDBClusterSnapshot", "AccessDenied"]


def copy_fails(copy):
    copy.fault("copy", "fail_copy", count=None)
    return [copy.there, '"failed"']


OBSTACLES = [source_vanished, source_failed, key_disabled, quota_full, name_taken, copy_denied, copy_fails]


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_what_cannot_be_made_costs_nothing(renaming, obstacle):
    """Whether it is found by us, refused by RDS or fails in the end: the old copy stays, in AWS and in the state."""
    copy = renaming
    texts = obstacle(copy)
    copy.set(block='timeouts {\n create = "2m"\n }')
    before, state = copy.snapshot, copy.instance
    copy.apply(ok=False).assert_error(*texts)
    assert copy.snapshot == before and copy.workspace.state()[ADDRESS] == state
    assert not copy.calls("delete", '"after"')
    copy.set(target_snapshot_identifier='"after"')
    copy.world.aws.change_key(copy.key, state="Enabled")
    copy.apply()
    assert copy.workspace.is_settled() and copy.snapshot == before


def test_a_retained_copy_is_left_in_either_order(copy):
    copy.set(deletion_policy='"retain"')
    copy.apply()
    before = copy.snapshot
    for name, lifecycle in (("later", ""), ("later-2", BEFORE_DESTROY)):
        copy.lifecycle = lifecycle
        copy.set(target_snapshot_identifier=f'"{name}"')
        copy.apply()
    assert copy.snapshot == before and copy.workspace.is_settled()
    assert copy.world.snapshot_names(OLD) == ["after", "before", "later", "later-2"]


# ---- In every way that Terraform has


def test_without_a_refresh_it_is_refused_and_says_how_to_plan_it(renaming):
    copy = renaming
    refused = copy.workspace.plan("-refresh=false", ok=False)
    refused.assert_error(LATE, copy.there, copy.arn, "-refresh=false")
    copy.apply()
    assert_moved(copy)


def test_without_a_refresh_everything_else_is_planned(copy):
    assert copy.workspace.plan("-refresh=false", "-detailed-exitcode", ok=None).code == 0
    copy.set(copy_tags="true")
    copy.apply("-refresh=false")
    copy.apply("-refresh=false", f"-replace={ADDRESS}").assert_warning("adopted")
    copy.workspace.destroy("-refresh=false")
    assert copy.snapshot is None and copy.copies == 1


@pytest.mark.parametrize("in_configuration", [True, False], ids=["block", "command"])
def test_imported_under_another_name(renaming, in_configuration):
    """The import brings the old name, the configuration wants the new one."""
    copy = renaming
    copy.workspace.remove("terraform.tfstate")
    if in_configuration:
        copy.workspace.write("import.tf", f'import {{\n  to = {ADDRESS}\n  id = "{copy.arn}"\n}}\n')
    else:
        copy.workspace.import_(ADDRESS, copy.arn)
    copy.apply()
    assert_moved(copy)


def test_while_the_provider_is_not_known_yet(renaming):
    """The state is not refreshed then, but core asks for it all the same."""
    copy = renaming
    provider = (copy.workspace.folder / "provider.tf").read_text()
    copy.workspace.write("provider.tf", provider.replace(f'"{REGION}"', copy.later(REGION)))
    assert copy.workspace.plan().actions[ADDRESS] == "replace"
    copy.workspace.apply_plan()
    assert_moved(copy)


@pytest.mark.host("1.6")
def test_in_terraform_test(cluster_copy, world):
    copy = cluster_copy
    copy.lifecycle = BEFORE_DESTROY
    copy.set(target_snapshot_identifier="var.name")
    copy.workspace.write("variables.tf", 'variable "name" { default = "after" }\n')
    copy.workspace.write(
        "rename.tftest.hcl",
        'run "made" {}\n'
        'run "planned" {\n  command = plan\n  variables { name = "later" }\n}\n'
        'run "renamed" {\n  variables { name = "later" }\n}\n',
    )
    world.allow_delete("later", later=True)  # at the end it destroys what it has made
    assert "3 passed" in copy.workspace.run("test", "-no-color").out
    assert len(world.copies_made()) == 2
    assert world.snapshot_names(OLD) == ["before"]


def test_by_one_process_for_all_walks(cluster_copy, binaries):
    copy = cluster_copy
    copy.lifecycle, copy.there = BEFORE_DESTROY, snapshot_arn("later")
    copy.set()
    with debugged_provider(binaries["rds-snapshot/snapshot"], copy.workspace):
        copy.apply()
        copy.set(target_snapshot_identifier='"later"')
        copy.apply()
        assert_moved(copy)
        copy.set(target_snapshot_identifier=copy.later("after"))
        copy.apply(ok=False).assert_error(LATE)
        assert is_available(copy, copy.there)
