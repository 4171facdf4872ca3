# SPDX-License-Identifier: MPL-2.0
"""A copy gets another address in the configuration. Without a `moved` block Terraform deletes and creates at once."""

import pytest

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
