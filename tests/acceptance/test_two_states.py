# SPDX-License-Identifier: MPL-2.0
"""What one state cannot see: another state with the same copies and shares, and a provider that was pointed at
another account. The guide tells of it."""

import pytest
from harness.resources import MARK
from harness.world import ANYBODY, NEW, OLD, OPERATOR, REGION, ROLE, snapshot_arn

FIRST = "snapshot_reencrypt_copy.source"
SHARE = "snapshot_share.target"
SECOND = "snapshot_reencrypt_copy.target"
SHARED = snapshot_arn("shared-1", OLD)
COPIED = snapshot_arn("after-1", NEW)
COPIES = [SHARED, COPIED]
HOURS = 6 * 3600

CHAIN = """
terraform {{
  required_providers {{
    snapshot = {{ source = "rds-snapshot/snapshot" }}
  }}
}}

variable "source_account_id" {{ default = "{OLD}" }}

provider "snapshot" {{
  alias  = "source"
  region = "{REGION}"
  assume_role {{ role_arn = "arn:aws:iam::${{var.source_account_id}}:role/{ROLE}" }}
}}

provider "snapshot" {{
  alias  = "target"
  region = "{REGION}"
  assume_role {{ role_arn = "arn:aws:iam::{NEW}:role/{ROLE}" }}
}}

resource "snapshot_reencrypt_copy" "source" {{
  provider                   = snapshot.source
  source_snapshot_identifier = "before"
  target_snapshot_identifier = "shared-1"
  kms_key_id                 = "{old_key}"
}}

resource "snapshot_share" "target" {{
  provider            = snapshot.source
  snapshot_identifier = snapshot_reencrypt_copy.source.arn
  account_ids         = ["{NEW}"]
}}

resource "snapshot_reencrypt_copy" "target" {{
  provider                   = snapshot.target
  source_snapshot_identifier = snapshot_share.target.snapshot_arn
  target_snapshot_identifier = "after-1"
  kms_key_id                 = "{new_key}"
  lifecycle {{
    create_before_destroy = true
  }}
}}
"""


@pytest.fixture
def new_chain(new_workspace, world):
    """Makes a workspace with the three of them and no state; all share the keys and the source."""
    world.aws.add_snapshot(OLD, REGION, "before")
    keys = [world.aws.add_key(account, REGION, policy=ANYBODY) for account in (OLD, NEW)]
    main = CHAIN.format(OLD=OLD, NEW=NEW, REGION=REGION, ROLE=ROLE, old_key=keys[0], new_key=keys[1])

    def make():
        made = new_workspace(OPERATOR)
        made.write("main.tf", main)
        return made

    return make


def warned(outcome, summary):
    """What such warnings begin with: the copy's ARN, since those of a delete have no address."""
    return sorted(w.detail.split()[0] for w in outcome.warnings if w.summary == summary)


# ---- An old state, thought lost, comes back after a new one has adopted all of it


@pytest.fixture
def old_and_new(new_chain):
    old, new = new_chain(), new_chain()
    old.apply()
    adopted = new.apply()
    assert warned(adopted, "An existing copy was adopted") == COPIES
    assert new.is_settled()
    return old, new


def test_an_old_state_is_told_of_the_adopted_copies_and_of_the_share_nothing(old_and_new, world):
    old, _new = old_and_new
    settled = old.is_settled()
    assert settled
    assert warned(settled.outcome, "Another configuration holds this copy") == COPIES
    assert len(settled.outcome.warnings) == 2
    world.aws.change_snapshot(SHARED, shared_with=[])
    assert old.plan().actions == {SHARE: "create"}
    old.apply()
    assert world.snapshot("shared-1")["shared_with"] == [NEW], "another holder has the same data"


def test_its_destroy_leaves_the_copies_and_takes_the_share_back(old_and_new, world):
    old, new = old_and_new
    outcome = old.destroy()
    assert warned(outcome, "The copy was left in place") == COPIES
    assert world.snapshot("shared-1")["status"] == world.snapshot("after-1", NEW)["status"] == "available"
    assert world.snapshot("shared-1")["shared_with"] == []
    planned = new.plan()
    assert planned.actions == {SHARE: "create"} and planned.warnings == []
    new.apply()
    assert world.snapshot("shared-1")["shared_with"] == [NEW]
    assert new.is_settled()


def test_a_copy_that_is_running_then_may_fail_and_is_made_again_by_the_next_apply(new_chain, world):
    old, new = new_chain(), new_chain()
    old.apply()
    new.write("main.tf", (new.folder / "main.tf").read_text().replace("after-1", "after-2"))
    world.aws.settings(without_share="at_once")
    world.copies_take(HOURS)
    running = new.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("after-2", NEW), "the second copy")
    old.destroy()
    refused = running.wait()
    refused.assert_error("after-2", "shared")
    assert world.snapshot_names(NEW) == [] and SECOND not in new.state()
    world.finish_copies()
    assert new.plan().actions == {SHARE: "create", SECOND: "create"}
    new.apply()
    assert world.snapshot("after-2", NEW)["status"] == "available"
    assert new.is_settled()


def test_a_share_that_was_removed_from_the_old_state_before_keeps_its_access(old_and_new, world):
    old, new = old_and_new
    old.run("state", "rm", SHARE)
    old.run("destroy", "-json", "-auto-approve", "-refresh=false")
    assert world.snapshot("shared-1")["shared_with"] == [NEW]
    assert new.is_settled()


# ---- Two states that imported one copy


@pytest.fixture
def both(new_chain):
    """Two states that imported all three of a third one, which was lost."""
    new_chain().apply()
    made = new_chain(), new_chain()
    for workspace in made:
        for address, import_id in ((FIRST, SHARED), (SHARE, f"{SHARED}/{NEW}"), (SECOND, COPIED)):
            workspace.import_(address, import_id)
        settled = workspace.is_settled()
        assert settled and settled.outcome.warnings == []
    return made


def test_one_copy_imported_by_two_states_has_one_holder_in_both(both, world):
    one, other = both
    for address, name, account in ((FIRST, "shared-1", OLD), (SECOND, "after-1", NEW)):
        (holder,) = {workspace.state()[address]["holder_id"] for workspace in (one, other)}
        assert holder in world.snapshot(name, account)["tags"][MARK]


def test_the_destroy_of_either_deletes_it_and_the_other_plans_to_copy_again(both, world):
    one, other = both
    assert one.destroy().warnings == []
    assert world.snapshot_names(OLD) == ["before"] and world.snapshot_names(NEW) == []
    planned = other.plan()
    assert planned.actions == {FIRST: "create", SHARE: "create", SECOND: "create"}
    other.apply()
    assert world.snapshot("after-1", NEW)["status"] == "available"
    assert world.snapshot("shared-1")["shared_with"] == [NEW]
    assert other.is_settled()


def test_replaced_before_it_is_destroyed_a_copy_belongs_to_one_of_them(both, world):
    one, other = both
    one.apply(f"-replace={SECOND}").assert_warning("adopted", COPIED)
    assert len(world.copies_made(NEW)) == 1
    assert one.is_settled()
    other.plan().assert_warning("Another configuration holds this copy", COPIED)
    other.run("state", "rm", FIRST, SHARE)
    assert warned(other.destroy(), "The copy was left in place") == [COPIED]
    assert world.snapshot("after-1", NEW)["status"] == "available"


# ---- A provider that is another account's now


@pytest.fixture
def moved(new_chain):
    """The old account's alias is the new account's by now."""
    workspace = new_chain()
    workspace.apply()
    workspace.set_variables(source_account_id=NEW)
    return workspace


@pytest.mark.parametrize("command", ["plan", "apply", "destroy"])
def test_a_provider_pointed_at_another_account_is_an_error_that_names_both_and_the_cures(moved, world, command):
    """One resource at a time: Terraform reads nothing that depends on what it could not read."""
    for address in (FIRST, SHARE):
        before, after = moved.state(), world.aws.last_call()
        (error,) = getattr(moved, command)(ok=False).errors
        assert error.address == address
        for text in (OLD, NEW, f"back to account {OLD}", "terraform state rm", f"give account {NEW} one of its own"):
            assert text in error.detail, error
        assert moved.state() == before
        assert not [c for c in world.aws.calls(after=after) if c["operation"].startswith(CHANGES)]
        moved.run("state", "rm", address)


CHANGES = ("Copy", "Delete", "Modify", "Add", "Remove")
REMOVED = "removed {\n  from = %s\n  lifecycle {\n    destroy = false\n  }\n}\n"


def test_where_nothing_is_read_first_a_destroy_ends_at_the_share(moved, world):
    assert moved.plan("-refresh=false").actions == {}
    refused = moved.destroy("-refresh=false", ok=False)
    refused.assert_error(OLD, NEW, "terraform state rm")
    assert sorted(moved.state()) == [FIRST, SHARE], "the second copy is of an account that its provider still has"
    assert world.snapshot("shared-1")["shared_with"] == [NEW]


def test_pointed_back_all_is_as_before(moved):
    moved.plan(ok=False)
    moved.set_variables(source_account_id=OLD)
    assert moved.is_settled()


def test_removed_from_the_state_the_other_account_gets_its_own(moved, world):
    moved.run("state", "rm", FIRST, SHARE, SECOND)
    world.aws.add_snapshot(NEW, REGION, "before")
    main = (moved.folder / "main.tf").read_text()
    before = world.snapshot("shared-1")["kms_key_arn"]
    main = main.replace(before, world.aws.add_key(NEW, REGION, policy=ANYBODY))
    moved.write("main.tf", main.replace("after-1", "after-2").replace(f'["{NEW}"]', f'["{OLD}"]'))
    moved.apply()
    assert world.snapshot("shared-1", NEW)["shared_with"] == [OLD]
    assert world.snapshot("shared-1", OLD)["shared_with"] == [NEW], "what the state let go of is as it was"
    assert world.snapshot_names(NEW) == ["after-1", "after-2", "before", "shared-1"]
    assert moved.is_settled()


@pytest.mark.host("1.7")
def test_a_removed_block_lets_go_of_it_where_nothing_is_read_first(moved, world):
    """Without -refresh=false OpenTofu reads it before it lets go of it; Terraform does not."""
    main = (moved.folder / "main.tf").read_text()
    begin, end = (main.index(f'resource "snapshot_reencrypt_copy" "{name}"') for name in ("source", "target"))
    removed = "".join(REMOVED % address for address in (FIRST, SHARE))
    moved.write("main.tf", (main[:begin] + removed + main[end:]).replace(f"{SHARE}.snapshot_arn", f'"{SHARED}"'))
    after = world.aws.last_call()
    moved.apply("-refresh=false")
    assert list(moved.state()) == [SECOND]
    assert not [c for c in world.aws.calls(after=after) if c["operation"].startswith(CHANGES)]
    assert world.snapshot("shared-1")["shared_with"] == [NEW]
    assert moved.is_settled()
