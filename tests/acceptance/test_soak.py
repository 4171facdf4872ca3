# SPDX-License-Identifier: MPL-2.0
"""A scaled day: a hundred copies replaced by others all day long, over a bad network, by one process."""

import random
import time
from datetime import datetime

import pytest
from harness.debugged import debugged_provider, many_copies, memory_at_rest, private_memory
from harness.processes import provider_of
from harness.world import OLD, REGION

pytestmark = pytest.mark.long

TIME_SCALE = 360  # the day takes four minutes
DAY = 24 * 3600
COPIES = 100
COPY_SECONDS = 2 * 3600
INTERRUPTED = (3, 4, 5)  # waves
ALLOWED_KIB = 2048
AT_REST_KIB = 12 * 1024  # what was needed for a hundred copies at once, several times that, is given back
REST_SECONDS = 13  # a thread without work ends after 10
APPLIES = 6  # of one wave, before it is said to get nowhere
FAULTS = [
    ("throttle", {}), ("error", {"code": "InternalFailure", "status": 500}), ("http", {"body": "xml"}),
    ("http", {"body": "html", "status": 502}), ("http", {"body": "empty"}), ("reset_before", {}),
    ("reset_after", {}), ("cut", {}), ("garbage", {}), ("slow", {"seconds": 0.3}), ("hold", {"seconds": 1}),
]  # fmt: skip
OPERATIONS = {"Describe*": 6, "Copy*": 2, "Delete*": 2, "*Key": 1, "*": 1}


@pytest.fixture
def soaked(new_workspace, world, binaries):
    world.has_room(1000)
    world.aws.settings(time_scale=TIME_SCALE, copy_seconds=COPY_SECONDS)
    workspace = new_workspace(OLD, TIME_SCALE)
    world.aws.add_snapshot(OLD, REGION, "before")
    workspace.write("main.tf", many_copies(COPIES))
    workspace.set_variables(key=world.aws.add_key(OLD, REGION))
    with debugged_provider(binaries["rds-snapshot/snapshot"], workspace) as process:
        yield workspace, process


def test_a_day_of_copies_over_a_bad_network(soaked, world, request, show):
    workspace, process = soaked
    seed = request.config.getoption("--seed") or random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    print(f"--seed={seed}")
    memory, applies, wave = {}, 0, 0
    began = now(world)
    while now(world) - began < DAY or wave < max(INTERRUPTED) + 1:
        wave += 1
        workspace.set_variables(wave=str(wave))
        arm_at_random(world, chance)
        applies += apply_until_done(workspace, world, interrupt=wave in INTERRUPTED)
        assert process.poll() is None, "the provider has ended"
        memory[wave] = memory_at_rest(process.pid, REST_SECONDS if wave == 2 else 1)
    world.aws.clear_faults()
    workspace.apply("-parallelism=100", limit=600)
    assert workspace.plan("-parallelism=100", "-detailed-exitcode", ok=None, limit=300).code == 0
    assert_exactly_a_hundred(workspace, world)
    memory["end"] = memory_at_rest(process.pid, REST_SECONDS)
    show(
        [
            f"soak: seed {seed}, {(now(world) - began) / 3600:.0f} h, {wave} waves, {applies} applies, "
            f"{len(world.aws.calls())} calls, {COPIES} copies; RssAnon in KiB {memory}"
        ]
    )
    assert memory["end"] <= memory[2] + ALLOWED_KIB, memory
    assert memory["end"] <= AT_REST_KIB, memory


def now(world):
    return datetime.fromisoformat(world.aws.advance(0).replace("Z", "+00:00")).timestamp()


def arm_at_random(world, chance):
    for _ in range(12):
        kind, fields = chance.choice(FAULTS)
        operation = chance.choices(list(OPERATIONS), OPERATIONS.values())[0]
        world.aws.fault(operation, kind, skip=chance.randrange(300), count=chance.randrange(1, 6), **fields)


def apply_until_done(workspace, world, interrupt):
    """How many it took: what the network broke is taken up by the next one."""
    for attempt in range(1, APPLIES + 1):
        running = workspace.start("apply", "-json", "-auto-approve", "-parallelism=100")
        if interrupt:
            world.wait_until(lambda: under_way(world) >= COPIES // 2, "half of the copies under way", 200)
            running.interrupt()
            interrupt = False
        outcome = running.wait(600)
        if outcome.ok:
            return attempt
    raise AssertionError(f"not done after {APPLIES} applies: {outcome}")


def under_way(world):
    return sum(s["status"] == "copying" for s in world.aws.snapshots(OLD))


def assert_exactly_a_hundred(workspace, world):
    made = {s["arn"]: s for s in world.aws.snapshots(OLD) if s["identifier"] != "before"}
    states = workspace.managed().values()
    assert len(made) == len(states) == COPIES
    assert {s["status"] for s in made.values()} == {"available"}
    for state in states:
        mark = made[state["arn"]]["tags"]["terraform-provider-snapshot"].split()
        assert mark[1] == state["holder_id"]


LOOKS = 1500  # a day has about twice as many, of which a busy machine may not see all
LOOKED_KIB = 512


def test_a_day_of_looking_at_a_copy_takes_no_memory(new_workspace, world, show):
    world.aws.settings(time_scale=4 * TIME_SCALE, copy_seconds=100 * DAY)
    workspace = new_workspace(OLD, 4 * TIME_SCALE)
    world.aws.add_snapshot(OLD, REGION, "before")
    workspace.write("main.tf", many_copies(1))
    workspace.set_variables(key=world.aws.add_key(OLD, REGION), wave="1")
    running = workspace.start("apply", "-json", "-auto-approve")
    began = world.aws.last_call()
    looks = lambda: (time.sleep(0.5), world.aws.last_call() - began)[1]
    world.wait_until(lambda: looks() > 100, "the first looks", 60)
    (provider,) = provider_of(workspace)
    before = private_memory(provider)
    world.wait_until(lambda: looks() > LOOKS, "most of a day's looks", 300)
    after = private_memory(provider)
    running.interrupt()
    running.wait().assert_warning("goes on in AWS")
    show([f"RssAnon in KiB after 100 and {LOOKS} looks at a copy: {before}, {after}"])
    assert after <= before + LOOKED_KIB
