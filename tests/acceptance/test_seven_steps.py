# SPDX-License-Identifier: MPL-2.0
"""The whole migration, as examples/terraform/modules/aurora-account-migration has it."""

from harness.world import CLUSTER, NEW, OLD, snapshot_arn

COPIES = ("snapshot_reencrypt_copy.source", "snapshot_reencrypt_copy.target[0]")


def test_seven_steps_restore_the_cluster_in_the_new_account(chain, world):
    planned = chain.plan()
    assert set(planned.actions.values()) == {"create"}
    chain.apply_plan()

    restored = world.cluster("orders", NEW)
    assert restored["status"] == "available" and restored["engine"] == "aurora-mysql"
    assert restored["snapshot_arn"] == snapshot_arn("orders-1", NEW)
    assert restored["kms_key_arn"] == chain.outputs()["kms_key_arns"]["target"]
    assert [i["identifier"] for i in world.aws.instances(NEW)] == ["orders-1"]
    assert world.cluster(CLUSTER, OLD)["status"] == "available", "the source is only read"


def test_the_arns_are_known_before_anything_exists(chain):
    chain.plan()
    arns = (snapshot_arn("orders-shared-1", OLD), snapshot_arn("orders-1", NEW))
    for address, arn in zip(COPIES, arns, strict=True):
        after = chain.planned(address)["after"]
        assert (after["arn"], after["id"]) == (arn, arn)
    assert chain.planned("aws_rds_cluster.restored[0]")["after"]["snapshot_identifier"] == snapshot_arn("orders-1", NEW)


def test_a_second_plan_is_empty(applied):
    assert applied.is_settled()


def test_a_second_apply_calls_nothing_that_changes(applied, world):
    after = world.aws.last_call()
    applied.apply()
    changing = {
        c["operation"]
        for c in world.aws.calls(after=after)
        if not c["operation"].startswith(("Describe", "List", "Get", "AssumeRole"))
    }
    assert not changing


def test_both_copies_are_encrypted_with_the_keys_named(applied, world):
    keys = applied.outputs()["kms_key_arns"]
    for name, account, key in (("orders-shared-1", OLD, keys["source"]), ("orders-1", NEW, keys["target"])):
        snapshot = world.snapshot(name, account)
        assert (snapshot["status"], snapshot["kms_key_arn"]) == ("available", key)
    state = applied.state()
    assert state[COPIES[0]]["kms_key_arn"] == keys["source"]
    assert state[COPIES[1]]["source_kms_key_arn"] == keys["source"]


def test_the_state_tells_what_aws_told(applied):
    copy = applied.state()[COPIES[1]]
    expected = {
        "status": "available",
        "percent_progress": 100,
        "engine": "aurora-mysql",
        "snapshot_kind": "cluster",
        "account_id": NEW,
        "source_snapshot_arn": snapshot_arn("orders-shared-1", OLD),
        "storage_encryption_type": "sse-kms",
    }
    assert {name: copy[name] for name in expected} == expected


def test_destroy_leaves_nothing_of_ours_behind(applied, world):
    applied.destroy()
    assert not applied.managed()
    assert world.snapshot_names(OLD) == [] and world.snapshot_names(NEW) == []
    assert world.aws.clusters(NEW) == [] and world.aws.instances(NEW) == []
    assert {k["state"] for k in world.aws.keys() if k["manager"] == "CUSTOMER"} == {"PendingDeletion"}
    assert world.cluster(CLUSTER, OLD)["status"] == "available"


def test_every_call_goes_to_the_account_of_its_side(applied, world):
    for call in world.aws.calls():
        if call["operation"] == "AssumeRole":
            continue
        role = "AssumeRole" if call["account_id"] not in (OLD, NEW) else call["account_id"]
        assert call["account_id"] in (OLD, NEW), f"{call['operation']} as {role}"
        assert call["signature"] == "ok"
