# SPDX-License-Identifier: MPL-2.0
"""A name stands for its data: other data under it is an error of the plan, and another name is the way to it."""

import pytest
from harness.resources import BEFORE_DESTROY, Copy
from harness.world import OLD, REGION

SOURCE, KEY = "source_snapshot_identifier", "kms_key_id"
# The value before and another one.
OPTIONS = {
    "option_group_name": ('"mine"', '"theirs"'),
    "target_custom_availability_zone": ('"one"', "null"),
    "copy_option_group": ("true", "null"),
}
DATA = [("cluster", SOURCE), ("cluster", KEY), ("instance", SOURCE), ("instance", KEY),
        *[("instance", option) for option in OPTIONS]]  # fmt: skip
of_all_data = pytest.mark.parametrize("copy, argument", DATA, indirect=["copy"])


@pytest.fixture
def copy(request, workspace, world):
    made = Copy(workspace, world, request.param)
    if made.kind == "instance":
        made.set(**{name: first for name, (first, _) in OPTIONS.items()})
    made.apply()
    return made


of_both_kinds = pytest.mark.parametrize("copy", ["cluster", "instance"], indirect=True)


def others(copy, argument):
    """Another value for it, and how an error names the value before and that one."""
    if argument == SOURCE:
        return '"other"', copy.source_arn, copy.add_source()
    if argument == KEY:
        key = copy.world.aws.add_key(OLD, REGION)
        return f'"{key}"', copy.key, key
    before, now = (value.strip('"') for value in OPTIONS[argument])
    return OPTIONS[argument][1], f'{argument} = "{before}"', now.replace("null", "nothing")


# ---- Known at plan


@of_all_data
def test_it_is_an_error_that_says_what_is_so_and_what_to_do(copy, argument):
    before = copy.arguments[argument]
    now, was, wanted = others(copy, argument)
    copy.set(**{argument: now})
    after = copy.world.aws.last_call()
    refused = copy.workspace.plan(ok=False)
    refused.assert_error(copy.arn, was, copy.state["snapshot_create_time"], wanted)
    refused.assert_error('"after-2"', "create_before_destroy = true", f"put {argument} back")
    (error,) = refused.errors
    assert error.code.startswith(argument) and "cancel" not in error.text
    assert error.text.endswith("terraform destroy -refresh=false"), "its last line"
    copy.apply(ok=False).assert_error('"after-2"')
    assert copy.changes(after) == []
    copy.set(**{argument: before})
    settled = copy.workspace.is_settled()
    assert settled and not settled.outcome.warnings


@of_both_kinds
def test_it_stops_a_destroy_as_well_but_for_one_without_a_refresh(copy):
    copy.set(**{KEY: others(copy, KEY)[0]})
    copy.workspace.destroy(ok=False).assert_error("terraform destroy -refresh=false")
    assert copy.snapshot["status"] == "available"
    assert copy.workspace.destroy("-refresh=false").warnings == []
    assert copy.snapshot is None and copy.instance is None


@of_both_kinds
def test_under_another_name_it_is_copied_before_the_old_copy_is_deleted(copy):
    _, _, source = others(copy, SOURCE)
    _, _, key = others(copy, KEY)
    old, copy.arn = copy.arn, copy.arn.replace(":after", ":after-2")
    copy.lifecycle = BEFORE_DESTROY
    copy.set(target_snapshot_identifier='"after-2"', **{SOURCE: f'"{source}"', KEY: f'"{key}"'})
    after = copy.world.aws.last_call()
    copy.apply()
    assert copy.changes(after) == [copy.operation("copy"), copy.operation("delete")]
    assert copy.world.aws.snapshot(old) is None and copy.snapshot["kms_key_arn"] == key
    assert copy.state["source_snapshot_arn"] == source and copy.workspace.is_settled()


@pytest.mark.parametrize("kind, is_told", [("cluster", True), ("instance", False)])
def test_of_a_copy_under_way_it_says_how_to_cancel_where_rds_allows_that(workspace, world, kind, is_told):
    """RDS deletes no instance snapshot in "creating"."""
    copy = Copy(workspace, world, kind)
    copy.stop_while_copying()
    copy.set(**{KEY: others(copy, KEY)[0]})
    (error,) = copy.workspace.plan(ok=False).errors
    assert ('To cancel it, delete the snapshot "after"' in error.text) == is_told
    copy.set(**{KEY: '"alias/mine"'})
    world.finish_copies()
    copy.apply()
    assert copy.copies == 1 and copy.workspace.is_settled()


@pytest.mark.parametrize("copy", ["cluster"], indirect=True)
def test_a_source_that_moves_by_itself_is_ignored_until_the_name_changes(copy):
    ignoring = f"ignore_changes = [{SOURCE}]"
    copy.lifecycle = BEFORE_DESTROY.replace("\n }", f"\n {ignoring}\n }}")
    now, _, source = others(copy, SOURCE)
    copy.set(**{SOURCE: now})
    assert copy.workspace.is_settled()
    copy.arn = copy.arn.replace(":after", ":after-2")
    copy.set(target_snapshot_identifier='"after-2"')
    copy.apply()
    assert copy.state["source_snapshot_arn"] == source and copy.workspace.is_settled()


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_that_the_state_does_not_know_has_no_effect_and_says_so(workspace, world, option):
    copy = Copy(workspace, world, "instance")
    copy.apply()
    copy.set(**{option: OPTIONS[option][0]})
    after = world.aws.last_call()
    planned = copy.workspace.plan()
    planned.assert_warning("No effect on this copy", option, copy.arn)
    assert planned.actions == {copy.address: "update"}
    copy.workspace.apply_plan()
    assert copy.changes(after) == [] and copy.workspace.is_settled()


# ---- Not known at plan


@pytest.mark.parametrize("copy, argument", [*DATA[:4], ("instance", "option_group_name")], indirect=["copy"])
@pytest.mark.parametrize("means", ["the same", "another"])
def test_unknown_at_plan_nothing_else_is_and_the_apply_decides_before_any_effect(copy, argument, means):
    before = copy.instance
    same = {SOURCE: copy.source_arn, KEY: copy.key, "option_group_name": "mine"}[argument]
    now, was, wanted = others(copy, argument)
    copy.set(**{argument: copy.later(same if means == "the same" else now.strip('"'))})
    after = copy.world.aws.last_call()
    planned = copy.workspace.plan()
    assert planned.actions[copy.address] == "update"
    planned.assert_warning(argument, copy.arn, "another target_snapshot_identifier")
    change = copy.workspace.planned(copy.address)
    assert {name for name, is_unknown in change["after_unknown"].items() if is_unknown is True} == {argument}
    assert {**change["before"], argument: None} == {**change["after"], argument: None}
    if means == "another":
        refused = copy.workspace.apply_plan(ok=False)
        refused.assert_error(copy.arn, was, wanted, '"after-2"', "create_before_destroy = true")
        assert len(refused.errors) == 1
        copy.workspace.plan(ok=False).assert_error(was, wanted)
    else:
        copy.workspace.apply_plan()
        assert copy.workspace.is_settled()
    assert copy.changes(after) == [] and copy.instance == before
