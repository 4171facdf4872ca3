# SPDX-License-Identifier: MPL-2.0
"""A copy gets another address in the configuration. Without a `moved` block Terraform deletes and creates at once."""

import pytest
from harness.world import OLD, REGION

MOVED = "moved {\n from = snapshot_reencrypt_copy.x\n to = snapshot_reencrypt_copy.y\n}\n"


def move(copy):
    path = copy.workspace.folder / "main.tf"
    path.write_text(path.read_text().replace('"snapshot_reencrypt_copy" "x"', '"snapshot_reencrypt_copy" "y"'))


@pytest.mark.parametrize("lifecycle", ["", "lifecycle {\n create_before_destroy = true\n }"])
def test_another_address_without_moved_is_an_error_that_names_moved(cluster_copy, world, lifecycle):
    cluster_copy.lifecycle = lifecycle
    cluster_copy.set()
    cluster_copy.apply()
    after = world.aws.last_call()
    move(cluster_copy)
    for arguments in ([], ["-refresh=false"]):
        cluster_copy.workspace.apply(*arguments, ok=False).assert_error("at one address", cluster_copy.arn, "moved {")
    assert cluster_copy.changes(after) == []
    assert cluster_copy.snapshot["status"] == "available"


def test_moved_keeps_the_copy(cluster_copy, world):
    cluster_copy.set()
    cluster_copy.apply()
    after = world.aws.last_call()
    move(cluster_copy)
    cluster_copy.workspace.write("moved.tf", MOVED)
    cluster_copy.apply()
    assert cluster_copy.changes(after) == []
    assert list(cluster_copy.workspace.managed()) == ["snapshot_reencrypt_copy.y"]


def test_two_applies_delete_and_make_it(cluster_copy, world):
    """What the user orders one after the other is done."""
    cluster_copy.set()
    cluster_copy.apply()
    cluster_copy.workspace.destroy()
    move(cluster_copy)
    cluster_copy.apply()
    assert len(world.copies_made()) == 2


def test_a_shorter_list_with_count_gives_a_name_to_another_address(workspace, world):
    """Terraform orders neither its delete nor its create: the delete leaves what a create of the same apply wants. It
    asks after a look at the copy. Here that look ends when Terraform has begun with both.
    """
    key = world.aws.add_key(OLD, REGION)
    world.aws.add_snapshot(OLD, REGION, "before")

    def write(*names, lifecycle=""):
        listed = ", ".join(f'"{name}"' for name in names)
        workspace.write(
            "main.tf",
            f"""
            resource "snapshot_reencrypt_copy" "x" {{
              count                      = {len(names)}
              source_snapshot_identifier = "before"
              target_snapshot_identifier = [{listed}][count.index]
              kms_key_id                 = "{key}"
              {lifecycle}
            }}
            """,
        )

    write("first", "second")
    workspace.apply()
    write("second")
    workspace.plan().assert_warning(":second", "takes its name", "may delete the copy before", "moved {")
    after = world.aws.last_call()
    look = world.aws.fault("DescribeDBClusterSnapshots", "hold", match="second")
    running = workspace.start("apply", "-json", "plan")
    world.wait_until(lambda: len(world.aws.calls("DescribeDBClusterSnapshots", after)) == 2, "a look at each copy")
    world.aws.release(look)
    running.wait().assert_error(":first is not deleted", "create_before_destroy")
    world.allow_delete("first")
    write("second", lifecycle="lifecycle {\n create_before_destroy = true\n }")
    workspace.apply()
    assert len(world.copies_made()) == 2
    assert list(workspace.managed()) == ["snapshot_reencrypt_copy.x[0]"]


def test_an_import_beside_the_block_that_goes_is_refused(cluster_copy):
    cluster_copy.set()
    cluster_copy.apply()
    move(cluster_copy)
    cluster_copy.workspace.write(
        "import.tf", f'import {{\n to = snapshot_reencrypt_copy.y\n id = "{cluster_copy.arn}"\n}}\n'
    )
    cluster_copy.workspace.apply(ok=False).assert_error("makes or keeps it at another", "moved {")
    assert cluster_copy.snapshot["status"] == "available"
