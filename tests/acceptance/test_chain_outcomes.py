# SPDX-License-Identifier: MPL-2.0
"""The whole chain, stopped, killed or failing on its way: nothing is lost, and applying again ends it."""

import pytest
from harness.world import NEW, OLD, snapshot_arn

pytestmark = pytest.mark.tenth

FIRST = "snapshot_reencrypt_copy.source"
SHARE = "snapshot_share.target"
SECOND = "snapshot_reencrypt_copy.target[0]"
CLUSTER = "aws_rds_cluster.restored[0]"
BEGINNING = ("aws_kms_alias.source", "aws_kms_alias.target", "aws_db_cluster_snapshot.source")  # and their keys
PLACES = {FIRST: ("orders-shared-1", OLD), SECOND: ("orders-1", NEW)}
HOURS = 6 * 3600


@pytest.fixture
def completes(chain, world):
    """Applies what is left; asserts that it ends in the whole chain, with so many copies made in all."""

    def check(copies=2, **options):
        world.aws.clear_faults()
        world.finish_copies()
        outcome = chain.apply(**options)
        assert world.cluster("orders", NEW)["status"] == "available"
        assert len(world.copies_made()) == copies
        assert chain.is_settled()
        return outcome

    return check


def start_slow_copy(chain, world, address):
    """Starts an apply in which the copies take hours; returns when that of `address` is under way."""
    if address == SECOND:
        chain.apply(f"-target={SHARE}")
    world.copies_take(HOURS)
    running = chain.start("apply", "-json", "-auto-approve")

    def is_copying():
        assert running.process.poll() is None, running.wait()
        return (world.snapshot(*PLACES[address]) or {}).get("status") == "copying"

    world.wait_until(is_copying, f"{address} under way", 60)
    return running


def wait_for_the_beginning(chain, world):
    """Until the state file holds keys and source: unlike ours, they would be made twice."""

    def is_written():
        try:
            return sum(a.startswith("aws_") for a in chain.managed()) == 5
        except ValueError:  # the file is being written
            return False

    world.wait_until(is_written, "keys and source in the state")


@pytest.fixture(params=[FIRST, SECOND])
def under_way(request, chain, world):
    if request.config.is_opentofu:  # it writes a state 20 s after the last time: here a migration is over by then
        chain.apply(*(f"-target={address}" for address in BEGINNING))
    return request.param, start_slow_copy(chain, world, request.param)


# ---- Stopped


def test_stopped_while_copying_is_a_warning_and_state_and_resumes(under_way, chain, world, completes):
    address, running = under_way
    running.interrupt()
    stopped = running.wait()
    assert stopped.code != 0 and stopped.seconds < 30
    stopped.assert_warning("goes on in AWS", snapshot_arn(*PLACES[address]))
    copy = chain.state()[address]
    assert copy["status"] == "copying" and not copy.tainted
    assert copy["holder_id"] and copy["source_snapshot_create_time"]
    assert CLUSTER not in chain.state()

    planned = chain.plan()
    assert planned.actions[address] == "update"
    change = chain.planned(address)
    assert change["after_unknown"].get("status") and change["after_unknown"].get("percent_progress")
    completes()
    for name in ("arn", "holder_id", "source_snapshot_create_time"):
        assert chain.state()[address][name] == copy[name] == change["after"][name]


def test_interrupted_twice_is_adopted_by_the_next_apply(under_way, chain, world, completes):
    address, running = under_way
    wait_for_the_beginning(chain, world)
    file = chain.folder / "terraform.tfstate"
    backup = file.read_text()
    running.interrupt()
    running.interrupt()
    running.wait(60)
    if not file.read_text().endswith("}\n"):  # Terraform has ended in the middle of writing it
        file.write_text(backup)
    outcome = completes()
    assert SECOND in chain.state()
    if address not in chain.state():
        outcome.assert_warning("adopted")


def test_terraform_killed_is_adopted_by_the_next_apply(under_way, chain, world, completes):
    address, running = under_way
    wait_for_the_beginning(chain, world)
    running.kill()
    running.process.wait()
    made = world.snapshot(*PLACES[address])["create_time"]
    (chain.folder / ".terraform.tfstate.lock.info").unlink(missing_ok=True)
    completes()
    assert world.snapshot(*PLACES[address])["create_time"] == made


# ---- Failed


@pytest.mark.parametrize("address", [FIRST, SECOND])
def test_a_copy_that_fails_is_an_error_without_state_and_the_next_apply_goes_on(chain, world, completes, address):
    name, account = PLACES[address]
    if address == SECOND:
        chain.apply(f"-target={SHARE}")
    world.copies_take(60)
    world.aws.settings(copy_fails={"match": name, "count": 1, "at_percent": 50})
    failed = chain.apply(ok=False)
    failed.assert_error(snapshot_arn(name, account), "failed")
    assert address not in chain.state() and CLUSTER not in chain.state()
    world.wait_until(lambda: world.snapshot(name, account) is None, "the failed snapshot deleted")
    world.aws.settings(copy_fails=None)
    completes(copies=3)


@pytest.mark.parametrize("address", [FIRST, SECOND])
def test_a_take_whose_copy_fails_leaves_the_old_chain_and_the_next_apply_goes_on(applied, world, completes, address):
    cluster, (name, account) = world.cluster("orders", NEW), PLACES[address]
    name = name.replace("-1", "-2")
    applied.set_variables(take="2")
    world.copies_take(60)
    world.aws.fault("CopyDBClusterSnapshot", "fail_copy", account_id=account)
    failed = applied.apply(ok=False)
    failed.assert_error(snapshot_arn(name, account), "failed")
    for place in PLACES.values():
        assert world.snapshot(*place)["status"] == "available"
    assert world.snapshot("orders-shared-1", OLD)["shared_with"] == [NEW]
    world.wait_until(lambda: world.snapshot(name, account) is None, "the failed snapshot deleted")
    completes(copies=5)
    assert world.snapshot_names(NEW) == ["orders-2"] and world.cluster("orders", NEW) == cluster


def test_a_lost_answer_to_copy_is_one_copy(chain, world, completes):
    world.aws.fault("CopyDBClusterSnapshot", "reset_after", count=1)
    chain.apply(ok=None)
    completes()
    assert len(world.aws.calls("CopyDBClusterSnapshot")) <= 3


def test_throttling_everywhere_only_takes_longer(chain, world, completes):
    for operation in ("CopyDBClusterSnapshot", "DescribeDBClusterSnapshots", "ModifyDBClusterSnapshotAttribute"):
        world.aws.fault(operation, "throttle", count=2)
    world.aws.fault("DescribeKey", "throttle", count=2)
    chain.apply()
    completes()


@pytest.mark.parametrize("until", ["not_found", pytest.param("access_denied", marks=pytest.mark.long)])
def test_a_share_that_becomes_visible_late_is_waited_for(chain, world, completes, until):
    world.aws.settings(share_visible_seconds=120, foreign_unshared=until)
    chain.apply()
    completes()


def test_keys_that_become_usable_late_are_waited_for(chain, world, completes):
    world.aws.settings(key_visible_seconds=60)
    chain.apply()
    completes()


# ---- State lost, taken back


def test_all_of_ours_lost_from_the_state_is_adopted(applied, world):
    before = applied.state()
    cluster = world.cluster("orders", NEW)
    after = world.aws.last_call()
    applied.run("state", "rm", FIRST, SHARE, SECOND)
    outcome = applied.apply()
    for address in (FIRST, SECOND):
        outcome.assert_warning("adopted", before[address]["arn"])
        assert applied.state()[address]["snapshot_create_time"] == before[address]["snapshot_create_time"]
    assert not world.copies_made(after=after)
    assert world.cluster("orders", NEW) == cluster
    assert applied.is_settled()


def test_all_of_ours_imported(applied, world):
    before = applied.state()
    after = world.aws.last_call()
    applied.run("state", "rm", FIRST, SHARE, SECOND)
    applied.import_(FIRST, snapshot_arn("orders-shared-1", OLD))
    applied.import_(SHARE, f"{snapshot_arn('orders-shared-1', OLD)}/{NEW}")
    applied.import_(SECOND, "cluster:orders-1")
    for address in (FIRST, SECOND):
        for name in ("holder_id", "source_snapshot_create_time"):
            assert applied.state()[address][name] == before[address][name]
    assert CLUSTER not in applied.plan().actions
    applied.apply()
    assert not world.copies_made(after=after)
    assert applied.is_settled()


def test_destroy_cancels_a_copy_under_way(chain, world):
    running = start_slow_copy(chain, world, FIRST)
    running.interrupt()
    running.wait()
    chain.destroy()
    assert world.snapshot_names(OLD) == []
