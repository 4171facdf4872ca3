# SPDX-License-Identifier: MPL-2.0
"""A network and an AWS that misbehave: retried where that is right, one copy whatever happens."""

import pytest
from harness.debugged import debugged_provider, peak_memory
from harness.world import OLD, REGION

ADDRESS = "snapshot_reencrypt_copy.x"
TRANSIENT = [
    ("throttle", {}),
    ("http", {"status": 500, "body": "xml"}),
    ("http", {"status": 502, "body": "html"}),
    ("http", {"status": 503, "body": "empty"}),
    ("reset_before", {}),
    ("slow", {"seconds": 0.5}),
]
# The effect is there, its answer is lost: told apart from the above only by looking.
LOST = [("reset_after", {}), ("cut", {}), ("garbage", {})]


def name_of(fault):
    return "-".join([fault[0], *(str(v) for v in fault[1].values())])


@pytest.fixture
def copy(workspace, world):
    key = world.aws.add_key(OLD, REGION)
    world.aws.add_snapshot(OLD, REGION, "before", tags={"team": "orders"})
    workspace.write(
        "main.tf",
        f"""
        resource "snapshot_reencrypt_copy" "x" {{
          source_snapshot_identifier = "before"
          target_snapshot_identifier = "after"
          kms_key_id                 = "{key}"
          copy_tags                  = true
        }}
        """,
    )
    return workspace


READING = ["DescribeDBClusterSnapshots", "DescribeKey", "GetCallerIdentity"]


@pytest.mark.parametrize("fault", TRANSIENT + LOST, ids=name_of)
def test_on_what_only_reads_it_is_tried_again(copy, world, fault):
    kind, fields = fault
    faults = [world.aws.fault(operation, kind, count=2, **fields) for operation in READING]
    copy.apply()
    assert all(f["hits"] for f in world.aws.faults() if f["id"] in faults), "the faults were met"
    assert copy.is_settled()
    assert len(world.copies_made()) == 1


@pytest.mark.parametrize("fault", TRANSIENT, ids=name_of)
def test_on_copy_before_its_effect_it_is_tried_again(copy, world, fault):
    kind, fields = fault
    world.aws.fault("CopyDBClusterSnapshot", kind, count=2, **fields)
    copy.apply()
    assert world.snapshot("after")["status"] == "available"
    assert copy.is_settled()


@pytest.mark.parametrize("fault", LOST, ids=name_of)
def test_on_copy_after_its_effect_there_is_one_copy(copy, world, fault):
    kind, fields = fault
    world.aws.fault("CopyDBClusterSnapshot", kind, count=1, **fields)
    outcome = copy.apply(ok=None)
    if not outcome.ok:
        outcome.assert_error("may exist", "after")
        assert ADDRESS not in copy.state()
        copy.apply()
    assert copy.state()[ADDRESS]["status"] == "available"
    mark = world.snapshot("after")["tags"]["terraform-provider-snapshot"].split()
    assert mark[1] == copy.state()[ADDRESS]["holder_id"]
    assert copy.is_settled()


@pytest.mark.parametrize("fault", TRANSIENT + LOST, ids=name_of)
def test_on_delete_it_is_gone_in_the_end(copy, world, fault):
    kind, fields = fault
    copy.apply()
    world.aws.fault("DeleteDBClusterSnapshot", kind, count=1, **fields)
    copy.destroy(ok=None)
    copy.destroy()
    assert world.snapshot("after") is None


@pytest.mark.long
@pytest.mark.parametrize("operation", [*READING, "CopyDBClusterSnapshot"])
def test_an_answer_without_end_is_given_up(copy, world, operation):
    """After a minute of real time, so the provider's own clock is real, too."""
    world.aws.settings(time_scale=1)
    copy.environment |= world.environment(OLD, time_scale=1)
    world.aws.fault(operation, "endless", count=1)
    outcome = copy.apply(ok=None, limit=240)
    if not outcome.ok:
        copy.apply()
    assert len(world.copies_made()) == 1
    mark = world.snapshot("after")["tags"]["terraform-provider-snapshot"].split()
    assert mark[1] == copy.state()[ADDRESS]["holder_id"]
    assert copy.is_settled()


def test_damaged_answers_leave_the_log_in_order(copy, world):
    """libxml2 and libcurl write to standard error when left alone; core would show that as the plugin's."""
    for kind in ("cut", "garbage"):
        for operation in READING:
            world.aws.fault(operation, kind, count=1)
    log = copy.folder / "trace.log"
    copy.apply(environment={"TF_LOG": "TRACE", "TF_LOG_PATH": str(log)})
    text = log.read_text("utf-8", "replace")
    for noise in ("parser error", "Entity: line", "Start tag expected", "error parsing"):
        assert noise not in text


def test_the_patience_with_answers_is_not_scaled(copy, world):
    """At this scale ten minutes of waiting are a tenth of a second; an answer may take longer all the same."""
    copy.apply()
    kms = world.accounts[OLD].client("kms", REGION)
    kms.create_alias(AliasName="alias/mine", TargetKeyId=copy.state()[ADDRESS]["kms_key_arn"])
    copy.write(
        "override.tf",
        'resource "snapshot_reencrypt_copy" "x" {\n kms_key_id = "alias/mine"\n tags = { a = "b" }\n}\n',
    )
    copy.environment |= world.environment(OLD, time_scale=6000)
    faults = [world.aws.fault(operation, "slow", seconds=1) for operation in READING]
    plan = copy.plan()
    assert all(f["hits"] for f in world.aws.faults() if f["id"] in faults), "the faults were met"
    assert plan.actions == {ADDRESS: "update"}


def test_a_page_that_repeats_the_session_token_costs_nothing_and_shows_none(binaries, copy, world):
    copy.environment |= world.session_keys()
    world.aws.fault("DescribeKey", "http", status=403, body="echo", count=None)
    world.aws.fault("DescribeDBClusterSnapshots", "http", status=403, body="echo", count=None)
    log = copy.folder / "trace.log"
    with debugged_provider(binaries["rds-snapshot/snapshot"], copy) as process:
        refused = copy.apply(ok=False, environment={"TF_LOG": "TRACE", "TF_LOG_PATH": str(log)})
        peak = peak_memory(process.pid)
    refused.assert_error("HTTP status 403", "***")
    token = copy.environment["AWS_SESSION_TOKEN"]
    assert token not in str(refused) + log.read_text("utf-8", "replace")
    assert peak < 64 * 1024, f"VmHWM in KiB: {peak}"


def test_a_clock_that_is_wrong_is_corrected(copy, world):
    world.aws.settings(clock_offset_seconds=3600)
    copy.apply()
    assert copy.is_settled()


def test_an_error_that_is_none_of_these_is_told_whole(copy, world):
    world.aws.fault("CopyDBClusterSnapshot", "error", status=400, code="InvalidParameterCombination",
                    message="You cannot do that here", header={"x-amzn-requestid": "request-of-the-test"})  # fmt: skip
    refused = copy.apply(ok=False)
    refused.assert_error("CopyDBClusterSnapshot", "InvalidParameterCombination", "You cannot do that here", OLD)
    assert ADDRESS not in copy.state()


def test_a_service_control_policy_is_named_as_such(copy, world):
    world.aws.fault("CopyDBClusterSnapshot", "explicit_deny", count=None)
    copy.apply(ok=False).assert_error("explicit", "service control policy")
