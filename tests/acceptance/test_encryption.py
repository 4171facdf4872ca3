# SPDX-License-Identifier: MPL-2.0
"""What the source is encrypted with. AWS's pages do not settle whether a snapshot under a key that AWS owns (sse-rds)
can be copied with a key or shared, nor whether an unencrypted cluster snapshot can be copied with one. So RDS is asked.
Each answer that it may give is a setting of the imitation: its start value here, the others in script/test long."""

import pytest
from harness.chain import FIRST, SECOND
from harness.pages import DOCS, configuration
from harness.resources import Copy
from harness.world import CLUSTER, NEW, OLD, OPERATOR, REGION, snapshot_arn

COPY_IN_DOUBT = "RDS may refuse to copy this source"
SHARE_IN_DOUBT = "RDS may refuse to share this snapshot"
SSE_RDS, PLAIN = {"sse_rds": True}, {"encrypted": False}
RESTORE = "Restore a cluster from it with a key"


def later(*values):
    return pytest.param(*values, marks=pytest.mark.long)


def source_of(copy, fields, account=OLD):
    """Another source for the copy; its ARN."""
    arn = copy.world.aws.add_snapshot(account, REGION, "doubtful", kind=copy.kind, **fields)
    copy.set(source_snapshot_identifier=f'"{arn}"')
    return arn


def assert_warned_once(outcome, summary, *fragments):
    (warning,) = outcome.warnings
    assert warning.summary == summary and all(it in warning.text for it in fragments), outcome


def assert_refused(copy, source, *fragments):
    """By RDS. Nothing is made or deleted."""
    refused = copy.apply(ok=False)
    refused.assert_error(*fragments)
    assert copy.instance is None and copy.snapshot is None
    assert copy.world.aws.snapshot(source)["status"] == "available"
    assert [op for op in copy.changes() if op not in ("CopyDBClusterSnapshot", "CopyDBSnapshot")] == []
    return refused


# ---- Copied with a key


@pytest.mark.parametrize(
    "fields, setting, is_accepted",
    [
        (SSE_RDS, {"sse_rds": "default_key"}, True),
        (SSE_RDS, {"sse_rds": "unencrypted"}, False),
        later(SSE_RDS, {"sse_rds": "accept"}, True),
        (PLAIN, {"unencrypted_copy": "refuse"}, False),
        later(PLAIN, {"unencrypted_copy": "accept"}, True),
    ],
)
def test_a_cluster_snapshot_in_doubt_is_tried(cluster_copy, fields, setting, is_accepted):
    cluster_copy.world.aws.settings(**setting)
    source = source_of(cluster_copy, fields)
    what = "sse-rds" if fields is SSE_RDS else "is not encrypted"
    assert_warned_once(cluster_copy.workspace.plan(), COPY_IN_DOUBT, source, what, "deletes nothing", RESTORE)
    if not is_accepted:
        assert_refused(cluster_copy, source, "InvalidParameterCombination", RESTORE)
        return
    cluster_copy.apply()
    assert cluster_copy.snapshot["kms_key_arn"] == cluster_copy.key
    assert cluster_copy.state["storage_encryption_type"] == "sse-kms"
    assert cluster_copy.state["source_kms_key_arn"] is None
    assert cluster_copy.workspace.is_settled()


def test_an_unencrypted_instance_snapshot_is_copied_with_a_key(workspace, world):
    """As CopyDBSnapshot documents."""
    copy = Copy(workspace, world, "instance")
    source_of(copy, PLAIN)
    assert copy.workspace.plan().warnings == []
    assert copy.apply().warnings == []
    assert copy.snapshot["kms_key_arn"] == copy.key


@pytest.mark.parametrize("treated", ["default_key", later("accept"), later("unencrypted")])
def test_an_instance_snapshot_under_a_key_of_awss_own_is_tried(workspace, world, treated):
    world.aws.settings(sse_rds=treated)
    copy = Copy(workspace, world, "instance")
    source = source_of(copy, SSE_RDS)
    assert_warned_once(copy.workspace.plan(), COPY_IN_DOUBT, source, "sse-rds", "AWS Support")
    copy.apply()
    assert copy.snapshot["kms_key_arn"] == copy.key


def test_what_is_made_in_the_same_apply_is_warned_of_there(cluster_copy):
    """And tried, whatever RDS calls its refusal."""
    source = source_of(cluster_copy, PLAIN)
    cluster_copy.set(source_snapshot_identifier=cluster_copy.later(source))
    cluster_copy.fault("copy", "error", code="SomethingNew", message="Not this one", count=None)
    assert cluster_copy.workspace.plan().warnings == []
    refused = cluster_copy.workspace.run("apply", "-json", "plan", ok=False)
    assert_warned_once(refused, COPY_IN_DOUBT, source)
    refused.assert_error("SomethingNew", RESTORE)


def test_a_refusal_for_another_reason_is_told_as_such(cluster_copy):
    source_of(cluster_copy, SSE_RDS)
    cluster_copy.fault("copy", "access_denied", count=None)
    (refused,) = cluster_copy.apply(ok=False).errors
    assert "AccessDenied" in refused.text and RESTORE not in refused.text


@pytest.mark.parametrize(
    "code, text, cure",
    [
        ("InvalidDBClusterSnapshotStateFault", "No.", "a state that does not allow this"),
        ("KMSKeyNotAccessibleFault", "The target KMS key [x] does not exist", 'side = "target"'),
        ("InvalidParameterValue", "PreSignedUrl could not be authenticated", "sts_region"),
    ],
)
def test_after_a_cure_that_is_known_the_source_is_a_possible_cause(cluster_copy, code, text, cure):
    """What is busy is waited for an hour; such a source, which may never be copied, for minutes."""
    source = source_of(cluster_copy, SSE_RDS)
    cluster_copy.fault("copy", "error", code=code, message=text, count=None)
    refused = assert_refused(cluster_copy, source, code)
    (told,) = refused.errors
    assert 0 < told.text.find(cure) < told.text.find(f"\n\nA possible cause: {source} is encrypted"), told.text
    assert RESTORE in told.text and refused.seconds < 30, "five minutes, scaled"


def test_many_copies_of_one_such_source_are_warned_of_once(cluster_copy):
    source = source_of(cluster_copy, SSE_RDS)
    cluster_copy.set("count = 10", target_snapshot_identifier='"after-${count.index}"')
    after = cluster_copy.world.aws.last_call()
    assert_warned_once(cluster_copy.workspace.plan(), COPY_IN_DOUBT, source)
    assert len(cluster_copy.calls("describe", "doubtful", after)) <= 10, "no look more than for any other source"


def test_a_copy_that_fails_after_it_was_accepted_may_have_failed_for_that(cluster_copy):
    source = source_of(cluster_copy, SSE_RDS)
    cluster_copy.fault("copy", "fail_copy")
    failed = cluster_copy.apply(ok=False)
    failed.assert_error("The likeliest cause: the source has no key in KMS", RESTORE)
    assert cluster_copy.world.aws.snapshot(source)["status"] == "available"


@pytest.mark.parametrize(
    "kind, account, cure", [("cluster", NEW, f"In account {NEW}, copy"), ("instance", OLD, "AWS Support")]
)
def test_what_helps_a_failed_copy_is_told_for_its_kind_and_its_owner(workspace, world, kind, account, cure):
    copy = Copy(workspace, world, kind)
    world.aws.settings(sse_rds="accept")
    world.aws.change_snapshot(source_of(copy, SSE_RDS, account), shared_with=[OLD] if account == NEW else [])
    copy.fault("copy", "fail_copy")
    (failed,) = copy.apply(ok=False).errors
    assert "The likeliest cause: the source has no key in KMS" in failed.text and cure in failed.text
    assert kind == "cluster" or "aws_rds_cluster" not in failed.text


# ---- Shared as it is


@pytest.mark.parametrize(
    "treated, is_accepted", [("default_key", False), later("accept", True), later("unencrypted", True)]
)
def test_a_snapshot_under_a_key_of_awss_own_is_shared_if_rds_allows_it(share, treated, is_accepted):
    share.world.aws.settings(sse_rds=treated)
    share.arn = share.world.aws.add_snapshot(OLD, REGION, "doubtful", kind=share.kind, **SSE_RDS)
    share.set([NEW])
    assert_warned_once(share.workspace.plan(), SHARE_IN_DOUBT, share.arn, "sse-rds", "Copy it first")
    outcome = share.apply(ok=is_accepted)
    assert share.shared_with() == ([NEW] if is_accepted else [])
    if is_accepted:
        assert share.workspace.is_settled()
    else:
        outcome.assert_error("InvalidParameterValue", "Copy it first with a customer-managed key")


def test_a_share_that_rds_refuses_for_another_reason_is_told_as_such(cluster_share):
    cluster_share.arn = cluster_share.world.aws.add_snapshot(OLD, REGION, "doubtful", **SSE_RDS)
    cluster_share.set([NEW])
    cluster_share.fault("share", "access_denied", count=None)
    (refused,) = cluster_share.apply(ok=False).errors
    assert "AccessDenied" in refused.text and "Copy it first" not in refused.text


@pytest.mark.parametrize("code", ["InvalidDBClusterSnapshotStateFault", "KMSKeyNotAccessibleFault"])
def test_a_share_that_rds_refuses_for_long_may_be_refused_for_that(cluster_share, code):
    cluster_share.arn = cluster_share.world.aws.add_snapshot(OLD, REGION, "doubtful", **SSE_RDS)
    cluster_share.set([NEW])
    cluster_share.fault("share", "error", code=code, message="No.", count=None)
    refused = cluster_share.apply(ok=False)
    (told,) = refused.errors
    assert code in told.text and "A possible cause: " in told.text and "Copy it first" in told.text
    assert "The key in kms_key_id" not in told.text, "a share has no such argument"
    assert refused.seconds < 30, "five minutes, scaled"


def test_an_unencrypted_snapshot_is_shared_without_a_word(share):
    share.arn = share.world.aws.add_snapshot(OLD, REGION, "open", kind=share.kind, **PLAIN)
    share.set([NEW])
    assert share.workspace.plan().warnings == []
    assert share.apply().warnings == []
    assert share.shared_with() == [NEW]


# ---- Copied from another account's share


@pytest.mark.parametrize(
    "setting, said",
    [
        later({"sse_rds": "default_key"}, ("KMSKeyNotAccessible", f"In account {NEW}, copy")),
        later({"sse_rds": "unencrypted"}, ("InvalidParameterCombination", f"In account {NEW}, copy")),
        later({"sse_rds": "accept"}, ()),
    ],
)
def test_a_shared_snapshot_under_a_key_of_awss_own_is_tried(cluster_copy, setting, said):
    cluster_copy.world.aws.settings(**setting)
    source = source_of(cluster_copy, SSE_RDS, NEW)
    cluster_copy.world.aws.change_snapshot(source, shared_with=[OLD])
    assert_warned_once(cluster_copy.workspace.plan(), COPY_IN_DOUBT, source, f"In account {NEW}, copy")
    if said:
        refused = assert_refused(cluster_copy, source, *said, RESTORE)
        assert "key's policy" not in refused.errors[0].text, "there is no policy to edit"
    else:
        cluster_copy.apply()
        assert cluster_copy.snapshot["kms_key_arn"] == cluster_copy.key


@pytest.mark.long
def test_a_shared_unencrypted_snapshot_is_tried(cluster_copy):
    source = source_of(cluster_copy, PLAIN, NEW)
    cluster_copy.world.aws.change_snapshot(source, shared_with=[OLD])
    assert_refused(cluster_copy, source, "InvalidParameterCombination", RESTORE)


# ---- The seven steps from such a cluster


@pytest.fixture
def modern(chain, world):
    """The source is as every Aurora cluster that was made without a key since February 2026."""
    world.accounts[OLD].client("rds", REGION).delete_db_cluster(DBClusterIdentifier=CLUSTER, SkipFinalSnapshot=True)
    world.add_source_cluster(kms_key_id=None, sse_rds=True)
    return chain


@pytest.mark.parametrize("treated", ["default_key", later("accept")])
def test_seven_steps_move_a_cluster_under_a_key_of_awss_own(modern, world, treated):
    world.aws.settings(sse_rds=treated)
    assert modern.plan().warnings == []
    done = modern.apply_plan()
    assert_warned_once(done, COPY_IN_DOUBT, snapshot_arn("orders-1"))
    assert world.snapshot("orders-1")["storage_encryption_type"] == "sse-rds"

    restored, keys = world.cluster("orders", NEW), modern.outputs()["kms_key_arns"]
    assert (restored["status"], restored["kms_key_arn"]) == ("available", keys["target"])
    assert restored["snapshot_arn"] == snapshot_arn("orders-1", NEW)
    copies = {FIRST: (keys["source"], None), SECOND: (keys["target"], keys["source"])}
    for address, (key, source_key) in copies.items():
        state = modern.state()[address]
        assert (state["kms_key_arn"], state["source_kms_key_arn"]) == (key, source_key)
        assert state["storage_encryption_type"] == "sse-kms"
    assert modern.is_settled()
    assert world.cluster(CLUSTER, OLD)["status"] == "available", "the source is only read"

    modern.set_variables(take="2")
    modern.apply()
    assert modern.is_settled()
    modern.destroy()
    assert world.snapshot_names(OLD) == [] and world.snapshot_names(NEW) == []


@pytest.mark.long
def test_seven_steps_that_rds_refuses_stop_at_the_first_copy(modern, world):
    world.aws.settings(sse_rds="unencrypted")
    refused = modern.apply(ok=False)
    refused.assert_error("InvalidParameterCombination", RESTORE)
    assert world.snapshot_names(OLD) == ["orders-1"] and world.snapshot_names(NEW) == []
    world.aws.settings(sse_rds="accept")
    modern.apply()
    assert modern.is_settled()


@pytest.mark.long
@pytest.mark.parametrize("setting, is_accepted", [("refuse", False), ("accept", True)])
def test_seven_steps_from_an_unencrypted_cluster(modern, world, setting, is_accepted):
    world.accounts[OLD].client("rds", REGION).delete_db_cluster(DBClusterIdentifier=CLUSTER, SkipFinalSnapshot=True)
    world.add_source_cluster(kms_key_id=None)
    world.aws.settings(unencrypted_copy=setting)
    outcome = modern.apply(ok=is_accepted)
    if is_accepted:
        assert modern.is_settled()
    else:
        outcome.assert_error("InvalidParameterCombination", RESTORE)


# ---- The guide's way around a refusal

MIGRATION = DOCS / "guides" / "migration.md"


@pytest.mark.parametrize("treated", ["default_key", later("accept")])
def test_the_way_around_a_refusal_leads_to_the_new_account_and_takes_again(new_workspace, world, treated):
    world.add_source_cluster(kms_key_id=None, sse_rds=True)
    world.aws.settings(sse_rds=treated)
    workspace = new_workspace(OPERATOR)
    workspace.write("main.tf", configuration(MIGRATION, 2))
    world.allow_delete("orders-1", later=True)  # its successor is of another cluster
    for take in ("1", "2"):
        workspace.apply("-var", f"take={take}")
        assert workspace.plan("-detailed-exitcode", "-var", f"take={take}", ok=None).code == 0
        assert world.snapshot_names(OLD) == [f"orders-{take}", f"orders-shared-{take}"]
        assert world.snapshot_names(NEW) == [f"orders-{take}"]
        assert world.cluster(f"orders-with-key-{take}", OLD)["kms_key_arn"]
    restored = world.cluster("orders", NEW)
    assert restored["snapshot_arn"] == snapshot_arn("orders-1", NEW)
    assert restored["kms_key_arn"] == workspace.state()["aws_kms_key.new"]["arn"]
    assert [c["identifier"] for c in world.aws.clusters(OLD)] == [CLUSTER, "orders-with-key-2"]


@pytest.mark.long
@pytest.mark.parametrize(
    "cluster, setting", [({"sse_rds": True}, {"sse_rds": "unencrypted"}), ({}, {"unencrypted_copy": "refuse"})]
)
def test_after_a_refusal_the_way_around_goes_on_with_what_exists(new_workspace, world, cluster, setting):
    world.add_source_cluster(kms_key_id=None, **cluster)
    world.aws.settings(**setting)
    workspace = new_workspace(OPERATOR)
    workspace.write("main.tf", configuration(MIGRATION))
    workspace.apply(ok=False).assert_error("InvalidParameterCombination", RESTORE)
    workspace.write("main.tf", configuration(MIGRATION, 2))
    planned = workspace.plan()
    assert set(planned.actions.values()) == {"create"}
    assert not {"aws_kms_key.old", "aws_db_cluster_snapshot.taken"} & set(planned.actions)
    workspace.apply_plan()
    assert workspace.is_settled()
    assert world.cluster("orders", NEW)["kms_key_arn"] == workspace.state()["aws_kms_key.new"]["arn"]
